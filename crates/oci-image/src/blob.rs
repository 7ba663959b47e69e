//! Content under its own digest, as registries keep it.

use std::fmt::Write as _;

use oci_spec::image::{Descriptor, Digest, MediaType};
use sha2::{Digest as _, Sha256};

use crate::Error;

/// Bytes that a registry stores under their digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// What the bytes are, e.g. `application/vnd.oci.image.layer.v1.tar+gzip`.
    pub media_type: String,
    /// `sha256:` and 64 lower-case hexadecimal digits.
    pub digest: String,
    /// The content itself.
    pub bytes: Vec<u8>,
}

impl Blob {
    pub(crate) fn new(media_type: &MediaType, bytes: Vec<u8>) -> Self {
        Self {
            media_type: media_type.to_string(),
            digest: digest(&bytes),
            bytes,
        }
    }

    /// Length of the content in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// How another document refers to this blob.
    pub(crate) fn descriptor(&self) -> Result<Descriptor, Error> {
        let digest = Digest::try_from(self.digest.as_str())?;
        let media_type = MediaType::from(self.media_type.as_str());
        Ok(Descriptor::new(media_type, self.size(), digest))
    }
}

/// The SHA-256 of `bytes`, as OCI writes it.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::from("sha256:"), |mut text, byte| {
            // Writing to a `String` does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

//! The manifest: names the configuration and the layers by digest. Its own digest is the image's.

use oci_spec::image::{Descriptor, ImageManifestBuilder, MediaType};

use crate::{Blob, Error, json};

pub(crate) fn blob(config: &Blob, layers: &[Blob]) -> Result<Blob, Error> {
    let layers: Result<Vec<Descriptor>, Error> = layers.iter().map(Blob::descriptor).collect();
    let document = ImageManifestBuilder::default()
        .schema_version(2_u32)
        // Optional in OCI; ECR's `PutImage` goes by it.
        .media_type(MediaType::ImageManifest)
        .config(config.descriptor()?)
        .layers(layers?)
        .build()?;
    Ok(Blob::new(
        &MediaType::ImageManifest,
        json::sorted(&document)?,
    ))
}

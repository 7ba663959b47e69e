//! What goes into an image, and what may: everything a runtime would refuse later is refused here.

use std::collections::BTreeMap;

use crate::{Error, certificates};

/// Directories at the root that are the image's own or that a runtime mounts.
const TAKEN: [&str; 4] = ["dev", "etc", "proc", "sys"];

/// What to pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// The server: a static Linux program.
    pub binary: Vec<u8>,
    /// The file it becomes at the root, the account it runs as, and the image's title.
    pub name: String,
    /// The image's version and tag.
    pub version: String,
    /// PEM bundle of the CA certificates that the server trusts; see
    /// [`certificates`](crate::certificates()).
    pub certificates: Vec<u8>,
    /// TCP port the server listens on.
    pub port: u16,
    /// Number of the account and of its group; never 0.
    pub user: u32,
    /// Environment of the server. `SSL_CERT_FILE` is added where it is not set.
    pub env: BTreeMap<String, String>,
    /// Labels of the image. Title and version are added where they are not set.
    pub labels: BTreeMap<String, String>,
}

impl Recipe {
    /// Checks everything but the binary.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !is_name(&self.name) {
            return Err(Error::Name(self.name.clone()));
        }
        if !is_tag(&self.version) {
            return Err(Error::Version(self.version.clone()));
        }
        if self.user == 0 || i32::try_from(self.user).is_err() {
            return Err(Error::User(self.user));
        }
        if self.port == 0 {
            return Err(Error::Port);
        }
        if let Some((name, _)) = self
            .env
            .iter()
            .find(|(name, value)| !is_variable(name, value))
        {
            return Err(Error::Variable(name.clone()));
        }
        certificates::check(&self.certificates)
    }
}

fn is_name(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 32
        && name.chars().all(letters)
        && !TAKEN.contains(&name)
}

fn is_tag(version: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    (1..=128).contains(&version.len())
        && version.chars().all(letters)
        && !version.starts_with(['.', '-'])
}

fn is_variable(name: &str, value: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0')
}

//! The profile of AWS's shared configuration that is in use.

use aws_config::profile::ProfileSet;
use aws_types::os_shim_internal::{Env, Fs};
use reconciler::{Class, Fault};

use crate::unreachable::chain;

/// Reads `~/.aws/config` and `~/.aws/credentials`, or the files that `AWS_CONFIG_FILE` and
/// `AWS_SHARED_CREDENTIALS_FILE` name. `AWS_PROFILE` selects the profile. Files that do not exist are
/// empty.
///
/// # Errors
/// A file that cannot be read or understood.
#[expect(
    clippy::default_trait_access,
    reason = "the type's name is in a crate of its own, and deprecated in this one"
)]
pub(crate) async fn profiles() -> Result<ProfileSet, Fault> {
    aws_config::profile::load(&Fs::real(), &Env::real(), &Default::default(), None)
        .await
        .map_err(|e| {
            let message = format!("cannot read the AWS profiles: {}", chain(&e));
            Fault::new(Class::Refused, "settings", message).hint("mend the file, or name another with AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE")
        })
}

/// The file that the profiles are in, as a message names it.
pub(crate) fn config_file() -> String {
    std::env::var("AWS_CONFIG_FILE").unwrap_or_else(|_| "~/.aws/config".to_owned())
}

//! The web server, as it goes into an image: static, in whatever profile.

use std::path::PathBuf;

use xshell::Shell;

use crate::dist::{self, TARGET};

/// Builds it unoptimised, for demo and tests, and says where it is.
pub(crate) fn built(sh: &Shell) -> Result<PathBuf, Box<dyn std::error::Error>> {
    dist::cargo(sh, "build", "genu-web")
        .arg("--quiet")
        .quiet()
        .run()?;
    Ok(dist::binary(sh, &format!("{TARGET}/debug")).with_file_name("genu-web"))
}

/// Builds it as it is shipped, and says where it is.
pub(crate) fn shipped(sh: &Shell) -> Result<PathBuf, Box<dyn std::error::Error>> {
    dist::cargo(sh, "build", "genu-web")
        .args(["--release", "--quiet"])
        .quiet()
        .run()?;
    Ok(dist::binary(sh, &format!("{TARGET}/release")).with_file_name("genu-web"))
}

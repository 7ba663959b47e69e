//! The web server, as it goes into an image: static, for an explicit target, since proc-macros do not
//! build static.

use std::path::PathBuf;

use xshell::{Cmd, Shell, cmd};

use crate::dist;

const TARGET: &str = "x86_64-unknown-linux-gnu";
/// Without symbols: they are half of the image.
const FLAGS: &str = "-C target-feature=+crt-static -C strip=symbols";

/// A cargo command on the web server alone, such as `build` or `test`.
pub(crate) fn cargo<'s>(sh: &'s Shell, command: &str) -> Cmd<'s> {
    cmd!(sh, "cargo {command} --quiet -p genu-web --target {TARGET}").env("RUSTFLAGS", FLAGS)
}

/// Builds it unoptimised, for demo and tests, and says where it is.
pub(crate) fn built(sh: &Shell) -> Result<PathBuf, Box<dyn std::error::Error>> {
    cargo(sh, "build").quiet().run()?;
    Ok(dist::binary(sh, &format!("{TARGET}/debug")).with_file_name("genu-web"))
}

//! What a user needs, in one directory: two static release binaries, the web server beside the tool.

use std::path::PathBuf;

use xshell::{Cmd, Shell, cmd};

use crate::Done;

/// What is static is built for an explicit target: proc-macros do not build static.
pub(crate) const TARGET: &str = "x86_64-unknown-linux-gnu";
/// Without symbols: they are half of an unoptimised image, and of a release stripped anyway.
const FLAGS: &str = "-C target-feature=+crt-static -C strip=symbols";

pub(crate) fn dist(sh: &Shell, dir: &str) -> Done {
    // Apart: what both need has other features in each, and would be built for both.
    for package in ["genu-deploy", "genu-web"] {
        cargo(sh, "build", package).arg("--release").run()?;
    }
    sh.create_dir(dir)?;
    let built = binary(sh, &format!("{TARGET}/release"));
    for name in ["genu-deploy", "genu-web"] {
        sh.copy_file(built.with_file_name(name), dir)?;
        println!("{dir}/{name}");
    }
    Ok(())
}

/// A cargo command, such as `build` or `test`, on one package that is to be static.
pub(crate) fn cargo<'s>(sh: &'s Shell, command: &str, package: &str) -> Cmd<'s> {
    cmd!(sh, "cargo {command} -p {package} --target {TARGET}").env("RUSTFLAGS", FLAGS)
}

/// Where cargo puts the binary of a profile.
pub(crate) fn binary(sh: &Shell, profile: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| sh.current_dir().join("target"));
    let target = if target.is_absolute() {
        target
    } else {
        sh.current_dir().join(target)
    };
    target.join(profile).join("genu-deploy")
}

//! What a user needs, in one directory: two static release binaries, the web server beside the tool.

use std::path::PathBuf;

use xshell::{Shell, cmd};

use crate::{Done, web};

const TARGET: &str = "x86_64-unknown-linux-gnu";

pub(crate) fn dist(sh: &Shell, dir: &str) -> Done {
    // Proc-macros do not build with it, so it goes with an explicit target.
    let flags = "-C target-feature=+crt-static";
    cmd!(sh, "cargo build --release --target {TARGET} -p genu-deploy")
        .env("RUSTFLAGS", flags)
        .run()?;
    // Apart: what both need has other features there, and would be built for both.
    web::cargo(sh, "build").arg("--release").run()?;
    sh.create_dir(dir)?;
    let built = binary(sh, &format!("{TARGET}/release"));
    for name in ["genu-deploy", "genu-web"] {
        sh.copy_file(built.with_file_name(name), dir)?;
        println!("{dir}/{name}");
    }
    Ok(())
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

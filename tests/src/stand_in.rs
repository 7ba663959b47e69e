//! A web server small enough to be packed on every plan: tests of the network do not run it, and the
//! real one takes a second to compress.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::binary;

static BUILT: OnceLock<PathBuf> = OnceLock::new();

/// A static program beside the binary under test, made once a test process.
///
/// # Panics
/// When rustc cannot make one.
#[must_use]
pub fn web_binary() -> &'static Path {
    BUILT.get_or_init(|| {
        let place = binary().with_file_name("genu-web-stand-in");
        // Beside its place first: another process may be reading it.
        let dir = tempfile::tempdir_in(place.parent().unwrap()).unwrap();
        let (source, program) = (dir.path().join("web.rs"), dir.path().join("web"));
        std::fs::write(&source, "fn main() {}").unwrap();
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let made = Command::new("rustc")
            .args(["--edition=2024", "--target", &target])
            .args(["-Ctarget-feature=+crt-static", "-Cstrip=symbols", "-o"])
            .arg(&program)
            .arg(&source)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{said}");
        std::fs::rename(&program, &place).unwrap();
        place
    })
}

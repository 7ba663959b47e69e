//! A Python that is new enough, wherever it lies.

use std::path::PathBuf;

use xshell::{Shell, cmd};

/// The first that is there and has at least the minor version `least`.
pub(crate) fn find(sh: &Shell, least: u32) -> Option<PathBuf> {
    let named = ["python3", "python3.13", "python3.12"].map(PathBuf::from);
    let mut all = named.to_vec();
    all.extend(of_pyenv());
    all.into_iter()
        .find(|python| minor(sh, python).is_some_and(|minor| minor >= least))
}

/// pyenv's own; its shims work only where a version is chosen.
fn of_pyenv() -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    let Some(root) = root else { return Vec::new() };
    let versions = std::fs::read_dir(root.join("versions"));
    let mut found: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin/python3"))
        .collect();
    found.sort();
    found.reverse();
    found
}

fn minor(sh: &Shell, python: &PathBuf) -> Option<u32> {
    let ask =
        "import sys, venv, ensurepip; print(sys.version_info[1] * (sys.version_info[0] == 3))";
    let asked = cmd!(sh, "{python} -c {ask}").quiet().ignore_stderr().read();
    asked.ok()?.trim().parse().ok()
}

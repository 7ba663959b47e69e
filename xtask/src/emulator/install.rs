//! Emulators in virtual environments, cached by what is in them.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::{Kind, python};

/// An emulator that can be started.
#[derive(Debug, Clone)]
pub(crate) struct Installed {
    pub(crate) kind: Kind,
    pub(crate) python: PathBuf,
}

impl Installed {
    /// Installs it on first use, and again when its pins, its plug-in or the Python change.
    ///
    /// `None` where no Python is new enough: the reason is printed.
    pub(crate) fn find(sh: &Shell, kind: Kind) -> Result<Option<Self>, Box<dyn std::error::Error>> {
        let least = kind.least_python();
        let Some(base) = python::find(sh, least) else {
            println!(
                "left out: {} (no Python 3.{least} or later is installed)",
                kind.name()
            );
            return Ok(None);
        };
        let venv = cache()?.join(format!("{}-{:016x}", kind.name(), hash(sh, kind, &base)?));
        let python = venv.join("bin/python");
        let complete = venv.join("complete");
        if !complete.exists() {
            println!("installing {} (once) …", kind.name());
            cmd!(sh, "{base} -m venv --clear {venv}").quiet().run()?;
            install(sh, kind, &python)?;
            sh.write_file(complete, "")?;
        }
        Ok(Some(Self { kind, python }))
    }

    /// As [`Self::find`]; without it there is nothing to do.
    pub(crate) fn must(sh: &Shell, kind: Kind) -> Result<Self, Box<dyn std::error::Error>> {
        let name = kind.name();
        let found = Self::find(sh, kind)?;
        found.ok_or_else(|| format!("{name} cannot be installed").into())
    }
}

fn install(sh: &Shell, kind: Kind, python: &Path) -> crate::Done {
    let requirements = kind.requirements();
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    cmd!(sh, "{python} {pip...} --require-hashes -r {requirements}")
        .quiet()
        .run()?;
    if let Some(plugin) = kind.plugin() {
        // It is built where it lies, and would leave the build there.
        let copy = sh.create_temp_dir()?;
        let (from, to) = (sh.current_dir().join(plugin), copy.path().join("plugin"));
        cmd!(sh, "cp -r {from} {to}").quiet().run()?;
        let alone = ["--no-deps", "--no-build-isolation"];
        cmd!(sh, "{python} {pip...} {alone...} {to}")
            .quiet()
            .run()?;
    }
    Ok(())
}

fn cache() -> Result<PathBuf, Box<dyn std::error::Error>> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let cache = cache.ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(cache.join("genu-deploy"))
}

fn hash(sh: &Shell, kind: Kind, base: &Path) -> Result<u64, Box<dyn std::error::Error>> {
    let mut hash = DefaultHasher::new();
    cmd!(sh, "{base} -VV").quiet().read()?.hash(&mut hash);
    sh.read_file(kind.requirements())?.hash(&mut hash);
    if let Some(plugin) = kind.plugin() {
        for file in ["pyproject.toml", "genu_localstack/__init__.py"] {
            sh.read_file(Path::new(plugin).join(file))?.hash(&mut hash);
        }
    }
    Ok(hash.finish())
}

//! Every changing call of apply and destroy, harmed in four ways: about an hour on two cores.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use xshell::{Shell, cmd};

use crate::emulator::{Installed, Kind};
use crate::{Done, dist};

pub(crate) fn crash_matrix(sh: &Shell, only: &[&str]) -> Done {
    cmd!(sh, "cargo build -p genu-deploy").quiet().run()?;
    let binary = dist::binary(sh, "debug");
    // What another binary survived says nothing about this one.
    let mut hash = DefaultHasher::new();
    sh.read_binary_file(&binary)?.hash(&mut hash);
    let report = binary.with_file_name(format!("crash-matrix-{:016x}.txt", hash.finish()));
    println!("report: {}", report.display());
    let Installed { python, .. } = Installed::must(sh, Kind::Moto)?;
    cmd!(
        sh,
        "cargo run --quiet -p journeys --bin crash_matrix -- {report}"
    )
    .args(if only.is_empty() {
        None
    } else {
        Some(only.join(" "))
    })
    .env("GENU_MOTO_PYTHON", &python)
    .env("GENU_DEPLOY", &binary)
    .quiet()
    .run()?;
    Ok(())
}

//! Recipes of any kind.

use oci_image::{Architecture, Recipe};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::elf::{AARCH64, Elf, X86_64};

/// Static programs, each with the architecture it is for.
pub(crate) fn programs() -> impl Strategy<Value = (Elf, Architecture)> {
    let machines = prop_oneof![
        Just((X86_64, Architecture::Amd64)),
        Just((AARCH64, Architecture::Arm64)),
    ];
    let shapes = prop_oneof![Just(Elf::default()), Just(Elf::pie())];
    (machines, shapes, vec(any::<u8>(), 1..2000)).prop_map(|((machine, built), shape, code)| {
        (
            Elf {
                machine,
                code,
                ..shape
            },
            built,
        )
    })
}

/// Recipes that work, each with the architecture of its binary.
pub(crate) fn recipes() -> impl Strategy<Value = (Recipe, Architecture)> {
    let taken = |name: &String| !["dev", "etc", "proc", "sys"].contains(&name.as_str());
    let certificates = vec("[A-Za-z0-9+/]{4}", 1..4).prop_map(|blocks| {
        let block =
            |body| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        blocks.into_iter().map(block).collect::<String>()
    });
    (
        programs(),
        "[a-z][a-z0-9-]{0,31}".prop_filter("taken", taken),
        "[A-Za-z0-9_][A-Za-z0-9_.-]{0,40}",
        certificates,
        1..=u16::MAX,
        1..=0x7fff_ffff_u32,
        btree_map("[A-Z_]{1,12}", "[^\0]{0,20}", 0..12),
        btree_map("[a-z.]{1,30}", ".{0,20}", 0..12),
    )
        .prop_map(
            |((elf, built), name, version, certificates, port, user, env, labels)| {
                let binary = elf.bytes();
                let certificates = certificates.into_bytes();
                (
                    Recipe {
                        binary,
                        name,
                        version,
                        certificates,
                        port,
                        user,
                        env,
                        labels,
                    },
                    built,
                )
            },
        )
}

//! Binaries that are not packed, and what is said about them.

use std::fs;

use oci_image::{Error, NotStatic, build};

use crate::elf::{DYN, Elf};
use crate::recipe::recipe;

fn refusal(binary: Vec<u8>) -> Error {
    build(&recipe(binary)).unwrap_err()
}

fn patched(at: usize, byte: u8) -> Vec<u8> {
    let mut binary = Elf::default().bytes();
    binary[at] = byte;
    binary
}

#[test]
fn a_dynamically_linked_program_is_told_its_libraries() {
    let Error::Dynamic(NotStatic {
        libraries,
        interpreter,
    }) = refusal(fs::read("/bin/true").unwrap())
    else {
        panic!("/bin/true is taken for something else");
    };
    assert!(
        libraries.iter().any(|name| name.starts_with("libc.so")),
        "{libraries:?}"
    );
    let loader = interpreter.unwrap();
    assert!(loader.contains("ld-"), "{loader}");

    // The loader needs neither a loader nor libraries, and yet it is a library.
    let library = refusal(fs::read(loader).unwrap());
    assert!(
        matches!(library, Error::NotProgram("it is a shared library")),
        "{library}"
    );
}

#[test]
fn linking_shows_without_section_headers() {
    let binary = Elf {
        libraries: vec!["libc.so.6", "libm.so.6"],
        interpreter: Some("/lib/ld.so"),
        ..Elf::pie()
    };
    assert_eq!(
        refusal(binary.bytes()).to_string(),
        "the binary is dynamically linked against libc.so.6, libm.so.6 (loaded by /lib/ld.so): \
         build it with `-C target-feature=+crt-static`"
    );
    let loaded = Elf {
        interpreter: Some("/lib/ld.so"),
        ..Elf::default()
    };
    assert_eq!(
        refusal(loaded.bytes()).to_string(),
        "the binary is dynamically linked (loaded by /lib/ld.so): build it with \
         `-C target-feature=+crt-static`"
    );
}

#[test]
fn what_is_no_elf_is_refused() {
    let script = refusal(b"#!/bin/sh\nexit 0\n".to_vec());
    assert_eq!(
        script.to_string(),
        "the binary is a script, not an ELF file"
    );
    for nothing in [b"".as_slice(), b"\x7fEL", b"PK\x03\x04", b"MZ"] {
        let refused = refusal(nothing.to_vec());
        assert_eq!(refused.to_string(), "the binary is not an ELF file");
    }
}

#[test]
fn another_platform_is_refused() {
    let said = |binary| match refusal(binary) {
        Error::Platform(what) => what,
        other => panic!("{other}"),
    };
    assert_eq!(said(patched(4, 1)), "a 32-bit system");
    assert_eq!(said(patched(5, 2)), "a big-endian machine");
    assert_eq!(said(patched(7, 9)), "another system (ELF OS ABI 9)");
    // RISC-V.
    assert_eq!(said(patched(18, 243)), "another machine (ELF machine 243)");
}

#[test]
fn a_cut_file_is_told_from_another_kind() {
    let mut real = fs::read("/bin/true").unwrap();
    real.truncate(real.len() / 4);
    let why = refusal(real).to_string();
    assert!(
        why.contains("damaged") && why.ends_with("it was cut short"),
        "{why}"
    );
    let why = refusal(Elf::default().bytes()[..40].to_vec());
    assert!(matches!(why, Error::Malformed(_)), "{why}");
}

#[test]
fn what_cannot_be_started_is_refused() {
    let what = |binary: Elf| match refusal(binary.bytes()) {
        Error::NotProgram(what) => what,
        other => panic!("{other}"),
    };
    // An object file and a core dump.
    assert_eq!(
        what(Elf {
            kind: 1,
            ..Elf::default()
        }),
        "it is an object file or a core dump"
    );
    assert_eq!(
        what(Elf {
            kind: 4,
            ..Elf::default()
        }),
        "it is an object file or a core dump"
    );
    assert_eq!(
        what(Elf {
            kind: DYN,
            ..Elf::default()
        }),
        "it is a shared library"
    );
    assert_eq!(
        what(Elf {
            flags_1: Some(1),
            ..Elf::pie()
        }),
        "it is a shared library"
    );
    // Readable, not executable; and no code at all.
    assert_eq!(
        what(Elf {
            flags: 4,
            ..Elf::default()
        }),
        "it has no entry point in its code"
    );
    assert_eq!(
        what(Elf {
            code: vec![],
            ..Elf::default()
        }),
        "it has no entry point in its code"
    );
}

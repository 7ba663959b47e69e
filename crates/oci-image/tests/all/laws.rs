//! What holds for the image of any recipe.

use oci_image::{Image, Recipe, build};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use tar::EntryType;

use crate::arbitrary::{programs, recipes};
use crate::elf::Elf;
use crate::recipe::{CERTIFICATE, recipe};
use crate::unpacked::{self, entries, gunzip};

fn archive(image: &Image) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_archive(&mut bytes).unwrap();
    bytes
}

fn entry(path: &str, mode: u32, content: Option<&[u8]>) -> unpacked::Entry {
    let kind = content.map_or(EntryType::Directory, |_| EntryType::Regular);
    let (path, content) = (path.to_owned(), content.unwrap_or_default().to_vec());
    unpacked::Entry {
        path,
        mode,
        kind,
        content,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_same_recipe_gives_the_same_bytes((recipe, _) in recipes()) {
        let (one, other) = (build(&recipe).unwrap(), build(&recipe.clone()).unwrap());
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(archive(&one), archive(&other));
    }

    #[test]
    fn the_layers_hold_the_files_and_nothing_else((recipe, _) in recipes()) {
        let image = build(&recipe).unwrap();
        let Recipe { name, user, .. } = &recipe;
        let group = format!("{name}:x:{user}:\n");
        let passwd = format!("{name}:x:{user}:{user}:{name}:/:/sbin/nologin\n");
        let base = vec![
            entry("etc/", 0o755, None),
            entry("etc/group", 0o444, Some(group.as_bytes())),
            entry("etc/passwd", 0o444, Some(passwd.as_bytes())),
            entry("etc/ssl/", 0o755, None),
            entry("etc/ssl/certs/", 0o755, None),
            entry("etc/ssl/certs/ca-certificates.crt", 0o444, Some(&recipe.certificates)),
        ];
        let server = vec![entry(name, 0o555, Some(&recipe.binary))];
        let layers: Vec<_> = image.layers.iter().map(|layer| entries(&gunzip(&layer.bytes))).collect();
        prop_assert_eq!(layers, vec![base, server]);
        for layer in &image.layers {
            // Magic, deflate, no flags, time 0, an ordinary level, an unknown system.
            prop_assert_eq!(&layer.bytes[..10], b"\x1f\x8b\x08\0\0\0\0\0\0\xff");
        }
    }

    #[test]
    fn a_change_sends_only_its_own_layer((one, _) in recipes(), (elf, _) in programs()) {
        let changed = |change: &dyn Fn(&mut Recipe)| {
            let mut other = one.clone();
            change(&mut other);
            build(&other).unwrap().layers
        };
        let before = build(&one).unwrap().layers;
        prop_assert_eq!(&changed(&|other| other.binary = elf.bytes())[0], &before[0]);
        prop_assert_eq!(&changed(&|other| other.version.push('1'))[..], &before[..]);
        let newer = changed(&|other| other.certificates = CERTIFICATE.into());
        prop_assert_eq!(&newer[1], &before[1]);
        prop_assert_ne!(&newer[0], &before[0]);
    }

    #[test]
    fn damage_is_an_error_and_never_a_crash(
        (elf, _) in programs(),
        hits in vec((any::<Index>(), any::<u8>()), 1..8),
        libraries in prop_oneof![Just(vec![]), Just(vec!["libc.so.6"])],
    ) {
        let mut binary = Elf { libraries, ..elf }.bytes();
        for (at, byte) in hits {
            // The headers, not the code.
            let at = at.index(binary.len().min(260));
            binary[at] = byte;
        }
        // Whether it is still a program is not the point.
        let _ = build(&recipe(binary));
    }

    #[test]
    fn a_cut_file_is_refused((elf, _) in programs(), at in any::<Index>()) {
        let mut binary = elf.bytes();
        binary.truncate(at.index(binary.len()));
        prop_assert!(build(&recipe(binary)).is_err());
    }
}

//! The documents of one small image, as they are. A digest that changes here without a change of
//! the recipe means that every user's image changes: see which dependency deflates otherwise now.

use std::io::Write as _;

use oci_image::build;
use serde_json::Value;

use crate::elf::Elf;
use crate::recipe::recipe;
use crate::unpacked::digest;

#[test]
fn the_documents_of_a_small_image() {
    let binary = Elf::default().bytes();
    assert_eq!(binary.len(), 120 + 9);
    let image = build(&recipe(binary)).unwrap();
    let document = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    insta::assert_json_snapshot!("config", document(&image.config.bytes));
    insta::assert_json_snapshot!("manifest", document(&image.manifest.bytes));

    let mut archive = Vec::new();
    image.write_archive(&mut archive).unwrap();
    insta::assert_snapshot!(
        "digests",
        format!("image {}\narchive {}", image.digest(), digest(&archive))
    );
}

/// Enough text that a deflater has choices to make.
#[test]
fn deflate_makes_the_same_choices() {
    let mut code = Vec::new();
    for n in 0..5000 {
        write!(code, "{n} {} ", n * n % 997).unwrap();
    }
    let image = build(&recipe(
        Elf {
            code,
            ..Elf::default()
        }
        .bytes(),
    ))
    .unwrap();
    insta::assert_snapshot!("deflated", image.layers[1].digest);
}

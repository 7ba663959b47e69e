//! Recipes that could not work, whatever the binary.

use oci_image::{Error, Recipe, build};

use crate::elf::Elf;
use crate::recipe::recipe;

#[test]
fn each_part_of_a_recipe_is_checked() {
    let changed = |change: &dyn Fn(&mut Recipe)| {
        let mut recipe = recipe(Elf::default().bytes());
        change(&mut recipe);
        build(&recipe)
    };
    assert!(changed(&|_| {}).is_ok());
    let long = "a".repeat(33);
    for name in [
        "", "etc", "proc", "../up", "/abs", "a/b", "A", "1a", "a:b", "a\n", &long,
    ] {
        let refused = changed(&|recipe| recipe.name = name.into());
        assert!(matches!(refused, Err(Error::Name(_))), "{name:?}");
    }
    let long = "1".repeat(129);
    for version in ["", ".1", "-1", "1+2", "1 2", "v/1", "é", &long] {
        let refused = changed(&|recipe| recipe.version = version.into());
        assert!(matches!(refused, Err(Error::Version(_))), "{version:?}");
    }
    for user in [0, 0x8000_0000, u32::MAX] {
        let refused = changed(&|recipe| recipe.user = user);
        assert!(matches!(refused, Err(Error::User(_))), "{user}");
    }
    for (name, value) in [("", "v"), ("A=B", "v"), ("A\0", "v"), ("A", "\0")] {
        let refused = changed(&|recipe| drop(recipe.env.insert(name.into(), value.into())));
        assert!(
            matches!(refused, Err(Error::Variable(_))),
            "{name:?}={value:?}"
        );
    }
    assert!(matches!(
        changed(&|recipe| recipe.port = 0),
        Err(Error::Port)
    ));
    let refused = changed(&|recipe| recipe.certificates.clear());
    assert!(matches!(refused, Err(Error::Certificates(_))));
}

//! The checked-in schema is that of the types. Cargo runs this in the package's folder.

use std::path::Path;

#[test]
fn the_schema_is_fresh() {
    let file = Path::new(".").join("../../config/genu.schema.json");
    let fresh = format!("{:#}\n", config::schema());
    if std::env::var_os("GENU_WRITE").is_some() {
        std::fs::write(&file, &fresh).unwrap();
    }
    let checked_in = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        checked_in == fresh,
        "run this test with GENU_WRITE=1 and look at the difference"
    );
}

/// Every parameter that a configuration may hold is known to editors.
#[test]
fn the_schema_knows_every_parameter() {
    let schema = config::schema();
    let environment = &schema["properties"]["env"]["additionalProperties"];
    for name in config::Environment::parameters() {
        assert!(environment["properties"][&name].is_object(), "{name}");
    }
    assert_eq!(environment["additionalProperties"], false);
}

//! A recipe that works, to be changed by the tests.

use std::collections::BTreeMap;

use oci_image::Recipe;

/// One certificate, made up: nothing here looks into it.
pub(crate) const CERTIFICATE: &str =
    "-----BEGIN CERTIFICATE-----\nTm90IGEgcmVhbCBvbmUu\n-----END CERTIFICATE-----\n";

/// A recipe that works, around `binary`.
pub(crate) fn recipe(binary: Vec<u8>) -> Recipe {
    let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let owned = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        owned.collect()
    };
    Recipe {
        binary,
        name: "genu-web".into(),
        version: "1.2.3".into(),
        certificates: CERTIFICATE.into(),
        port: 8080,
        user: 65532,
        env: pairs(&[("LOG", "info"), ("PORT", "8080")]),
        labels: pairs(&[("org.opencontainers.image.licenses", "Apache-2.0")]),
    }
}

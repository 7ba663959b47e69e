//! What the documents of any image say about it.

use std::collections::BTreeMap;

use oci_image::build;
use proptest::prelude::*;
use serde_json::{Value, json};
use tar::EntryType;

use crate::arbitrary::recipes;
use crate::unpacked::{digest, entries, gunzip};

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_reference_is_true((recipe, built) in recipes()) {
        let image = build(&recipe).unwrap();
        prop_assert_eq!(image.architecture, built);
        let manifest = parsed(&image.manifest.bytes);
        let mut referred = vec![manifest["config"].clone()];
        referred.extend(manifest["layers"].as_array().unwrap().iter().cloned());
        let there: Vec<Value> = image
            .blobs()
            .map(|blob| json!({
                "mediaType": blob.media_type,
                "digest": digest(&blob.bytes),
                "size": blob.bytes.len(),
            }))
            .collect();
        prop_assert_eq!(referred, there);
        prop_assert_eq!(image.digest(), digest(&image.manifest.bytes));
        prop_assert_eq!(&manifest["mediaType"], &image.manifest.media_type);
        let sizes: usize = image.blobs().map(|blob| blob.bytes.len()).sum();
        prop_assert_eq!(image.compressed_size(), sizes as u64);

        let config = parsed(&image.config.bytes);
        let unpacked: Vec<String> = image.layers.iter().map(|l| digest(&gunzip(&l.bytes))).collect();
        prop_assert_eq!(&config["rootfs"], &json!({ "type": "layers", "diff_ids": unpacked }));
        prop_assert_eq!(&config["architecture"], built.as_str());
        prop_assert_eq!(config["history"].as_array().unwrap().len(), image.layers.len());
    }

    #[test]
    fn the_server_is_started_as_the_recipe_says((recipe, _) in recipes()) {
        let config = parsed(&build(&recipe).unwrap().config.bytes);
        let config = &config["config"];
        prop_assert_eq!(&config["Entrypoint"], &json!([format!("/{}", recipe.name)]));
        prop_assert_eq!(&config["User"], &json!(format!("{0}:{0}", recipe.user)));
        prop_assert_eq!(&config["ExposedPorts"], &json!({ format!("{}/tcp", recipe.port): {} }));
        let mut env = recipe.env.clone();
        env.entry("SSL_CERT_FILE".into()).or_insert("/etc/ssl/certs/ca-certificates.crt".into());
        let env: Vec<String> = env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        prop_assert_eq!(&config["Env"], &json!(env));
        let mut labels = recipe.labels.clone();
        labels.entry("org.opencontainers.image.title".into()).or_insert(recipe.name);
        labels.entry("org.opencontainers.image.version".into()).or_insert(recipe.version);
        prop_assert_eq!(&config["Labels"], &json!(labels));
    }

    #[test]
    fn the_archive_is_a_layout_of_all_blobs((recipe, built) in recipes()) {
        let image = build(&recipe).unwrap();
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut archive = Vec::new();
        image.write_archive(&mut archive).unwrap();
        let entries = entries(&archive);
        prop_assert!(entries.is_sorted_by(|one, next| one.path < next.path));
        for entry in entries.into_iter().filter(|entry| entry.kind == EntryType::Regular) {
            files.insert(entry.path, entry.content);
        }
        let layout = parsed(&files.remove("oci-layout").unwrap());
        prop_assert_eq!(layout, json!({ "imageLayoutVersion": "1.0.0" }));
        let index = parsed(&files.remove("index.json").unwrap());
        let named = json!([{
            "mediaType": image.manifest.media_type,
            "digest": image.digest(),
            "size": image.manifest.bytes.len(),
            "platform": { "architecture": built.as_str(), "os": "linux" },
            "annotations": { "org.opencontainers.image.ref.name": recipe.version },
        }]);
        prop_assert_eq!(&index["manifests"], &named);
        let blobs = image.blobs().chain([&image.manifest]);
        let blobs: BTreeMap<String, Vec<u8>> = blobs
            .map(|blob| (format!("blobs/{}", digest(&blob.bytes).replace(':', "/")), blob.bytes.clone()))
            .collect();
        prop_assert_eq!(files, blobs);
    }
}

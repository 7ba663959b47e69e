//! The image in the hands of others: skopeo and a registry. Skipped where they are not installed
//! (Debian: `skopeo`, `docker-registry`).

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use oci_image::build;
use serde_json::{Value, json};

use crate::elf::Elf;
use crate::recipe::recipe;
use crate::tools::{Server, have, output};
use crate::unpacked::digest;

#[test]
fn the_digest_survives_a_registry() {
    if !have(&[&["skopeo", "--version"], &["docker-registry", "--version"]]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path();
    let image = build(&recipe(Elf::default().bytes())).unwrap();
    image
        .write_archive(File::create(here.join("image.tar")).unwrap())
        .unwrap();

    let archive = "oci-archive:image.tar";
    let seen: Value = serde_json::from_str(&skopeo(here, &["inspect", archive])).unwrap();
    assert_eq!(seen["Digest"], image.digest());
    assert_eq!(seen["Architecture"], "amd64");
    assert_eq!(seen["Labels"]["org.opencontainers.image.title"], "genu-web");
    let layers: Vec<&str> = image
        .layers
        .iter()
        .map(|layer| layer.digest.as_str())
        .collect();
    assert_eq!(seen["Layers"], json!(layers));

    let registry = registry(here);
    let remote = format!("docker://{}/genu-web:1.2.3", registry.address);
    skopeo(
        here,
        &[
            "copy",
            "--preserve-digests",
            "--dest-tls-verify=false",
            archive,
            &remote,
        ],
    );
    let seen = skopeo(
        here,
        &[
            "inspect",
            "--tls-verify=false",
            "--format={{.Digest}}",
            &remote,
        ],
    );
    assert_eq!(seen.trim(), image.digest());

    let back = "oci:back";
    skopeo(
        here,
        &[
            "copy",
            "--preserve-digests",
            "--src-tls-verify=false",
            &remote,
            back,
        ],
    );
    let index = fs::read(here.join("back/index.json")).unwrap();
    let index: Value = serde_json::from_slice(&index).unwrap();
    assert_eq!(index["manifests"][0]["digest"], image.digest());
    for blob in image.blobs().chain([&image.manifest]) {
        let path = here.join("back/blobs").join(blob.digest.replace(':', "/"));
        assert_eq!(digest(&fs::read(path).unwrap()), blob.digest);
    }
}

fn skopeo(here: &Path, args: &[&str]) -> String {
    let mut skopeo = Command::new("skopeo");
    skopeo.arg("--insecure-policy").arg("--tmpdir").arg(here);
    output(skopeo.current_dir(here).args(args))
}

/// An empty registry on a free port of the loopback interface.
fn registry(here: &Path) -> Server {
    let settings = json!({
        "version": "0.1",
        "storage": { "filesystem": { "rootdirectory": here.join("store") } },
        "http": { "addr": "127.0.0.1:0" },
    });
    // JSON is YAML, too.
    let file = here.join("registry.yml");
    fs::write(&file, settings.to_string()).unwrap();
    let mut registry = Command::new("docker-registry");
    registry.arg("serve").arg(file);
    Server::start(registry)
}

//! A real server, started from the unpacked image as a runtime would. Skipped where there is no
//! rustc, tar or bubblewrap, or where bubblewrap may not make a name space.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use oci_image::{Recipe, build, certificates};
use serde_json::Value;

use crate::recipe::recipe;
use crate::tools::{Server, compiled, have, output};

#[test]
fn a_server_answers_from_the_unpacked_image() {
    let sandbox = ["bwrap", "--unshare-user", "--ro-bind", "/", "/", "true"];
    if !have(&[&["rustc", "--version"], &["tar", "--version"], &sandbox]) {
        return;
    }
    for relocation in ["pie", "static"] {
        let dir = tempfile::tempdir().unwrap();
        let mut recipe = recipe(compiled(relocation, &dir.path().join("server")));
        recipe.certificates = certificates().into_bytes();
        recipe.env.insert("LISTEN".into(), "127.0.0.1:0".into());
        let archive = File::create(dir.path().join("image.tar")).unwrap();
        build(&recipe).unwrap().write_archive(archive).unwrap();

        let config = unpack(dir.path());
        let server = Server::start(sandboxed(&dir.path().join("root"), &config));
        let answer = server.get();
        assert!(answer.ends_with(&page(&recipe)), "{answer}");
    }
}

/// What the server finds in the image: its account, the certificates, and no other files.
fn page(recipe: &Recipe) -> String {
    let trusted = String::from_utf8_lossy(&recipe.certificates)
        .matches("BEGIN")
        .count();
    format!("genu-web :65532: trusts {trusted} in [\"etc\", \"genu-web\"]")
}

/// Unpacks the archive and then the layers into `root`, with the system's tar; gives the
/// configuration.
fn unpack(dir: &Path) -> Value {
    let (layout, root) = (dir.join("layout"), dir.join("root"));
    extract(&dir.join("image.tar"), &layout);
    let json = |file| -> Value { serde_json::from_slice(&fs::read(file).unwrap()).unwrap() };
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().unwrap();
        layout.join("blobs").join(digest.replace(':', "/"))
    };
    let manifest = json(blob(&json(layout.join("index.json"))["manifests"][0]));
    for layer in manifest["layers"].as_array().unwrap() {
        extract(&blob(layer), &root);
    }
    json(blob(&manifest["config"]))["config"].clone()
}

fn extract(file: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    output(Command::new("tar").arg("-xf").arg(file).arg("-C").arg(to));
}

/// The command a runtime would make of the configuration, with a root that cannot be written.
fn sandboxed(root: &Path, config: &Value) -> Command {
    let texts = |field: &str| {
        let list = config[field].as_array().unwrap().iter();
        list.map(|text| text.as_str().unwrap().to_owned())
            .collect::<Vec<String>>()
    };
    let (user, group) = config["User"].as_str().unwrap().split_once(':').unwrap();
    let mut bwrap = Command::new("bwrap");
    bwrap.args([
        "--die-with-parent",
        "--unshare-user",
        "--unshare-pid",
        "--unshare-ipc",
    ]);
    bwrap
        .args(["--uid", user, "--gid", group, "--clearenv", "--ro-bind"])
        .arg(root)
        .arg("/");
    for variable in texts("Env") {
        let (name, value) = variable.split_once('=').unwrap();
        bwrap.args(["--setenv", name, value]);
    }
    bwrap
        .args(["--chdir", config["WorkingDir"].as_str().unwrap(), "--"])
        .args(texts("Entrypoint"));
    bwrap
}

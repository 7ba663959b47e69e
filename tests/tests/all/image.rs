//! The web server's image: packed alike every time, sent once, and named by what is in it.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use journeys::{Emulator, Sandbox, applied, skipped, web_binary};
use serde_json::{Value, json};

#[test]
fn the_same_binary_gives_the_same_bytes() {
    let sandbox = Sandbox::offline();
    let build = |file: &str| {
        let said = sandbox.run(&["image", "build", "-o", file, "--json"]);
        said.expect(0).json()["digest"].clone()
    };
    assert_eq!(build("one.tar"), build("two.tar"));
    let bytes = |file: &str| fs::read(sandbox.path(file)).unwrap();
    assert_eq!(bytes("one.tar"), bytes("two.tar"));
    // What stands there is replaced whole or not at all.
    let _ = sandbox
        .run(&["image", "build", "-o", "nowhere/image.tar"])
        .expect(1);
}

#[test]
fn what_cannot_run_in_it_is_refused() {
    let sandbox = Sandbox::offline();
    let refused = |binary: &str| {
        sandbox
            .run(&["--web-binary", binary, "image", "build"])
            .expect(4)
    };
    refused("/bin/sh").says(&["/bin/sh", "libc.so.6", "cargo xtask dist"]);
    refused("/etc/passwd").says(&["/etc/passwd"]);
    refused("nowhere").says(&[
        "cannot read the web server's binary nowhere",
        "closedNetworkWebImage",
    ]);
    let (emulator, sandbox) = applied();
    emulator.reset_calls();
    let plan = sandbox
        .run(&["--web-binary", "nowhere", "apply", "-y"])
        .expect(4);
    plan.says(&["--web-binary"]);
    assert!(emulator.changing_calls().is_empty());
}

/// Counts of the calls that send an image.
fn sent(emulator: &Emulator) -> [usize; 3] {
    let calls = emulator.calls();
    let count = |name: &str| calls.iter().filter(|call| call.ends_with(name)).count();
    ["InitiateLayerUpload", "UploadLayerPart", "PutImage"].map(count)
}

#[test]
fn a_changed_binary_is_an_update_of_the_service_and_going_back_sends_nothing() {
    let (emulator, mut sandbox) = applied();
    let before = task(&emulator);
    // Behind its end an ELF file may hold anything.
    let mut other = fs::read(web_binary()).unwrap();
    other.extend_from_slice(b"another version");
    fs::write(sandbox.path("other"), other).unwrap();
    let other = sandbox.path("other").display().to_string();
    sandbox.set("GENU_WEB_BINARY", &other);
    let plan = sandbox.run(&["plan", "--json"]).expect(0).json();
    let mut steps: Vec<(&str, &str)> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            (
                step["id"].as_str().unwrap(),
                step["action"].as_str().unwrap(),
            )
        })
        .filter(|(_, action)| *action != "none")
        .collect();
    steps.sort_unstable();
    assert_eq!(
        steps,
        [
            ("web/image", "update"),
            ("web/service", "update"),
            ("web/task-definition", "update")
        ]
    );
    emulator.reset_calls();
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    // The program's layer and the configuration; the certificates are there.
    assert_eq!(sent(&emulator), [2, 2, 1]);
    let after = task(&emulator);
    assert_ne!(before["image"], after["image"]);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);

    sandbox.set("GENU_WEB_BINARY", &web_binary().display().to_string());
    emulator.reset_calls();
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    assert_eq!(sent(&emulator), [0, 0, 1]);
    assert_eq!(task(&emulator)["image"], before["image"]);
}

#[test]
fn it_is_named_by_digest_and_gone_with_its_repository() {
    let (emulator, sandbox) = applied();
    let digest = sandbox.run(&["image", "build"]).expect(0).stdout;
    let container = task(&emulator);
    let image = container["image"].as_str().unwrap();
    assert!(
        image.ends_with(&format!("/genu-priv-web@{}", digest.trim())),
        "{image}"
    );
    assert_eq!(container["readonlyRootFilesystem"], true);
    let body = json!({ "repositoryName": "genu-priv-web" });
    let kept = emulator.json(
        "ecr",
        "AmazonEC2ContainerRegistry_V20150921.GetLifecyclePolicy",
        &body,
    );
    let kept: Value = serde_json::from_str(kept["lifecyclePolicyText"].as_str().unwrap()).unwrap();
    assert_eq!(kept["rules"][0]["selection"]["countNumber"], 10);
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
    assert_eq!(
        emulator
            .inventory()
            .iter()
            .filter(|row| row.starts_with("ecr"))
            .count(),
        0
    );
}

/// The container of the newest task definition.
fn task(emulator: &Emulator) -> Value {
    let target = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition";
    let body = json!({ "taskDefinition": "genu-priv-web" });
    emulator.json("ecs", target, &body)["taskDefinition"]["containerDefinitions"][0].clone()
}

const PAGE: &str = "<h1>the app</h1><p id=at></p><script src=/assets/app-BfD8d2aX.js></script>";
const SCRIPT: &str = "document.getElementById('at').textContent = 'at ' + location.pathname";

/// The real server, from the image that `image build` writes, with the environment that the task
/// definition gives it, serving what `web push` brought; a browser opens it.
#[test]
fn the_image_serves_the_app_from_the_bucket() {
    let Some(real) = std::env::var_os("GENU_WEB") else {
        skipped("GENU_WEB names no static genu-web; `cargo xtask test` builds one");
        return;
    };
    let probe = ["--unshare-user", "--ro-bind", "/", "/", "true"];
    if !Command::new("bwrap")
        .args(probe)
        .status()
        .is_ok_and(|s| s.success())
    {
        skipped("bwrap does not work here");
        return;
    }
    let (emulator, mut sandbox) = applied();
    sandbox.set("GENU_WEB_BINARY", real.to_str().unwrap());
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let dist = sandbox.path("dist/assets");
    fs::create_dir_all(&dist).unwrap();
    fs::write(sandbox.path("dist/index.html"), PAGE).unwrap();
    fs::write(dist.join("app-BfD8d2aX.js"), SCRIPT).unwrap();
    let _ = sandbox.run(&["web", "push", "dist"]).expect(0);
    let _ = sandbox
        .run(&["image", "build", "-o", "image.tar"])
        .expect(0);

    let config = unpack(&sandbox);
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut server = contained(&sandbox.path("root"), &config);
    for pair in task(&emulator)["environment"].as_array().unwrap() {
        let text = |key: &str| pair[key].as_str().unwrap().to_owned();
        server.args(["--setenv", &text("name"), &text("value")]);
    }
    // What Fargate gives a task, and the emulator in S3's place.
    for (name, value) in [
        ("AWS_REGION", "ap-northeast-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", &emulator.url()),
        ("PORT", &port.to_string()),
    ] {
        server.args(["--setenv", name, value]);
    }
    let entry = config["Entrypoint"][0].as_str().unwrap();
    server.args(["--chdir", "/", "--", entry]);
    let mut running = server.spawn().unwrap();
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = running.try_wait().unwrap();
        assert!(
            ended.is_none() && began.elapsed() < Duration::from_secs(20),
            "{ended:?}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let page = get(port, "/");
    let deep = get(port, "/chat/42");
    let script = get(port, "/assets/app-BfD8d2aX.js");
    let missing = get(port, "/assets/gone.js");
    let health = get(port, "/healthcheck");
    let seen = browsed(&sandbox, port, "/chat/42");
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(page.contains("<h1>the app</h1>"), "{page}");
    assert!(deep.contains("<h1>the app</h1>"), "{deep}");
    assert!(
        script.contains("immutable") && script.ends_with(SCRIPT),
        "{script}"
    );
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    if let Some(page) = seen {
        assert!(page.contains("at /chat/42"), "{page}");
    }
}

/// What Chromium makes of a page once its script has run; nothing where there is no Chromium.
fn browsed(sandbox: &Sandbox, port: u16, path: &str) -> Option<String> {
    let mut browser = Command::new("timeout");
    browser
        .args([
            "60",
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ])
        .args([
            "--no-first-run",
            "--disable-background-networking",
            "--disable-sync",
        ])
        .args(["--virtual-time-budget=5000", "--dump-dom"])
        .arg(format!(
            "--user-data-dir={}",
            sandbox.path("browser").display()
        ))
        .arg(format!("http://127.0.0.1:{port}{path}"));
    let output = browser.output().unwrap();
    // timeout's own: the command could not be found.
    if output.status.code() == Some(127) {
        skipped("there is no Chromium; a page was asked for by hand");
        return None;
    }
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A browser's request for a page; the whole answer.
fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Unpacks the archive's layers into `root`; gives the configuration.
fn unpack(sandbox: &Sandbox) -> Value {
    let layout = sandbox.path("layout");
    extract(&sandbox.path("image.tar"), &layout);
    let json = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().unwrap().replace(':', "/");
        layout.join("blobs").join(digest)
    };
    let manifest = json(&blob(&json(&layout.join("index.json"))["manifests"][0]));
    for layer in manifest["layers"].as_array().unwrap() {
        extract(&blob(layer), &sandbox.path("root"));
    }
    json(&blob(&manifest["config"]))["config"].clone()
}

fn extract(file: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let mut tar = Command::new("tar");
    assert!(
        tar.arg("-xf")
            .arg(file)
            .arg("-C")
            .arg(to)
            .status()
            .unwrap()
            .success()
    );
}

/// The root file system that cannot be written, the image's user and variables, nothing else.
fn contained(root: &Path, config: &Value) -> Command {
    let (user, group) = config["User"].as_str().unwrap().split_once(':').unwrap();
    let mut bwrap = Command::new("bwrap");
    bwrap
        .args([
            "--die-with-parent",
            "--unshare-user",
            "--unshare-pid",
            "--uid",
            user,
            "--gid",
            group,
        ])
        .args(["--clearenv", "--ro-bind"])
        .arg(root)
        .arg("/");
    for variable in config["Env"].as_array().unwrap() {
        let (name, value) = variable.as_str().unwrap().split_once('=').unwrap();
        bwrap.args(["--setenv", name, value]);
    }
    bwrap
}

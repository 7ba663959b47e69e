//! The app's files: only what changed is sent, in an order that never shows half of an app.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use fault_injector::{Fault, Injector, Script, Sky};
use journeys::{Emulator, Sandbox, applied};
use serde_json::json;

/// The web bucket's name.
fn bucket(emulator: &Emulator) -> String {
    format!("genu-priv-web-{}-ap-northeast-1", emulator.account())
}

/// An object of the web bucket; nothing when there is none.
fn object(emulator: &Emulator, key: &str) -> String {
    emulator.s3_or_nothing(&format!("{}/{key}", bucket(emulator)))
}

/// Writes an app's files below `dist`.
fn build(sandbox: &Sandbox, files: &[(&str, &[u8])]) {
    for (key, content) in files {
        let path = sandbox.path("dist").join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

/// What was put and deleted, by path below the bucket.
fn changes(emulator: &Emulator) -> Vec<String> {
    let calls = emulator.calls();
    let above = format!("/{}/", bucket(emulator));
    let changing = |call: &&String| ["PUT", "POST", "DELETE"].iter().any(|m| call.contains(m));
    let below = |call: &String| call.replace(&above, "").replace("s3:", "");
    calls.iter().filter(changing).map(below).collect()
}

#[test]
fn only_what_changed_is_sent_and_the_page_last() {
    let (emulator, sandbox) = applied();
    build(
        &sandbox,
        &[
            ("index.html", b"<script src=/assets/app-1.js>"),
            ("help/index.html", b"help"),
            ("assets/app-1.js", b"one"),
            ("assets/logo +%.svg", b"<svg/>"),
        ],
    );
    emulator.reset_calls();
    let before = sandbox.run(&["web", "push", "dist", "--dry-run"]).expect(0);
    assert_eq!(before.stdout.lines().count(), 4, "{}", before.stdout);
    assert_eq!(changes(&emulator), Vec::<String>::new());
    let first = sandbox
        .run(&["web", "push", "dist", "--json"])
        .expect(0)
        .json();
    assert_eq!(
        (&first["sent"], &first["unchanged"]),
        (&json!(4), &json!(0))
    );
    let sent = changes(&emulator);
    assert!(sent[3].starts_with("PUT index.html"), "{sent:?}");
    assert!(sent[2].starts_with("PUT help/index.html"), "{sent:?}");

    emulator.reset_calls();
    let again = sandbox
        .run(&["web", "push", "dist", "--json"])
        .expect(0)
        .json();
    assert_eq!(
        (&again["sent"], &again["unchanged"]),
        (&json!(0), &json!(4))
    );
    assert_eq!(changes(&emulator), Vec::<String>::new());

    // The next build: another script under another name, the page of the same length.
    fs::remove_file(sandbox.path("dist/assets/app-1.js")).unwrap();
    build(
        &sandbox,
        &[
            ("index.html", b"<script src=/assets/app-2.js>"),
            ("assets/app-2.js", b"two"),
        ],
    );
    let next = sandbox
        .run(&["web", "push", "dist", "--json"])
        .expect(0)
        .json();
    assert_eq!(next["send"], json!(["assets/app-2.js", "index.html"]));
    assert_eq!(next["surplus"], json!(["assets/app-1.js"]));
    assert_eq!(object(&emulator, "assets/app-1.js"), "one");
    // Nobody is there to be asked.
    let _ = sandbox.run(&["web", "push", "dist", "--delete"]).expect(1);
    let gone = sandbox.run(&["web", "push", "dist", "--delete", "-y", "--json"]);
    assert_eq!(gone.expect(0).json()["deleted"], 1);
    assert_eq!(object(&emulator, "assets/app-1.js"), "");

    let status = sandbox.run(&["web", "status", "--json"]).expect(0).json();
    assert_eq!(status["files"], 4);
    assert!(status["index"]["etag"].is_string(), "{status}");
    let digest = status["image"]["digest"].as_str().unwrap();
    assert!(digest.starts_with("sha256:"), "{status}");
    let shown = sandbox.run(&["web", "status"]).expect(0).stdout;
    assert!(
        shown.contains("4 files") && shown.contains(digest),
        "{shown}"
    );
    // The network is not drifted by it.
    let _ = sandbox.run(&["drift"]).expect(0);
}

#[test]
fn a_push_that_was_killed_goes_on_where_it_was() {
    let (emulator, mut sandbox) = applied();
    // Five parts of 8 MiB, none like another.
    let large: Vec<u8> = (0_u32..10 << 20).flat_map(u32::to_le_bytes).collect();
    build(
        &sandbox,
        &[("index.html", b"page"), ("assets/model.bin", &large)],
    );
    let sky = Sky {
        script: Script::one("s3:UploadPart", 3, Fault::Hold),
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    sandbox.turn_to(line.url());
    let mut run = sandbox.start(&["web", "push", "dist"]);
    assert!(line.holds_within(Duration::from_mins(1)));
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(object(&emulator, "index.html"), "");

    let line = Injector::start(&emulator.url(), Sky::default()).unwrap();
    sandbox.turn_to(line.url());
    let again = sandbox
        .run(&["web", "push", "dist", "--json"])
        .expect(0)
        .json();
    assert_eq!(again["sent"], 2);
    let parts = line
        .seen()
        .iter()
        .filter(|seen| seen.call.operation == "UploadPart")
        .count();
    assert_eq!(parts, 2, "three of five were there");
    let last = sandbox
        .run(&["web", "push", "dist", "--json"])
        .expect(0)
        .json();
    assert_eq!(last["unchanged"], 2, "its tag is that of its parts");
}

#[test]
fn a_call_that_fails_once_is_sent_again_and_one_that_stays_away_leaves_the_old_page() {
    let (emulator, mut sandbox) = applied();
    build(&sandbox, &[("index.html", b"old"), ("a.js", b"old")]);
    let _ = sandbox.run(&["web", "push", "dist"]).expect(0);
    build(&sandbox, &[("index.html", b"new"), ("a.js", b"new")]);
    let failing = |times: std::ops::RangeInclusive<usize>| Sky {
        script: times.fold(Script::default(), |script, nth| {
            script.and("s3:PutObject", nth, Fault::Fail(503))
        }),
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), failing(1..=9)).unwrap();
    sandbox.turn_to(line.url());
    let ended = sandbox.run(&["web", "push", "dist"]).expect(1);
    ended.says(&["s3:PutObject", "the same command goes on"]);
    assert_eq!(object(&emulator, "index.html"), "old");
    let line = Injector::start(&emulator.url(), failing(1..=1)).unwrap();
    sandbox.turn_to(line.url());
    let _ = sandbox.run(&["web", "push", "dist"]).expect(0);
    assert_eq!(object(&emulator, "index.html"), "new");
}

#[test]
fn two_thousand_files_that_are_there_take_no_time() {
    let (emulator, sandbox) = applied();
    let names: Vec<String> = (0..2000).map(|n| format!("assets/chunk-{n}.js")).collect();
    let mut files: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), n.as_bytes())).collect();
    files.push(("index.html", b"page"));
    build(&sandbox, &files);
    let _ = sandbox.run(&["web", "push", "dist"]).expect(0);
    emulator.reset_calls();
    let began = Instant::now();
    let again = sandbox
        .run(&["web", "push", "dist", "--json"])
        .expect(0)
        .json();
    let took = began.elapsed();
    assert_eq!(
        (&again["sent"], &again["unchanged"]),
        (&json!(0), &json!(2001))
    );
    assert_eq!(changes(&emulator), Vec::<String>::new());
    assert!(
        took < Duration::from_secs(4),
        "{took:?}, with other tests beside"
    );
}

#[test]
fn what_is_no_app_and_what_has_no_bucket_is_refused_before_anything_is_sent() {
    let (emulator, sandbox) = applied();
    build(&sandbox, &[("main.js", b"x")]);
    emulator.reset_calls();
    let none = sandbox.run(&["web", "push", "dist"]).expect(4);
    none.says(&["holds no index.html", "packages/web/dist"]);
    let _ = sandbox.run(&["web", "push", "nowhere"]).expect(4);
    assert!(emulator.calls().is_empty());
    build(&sandbox, &[("index.html", b"x")]);
    let other = sandbox.run(&["web", "push", "dist", "other"]).expect(1);
    other.says(&["there is no state in"]);
    let fresh = Sandbox::new(&emulator);
    build(&fresh, &[("index.html", b"x")]);
    let _ = fresh.run(&["web", "push", "dist"]).expect(4);
    assert!(Path::new(&fresh.path("dist")).exists());
    assert!(changes(&emulator).is_empty());
}

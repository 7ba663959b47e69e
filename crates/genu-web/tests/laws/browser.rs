//! A browser opens a deep link: script and style run under the policy, and the app sees its path. It
//! also holds the policy against the calls of every generation of GenU's.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::policy::{CALLS, FOREIGN, host, in_region};
use crate::site::{Site, moment};

const PAGE: &str = r#"<!doctype html><html><head><meta charset="utf-8">
<link rel="stylesheet" href="/assets/index-C3pO_r2D.css">
<script type="module" src="/assets/index-BfD8d2aX.js"></script>
</head><body><div id="root">not started</div></body></html>"#;
const SCRIPT: &str = r#"
const root = document.getElementById("root");
const wait = () => new Promise((done) => addEventListener("load", done));
const missing = await fetch("/missing.js");
const violated = new Promise((done) =>
  addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective)));
fetch("http://127.0.0.1:9/").catch(() => {});
if (document.readyState !== "complete") await wait();
const colour = getComputedStyle(root).color;
root.textContent = `at ${location.pathname}, ${colour}, ${missing.status}, ${await violated}`;
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deep_link_is_the_app() {
    let Some(chromium) = chromium() else { return };
    let site = Site::start(|_| {}).await;
    let padding = "/* padding */".repeat(200);
    site.stub.put("index.html", PAGE);
    site.stub
        .put("assets/index-BfD8d2aX.js", format!("{SCRIPT}{padding}"));
    let style = format!("#root {{ color: rgb(1, 2, 3); }}{padding}");
    site.stub.put("assets/index-C3pO_r2D.css", style);
    let page = opened(&chromium, site.port, "/chat/42?x=y", &[]).await;
    assert!(
        page.contains("at /chat/42, rgb(1, 2, 3), 404, connect-src"),
        "{page}"
    );
    let calls = site.stub.calls();
    let script = calls
        .iter()
        .filter(|call| call.key.starts_with("assets/index-B"));
    assert_eq!(script.count(), 1);
}

/// The browser; says so where there is none.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROME_BIN").map(PathBuf::from);
    let path = named.unwrap_or_else(|| Path::new("/usr/bin/chromium").to_owned());
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: there is no {}", path.display());
    None
}

/// What the browser makes of a page once its script has run.
async fn opened(chromium: &Path, port: u16, path: &str, more: &[&str]) -> String {
    let profile = tempfile::tempdir().unwrap();
    let mut browser = Command::new(chromium);
    browser
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args(["--virtual-time-budget=20000", "--dump-dom"])
        .args(more)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("http://127.0.0.1:{port}{path}"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = browser.spawn().unwrap();
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > Duration::from_mins(1) {
            child.kill().unwrap();
            panic!("the browser does not end");
        }
        moment(50).await;
    }
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Tries each call in turn; what the policy stops is told by the browser's own event.
const TRIES: &str = r#"
let blocked = false;
addEventListener("securitypolicyviolation", () => { blocked = true; });
const settled = (thing, events) => new Promise((done) => {
  for (const event of events) thing.addEventListener(event, done);
  setTimeout(done, 300);
});
const ways = {
  "connect-src": (address) => {
    if (!address.startsWith("wss:")) return fetch(address, { mode: "no-cors" }).catch(() => {});
    try {
      return settled(new WebSocket(address), ["open", "error", "close"]);
    } catch {
      return null;
    }
  },
  "img-src": (address) => {
    const image = new Image();
    image.src = address;
    return settled(image, ["load", "error"]);
  },
  "media-src": (address) => {
    const audio = new Audio();
    audio.src = address;
    return settled(audio, ["loadeddata", "error"]);
  },
  "frame-src": (address) => {
    const frame = document.createElement("iframe");
    frame.src = address;
    document.body.append(frame);
    return settled(frame, []);
  },
};
const stopped = [];
for (const [at, [directive, address]] of CALLS.entries()) {
  blocked = false;
  await ways[directive](address);
  await new Promise((done) => setTimeout(done, 50));
  if (blocked) stopped.push(at);
}
document.querySelectorAll("iframe").forEach((frame) => frame.remove());
document.getElementById("root").textContent = `stopped: ${stopped.join(" ")}.`;
"#;

/// Stands in for every host there is: keeps what is sent to it first, where a client says by TLS which
/// host it means, and answers nothing.
fn everybody() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let greetings = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&greetings);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, kept) = (stream.unwrap(), Arc::clone(&kept));
            std::thread::spawn(move || {
                let mut greeting = [0; 4096];
                let limit = Some(Duration::from_secs(1));
                stream.set_read_timeout(limit).unwrap();
                if let Ok(length) = stream.read(&mut greeting) {
                    let text = String::from_utf8_lossy(&greeting[..length]);
                    kept.lock().unwrap().push(text.into_owned());
                }
            });
        }
    });
    (port, greetings)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_every_generation_calls_is_tried_and_the_rest_is_stopped() {
    let Some(chromium) = chromium() else { return };
    let site = Site::start(|_| {}).await;
    let names = "ap-northeast-1.amazonaws.com";
    let ours = CALLS.iter().map(|call| (call.1, in_region(call.2, names)));
    let foreign = FOREIGN
        .iter()
        .map(|call| (call.0, in_region(call.1, names)));
    let all: Vec<(&str, String)> = ours.chain(foreign).collect();
    site.stub.put("index.html", PAGE);
    site.stub.put("assets/index-C3pO_r2D.css", "");
    let script = format!("const CALLS = {};\n{TRIES}", json!(all));
    site.stub.put("assets/index-BfD8d2aX.js", script);
    let (port, greetings) = everybody();
    let rules = format!("--host-resolver-rules=MAP * 127.0.0.1:{port}, EXCLUDE 127.0.0.1");
    let page = opened(&chromium, site.port, "/", &[&rules]).await;
    let stopped: Vec<String> = (CALLS.len()..all.len()).map(|at| at.to_string()).collect();
    let expected = format!("stopped: {}.", stopped.join(" "));
    assert!(page.contains(&expected), "{expected}\n{page}\n{all:#?}");
    let greetings = greetings.lock().unwrap().clone();
    let greeted = |address: &String| {
        let host = host(address);
        greetings.iter().any(|greeting| greeting.contains(host))
    };
    let (ours, foreign) = all.split_at(CALLS.len());
    let known: BTreeSet<&str> = ours.iter().map(|(_, address)| host(address)).collect();
    for (_, address) in ours {
        assert!(greeted(address), "nobody tried {address}");
    }
    // Chromium opens a connection ahead for a frame that it then stops, and sends nothing over it.
    let foreign = foreign.iter().filter(|(way, _)| *way != "frame-src");
    for (_, address) in foreign {
        let elsewhere = known.iter().any(|known| known.contains(host(address)));
        assert!(elsewhere || !greeted(address), "{address} was reached");
    }
}

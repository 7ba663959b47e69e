//! A browser opens a deep link: script and style run under the policy, and the app sees its path.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::site::{Site, moment};

const CHROMIUM: &str = "/usr/bin/chromium";
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
    if !Path::new(CHROMIUM).exists() {
        eprintln!("skipped: there is no {CHROMIUM}");
        return;
    }
    let site = Site::start(|_| {}).await;
    let padding = "/* padding */".repeat(200);
    site.stub.put("index.html", PAGE);
    site.stub
        .put("assets/index-BfD8d2aX.js", format!("{SCRIPT}{padding}"));
    let style = format!("#root {{ color: rgb(1, 2, 3); }}{padding}");
    site.stub.put("assets/index-C3pO_r2D.css", style);
    let profile = tempfile::tempdir().unwrap();
    let mut browser = Command::new(CHROMIUM);
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
        .args(["--virtual-time-budget=5000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("http://127.0.0.1:{}/chat/42?x=y", site.port))
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
    let page = String::from_utf8(output.stdout).unwrap();
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

//! How often S3 is asked, and how old an answer may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::site::{BROWSER, PAGE, Site, moment, text};
use crate::stub::Trouble;

const FRESH: Duration = Duration::from_millis(300);

async fn brief() -> Site {
    Site::start(|config| config.fresh = FRESH).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_question_for_each_window_however_many_clients() {
    let site = Arc::new(brief().await);
    site.stub.put("o.js", "one");
    site.stub
        .trouble("o.js", Trouble::Late(Duration::from_millis(30)));
    let began = Instant::now();
    let running = Arc::new(AtomicBool::new(true));
    let clients = (0..20).map(|_| {
        let (site, running) = (Arc::clone(&site), Arc::clone(&running));
        tokio::spawn(async move {
            let mut answers = 0;
            while running.load(Ordering::Relaxed) {
                assert_eq!(site.get("/o.js", &[]).await.body, "one");
                answers += 1;
            }
            answers
        })
    });
    let clients = clients.collect::<Vec<_>>();
    moment(1500).await;
    running.store(false, Ordering::Relaxed);
    let mut answers = 0;
    for client in clients {
        answers += client.await.unwrap();
    }
    let windows = began.elapsed().as_millis() / FRESH.as_millis() + 1;
    let calls = site.stub.calls();
    assert!(
        calls.len() as u128 <= windows,
        "{} in {windows}",
        calls.len()
    );
    assert!(
        calls.len() >= 3 && answers > 100,
        "{} for {answers}",
        calls.len()
    );
    let revalidated = |call: &crate::stub::Call| call.headers.contains_key("if-none-match");
    assert!(!revalidated(&calls[0]) && calls[1..].iter().all(revalidated));
}

#[tokio::test]
async fn a_new_object_is_seen_after_the_window() {
    let site = brief().await;
    site.stub.put("o.js", "one");
    assert_eq!(site.get("/o.js", &[]).await.body, "one");
    assert_eq!(site.get("/new", &[BROWSER]).await.body, PAGE);
    site.stub.put("o.js", "two");
    site.stub.put("new", "now");
    moment(350).await;
    assert_eq!(site.get("/o.js", &[]).await.body, "two");
    assert_eq!(site.get("/new", &[BROWSER]).await.body, "now");
    site.stub.remove("o.js");
    moment(350).await;
    assert_eq!(site.get("/o.js", &[]).await.status, 404);
}

#[tokio::test]
async fn what_is_missing_is_asked_for_once_a_window() {
    let site = brief().await;
    for _ in 0..5 {
        assert_eq!(site.get("/chat", &[BROWSER]).await.body, PAGE);
    }
    let keys = site.stub.calls().into_iter().map(|call| call.key);
    assert_eq!(keys.collect::<Vec<_>>(), ["chat", "index.html"]);
}

#[tokio::test]
async fn stale_is_served_for_the_grace_and_no_longer() {
    let site = Site::start(|config| {
        config.fresh = Duration::from_millis(100);
        config.limits.grace = Duration::from_millis(700);
        config.limits.pause = Duration::from_millis(50);
    })
    .await;
    for trouble in [
        Trouble::Error(500, "InternalError"),
        Trouble::Error(403, "AccessDenied"),
        Trouble::Cut,
    ] {
        site.stub.heal();
        site.stub.put("o.js", "kept");
        moment(900).await;
        let began = Instant::now();
        assert_eq!(site.get("/o.js", &[]).await.body, "kept");
        // Another object, so that S3 has to send it and can fail to.
        site.stub.put("o.js", "newer");
        site.stub.trouble("*", trouble);
        let mut stale = 0;
        while began.elapsed() < Duration::from_millis(600) {
            assert_eq!(site.get("/o.js", &[]).await.body, "kept");
            stale += 1;
            moment(20).await;
        }
        assert!(stale > 3);
        moment(400).await;
        assert_eq!(site.get("/o.js", &[]).await.status, 502);
        site.stub.heal();
        assert_eq!(site.get("/o.js", &[]).await.body, "newer");
    }
}

#[tokio::test]
async fn a_slow_s3_makes_nobody_wait_for_what_is_kept() {
    let site = Site::start(|config| {
        config.fresh = Duration::from_millis(50);
        config.limits.patience = Duration::from_millis(100);
    })
    .await;
    site.stub.put("o.js", "one");
    assert_eq!(site.get("/o.js", &[]).await.body, "one");
    site.stub.put("o.js", "two");
    site.stub
        .trouble("o.js", Trouble::Late(Duration::from_secs(1)));
    moment(60).await;
    let began = Instant::now();
    assert_eq!(site.get("/o.js", &[]).await.body, "one");
    assert!(began.elapsed() >= Duration::from_millis(100));
    // The flight is on its way already: the next one waits for nothing.
    let again = Instant::now();
    assert_eq!(site.get("/o.js", &[]).await.body, "one");
    assert!(again.elapsed() < Duration::from_millis(90));
    assert!(began.elapsed() < Duration::from_millis(800));
    // And it ends although everybody left.
    moment(1200).await;
    site.stub.heal();
    assert_eq!(site.get("/o.js", &[]).await.body, "two");
    assert!(site.stub.calls().len() <= 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cache_stays_within_its_bytes() {
    let most = 1 << 20;
    let site = Site::start(|config| config.cache_bytes = most).await;
    for n in 0..60 {
        let key = format!("o{n}.js");
        site.stub.put(&key, text(60_000));
        let got = site
            .get(&format!("/{key}"), &[("accept-encoding", "br")])
            .await;
        assert_eq!(got.status, 200);
        assert!(site.app.cache_weight() <= most);
    }
    assert!(site.app.cache_weight() > most / 2);
    // Larger than its share: streamed each time.
    site.stub.put("large.js", text(300_000));
    site.stub.forget();
    for _ in 0..3 {
        assert_eq!(site.get("/large.js", &[]).await.body.len(), 300_000);
    }
    assert_eq!(site.stub.calls().len(), 3);
}

#[tokio::test]
async fn filling_beyond_the_bound_streams() {
    let site = Site::start(|config| config.limits.filling_bytes = 1000).await;
    site.stub.put("o.js", text(2000));
    for _ in 0..2 {
        assert_eq!(site.get("/o.js", &[]).await.body, text(2000));
    }
    assert_eq!(site.stub.calls().len(), 2);
    assert_eq!(site.app.cache_weight(), 0);
}

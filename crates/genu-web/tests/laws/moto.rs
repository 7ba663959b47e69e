//! Against moto's S3, which is not ours: keys, tags, ranges and faults as another reads them.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::primitives::ByteStream;

use crate::process::Running;
use crate::site::{BROWSER, moment, send, text};

struct Moto {
    endpoint: String,
    child: Child,
}

impl Moto {
    /// `None`, with a word of why, when it is not installed.
    async fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("GENU_MOTO_PYTHON") else {
            eprintln!("skipped: GENU_MOTO_PYTHON names no Python with moto");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut command = Command::new(python);
        // The workspace's own, which is stricter; without it moto's.
        let launcher = Path::new(".").join("../../localstack/moto_launcher.py");
        let port_text = port.to_string();
        if launcher.exists() {
            command.arg(launcher).arg(port_text);
        } else {
            command.args(["-m", "moto.server", "-p", &port_text]);
        }
        let child = command
            .env("GENU_END_WITH_PARENT", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            child,
        };
        let began = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
        {
            assert!(
                began.elapsed() < Duration::from_mins(1),
                "moto does not answer"
            );
            moment(100).await;
        }
        Some(moto)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_in_a_bucket() {
    let Some(moto) = Moto::start().await else {
        return;
    };
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&moto.endpoint)
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .force_path_style(true)
        .build();
    let s3 = aws_sdk_s3::Client::from_conf(config);
    s3.create_bucket().bucket("site").send().await.unwrap();
    let objects = [
        ("app/index.html", text(2000)),
        ("app/assets/index-BfD8d2aX.js", text(50_000)),
        ("app/a+b %é.txt", text(500)),
        ("app/large.bin", text(2 << 20)),
        ("secret.txt", text(10)),
    ];
    for (key, bytes) in objects.clone() {
        let put = s3.put_object().bucket("site").key(key);
        put.body(ByteStream::from(bytes)).send().await.unwrap();
    }
    for cache in ["33554432", "0"] {
        let more = [("BUCKET_PREFIX", "/app"), ("CACHE_BYTES", cache)];
        let running = Running::start(&moto.endpoint, &more).await;
        let get = async |path: &str, headers: &[(&str, &str)]| {
            send(running.port, "GET", path, headers).await.unwrap()
        };
        let script = get("/assets/index-BfD8d2aX.js", &[]).await;
        assert_eq!(script.body, objects[1].1);
        assert_eq!(
            script.header("content-type"),
            "text/javascript; charset=utf-8"
        );
        assert!(script.header("cache-control").contains("immutable"));
        let had = [("if-none-match", script.header("etag"))];
        assert_eq!(get("/assets/index-BfD8d2aX.js", &had).await.status, 304);
        let since = [("if-modified-since", script.header("last-modified"))];
        assert_eq!(get("/assets/index-BfD8d2aX.js", &since).await.status, 304);
        let squeezed = get("/assets/index-BfD8d2aX.js", &[("accept-encoding", "gzip")]).await;
        assert_eq!(squeezed.header("content-encoding"), "gzip");
        assert_eq!(get("/a+b%20%25%C3%A9.txt", &[]).await.body, objects[2].1);
        assert_eq!(get("/large.bin", &[]).await.body, objects[3].1);
        let part = get("/large.bin", &[("range", "bytes=1000000-1000009")]).await;
        assert_eq!(
            (part.status.as_u16(), &part.body),
            (206, &objects[3].1.slice(1_000_000..1_000_010))
        );
        assert_eq!(
            get("/large.bin", &[("range", "bytes=9999999-")])
                .await
                .status,
            416
        );
        assert_eq!(get("/chat/1", &[BROWSER]).await.body, objects[0].1);
        assert_eq!(get("/missing.js", &[BROWSER]).await.status, 404);
        assert_eq!(get("/secret.txt", &[]).await.status, 404);
        assert_eq!(get("/../secret.txt", &[]).await.status, 400);
    }
    let nowhere = Running::start(&moto.endpoint, &[("BUCKET_NAME", "other")]).await;
    let got = send(nowhere.port, "GET", "/", &[BROWSER]).await.unwrap();
    assert_eq!(got.status, 502);
}

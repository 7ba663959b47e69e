//! Requests a second and the 99th percentile over loopback, beside a Node server of the reference's
//! design (`benches/node`), the same stub of S3 behind both. Needs `wrk`, and `npm install` in
//! `benches/node`. `cargo bench`; `GENU_WEB` names another binary than cargo's.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement that cannot be made ends"
)]

use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const OBJECTS: [(&str, usize); 2] = [("small.bin", 2 << 10), ("large.bin", 500 << 10)];
const CONNECTIONS: &str = "-c64";
const SECONDS: &str = "-d8s";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let port = runtime.block_on(stub());
    let endpoint = format!("http://127.0.0.1:{port}");
    let genu = std::env::var("GENU_WEB");
    let genu = genu.unwrap_or_else(|_| env!("CARGO_BIN_EXE_genu-web").to_owned());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/node");
    assert!(
        folder.join("node_modules").exists(),
        "run npm install in {}",
        folder.display()
    );
    let node = folder.join("server.js").display().to_string();
    let servers = [
        ("node", vec!["node".to_owned(), node], "0"),
        ("genu-web, no cache", vec![genu.clone()], "0"),
        ("genu-web, cache", vec![genu], "33554432"),
    ];
    println!(
        "{:<20} {:<10} {:>10} {:>10} {:>7} {:>8} {:>8}",
        "server", "object", "requests/s", "p99", "ratio", "rest MB", "most MB"
    );
    let mut base = [0.0; OBJECTS.len()];
    for (name, command, cache) in servers {
        let server = Server::start(&command, &endpoint, cache);
        let rest = server.memory("VmRSS:");
        for (at, (object, _)) in OBJECTS.iter().enumerate() {
            let (rate, p99) = server.measure(object);
            if name == "node" {
                base[at] = rate;
            }
            let most = server.memory("VmHWM:");
            let ratio = rate / base[at];
            println!(
                "{name:<20} {object:<10} {rate:>10.0} {p99:>10} {ratio:>7.1} {rest:>8.1} {most:>8.1}"
            );
        }
    }
}

/// S3 as fast as it can be: two objects, `HeadObject` and `GetObject`, tags and 304.
async fn stub() -> u16 {
    let bodies = OBJECTS.map(|(name, length)| (name, Bytes::from(vec![b'x'; length])));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            let bodies = bodies.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = answer(&bodies, &request);
                async move { Ok::<_, Infallible>(answer) }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    });
    port
}

fn answer(bodies: &[(&str, Bytes)], request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path();
    let found = bodies.iter().find(|(name, _)| path.ends_with(name));
    let Some((_, body)) = found else {
        let missing = Response::builder().status(404);
        return missing.body(Full::default()).unwrap();
    };
    let builder = Response::builder()
        .header("etag", "\"bench\"")
        .header("last-modified", "Tue, 14 Nov 2023 22:13:20 GMT")
        .header("content-type", "image/png");
    if request.headers().contains_key("if-none-match") {
        return builder.status(304).body(Full::default()).unwrap();
    }
    let builder = builder.header("content-length", body.len());
    let body = match *request.method() {
        Method::HEAD => Bytes::new(),
        _ => body.clone(),
    };
    builder.body(Full::new(body)).unwrap()
}

struct Server {
    port: u16,
    child: Child,
}

impl Server {
    fn start(command: &[String], endpoint: &str, cache: &str) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let child = Command::new(&command[0])
            .args(&command[1..])
            .env("PORT", port.to_string())
            .env("BUCKET_NAME", "site")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("NODE_ENV", "production")
            .env("CACHE_BYTES", cache)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { port, child };
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "{command:?}");
            sleep(Duration::from_millis(50));
        }
        sleep(Duration::from_millis(500));
        server
    }

    /// Requests a second, and the 99th percentile as `wrk` writes it.
    fn measure(&self, object: &str) -> (f64, String) {
        let url = format!("http://127.0.0.1:{}/{object}", self.port);
        let output = Command::new("wrk")
            .args(["-t1", CONNECTIONS, SECONDS, "--latency", &url])
            .output()
            .expect("wrk is installed");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains("Non-2xx"), "{text}");
        let word = |label: &str| {
            let line = text.lines().find(|line| line.trim().starts_with(label));
            let word = line.and_then(|line| line.split_whitespace().last());
            word.unwrap_or_else(|| panic!("{text}")).to_owned()
        };
        (word("Requests/sec:").parse().unwrap(), word("99%"))
    }

    /// A line of the process's status, in MB.
    fn memory(&self, label: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(label)).unwrap();
        let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

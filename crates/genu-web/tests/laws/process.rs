//! The program: its settings, its log, its end.

use std::io::Read;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::net::TcpListener;

use crate::site::{moment, open, send, text};
use crate::stub::{Stub, Trouble};

/// The program with a clean environment.
pub(crate) fn program(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_genu-web"));
    command
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The program at work; killed when dropped.
pub(crate) struct Running {
    pub(crate) port: u16,
    child: Option<Child>,
}

impl Running {
    pub(crate) async fn start(endpoint: &str, more: &[(&str, &str)]) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let number = port.to_string();
        let mut variables = vec![
            ("BUCKET_NAME", "site"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("PORT", &number),
        ];
        variables.extend(more);
        let child = Some(program(&variables).spawn().unwrap());
        let running = Self { port, child };
        let began = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
        {
            assert!(began.elapsed() < Duration::from_secs(10));
            moment(20).await;
        }
        running
    }

    pub(crate) fn terminate(&self) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
    }

    pub(crate) fn ended(&mut self) -> bool {
        self.child.as_mut().unwrap().try_wait().unwrap().is_some()
    }

    pub(crate) fn output(mut self) -> Output {
        self.child.take().unwrap().wait_with_output().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_drains() {
    let stub = Stub::start().await;
    stub.put("large.bin", text(3 << 20));
    stub.trouble("*", Trouble::Pause(Duration::from_millis(1500)));
    let mut running = Running::start(&stub.endpoint(), &[]).await;
    let port = running.port;
    let idle = tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .unwrap();
    let answer = open(port, "GET", "/large.bin", &[]).await.unwrap();
    running.terminate();
    moment(300).await;
    assert!(
        tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
    );
    assert!(!running.ended());
    let body = http_body_util::BodyExt::collect(answer.into_body())
        .await
        .unwrap();
    assert_eq!(body.to_bytes(), text(3 << 20));
    let began = Instant::now();
    while !running.ended() {
        assert!(began.elapsed() < Duration::from_secs(5));
        moment(20).await;
    }
    drop(idle);
    assert_eq!(running.output().status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_a_line_of_json_for_each_request() {
    let stub = Stub::start().await;
    stub.put("index.html", "page");
    stub.trouble("fault", Trouble::Error(403, "AccessDenied"));
    let running = Running::start(&stub.endpoint(), &[]).await;
    for path in [
        "/?token=hidden",
        "/?code=hidden",
        "/fault?q=hidden",
        "/a//b?x=hidden",
        "/healthcheck",
    ] {
        let _ = send(running.port, "GET", path, &[("authorization", "hidden")])
            .await
            .unwrap();
    }
    running.terminate();
    let output = running.output();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("hidden"));
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines = lines
        .filter(|line| line["message"] == "request")
        .collect::<Vec<_>>();
    let seen = lines.iter().map(|line| {
        let field = |name: &str| line[name].to_string().replace('"', "");
        assert!(line["timestamp"].is_string() && line["duration_us"].is_u64());
        [
            "method",
            "path",
            "status",
            "bytes",
            "cache",
            "s3_code",
            "s3_request_id",
        ]
        .map(field)
        .join(" ")
    });
    let expected = [
        "GET / 200 4 miss null null",
        "GET / 200 4 hit null null",
        "GET /fault 502 16 miss AccessDenied STUB",
        "GET /a//b 400 30 null null null",
    ];
    assert_eq!(seen.collect::<Vec<_>>(), expected);
}

#[test]
fn settings_that_cannot_be_used_refuse_to_start() {
    let good = [
        ("BUCKET_NAME", "site"),
        ("AWS_REGION", "us-east-1"),
        ("PORT", "1"),
    ];
    for (variable, value) in [
        ("BUCKET_NAME", ""),
        ("BUCKET_NAME", "A"),
        ("AWS_REGION", ""),
        ("AWS_REGION", "us east"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("CACHE_BYTES", "-1"),
        ("CACHE_BYTES", "32MiB"),
        ("CACHE_FRESH_SECONDS", "86401"),
        ("BUCKET_PREFIX", "a/../b"),
        ("BUCKET_PREFIX", "a//b"),
        ("AWS_ENDPOINT_URL", "localhost:4566"),
        ("AWS_ENDPOINT_URL", "ftp://x"),
        ("EXPECTED_BUCKET_OWNER", "12345"),
        ("CONTENT_SECURITY_POLICY", "a\nb"),
    ] {
        let mut variables = good.to_vec();
        variables.retain(|(name, _)| *name != variable);
        variables.push((variable, value));
        let output = program(&variables).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{variable}={value}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(
            told.starts_with(&format!("genu-web: {variable} is ")),
            "{told}"
        );
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(output.stdout.is_empty());
    }
    // All at once.
    let told = program(&[("PORT", "x")]).output().unwrap().stderr;
    assert_eq!(String::from_utf8(told).unwrap().lines().count(), 3);
}

#[test]
fn help_and_version() {
    for (argument, begins) in [("--version", "genu-web "), ("--help", "Serves ")] {
        let output = program(&[]).arg(argument).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(told.starts_with(begins) && output.stderr.is_empty());
    }
    let output = program(&[]).arg("--port").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let mut told = String::new();
    let _ = (&*output.stderr).read_to_string(&mut told).unwrap();
    assert!(told.contains("--help"));
}

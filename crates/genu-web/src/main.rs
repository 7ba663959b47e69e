//! The process: arguments, settings, signals. Invariant: exit code 0 after a complete drain, 1 when
//! something broke, 2 when it was called or set wrong.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

use genu_web::{App, Config, serve};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

const HELP: &str = "\
Serves a single-page app from a private S3 bucket.

usage: genu-web [--help | --version]

Environment:
  BUCKET_NAME              bucket that is served (required)
  AWS_REGION               its region (required; Fargate sets it)
  BUCKET_PREFIX            folder of the app in the bucket (none)
  PORT                     TCP port (8080)
  CACHE_BYTES              most bytes of the cache, 0 for none (33554432)
  CACHE_FRESH_SECONDS      how long S3 is not asked again (5)
  AWS_ENDPOINT_URL         another S3, addressed by path
  EXPECTED_BUCKET_OWNER    account that must own the bucket
  CONTENT_SECURITY_POLICY  instead of the region's default

GET /healthcheck answers 200 while the process lives.
SIGTERM ends it, after the requests at work or 25 seconds.
";
/// For S3's names and for compression; both are short.
const BLOCKING_THREADS: usize = 4;
/// More would only take memory: the work is waiting.
const WORKERS_MOST: usize = 4;

fn main() -> ExitCode {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => start(),
        ["--help" | "-h"] => print(HELP),
        ["--version" | "-V"] => print(concat!("genu-web ", env!("CARGO_PKG_VERSION"), "\n")),
        _ => {
            eprintln!("genu-web: no such argument; see genu-web --help");
            ExitCode::from(2)
        }
    }
}

fn print(text: &str) -> ExitCode {
    print!("{text}");
    ExitCode::SUCCESS
}

fn start() -> ExitCode {
    let config = match Config::read(|name| std::env::var(name).ok()) {
        Ok(config) => config,
        Err(bad) => {
            for value in bad {
                eprintln!("genu-web: {value}");
            }
            return ExitCode::from(2);
        }
    };
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .init();
    let workers = available_parallelism().map_or(1, |cores| cores.get().min(WORKERS_MOST));
    let runtime = Builder::new_multi_thread()
        .worker_threads(workers)
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build();
    match runtime.and_then(|runtime| runtime.block_on(run(&config))) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            tracing::error!(%error, "ended");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: &Config) -> io::Result<bool> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listener = bind(config.port).await?;
    let app = Arc::new(App::new(config, None).await.map_err(io::Error::other)?);
    let (bucket, prefix) = (&*config.bucket, &*config.prefix);
    tracing::info!(bucket, prefix, port = config.port, "serving");
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("draining");
    };
    let drained = serve(listener, app, stop).await;
    tracing::info!(drained, "ended");
    Ok(drained)
}

/// Both families where there are both.
async fn bind(port: u16) -> io::Result<TcpListener> {
    let six = TcpListener::bind(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))).await;
    match six {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        Err(_) => TcpListener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))).await,
    }
}

//! The line itself: requests in, faults and the emulator's answers out.

use std::collections::HashMap;
use std::fmt;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::answer::Error;
use crate::buckets::Buckets;
use crate::lag::Lag;
use crate::states::States;
use crate::weather::Sequence;
use crate::{Call, Fate, Fault, Pace, Planned, Script, Seen, Weather};

/// What is in store for the calls of a run.
#[derive(Debug, Clone, Default)]
pub struct Sky {
    /// Faults by name and number.
    pub script: Script,
    /// Faults by seed.
    pub weather: Option<Weather>,
    /// AWS's times and token buckets; none is the emulator's own.
    pub pace: Option<Pace>,
    /// How many reads after a create do not show what it made.
    pub lag: usize,
}

type Line = Client<HttpConnector, Full<Bytes>>;
type Lost = Box<dyn std::error::Error + Send + Sync>;

#[derive(Default)]
struct Books {
    script: Script,
    seen: Vec<Seen>,
    counts: HashMap<String, usize>,
    sequence: Sequence,
    buckets: Buckets,
    states: States,
    lag: Lag,
}

struct Shared {
    upstream: String,
    line: Line,
    sky: Sky,
    books: Mutex<Books>,
    held: watch::Sender<usize>,
    released: watch::Sender<bool>,
}

/// A running proxy on a loopback port of its own; stopped when dropped.
pub struct Injector {
    url: String,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

impl fmt::Debug for Injector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Injector")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Injector {
    /// Starts a proxy to the emulator at `upstream`, `http://127.0.0.1:PORT`.
    ///
    /// # Errors
    /// When no loopback port is to be had.
    pub fn start(upstream: &str, sky: Sky) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let shared = Arc::new(Shared {
            upstream: upstream.trim_end_matches('/').to_owned(),
            line: Client::builder(TokioExecutor::new()).build_http(),
            books: Mutex::new(Books {
                script: sky.script.clone(),
                ..Books::default()
            }),
            sky,
            held: watch::Sender::new(0),
            released: watch::Sender::new(false),
        });
        let serving = Arc::clone(&shared);
        runtime.spawn(async move {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                return;
            };
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                tokio::spawn(async move {
                    let answer = service_fn(|request| answer(Arc::clone(&shared), request));
                    let http = hyper::server::conn::http1::Builder::new();
                    // A line that breaks is what this is for.
                    let _ = http.serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        });
        Ok(Self {
            url,
            shared,
            runtime: Some(runtime),
        })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Every call so far, in order of arrival.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.books().seen.clone()
    }

    /// Faults of the script that have not happened.
    #[must_use]
    pub fn left(&self) -> Vec<Planned> {
        self.shared.books().script.0.clone()
    }

    /// Whether a call is being held, by [`Fault::Hold`], before `patience` is over.
    #[must_use]
    pub fn holds_within(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if *self.shared.held.borrow() > 0 {
                return true;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        false
    }

    /// Lets the answers go that are being held.
    pub fn release(&self) {
        self.shared.released.send_replace(true);
    }
}

impl Drop for Injector {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names and numbers the call, and decides on its fate.
    fn fate(&self, call: &Call) -> (Fate, Option<Error>) {
        let mut books = self.books();
        let books = &mut *books;
        let name = call.name();
        let nth = books.counts.entry(name.clone()).or_default();
        *nth += 1;
        let nth = *nth;
        let planned = books.script.take(&name, nth);
        let fault = planned.or_else(|| books.sequence.fault(self.sky.weather?, call, nth));
        let (fate, refusal) = match (fault, self.sky.pace) {
            (Some(fault), _) => {
                let refusal = match fault {
                    Fault::Fail(status) => Some(Error::failure(call, status)),
                    Fault::Throttle => Some(Error::throttle(call)),
                    _ => None,
                };
                (Fate::Faulted(fault), refusal)
            }
            (None, Some(pace)) if !books.buckets.take(call, pace.speed) => {
                (Fate::Throttled, Some(Error::throttle(call)))
            }
            (None, Some(pace)) => match books.states.refusal(call, pace) {
                Some(error) => (Fate::TooEarly, Some(error)),
                None => (Fate::Passed, None),
            },
            (None, None) => (Fate::Passed, None),
        };
        let call = call.clone();
        books.seen.push(Seen { call, fate });
        (fate, refusal)
    }

    /// What AWS would make of the emulator's answer.
    fn retell(&self, call: &Call, status: u16, text: String) -> Result<(u16, String), Error> {
        let mut books = self.books();
        if (200..300).contains(&status) {
            books.states.note(call, &text);
            books.lag.note(call, &text, self.sky.lag);
        }
        let text = books.lag.retell(call, text)?;
        Ok(match self.sky.pace {
            Some(pace) => books.states.retell(call, pace, status, text),
            None => (status, text),
        })
    }

    async fn forward(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Lost> {
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
        *request.uri_mut() = format!("{}{path}", self.upstream).parse::<Uri>()?;
        let (head, body) = self.line.request(request).await?.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    }
}

/// An error here closes the connection without an answer.
async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Lost> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let call = Call::read(&head, &body);
    let (fate, refusal) = shared.fate(&call);
    if let Some(error) = refusal {
        return Ok(error.spoken(&call));
    }
    match fate {
        Fate::Faulted(Fault::LoseRequest) => return Err("the request was lost".into()),
        Fate::Faulted(Fault::Delay(delay)) => tokio::time::sleep(delay).await,
        _ => {}
    }
    let answer = shared
        .forward(Request::from_parts(head, Full::new(body)))
        .await?;
    let (mut head, bytes) = answer.into_parts();
    let told = match std::str::from_utf8(&bytes) {
        Ok(text) => shared.retell(&call, head.status.as_u16(), text.to_owned()),
        Err(_) => Ok((head.status.as_u16(), String::new())),
    };
    let (status, text) = match told {
        Ok(told) => told,
        Err(error) => return Ok(error.spoken(&call)),
    };
    match fate {
        Fate::Faulted(Fault::LoseAnswer) => return Err("the answer was lost".into()),
        Fate::Faulted(Fault::Hold) => {
            shared.held.send_modify(|held| *held += 1);
            // The sender lives as long as the proxy.
            let _ = shared
                .released
                .subscribe()
                .wait_for(|released| *released)
                .await;
        }
        _ => {}
    }
    let bytes = if text.is_empty() {
        bytes
    } else {
        Bytes::from(text)
    };
    head.status = hyper::StatusCode::from_u16(status).unwrap_or(head.status);
    head.headers.remove("transfer-encoding");
    if call.operation != "HeadBucket" && call.operation != "HeadObject" {
        head.headers.insert("content-length", bytes.len().into());
    }
    Ok(Response::from_parts(head, Full::new(bytes)))
}

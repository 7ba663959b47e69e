//! The SDK's way to S3: its own client reads up to 400 KiB ahead on each connection, more than a small
//! task has for many streams. Invariant: no connection holds more than its buffer, and none waits
//! longer for an answer than it is told.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector as TcpConnector;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

/// What a connection reads ahead: two records of TLS.
const BUFFER_BYTES: usize = 32 << 10;
/// S3 closes its idle connections after some more.
const IDLE: Duration = Duration::from_secs(15);
const IDLE_MOST: usize = 64;

type Connections = Client<HttpsConnector<TcpConnector>, SdkBody>;

/// An HTTP client for the SDK, with the system's certificates.
///
/// # Errors
/// When TLS cannot be set up.
pub fn client(connect: Duration) -> Result<SharedHttpClient, rustls::Error> {
    let mut tcp = TcpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect));
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls()?)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    let connections = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_MOST)
        .http1_max_buf_size(BUFFER_BYTES)
        .build(https);
    Ok(http_client_fn(move |settings, _| {
        SharedHttpConnector::new(Wire {
            connections: connections.clone(),
            first_byte: settings.read_timeout(),
        })
    }))
}

fn tls() -> Result<ClientConfig, rustls::Error> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (known, _) = roots.add_parsable_certificates(found.certs);
    if known == 0 {
        tracing::warn!("no certificates: S3 can be reached by plain HTTP alone");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

#[derive(Debug)]
struct Wire {
    connections: Connections,
    first_byte: Option<Duration>,
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        let answer = self.connections.request(request);
        let first_byte = self.first_byte;
        HttpConnectorFuture::new(async move {
            let answer = match first_byte {
                Some(first_byte) => timeout(first_byte, answer)
                    .await
                    .map_err(|late| ConnectorError::timeout(late.into()))?,
                None => answer.await,
            };
            let answer = answer.map_err(classified)?.map(SdkBody::from_body_1_x);
            HttpResponse::try_from(answer)
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// So that the SDK tries again what may be gone the next time.
fn classified(error: ClientError) -> ConnectorError {
    let system = causes(&error).find_map(|cause| cause.downcast_ref::<io::Error>());
    let late = system.is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut);
    let broken = causes(&error)
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(|cause| cause.is_closed() || cause.is_canceled() || cause.is_incomplete_message());
    let system = system.is_some();
    if late {
        ConnectorError::timeout(error.into())
    } else if system || broken || error.is_connect() {
        ConnectorError::io(error.into())
    } else {
        ConnectorError::other(error.into(), None)
    }
}

fn causes(error: &ClientError) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    std::iter::from_fn(move || {
        let cause = next?;
        next = cause.source();
        Some(cause)
    })
}

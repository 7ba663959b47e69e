//! From a request to its answer. Invariant: every answer bears the security headers, and a fault of
//! S3 is never the app's page.

use std::sync::Arc;

use aws_sdk_s3::config::Credentials;
use http::header::{ALLOW, CACHE_CONTROL, VARY};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use tokio::sync::Semaphore;

use crate::access_log::{Line, Logged};
use crate::ask::Ask;
use crate::body::{Body, empty};
use crate::compress::Compressor;
use crate::config::Config;
use crate::key::{self, INDEX, Target};
use crate::limits::Limits;
use crate::navigation::is_navigation;
use crate::origin::Origin;
use crate::seen::Found;
use crate::shelf::Shelf;
use crate::wanted::Wanted;
use crate::{answer, cache_control, refusal, security};

/// Answers while the process lives; S3 is no part of it.
pub const HEALTH: &str = "/healthcheck";

/// The server without its sockets.
#[derive(Debug)]
pub struct App {
    shelf: Arc<Shelf>,
    compressor: Compressor,
    places: Arc<Semaphore>,
    prefix: String,
    index: Arc<str>,
    policy: HeaderValue,
    limits: Limits,
}

impl App {
    /// For a bucket; asks S3 nothing yet. Without `credentials` it takes those of the task.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub async fn new(
        config: &Config,
        credentials: Option<Credentials>,
    ) -> Result<Self, rustls::Error> {
        let origin = Origin::new(config, credentials).await?;
        Ok(Self {
            shelf: Arc::new(Shelf::new(origin, config)),
            compressor: Compressor::new(&config.limits),
            places: Arc::new(Semaphore::new(config.limits.requests)),
            prefix: config.prefix.clone(),
            index: format!("{}{INDEX}", config.prefix).into(),
            policy: config.policy.clone(),
            limits: config.limits.clone(),
        })
    }

    /// The bounds it works within.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Bytes that the cache counts at present.
    #[must_use]
    pub fn cache_weight(&self) -> u64 {
        self.shelf.weight()
    }

    /// Answers a request; its body is not looked at.
    pub async fn answer<B>(&self, request: &Request<B>) -> Response<Logged> {
        let tls = security::came_by_tls(request.headers());
        let healthy = request.uri().path() == HEALTH;
        let mut line = Line::new(request.method(), request.uri().path());
        let place = if healthy {
            None
        } else {
            Arc::clone(&self.places).try_acquire_owned().ok()
        };
        let mut response = match (request.method(), healthy, &place) {
            (&Method::GET | &Method::HEAD, true, _) => refusal::said(StatusCode::OK, "ok\n"),
            (&Method::GET | &Method::HEAD, false, Some(_)) => self.serve(request, &mut line).await,
            (&Method::GET | &Method::HEAD, false, None) => refusal::busy(1),
            _ => {
                let mut refused = refusal::told(StatusCode::METHOD_NOT_ALLOWED);
                let allowed = HeaderValue::from_static("GET, HEAD");
                refused.headers_mut().insert(ALLOW, allowed);
                refused
            }
        };
        security::secure(response.headers_mut(), &self.policy, tls);
        if request.method() == Method::HEAD {
            *response.body_mut() = empty();
        }
        line.status = response.status();
        // The load balancer asks every few seconds.
        let line = (!healthy).then_some(line);
        response.map(|body| Logged::new(body, line, place))
    }

    async fn serve<B>(&self, request: &Request<B>, line: &mut Line) -> Response<Body> {
        let path = request.uri().path();
        let target = match key::decode(path, &self.prefix) {
            Ok(target) => target,
            Err(bad) => return refusal::said(StatusCode::BAD_REQUEST, format!("{bad}\n")),
        };
        let wanted = Wanted::read(request.method(), request.headers());
        let (key, name) = match target {
            Target::Key(key) => (Some(Arc::from(key.as_str())), key),
            Target::Nothing => (None, path.to_owned()),
        };
        if let Some(key) = &key
            && let Some(response) = self.object(key, &wanted, line).await
        {
            return response;
        }
        if key.as_ref() != Some(&self.index) && is_navigation(request.headers(), &name) {
            let whole = wanted.whole();
            if let Some(mut page) = self.object(&self.index, &whole, line).await {
                if page.status().is_success() || page.status() == StatusCode::NOT_MODIFIED {
                    as_page(&mut page);
                }
                return page;
            }
        }
        refusal::told(StatusCode::NOT_FOUND)
    }

    /// An object's answer, or a fault's; `None` when it is missing.
    async fn object(
        &self,
        key: &Arc<str>,
        wanted: &Wanted,
        line: &mut Line,
    ) -> Option<Response<Body>> {
        let mut ask = Ask {
            key: Arc::clone(key),
            range: wanted.range,
            unless_tag: wanted.single_tag().map(str::to_owned),
            since: wanted.since(),
        };
        let (mut seen, mut found) = self.shelf.find(&ask).await;
        let continues = match &found {
            Ok(Found::Streamed(part)) => part.part.is_none() || wanted.may_continue(&part.meta),
            Ok(Found::Outside(_)) => !wanted.is_conditional_part(),
            _ => true,
        };
        if !continues {
            // Another object than the client has a part of: then the whole of it.
            ask.range = None;
            (seen, found) = self.shelf.find(&ask).await;
        }
        line.seen = Some(seen);
        Some(match found {
            Ok(Found::Kept(object)) => answer::kept(wanted, &object, &self.compressor).await,
            Ok(Found::Streamed(object)) => answer::fetched(wanted, object, &self.compressor),
            Ok(Found::Unchanged(meta)) => answer::unchanged(wanted, &meta),
            Ok(Found::Outside(length)) => refusal::outside(length),
            Ok(Found::Missing) => return None,
            Err(fault) => {
                let response = refusal::failed(&fault);
                line.fault = Some(fault);
                response
            }
        })
    }
}

/// The page in the place of what is missing: for whoever navigates, and never kept for another.
fn as_page(page: &mut Response<Body>) {
    let vary = HeaderValue::from_static("accept, accept-encoding, sec-fetch-mode");
    page.headers_mut().insert(VARY, vary);
    let rule = HeaderValue::from_static(cache_control::REVALIDATE);
    page.headers_mut().insert(CACHE_CONTROL, rule);
}

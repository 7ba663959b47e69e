//! What S3 could not do, and what a client is told of it. Invariant: a missing object is no fault,
//! and a fault is never a missing object.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// S3's answer to `GetObject`, when it is an error.
pub type Refusal = SdkError<GetObjectError, HttpResponse>;

/// Whether it is worth asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// S3 is overloaded or too slow: 503, come again.
    Busy,
    /// S3 refuses or is broken: 502.
    Broken,
}

/// A failed `GetObject`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("S3: {code}")]
pub struct Fault {
    /// What a client is told.
    pub kind: Kind,
    /// AWS's code, or ours for what never reached it.
    pub code: String,
    /// AWS's request id.
    pub request_id: Option<String>,
}

impl Fault {
    /// One without an answer from S3.
    #[must_use]
    pub fn new(kind: Kind, code: &str) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            request_id: None,
        }
    }

    /// Of the SDK's error.
    #[must_use]
    pub fn of(refusal: &Refusal) -> Self {
        let (kind, code) = match refusal {
            SdkError::TimeoutError(_) => (Kind::Busy, "Timeout"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => (Kind::Busy, "Timeout"),
            SdkError::DispatchFailure(failure) if failure.is_io() => (Kind::Broken, "Connection"),
            // Credentials, above all.
            SdkError::DispatchFailure(_) => (Kind::Broken, "Dispatch"),
            SdkError::ConstructionFailure(_) => (Kind::Broken, "Construction"),
            SdkError::ServiceError(error) => {
                let status = error.raw().status().as_u16();
                let code = refusal.code().unwrap_or("Unknown");
                (classified(code, status), code)
            }
            _ => (Kind::Broken, "Response"),
        };
        Self {
            kind,
            code: code.to_owned(),
            request_id: refusal.request_id().map(str::to_owned),
        }
    }
}

fn classified(code: &str, status: u16) -> Kind {
    match (code, status) {
        (_, 429 | 503) => Kind::Busy,
        (
            "SlowDown"
            | "Throttling"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "TooManyRequests"
            | "RequestTimeout",
            _,
        ) => Kind::Busy,
        _ => Kind::Broken,
    }
}

//! Errors in each protocol's own form.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;

use crate::{Call, Protocol};

/// An error as AWS would say it.
pub(crate) struct Error {
    status: u16,
    code: String,
    message: String,
}

impl Error {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// A server's fault. Codes: "Common errors" of each API reference.
    pub(crate) fn failure(call: &Call, status: u16) -> Self {
        let code = match (call.protocol, status) {
            (Protocol::Ec2 | Protocol::S3, 500) => "InternalError",
            (Protocol::Ec2, _) => "Unavailable",
            (Protocol::Query, 500) if call.service == "iam" => "ServiceFailure",
            (Protocol::Json, 500) if call.service == "ecs" => "ServerException",
            (_, 500) => "InternalFailure",
            (Protocol::RestJson, _) => "ServiceUnavailableException",
            _ => "ServiceUnavailable",
        };
        Self::new(status, code, "An internal error has occurred.")
    }

    /// Too many calls. Route 53 and the query services say so with 400, EC2 and S3 with 503.
    pub(crate) fn throttle(call: &Call) -> Self {
        let (status, code) = match call.protocol {
            Protocol::Ec2 => (503, "RequestLimitExceeded"),
            Protocol::S3 => (503, "SlowDown"),
            Protocol::Query | Protocol::RestXml => (400, "Throttling"),
            Protocol::Json => (400, "ThrottlingException"),
            Protocol::RestJson => (429, "TooManyRequestsException"),
        };
        Self::new(status, code, "Rate exceeded")
    }

    /// The answer on the wire.
    pub(crate) fn spoken(&self, call: &Call) -> Response<Full<Bytes>> {
        const REQUEST: &str = "injected-0000-0000";
        let Self {
            status,
            code,
            message,
        } = self;
        let body = match call.protocol {
            Protocol::Ec2 => format!(
                "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>{REQUEST}</RequestID></Response>"
            ),
            Protocol::Query | Protocol::RestXml => format!(
                "<ErrorResponse><Error><Type>Receiver</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>{REQUEST}</RequestId></ErrorResponse>"
            ),
            Protocol::S3 => format!(
                "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{REQUEST}</RequestId></Error>"
            ),
            Protocol::Json => serde_json::json!({ "__type": code, "message": message }).to_string(),
            Protocol::RestJson => serde_json::json!({ "message": message }).to_string(),
        };
        let kind = match call.protocol {
            Protocol::Json => "application/x-amz-json-1.1",
            Protocol::RestJson => "application/json",
            _ => "text/xml",
        };
        let mut answer = Response::new(Full::new(Bytes::from(body)));
        // Codes and numbers of our own making are always valid here.
        *answer.status_mut() = hyper::StatusCode::from_u16(*status).unwrap_or_default();
        let headers = [
            ("content-type", kind),
            ("x-amzn-errortype", code),
            ("x-amzn-requestid", REQUEST),
        ];
        for (name, value) in headers {
            if let Ok(value) = value.parse() {
                answer.headers_mut().insert(name, value);
            }
        }
        answer
    }
}

//! What a request asks for: service, operation, parameters.

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::http::request::Parts;

use crate::names;

/// How a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Forms, XML with `<Response><Errors>`.
    Ec2,
    /// Forms, XML with `<ErrorResponse>`: IAM, Elastic Load Balancing, STS.
    Query,
    /// JSON, the operation in a header.
    Json,
    /// Paths and JSON: API Gateway.
    RestJson,
    /// Paths and XML: Route 53.
    RestXml,
    /// Paths and XML of its own: S3.
    S3,
}

/// A named call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// IAM's prefix of the service, `ec2`.
    pub service: String,
    /// `CreateVpc`; method and path where the operation is unknown.
    pub operation: String,
    /// How its answer is spoken.
    pub protocol: Protocol,
    /// Region of the signature.
    pub region: String,
    /// Path and query, as sent.
    pub target: String,
    /// Body as text.
    pub body: String,
}

impl Call {
    /// Reads a request. The signature's scope names service and region.
    pub(crate) fn read(head: &Parts, body: &Bytes) -> Self {
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let mut scope = header("authorization").unwrap_or_default().split('/');
        let region = scope.nth(2).unwrap_or("unknown").to_owned();
        let service = scope.next().unwrap_or("unknown").to_owned();
        let target = head.uri.path_and_query();
        let target = target.map_or("/", |target| target.as_str()).to_owned();
        let body = String::from_utf8_lossy(body).into_owned();
        let form = header("content-type").is_some_and(|kind| kind.contains("urlencoded"));
        let (protocol, operation) = match (header("x-amz-target"), form) {
            (Some(target), _) => {
                let operation = target.rsplit('.').next().unwrap_or(target);
                (Protocol::Json, operation.to_owned())
            }
            (None, true) => {
                let protocol = if service == "ec2" {
                    Protocol::Ec2
                } else {
                    Protocol::Query
                };
                let operation = parameters(&body).remove("Action").unwrap_or_default();
                (protocol, operation)
            }
            (None, false) => {
                let protocol = match service.as_str() {
                    "s3" => Protocol::S3,
                    "route53" => Protocol::RestXml,
                    _ => Protocol::RestJson,
                };
                (
                    protocol,
                    names::rest(&service, head.method.as_str(), &target),
                )
            }
        };
        Self {
            service,
            operation,
            protocol,
            region,
            target,
            body,
        }
    }

    /// `ec2:CreateVpc`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// Whether it may change something.
    #[must_use]
    pub fn changes(&self) -> bool {
        let reads = [
            "Describe", "Get", "List", "Head", "Simulate", "GET ", "HEAD ",
        ];
        !reads.iter().any(|read| self.operation.starts_with(read))
    }

    /// Parameters of a form; empty for other protocols.
    pub(crate) fn parameters(&self) -> BTreeMap<String, String> {
        match self.protocol {
            Protocol::Ec2 | Protocol::Query => parameters(&self.body),
            _ => BTreeMap::new(),
        }
    }

    /// Whether path or body mention `what`.
    pub(crate) fn mentions(&self, what: &str) -> bool {
        self.target.contains(what)
            || self.body.contains(what)
            || self.parameters().values().any(|value| value.contains(what))
    }
}

fn parameters(body: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect()
}

//! AWS at the HTTP seam: clients whose requests are answered from recordings.

use std::sync::Arc;

use aws_sdk_ec2::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::{Value, json};

use super::Recording;
use crate::Reads;

/// Answers by operation; `*` answers everything.
#[derive(Debug)]
struct Answers(Vec<(String, Value)>);

impl HttpConnector for Answers {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = operation(&request);
        let answer = self.0.iter().find(|(op, _)| *op == asked || op == "*");
        let Some((_, wire)) = answer else {
            let what = format!("nothing is recorded for {asked}");
            let error = ConnectorError::other(what.into(), None);
            return HttpConnectorFuture::ready(Err(error));
        };
        let status = u16::try_from(wire["status"].as_u64().unwrap()).unwrap();
        let body = SdkBody::from(wire["body"].as_str().unwrap());
        let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), body);
        for (name, value) in wire["headers"].as_object().unwrap() {
            let value = value.as_str().unwrap().to_owned();
            response.headers_mut().insert(name.clone(), value);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// The operation of a request: JSON protocols say it in a header, the query protocols in the body. Of
/// REST protocols none is replayed by operation.
fn operation(request: &HttpRequest) -> String {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next().unwrap().to_owned();
    }
    let body = request.body().bytes().unwrap_or_default();
    let body = String::from_utf8_lossy(body);
    let action = body.strip_prefix("Action=").unwrap_or_default();
    action.split('&').next().unwrap().to_owned()
}

fn clients(answers: Vec<(String, Value)>) -> Reads {
    let connector = SharedHttpConnector::new(Answers(answers));
    let http = http_client_fn(move |_, _| connector.clone());
    let credentials = Credentials::new("AKIDTEST", "secret", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(http)
        .build();
    let (account, region) = ("123456789012".to_owned(), "us-east-1".to_owned());
    Reads::new(&config, true, account, region, "aws".to_owned())
}

/// Clients that are answered from these recordings, and from `made`, which AWS did not give: the bodies
/// of operations that nobody recorded.
pub(super) fn replay(recordings: &[&str], made: &[(&str, &str)]) -> Arc<Reads> {
    let recorded = recordings.iter().map(|name| {
        let mut recording = Recording::of(name);
        (recording.operation.clone(), recording.told["wire"].take())
    });
    let made = made.iter().map(|(operation, body)| {
        let wire = json!({ "status": 200, "headers": {}, "body": body });
        ((*operation).to_owned(), wire)
    });
    Arc::new(clients(recorded.chain(made).collect()))
}

/// Clients that get one recorded answer, whatever they ask.
pub(super) fn always(recording: &Recording) -> Reads {
    clients(vec![("*".to_owned(), recording.told["wire"].clone())])
}

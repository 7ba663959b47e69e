//! The bucket. Invariant: one question is one `GetObject`, the SDK's retries aside.

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_s3::config::{Credentials, ResponseChecksumValidation};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::DateTime;
use http::HeaderValue;

use crate::ask::{Ask, Fetched, Reply};
use crate::config::Config;
use crate::fault::{Fault, Refusal};
use crate::meta::Meta;
use crate::wire;

/// The bucket's client.
#[derive(Debug, Clone)]
pub struct Origin {
    client: aws_sdk_s3::Client,
    bucket: String,
    owner: Option<String>,
}

impl Origin {
    /// Connects to nothing yet. Without `credentials`, those of the task are looked for with the
    /// first question.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub async fn new(
        config: &Config,
        credentials: Option<Credentials>,
    ) -> Result<Self, rustls::Error> {
        let limits = &config.limits;
        let times = TimeoutConfig::builder()
            .connect_timeout(limits.connect)
            .read_timeout(limits.first_byte)
            .operation_timeout(limits.operation)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(config.region.clone()))
            .http_client(wire::client(limits.connect)?)
            .timeout_config(times)
            .retry_config(RetryConfig::standard().with_max_attempts(limits.attempts));
        if let Some(credentials) = credentials {
            loader = loader.credentials_provider(credentials);
        }
        let shared = loader.load().await;
        let mut builder = aws_sdk_s3::config::Builder::from(&shared)
            .force_path_style(config.endpoint.is_some())
            // TLS guards the bytes; a part cannot be checked anyway.
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        builder.set_endpoint_url(config.endpoint.clone());
        Ok(Self {
            client: aws_sdk_s3::Client::from_conf(builder.build()),
            bucket: config.bucket.clone(),
            owner: config.owner.clone(),
        })
    }

    /// Asks S3.
    ///
    /// # Errors
    /// Whatever is neither the object nor a plain word about it.
    pub async fn get(&self, ask: &Ask) -> Result<Reply, Fault> {
        let request = self.client.get_object().bucket(&self.bucket);
        let request = request
            .key(&*ask.key)
            .set_expected_bucket_owner(self.owner.clone())
            .set_range(ask.range.map(|range| range.to_string()))
            .set_if_none_match(ask.unless_tag.clone())
            .set_if_modified_since(ask.since.map(DateTime::from));
        match request.send().await {
            Ok(output) => Ok(Reply::Object(fetched(&ask.key, output))),
            Err(refusal) => refused(ask, &refusal),
        }
    }
}

fn fetched(key: &str, output: GetObjectOutput) -> Fetched {
    Fetched {
        meta: Meta::of(key, &output),
        part: output
            .content_range()
            .and_then(|part| HeaderValue::from_str(part).ok()),
        length: output
            .content_length()
            .and_then(|length| length.try_into().ok()),
        body: output.body.into_inner(),
    }
}

fn refused(ask: &Ask, refusal: &Refusal) -> Result<Reply, Fault> {
    let raw = refusal.raw_response();
    let status = raw.map(|raw| raw.status().as_u16());
    match (status, refusal.code()) {
        (Some(304), _) => {
            let said = |name| raw.and_then(|raw| raw.headers().get(name));
            let tag = said("etag").or(ask.unless_tag.as_deref());
            let modified = said("last-modified").and_then(|at| httpdate::parse_http_date(at).ok());
            Ok(Reply::Unchanged(Meta::unchanged(
                &ask.key,
                tag.and_then(|tag| HeaderValue::from_str(tag).ok()),
                modified,
            )))
        }
        (_, Some("NoSuchKey")) => Ok(Reply::Missing),
        (Some(416), _) => {
            let body = raw.and_then(|raw| raw.body().bytes());
            Ok(Reply::Outside(body.and_then(actual_size)))
        }
        _ => Err(Fault::of(refusal)),
    }
}

/// The object's length, out of S3's error `InvalidRange`.
fn actual_size(xml: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(xml).ok()?;
    let (_, rest) = text.split_once("<ActualObjectSize>")?;
    rest.split_once('<')?.0.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::actual_size;

    #[test]
    fn size_from_error() {
        let xml =
            b"<Error><Code>InvalidRange</Code><ActualObjectSize>42</ActualObjectSize></Error>";
        assert_eq!(actual_size(xml), Some(42));
        assert_eq!(actual_size(b"<Error/>"), None);
        assert_eq!(actual_size(b"<ActualObjectSize>\xff<"), None);
    }
}

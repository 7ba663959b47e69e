//! Objects with conditions: what a write's answer means when answers get lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use reconciler::{Class, Fault};
use state::Error;

use crate::call::call;

/// How often a write whose fate is unknown is looked for and tried again.
const ATTEMPTS: u32 = 6;

/// The objects of one bucket.
#[derive(Debug, Clone)]
pub(crate) struct Objects {
    pub client: aws_sdk_s3::Client,
    pub bucket: String,
    /// Twelve digits; every call states it.
    pub owner: String,
}

/// An object as read.
pub(crate) struct Object {
    pub text: Vec<u8>,
    pub etag: String,
    /// Since it was written, by S3's own clock.
    pub age: Duration,
}

/// When a write is to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum If {
    /// Nothing is there.
    Absent,
    /// What is there has this tag.
    Matches(String),
}

/// What became of a conditional write.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It is there, with this tag.
    Done(String),
    /// The condition does not hold.
    Refused,
}

impl Objects {
    /// Reads an object; `None` when there is none.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<Object>, Error> {
        let clock = Clock::default();
        let request = self.client.get_object().bucket(&self.bucket).key(key);
        let request = request.expected_bucket_owner(&self.owner);
        let sent = request.customize().interceptor(clock.clone()).send();
        let answer = match call("s3:GetObject", sent).await {
            Ok(answer) => answer,
            Err(fault) if fault.code.as_deref() == Some("NoSuchKey") => return Ok(None),
            Err(fault) => return Err(self.told(key, fault)),
        };
        let written = answer.last_modified;
        let etag = answer.e_tag.unwrap_or_default();
        let text = answer.body.collect().await.map_err(|e| Error::Remote {
            message: format!("s3://{}/{key}: {e}", self.bucket),
            hint: None,
        })?;
        let age = match (clock.now(), written) {
            (Some(now), Some(written)) => u64::try_from(now.secs() - written.secs()).unwrap_or(0),
            // Without times it counts as just written: a lease is not taken over on a guess.
            _ => 0,
        };
        Ok(Some(Object {
            text: text.to_vec(),
            etag,
            age: Duration::from_secs(age),
        }))
    }

    /// Writes an object under a condition. An answer that got lost is looked for: what stands there
    /// with our text is ours.
    pub(crate) async fn put(&self, key: &str, text: &str, when: &If) -> Result<Put, Error> {
        let mut last = None;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
            }
            let request = self.client.put_object().bucket(&self.bucket).key(key);
            let request = request
                .expected_bucket_owner(&self.owner)
                .content_type("application/json")
                .body(ByteStream::from(text.as_bytes().to_vec()));
            let request = match when {
                If::Absent => request.if_none_match("*"),
                If::Matches(etag) => request.if_match(etag),
            };
            // Sent once: what a first attempt did would make a second one's condition fail.
            let fault = match call(
                "s3:PutObject",
                request.customize().config_override(once()).send(),
            )
            .await
            {
                Ok(answer) => return Ok(Put::Done(answer.e_tag.unwrap_or_default())),
                Err(fault) => fault,
            };
            let refused = matches!(
                fault.code.as_deref(),
                Some("PreconditionFailed" | "NoSuchKey" | "412")
            );
            let passing = matches!(
                fault.class,
                Class::Ambiguous | Class::Throttled | Class::InUse
            ) || matches!(
                fault.code.as_deref(),
                Some("ConditionalRequestConflict" | "RequestTimeout")
            );
            if refused && attempt == 0 {
                return Ok(Put::Refused);
            }
            if !refused && !passing {
                return Err(self.told(key, fault));
            }
            // An earlier attempt may have been executed after all.
            match self.get(key).await {
                Ok(Some(there)) if there.text == text.as_bytes() => {
                    return Ok(Put::Done(there.etag));
                }
                Ok(_) if refused => return Ok(Put::Refused),
                _ => last = Some(fault),
            }
        }
        let fault =
            last.unwrap_or_else(|| Fault::new(Class::Ambiguous, "s3:PutObject", "no answer"));
        Err(self.told(key, fault))
    }

    /// Deletes an object if it still is what it was; whether it was.
    pub(crate) async fn delete(&self, key: &str, etag: &str) -> Result<bool, Error> {
        let request = self.client.delete_object().bucket(&self.bucket).key(key);
        let request = request.expected_bucket_owner(&self.owner).if_match(etag);
        match call("s3:DeleteObject", request.send()).await {
            Ok(_) => Ok(true),
            Err(fault) if fault.code.as_deref() == Some("PreconditionFailed") => Ok(false),
            Err(fault) if fault.code.as_deref() == Some("NoSuchKey") => Ok(true),
            Err(fault) => Err(self.told(key, fault)),
        }
    }

    /// Keys that begin so.
    pub(crate) async fn list(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let request = self.client.list_objects_v2().bucket(&self.bucket);
        let request = request.prefix(prefix).expected_bucket_owner(&self.owner);
        let pages: Result<Vec<_>, _> = call(
            "s3:ListBucket",
            request.into_paginator().send().try_collect(),
        )
        .await;
        let pages = pages.map_err(|fault| self.told(prefix, fault))?;
        let objects = pages
            .into_iter()
            .flat_map(|page| page.contents.unwrap_or_default());
        Ok(objects.filter_map(|object| object.key).collect())
    }

    fn told(&self, key: &str, fault: Fault) -> Error {
        Error::Remote {
            message: format!("the state at s3://{}/{key}: {fault}", self.bucket),
            hint: fault.hint,
        }
    }
}

fn once() -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::config::Builder::new().retry_config(aws_config::retry::RetryConfig::disabled())
}

/// What time S3 says it is.
#[derive(Debug, Clone, Default)]
struct Clock(Arc<Mutex<Option<DateTime>>>);

impl Clock {
    fn now(&self) -> Option<DateTime> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), aws_smithy_runtime_api::box_error::BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}

//! The state in an S3 bucket: `s3://BUCKET/PREFIX/<env>/{state.json,journal.jsonl,lock.json}`.
//!
//! Every write is conditional, so that of two writers one learns that it is not alone. The lock is a
//! lease: its holder renews it, and others may take it over when it has not been renewed for its
//! length, by S3's own clock. Whoever takes it over writes the journal's head anew; from then on no
//! write of the former holder succeeds.

mod bootstrap;
mod home;
mod lease;
mod objects;
mod writer;

use std::collections::BTreeSet;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use reconciler::{Class, Fault};
use state::Reader;

use crate::call::call;
use crate::clients::Guard;
use crate::connect::{Settings, load};
use crate::surroundings::caller;

pub use bootstrap::{Bootstrap, Setting};
pub use home::S3Home;

use objects::Objects;

/// A bucket that holds states.
#[derive(Debug, Clone)]
pub struct StateBucket {
    reads: Objects,
    writes: Objects,
    prefix: String,
}

/// `s3://BUCKET/PREFIX`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Bucket name.
    pub bucket: String,
    /// Without slashes at its ends; may be empty.
    pub prefix: String,
}

impl Address {
    /// Reads an address; `None` when it is none of S3's.
    ///
    /// # Errors
    /// When it is one and names no bucket.
    #[must_use]
    pub fn parse(text: &str) -> Option<Result<Self, Fault>> {
        let rest = text.strip_prefix("s3://")?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
        if bucket.len() < 3 || bucket.len() > 63 || !bucket.chars().all(letters) {
            let what = format!("{text} names no bucket");
            let fault = Fault::new(Class::Refused, "settings", what);
            return Some(Err(fault.hint("say s3://BUCKET/PREFIX")));
        }
        Some(Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
        }))
    }
}

impl StateBucket {
    /// Finds the bucket, which must be the caller's own, in whatever region it is.
    ///
    /// # Errors
    /// No credentials, no such bucket, somebody else's bucket.
    pub async fn open(settings: &Settings, address: &Address) -> Result<Self, Fault> {
        let (config, owner, _) = caller_of(settings).await?;
        let bucket = &address.bucket;
        let (config, found) = located(anywhere(config), bucket, &owner).await;
        found.map_err(|fault| no_bucket(fault, bucket))?;
        let objects = |guard| Objects {
            client: client(&config, guard),
            bucket: bucket.clone(),
            owner: owner.clone(),
        };
        Ok(Self {
            reads: objects(Guard::ReadsOnly),
            writes: objects(Guard::Anything),
            prefix: address.prefix.clone(),
        })
    }

    /// Names of the environments that have a state here, sorted.
    ///
    /// # Errors
    /// When the bucket cannot be listed.
    pub async fn environments(&self) -> Result<Vec<String>, state::Error> {
        let prefix = self.key("");
        let keys = self.reads.list(&prefix).await?;
        let names: BTreeSet<String> = keys
            .iter()
            .filter_map(|key| key.strip_prefix(&prefix)?.split_once('/'))
            .filter(|(_, file)| *file == home::SNAPSHOT || *file == home::JOURNAL)
            .map(|(env, _)| env.to_owned())
            .collect();
        Ok(names.into_iter().collect())
    }

    /// The state of one environment, for a client that cannot write.
    #[must_use]
    pub fn reader(&self, env: &str) -> impl Reader + use<> {
        S3Home::new(self.reads.clone(), self.key(env), env)
    }

    /// The state of one environment; nothing is touched yet.
    #[must_use]
    pub fn home(&self, env: &str) -> S3Home {
        S3Home::new(self.writes.clone(), self.key(env), env)
    }

    fn key(&self, below: &str) -> String {
        match self.prefix.as_str() {
            "" => below.to_owned(),
            prefix => format!("{prefix}/{below}"),
        }
    }
}

fn no_bucket(fault: Fault, bucket: &str) -> Fault {
    let hint = match fault.class {
        _ if is_missing(&fault) => {
            format!("`genu-deploy state bootstrap --state s3://{bucket}` makes it")
        }
        Class::Denied => format!(
            "{bucket} must be a bucket of this account, and config/iam-policy-state.json has the rights that are needed"
        ),
        _ => return fault,
    };
    let mut fault = fault.hint(hint);
    fault.message = format!("{bucket}: {}", fault.message);
    fault
}

/// The bucket, asked for in whatever region it is: settings for that region, and S3's answer.
async fn located(config: SdkConfig, bucket: &str, owner: &str) -> (SdkConfig, Result<(), Fault>) {
    let head = |config: &SdkConfig| {
        let head = client(config, Guard::ReadsOnly).head_bucket();
        head.bucket(bucket).expected_bucket_owner(owner).send()
    };
    let found = head(&config).await;
    // A bucket elsewhere answers with a redirection that names its region.
    let elsewhere = found
        .as_ref()
        .err()
        .and_then(|error| error.raw_response()?.headers().get("x-amz-bucket-region"))
        .filter(|region| config.region().is_none_or(|here| here.as_ref() != *region))
        .map(ToOwned::to_owned);
    let (config, found) = match elsewhere {
        None => (config, found),
        Some(region) => {
            let config = config.to_builder().region(Region::new(region)).build();
            let found = head(&config).await;
            (config, found)
        }
    };
    let found = call("s3:HeadBucket", std::future::ready(found)).await;
    (config, found.map(drop))
}

/// A HEAD has no body to say why in.
fn is_missing(fault: &Fault) -> bool {
    fault.class == Class::Gone || fault.message.contains("status 404")
}

/// Settings, account and ARN of the caller.
async fn caller_of(settings: &Settings) -> Result<(SdkConfig, String, String), Fault> {
    let config = load(settings).await?;
    let (account, arn) = caller(&anywhere(config.clone())).await?;
    Ok((config, account, arn))
}

/// A bucket can be asked for its region from any.
fn anywhere(config: SdkConfig) -> SdkConfig {
    if config.region().is_some() {
        return config;
    }
    let first = Region::new("us-east-1");
    config.to_builder().region(first).build()
}

fn client(config: &SdkConfig, guard: Guard) -> aws_sdk_s3::Client {
    // Shorter than the others': a renewal that hangs must not outlast the lease.
    let patience = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(8));
    let builder = aws_sdk_s3::config::Builder::from(config)
        .timeout_config(patience.build())
        .interceptor(guard)
        .force_path_style(config.endpoint_url().is_some());
    aws_sdk_s3::Client::from_conf(builder.build())
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn addresses_are_told_from_directories() {
        let address = |bucket: &str, prefix: &str| Address {
            bucket: bucket.into(),
            prefix: prefix.into(),
        };
        assert_eq!(Address::parse(".genu"), None);
        assert_eq!(
            Address::parse("s3://abc").unwrap().unwrap(),
            address("abc", "")
        );
        assert_eq!(
            Address::parse("s3://abc/x/y/").unwrap().unwrap(),
            address("abc", "x/y")
        );
        assert!(Address::parse("s3:///x").unwrap().is_err());
    }
}

//! The settings, from the environment. Invariant: a bad value refuses to start, all of them told at
//! once; an empty value is no value.

use std::time::Duration;

use http::HeaderValue;
use http::Uri;

use crate::limits::Limits;
use crate::security::default_policy;
use crate::variables::{BadValue, Reader};

const PORT: u16 = 8080;
const CACHE_BYTES: u64 = 32 << 20;
const CACHE_FRESH_SECONDS: u64 = 5;
/// Beyond a day a mistyped number is likelier than a wish.
const FRESH_MOST_SECONDS: u64 = 24 * 60 * 60;

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// Bucket that is served.
    pub bucket: String,
    /// Put before every key; empty, or ends with a slash.
    pub prefix: String,
    /// TCP port on all addresses.
    pub port: u16,
    /// Most bytes that the cache holds; 0 turns it off.
    pub cache_bytes: u64,
    /// How long an object is served without asking S3 again.
    pub fresh: Duration,
    /// AWS region of the bucket.
    pub region: String,
    /// Another S3 than AWS's; then addressed by path.
    pub endpoint: Option<String>,
    /// Account that must own the bucket.
    pub owner: Option<String>,
    /// Value of `Content-Security-Policy`.
    pub policy: HeaderValue,
    /// Times and amounts that no variable sets.
    pub limits: Limits,
}

impl Config {
    /// Reads the settings through `look`, which answers a variable's value.
    ///
    /// # Errors
    /// Every variable that is missing or cannot be used.
    pub fn read(look: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<BadValue>> {
        let mut reader = Reader::new(look);
        let bucket = reader.required("BUCKET_NAME", "the name of an S3 bucket", bucket);
        let prefix = reader.optional("BUCKET_PREFIX", "a key prefix without `..` or `//`", prefix);
        let port = reader.optional("PORT", "a port from 1 to 65535", |text| {
            text.parse().ok().filter(|port| *port > 0)
        });
        let cache_bytes = reader.optional("CACHE_BYTES", "a number of bytes, 0 for none", |text| {
            text.parse().ok()
        });
        let fresh = reader.optional("CACHE_FRESH_SECONDS", "seconds, at most a day", |text| {
            text.parse().ok().filter(|s| *s <= FRESH_MOST_SECONDS)
        });
        let region = reader.required("AWS_REGION", "an AWS region such as eu-west-1", region);
        let endpoint = reader.optional("AWS_ENDPOINT_URL", "an http or https URL", endpoint);
        let owner = reader.optional("EXPECTED_BUCKET_OWNER", "12 digits", owner);
        let policy = reader.optional("CONTENT_SECURITY_POLICY", "printable ASCII", |text| {
            HeaderValue::from_str(text)
                .ok()
                .filter(|v| v.to_str().is_ok())
        });
        let (Some(bucket), Some(region), true) = (bucket, region, reader.bad.is_empty()) else {
            return Err(reader.bad);
        };
        // A region is of letters that any header may have.
        let policy = policy.or_else(|| HeaderValue::from_str(&default_policy(&region)).ok());
        Ok(Self {
            bucket,
            prefix: prefix.unwrap_or_default(),
            port: port.unwrap_or(PORT),
            cache_bytes: cache_bytes.unwrap_or(CACHE_BYTES),
            fresh: Duration::from_secs(fresh.unwrap_or(CACHE_FRESH_SECONDS)),
            policy: policy.unwrap_or(HeaderValue::from_static("default-src 'self'")),
            region,
            endpoint,
            owner,
            limits: Limits::default(),
        })
    }
}

fn bucket(text: &str) -> Option<String> {
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    ((3..=63).contains(&text.len()) && text.bytes().all(known)).then(|| text.to_owned())
}

fn prefix(text: &str) -> Option<String> {
    let inner = text.strip_prefix('/').unwrap_or(text);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    if inner.is_empty() {
        return Some(String::new());
    }
    let whole = |part: &str| !matches!(part, "" | "." | "..");
    let plain = inner.split('/').all(whole) && !inner.contains(char::is_control);
    plain.then(|| format!("{inner}/"))
}

fn region(text: &str) -> Option<String> {
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    text.bytes().all(known).then(|| text.to_owned())
}

fn endpoint(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    (known && uri.host().is_some()).then(|| text.to_owned())
}

fn owner(text: &str) -> Option<String> {
    (text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_prefix_is_a_folder(text in "[a./é\\x00]{0,8}") {
            if let Some(prefix) = prefix(&text) {
                prop_assert!(prefix.is_empty() || prefix.ends_with('/'));
                let climbs = |part| part == "." || part == "..";
                prop_assert!(!prefix.starts_with('/') && !prefix.split('/').any(climbs));
            }
        }

        #[test]
        fn any_values_are_read_or_told(values in proptest::collection::vec(".*|[0-9]{1,12}|https?://[a-z]{0,3}", 9)) {
            const NAMES: [&str; 9] = [
                "BUCKET_NAME", "BUCKET_PREFIX", "PORT", "CACHE_BYTES", "CACHE_FRESH_SECONDS",
                "AWS_REGION", "AWS_ENDPOINT_URL", "EXPECTED_BUCKET_OWNER", "CONTENT_SECURITY_POLICY",
            ];
            let at = |name: &str| NAMES.iter().position(|known| *known == name);
            if let Err(bad) = Config::read(|name| Some(values[at(name)?].clone())) {
                prop_assert!(!bad.is_empty());
                for value in bad {
                    // One line each, whatever the value holds.
                    prop_assert_eq!(value.to_string().lines().count(), 1);
                }
            }
        }
    }
}

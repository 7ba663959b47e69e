//! A place for logs in a bucket of the user's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place in an S3 bucket that logs are delivered to. Written as `s3://BUCKET` or
/// `s3://BUCKET/PREFIX`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct LogLocation {
    /// Name of the bucket.
    pub bucket: String,
    /// What the keys of the logs begin with, without slashes at its ends; empty for none.
    pub prefix: String,
}

impl TryFrom<String> for LogLocation {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let expected = || format!("{text:?} is no place for logs: s3://BUCKET/PREFIX is expected");
        let rest = text.strip_prefix("s3://").ok_or_else(expected)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        if !is_bucket(bucket) {
            return Err(expected());
        }
        let parts: Vec<&str> = prefix.split('/').collect();
        if !prefix.is_empty() && parts.contains(&"") {
            return Err(format!(
                "{text:?} has two slashes without a name between them"
            ));
        }
        // Both services put a folder of this name behind the prefix ("Publish flow logs to Amazon
        // S3", Amazon VPC user guide; "Access logs for your Application Load Balancer").
        if parts.contains(&"AWSLogs") {
            return Err(format!(
                "{text:?}: AWSLogs is a folder that AWS adds by itself; leave it out"
            ));
        }
        let known = |c: char| c.is_ascii_alphanumeric() || "/!-_.*'()".contains(c);
        if !prefix.chars().all(known) {
            return Err(format!(
                "{text:?}: a prefix has letters and digits of ASCII and any of /!-_.*'() alone"
            ));
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

impl From<LogLocation> for String {
    fn from(place: LogLocation) -> Self {
        match place.prefix.as_str() {
            "" => format!("s3://{}", place.bucket),
            prefix => format!("s3://{}/{prefix}", place.bucket),
        }
    }
}

/// Says whether `name` can be a bucket's ("General purpose bucket naming rules", Amazon S3 user guide).
fn is_bucket(name: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.chars().all(known)
        && end(name.chars().next())
        && end(name.chars().next_back())
        && !name.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<LogLocation, String> {
        LogLocation::try_from(text.to_owned())
    }

    #[test]
    fn a_place_is_written_as_it_was_read_but_for_a_last_slash() {
        for (text, written) in [
            ("s3://logs-of-genu", "s3://logs-of-genu"),
            ("s3://logs-of-genu/", "s3://logs-of-genu"),
            ("s3://logs.of.genu/a/b", "s3://logs.of.genu/a/b"),
            ("s3://logs.of.genu/a/b/", "s3://logs.of.genu/a/b"),
        ] {
            assert_eq!(read(text).map(String::from).as_deref(), Ok(written));
        }
    }

    #[test]
    fn what_is_no_place_is_refused_with_what_is_expected() {
        for text in [
            "",
            "logs-of-genu",
            "arn:aws:s3:::logs-of-genu",
            "s3://",
            "s3://ab",
            "s3://Logs",
            "s3://a..b",
            "s3:///prefix",
            "s3://logs-of-genu//a",
            "s3://logs-of-genu/AWSLogs",
            "s3://logs-of-genu/a/AWSLogs/b",
            "s3://logs-of-genu/ログ",
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(&format!("{text:?}")), "{refused}");
        }
    }
}

//! A bucket of the user's that AWS delivers logs into.

use reconciler::{Class, Fault};

use crate::call::call;
use crate::clients::Reads;

/// A bucket as far as the caller can see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogBucket {
    /// It is in this region, or in one that S3 names.
    In(String),
    /// There is none of this name.
    Missing,
    /// There is one, and the caller may not look at it: as a rule it is another account's.
    Hidden,
}

/// Asks S3 for the bucket `name`, whoever owns it and wherever it is.
///
/// # Errors
/// A failed read.
pub async fn log_bucket(reads: &Reads, name: &str) -> Result<LogBucket, Fault> {
    let answer = reads.clients.s3.head_bucket().bucket(name).send().await;
    // S3 names the region of a bucket elsewhere in the head of its refusal, which has no body.
    let (status, elsewhere) = match answer.as_ref().err().and_then(|e| e.raw_response()) {
        Some(refusal) => (
            refusal.status().as_u16(),
            refusal
                .headers()
                .get("x-amz-bucket-region")
                .map(ToOwned::to_owned),
        ),
        None => (0, None),
    };
    match (
        call("s3:HeadBucket", std::future::ready(answer)).await,
        status,
    ) {
        (Ok(found), _) => {
            let region = found.bucket_region().unwrap_or(&reads.region);
            Ok(LogBucket::In(region.to_owned()))
        }
        (Err(_), 301 | 400 | 403) if elsewhere.as_ref().is_some_and(|r| *r != reads.region) => {
            Ok(LogBucket::In(elsewhere.unwrap_or_default()))
        }
        (Err(_), 404) => Ok(LogBucket::Missing),
        (Err(fault), _) if fault.class == Class::Denied => Ok(LogBucket::Hidden),
        (Err(fault), _) => Err(fault),
    }
}

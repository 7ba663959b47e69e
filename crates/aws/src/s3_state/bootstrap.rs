//! The bucket for states: versioned, encrypted, private, reached over TLS only.

use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketLocationConstraint, BucketVersioningStatus,
    CreateBucketConfiguration, ExpirationStatus, LifecycleRule, LifecycleRuleFilter,
    NoncurrentVersionExpiration, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    VersioningConfiguration,
};
use reconciler::{Class, Fault};
use serde_json::{Value, json};

use super::{Address, anywhere, caller_of, client, is_missing, located, no_bucket};
use crate::call::call;
use crate::clients::Guard;
use crate::connect::Settings;

/// How long versions of a state are kept that were written over.
const NONCURRENT_DAYS: i32 = 90;
/// Marks our statement in a bucket policy that may hold others.
const SID: &str = "GenuDeployTlsOnly";

/// What a bucket for states has to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Every state can be fetched again.
    Versions,
    /// At rest.
    Encryption,
    /// No way to make it public.
    Private,
    /// The policy denies plain HTTP.
    TlsOnly,
    /// Old versions go after 90 days.
    Lifecycle,
}

impl Setting {
    const ALL: [Self; 5] = [
        Self::Versions,
        Self::Encryption,
        Self::Private,
        Self::TlsOnly,
        Self::Lifecycle,
    ];

    /// For people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Versions => "versions are kept",
            Self::Encryption => "encrypted at rest",
            Self::Private => "public access blocked",
            Self::TlsOnly => "TLS only",
            Self::Lifecycle => "versions that were written over go after 90 days",
        }
    }
}

/// A bucket, looked at: what it has, and what it lacks.
#[derive(Debug)]
pub struct Bootstrap {
    client: aws_sdk_s3::Client,
    bucket: String,
    prefix: String,
    partition: String,
    policy: Value,
    /// Account, twelve digits.
    pub owner: String,
    /// Where it is, or would be made.
    pub region: String,
    /// Whether there is a bucket of this name.
    pub exists: bool,
    /// What is not as it should be.
    pub lacks: Vec<Setting>,
}

impl Bootstrap {
    /// Looks; changes nothing.
    ///
    /// # Errors
    /// No region, no credentials, somebody else's bucket.
    pub async fn look(settings: &Settings, address: &Address) -> Result<Self, Fault> {
        let (config, owner, arn) = caller_of(settings).await?;
        let bucket = &address.bucket;
        let named = config.region().is_some();
        let (config, found) = located(anywhere(config), bucket, &owner).await;
        let mut it = Self {
            client: client(&config, Guard::Anything),
            bucket: bucket.clone(),
            prefix: address.prefix.clone(),
            partition: arn.split(':').nth(1).unwrap_or("aws").to_owned(),
            policy: Value::Null,
            owner,
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            exists: true,
            lacks: Vec::new(),
        };
        match found {
            Ok(()) => {}
            Err(fault) if is_missing(&fault) && !named => {
                let what =
                    format!("there is no bucket {bucket}, and no region is set to make it in");
                return Err(Fault::new(Class::Refused, "settings", what)
                    .hint("set AWS_REGION, or a region in the configuration"));
            }
            Err(fault) if is_missing(&fault) => {
                it.exists = false;
                it.lacks = Setting::ALL.to_vec();
                return Ok(it);
            }
            Err(fault) => return Err(no_bucket(fault, bucket)),
        }
        for setting in Setting::ALL {
            if !it.has(setting).await? {
                it.lacks.push(setting);
            }
        }
        Ok(it)
    }

    /// Makes the bucket and everything it lacks; safe to repeat at any point.
    ///
    /// # Errors
    /// The first call that AWS refuses.
    pub async fn make(&self) -> Result<(), Fault> {
        if !self.exists {
            let place = BucketLocationConstraint::from(self.region.as_str());
            let place = CreateBucketConfiguration::builder()
                .location_constraint(place)
                .build();
            let create = self.client.create_bucket().bucket(&self.bucket);
            // The first region has no name as a place.
            let place = (self.region != "us-east-1").then_some(place);
            let made = call(
                "s3:CreateBucket",
                create.set_create_bucket_configuration(place).send(),
            );
            made.await?;
        }
        for setting in &self.lacks {
            self.put(*setting).await?;
        }
        Ok(())
    }

    async fn has(&mut self, setting: Setting) -> Result<bool, Fault> {
        let (s3, bucket, owner) = (&self.client, &self.bucket, &self.owner);
        let missing = |fault: &Fault| {
            fault.class == Class::Gone
                || fault.code.as_deref() == Some("NoSuchLifecycleConfiguration")
        };
        let answer = match setting {
            Setting::Versions => {
                let get = s3
                    .get_bucket_versioning()
                    .bucket(bucket)
                    .expected_bucket_owner(owner);
                let answer = call("s3:GetBucketVersioning", get.send()).await;
                answer.map(|a| a.status == Some(BucketVersioningStatus::Enabled))
            }
            Setting::Encryption => {
                let get = s3
                    .get_bucket_encryption()
                    .bucket(bucket)
                    .expected_bucket_owner(owner);
                let answer = call("s3:GetBucketEncryption", get.send()).await;
                answer.map(|a| {
                    a.server_side_encryption_configuration
                        .is_some_and(|c| !c.rules.is_empty())
                })
            }
            Setting::Private => {
                let get = s3
                    .get_public_access_block()
                    .bucket(bucket)
                    .expected_bucket_owner(owner);
                let answer = call("s3:GetPublicAccessBlock", get.send()).await;
                answer.map(|a| a.public_access_block_configuration == Some(private()))
            }
            Setting::TlsOnly => {
                let get = s3
                    .get_bucket_policy()
                    .bucket(bucket)
                    .expected_bucket_owner(owner);
                let answer = call("s3:GetBucketPolicy", get.send()).await;
                answer.map(|a| {
                    let policy = serde_json::from_str(&a.policy.unwrap_or_default());
                    self.policy = policy.unwrap_or_default();
                    let statements = self.policy["Statement"].as_array().cloned();
                    let ours = tls_only(&self.partition, &self.bucket);
                    statements.unwrap_or_default().contains(&ours)
                })
            }
            Setting::Lifecycle => {
                let get = s3
                    .get_bucket_lifecycle_configuration()
                    .bucket(bucket)
                    .expected_bucket_owner(owner);
                let answer = call("s3:GetBucketLifecycleConfiguration", get.send()).await;
                // Rules of the owner's own are the owner's choice.
                answer.map(|a| !a.rules.unwrap_or_default().is_empty())
            }
        };
        match answer {
            Err(fault) if missing(&fault) => Ok(false),
            answer => answer,
        }
    }

    async fn put(&self, setting: Setting) -> Result<(), Fault> {
        let (s3, bucket, owner) = (&self.client, &self.bucket, &self.owner);
        match setting {
            Setting::Versions => {
                let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
                let put = s3
                    .put_bucket_versioning()
                    .bucket(bucket)
                    .expected_bucket_owner(owner);
                let put = put.versioning_configuration(on.build());
                call("s3:PutBucketVersioning", put.send()).await.map(drop)
            }
            Setting::Encryption => {
                const OPERATION: &str = "s3:PutBucketEncryption";
                let by = ServerSideEncryptionByDefault::builder()
                    .sse_algorithm(ServerSideEncryption::Aes256);
                let rule = ServerSideEncryptionRule::builder()
                    .apply_server_side_encryption_by_default(
                        by.build().map_err(|e| built(OPERATION, &e))?,
                    );
                let rules = ServerSideEncryptionConfiguration::builder()
                    .rules(rule.build())
                    .build();
                let rules = rules.map_err(|e| built(OPERATION, &e))?;
                let put = s3
                    .put_bucket_encryption()
                    .bucket(bucket)
                    .expected_bucket_owner(owner);
                let put = put.server_side_encryption_configuration(rules);
                call(OPERATION, put.send()).await.map(drop)
            }
            Setting::Private => {
                let put = s3
                    .put_public_access_block()
                    .bucket(bucket)
                    .expected_bucket_owner(owner);
                let put = put.public_access_block_configuration(private());
                call("s3:PutPublicAccessBlock", put.send()).await.map(drop)
            }
            Setting::TlsOnly => {
                let put = s3
                    .put_bucket_policy()
                    .bucket(bucket)
                    .expected_bucket_owner(owner);
                let put = put.policy(
                    with_tls_only(&self.policy, &tls_only(&self.partition, bucket)).to_string(),
                );
                call("s3:PutBucketPolicy", put.send()).await.map(drop)
            }
            Setting::Lifecycle => {
                const OPERATION: &str = "s3:PutBucketLifecycleConfiguration";
                // Nothing but states: others may keep things of theirs in the bucket.
                let states = match self.prefix.as_str() {
                    "" => String::new(),
                    prefix => format!("{prefix}/"),
                };
                let after = NoncurrentVersionExpiration::builder().noncurrent_days(NONCURRENT_DAYS);
                let rule = LifecycleRule::builder()
                    .id("genu-deploy-states")
                    .status(ExpirationStatus::Enabled)
                    .filter(LifecycleRuleFilter::builder().prefix(states).build())
                    .noncurrent_version_expiration(after.build())
                    .build()
                    .map_err(|e| built(OPERATION, &e))?;
                let rules = BucketLifecycleConfiguration::builder().rules(rule).build();
                let rules = rules.map_err(|e| built(OPERATION, &e))?;
                let put = s3
                    .put_bucket_lifecycle_configuration()
                    .bucket(bucket)
                    .expected_bucket_owner(owner);
                let put = put.lifecycle_configuration(rules);
                call(OPERATION, put.send()).await.map(drop)
            }
        }
    }
}

fn built(operation: &str, error: &aws_smithy_types::error::operation::BuildError) -> Fault {
    Fault::new(Class::Refused, operation, error.to_string())
}

fn private() -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .ignore_public_acls(true)
        .block_public_policy(true)
        .restrict_public_buckets(true)
        .build()
}

fn tls_only(partition: &str, bucket: &str) -> Value {
    let arn = format!("arn:{partition}:s3:::{bucket}");
    json!({
        "Sid": SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, format!("{arn}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    })
}

/// The policy with our statement added; what others wrote into it stays.
fn with_tls_only(policy: &Value, ours: &Value) -> Value {
    let mut policy = match policy {
        Value::Object(_) => policy.clone(),
        _ => json!({ "Version": "2012-10-17" }),
    };
    let mut statements = match policy["Statement"].take() {
        Value::Array(statements) => statements,
        Value::Null => Vec::new(),
        // One statement may stand there without a list.
        one => vec![one],
    };
    statements.retain(|statement| statement["Sid"] != SID);
    statements.push(ours.clone());
    policy["Statement"] = Value::Array(statements);
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_others_stay_and_ours_is_there_once() {
        let ours = tls_only("aws", "b");
        let theirs =
            json!({ "Version": "2008-10-17", "Id": "x", "Statement": { "Sid": "Theirs" } });
        let once = with_tls_only(&theirs, &ours);
        assert_eq!(once["Version"], "2008-10-17");
        assert_eq!(once["Id"], "x");
        assert_eq!(once["Statement"], json!([{ "Sid": "Theirs" }, ours]));
        assert_eq!(with_tls_only(&once, &ours), once);
        assert_eq!(
            with_tls_only(&Value::Null, &ours)["Statement"],
            json!([ours])
        );
    }
}

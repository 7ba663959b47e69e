//! The objects of the web bucket: listed, put, taken away. Everything is safe to repeat, so the SDK's
//! own retries stay on.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, ObjectIdentifier};
use aws_types::SdkConfig;
use reconciler::{Class, Fault};
use site::{File, Stored};
use state::Store;

use crate::call::call;
use crate::clients::Guard;
use crate::deletion;

/// For one object or part on a slow line. What arrives after the lock was lost does no harm: the
/// next push replaces it.
const PATIENCE: Duration = Duration::from_mins(5);
/// "You can specify up to 1,000 object keys" (`DeleteObjects`).
const MOST: usize = 1000;

/// An object with what people want to know of it.
#[derive(Debug, Clone)]
pub struct WebObject {
    /// Key, size and tag.
    pub stored: Stored,
    /// When it was put, seconds since 1970.
    pub modified: i64,
}

/// The objects of one bucket of the caller's account.
#[derive(Clone)]
pub struct WebFiles {
    client: aws_sdk_s3::Client,
    bucket: String,
    owner: String,
    /// Asked before each call that changes something; without it nothing can be changed.
    fence: Option<Arc<dyn Store>>,
}

impl WebFiles {
    pub(crate) fn new(
        config: &SdkConfig,
        path_style: bool,
        bucket: String,
        owner: String,
        fence: Option<Arc<dyn Store>>,
    ) -> Self {
        let patience = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(PATIENCE);
        let guard = if fence.is_some() {
            Guard::Anything
        } else {
            Guard::ReadsOnly
        };
        let builder = aws_sdk_s3::config::Builder::from(config)
            .timeout_config(patience.build())
            .interceptor(guard)
            .force_path_style(path_style);
        Self {
            client: aws_sdk_s3::Client::from_conf(builder.build()),
            bucket,
            owner,
            fence,
        }
    }

    /// Every object, in the order of their keys.
    ///
    /// # Errors
    /// As AWS says; a bucket of somebody else's is one that may not be looked at.
    pub async fn list(&self) -> Result<Vec<WebObject>, Fault> {
        let request = self.client.list_objects_v2().bucket(&self.bucket);
        let request = request.expected_bucket_owner(&self.owner);
        let mut pages = request.into_paginator().send();
        let mut objects = Vec::new();
        while let Some(page) = pages.next().await {
            let page = call("s3:ListBucket", std::future::ready(page)).await?;
            objects.extend(
                page.contents
                    .unwrap_or_default()
                    .into_iter()
                    .map(|live| WebObject {
                        stored: Stored {
                            key: live.key.unwrap_or_default(),
                            size: live.size.and_then(|size| size.try_into().ok()).unwrap_or(0),
                            etag: unquoted(&live.e_tag.unwrap_or_default()),
                        },
                        modified: live.last_modified.map_or(0, |at| at.secs()),
                    }),
            );
        }
        Ok(objects)
    }

    /// Puts a file under its key; `arrived` hears of bytes as they arrive. A large one goes in parts,
    /// and an upload that was broken off goes on where it was.
    ///
    /// # Errors
    /// When the file cannot be read, the lock is lost, or as AWS says.
    pub async fn put(&self, file: &File, arrived: &(dyn Fn(u64) + Sync)) -> Result<(), Fault> {
        const OPERATION: &str = "s3:PutObject";
        if file.size > site::WHOLE {
            return self.put_parts(file, arrived).await;
        }
        let body = ByteStream::from_path(&file.path).await;
        let body = body.map_err(|e| unreadable(OPERATION, &file.path, &e))?;
        self.hold(OPERATION).await?;
        let request = self.client.put_object().bucket(&self.bucket);
        let request = request
            .expected_bucket_owner(&self.owner)
            .key(&file.key)
            .content_type(&file.media_type)
            .body(body);
        call(OPERATION, request.send()).await?;
        arrived(file.size);
        Ok(())
    }

    /// Takes objects away; keys that are not there are none.
    ///
    /// # Errors
    /// When the lock is lost, or as AWS says, of a single key too.
    pub async fn delete(&self, keys: &[String]) -> Result<(), Fault> {
        const OPERATION: &str = "s3:DeleteObjects";
        for some in keys.chunks(MOST) {
            let objects: Result<Vec<ObjectIdentifier>, _> = some
                .iter()
                .map(|key| ObjectIdentifier::builder().key(key).build())
                .collect();
            let objects =
                objects.map_err(|e| Fault::new(Class::Refused, OPERATION, e.to_string()))?;
            let delete = deletion::of(objects)?;
            self.hold(OPERATION).await?;
            let request = self.client.delete_objects().bucket(&self.bucket);
            let request = request.expected_bucket_owner(&self.owner).delete(delete);
            let answer = call(OPERATION, request.send()).await?;
            deletion::complete(&self.bucket, &answer)?;
        }
        Ok(())
    }

    async fn put_parts(&self, file: &File, arrived: &(dyn Fn(u64) + Sync)) -> Result<(), Fault> {
        const PART: &str = "s3:UploadPart";
        const COMPLETE: &str = "s3:CompleteMultipartUpload";
        let (upload, there) = match self.broken_off(&file.key).await? {
            Some(upload) => {
                let there = self.arrived(&file.key, &upload).await?;
                (upload, there)
            }
            None => (self.begin(file).await?, BTreeMap::new()),
        };
        let mut parts = Vec::new();
        for (number, (from, length)) in (1..).zip(site::parts(file.size)) {
            let tag = digest(file.path.clone(), from, length).await;
            let tag = tag.map_err(|e| unreadable(PART, &file.path, &e))?;
            if there.get(&number) != Some(&tag) {
                let body = ByteStream::read_from().path(&file.path).offset(from);
                let body = body.length(Length::Exact(length)).build().await;
                let body = body.map_err(|e| unreadable(PART, &file.path, &e))?;
                self.hold(PART).await?;
                let request = self.client.upload_part().bucket(&self.bucket);
                let request = request
                    .expected_bucket_owner(&self.owner)
                    .key(&file.key)
                    .upload_id(&upload)
                    .part_number(number)
                    .body(body);
                call(PART, request.send()).await?;
            }
            parts.push(
                CompletedPart::builder()
                    .part_number(number)
                    .e_tag(tag)
                    .build(),
            );
            arrived(length);
        }
        self.hold(COMPLETE).await?;
        let request = self.client.complete_multipart_upload().bucket(&self.bucket);
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts));
        let request = request
            .expected_bucket_owner(&self.owner)
            .key(&file.key)
            .upload_id(upload)
            .multipart_upload(parts.build());
        call(COMPLETE, request.send()).await.map(drop)
    }

    async fn begin(&self, file: &File) -> Result<String, Fault> {
        const OPERATION: &str = "s3:CreateMultipartUpload";
        self.hold(OPERATION).await?;
        let request = self.client.create_multipart_upload().bucket(&self.bucket);
        let request = request
            .expected_bucket_owner(&self.owner)
            .key(&file.key)
            .content_type(&file.media_type);
        let begun = call(OPERATION, request.send()).await?;
        Ok(begun.upload_id.unwrap_or_default())
    }

    /// The newest upload of a key that nobody completed.
    async fn broken_off(&self, key: &str) -> Result<Option<String>, Fault> {
        let request = self.client.list_multipart_uploads().bucket(&self.bucket);
        let request = request.expected_bucket_owner(&self.owner).prefix(key);
        let answer = call("s3:ListBucketMultipartUploads", request.send()).await?;
        let uploads = answer.uploads.unwrap_or_default().into_iter();
        let newest = uploads
            .filter(|upload| upload.key.as_deref() == Some(key))
            .max_by_key(|upload| upload.initiated.map(|at| at.secs()));
        Ok(newest.and_then(|upload| upload.upload_id))
    }

    /// Tags of the parts that arrived, by number.
    async fn arrived(&self, key: &str, upload: &str) -> Result<BTreeMap<i32, String>, Fault> {
        let request = self.client.list_parts().bucket(&self.bucket);
        let request = request.expected_bucket_owner(&self.owner);
        let pages = request.key(key).upload_id(upload).into_paginator();
        let parts = pages.items().send().try_collect();
        let parts = call("s3:ListMultipartUploadParts", parts)
            .await?
            .into_iter();
        Ok(parts
            .filter_map(|part| Some((part.part_number?, unquoted(&part.e_tag?))))
            .collect())
    }

    /// Nothing is changed by a process that no longer may.
    async fn hold(&self, operation: &'static str) -> Result<(), Fault> {
        let Some(fence) = &self.fence else {
            let what = "these clients only look";
            return Err(Fault::new(Class::Refused, operation, what));
        };
        fence.hold().await.map_err(|lost| {
            let fault = Fault::new(Class::Refused, operation, lost.with_causes());
            fault.hint("what was sent is there; the same command goes on later")
        })
    }
}

/// The MD5 of a part of a file, by which S3 tags the part.
async fn digest(path: PathBuf, from: u64, length: u64) -> std::io::Result<String> {
    let reading = tokio::task::spawn_blocking(move || {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        site::digest(&mut file.take(length))
    });
    reading.await?
}

fn unreadable(operation: &str, path: &Path, error: &dyn std::fmt::Display) -> Fault {
    let what = format!("cannot read {}: {error}", path.display());
    Fault::new(Class::Refused, operation, what)
}

fn unquoted(tag: &str) -> String {
    tag.trim_matches('"').to_owned()
}

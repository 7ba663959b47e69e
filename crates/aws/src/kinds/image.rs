//! The web server's image in its repository, under one tag that moves with it. ECR takes it through
//! its own layer calls; what is there already is not sent again.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ecr::types::{ImageIdentifier, LayerAvailability};
use oci_image::Blob;
use reconciler::{
    Attr, Attrs, Candidate, Change, Class, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace,
    Phase, Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::call;
use crate::kinds::scalable_target::child_id;
use crate::kinds::{Repository, RepositoryOut};
use crate::{Aws, Reads, Writes};

/// The tag by which it is found; tasks name it by digest.
const TAG: &str = "latest";
/// "Each layer part must be at least 5 MiB" save the last, and ECR names 10 MiB itself
/// (`partSize` of `InitiateLayerUpload`).
const PART: usize = 10 << 20;

/// An image.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its content.
    pub image: Arc<oci_image::Image>,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageOut {
    /// Name of the repository.
    pub repository: String,
    /// `sha256:…`.
    pub digest: String,
}

#[async_trait]
impl Kind for Image {
    type Cloud = Aws;
    type Needs = Ref<Repository>;
    type Out = ImageOut;
    const NAME: &'static str = "ecr/image";
    const PACE: Pace = Pace::seconds(2, 5, 1, 1200);
    // Everything is put under its digest.
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    // Who needs it names the digest that is wanted, and knows it beforehand.
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = false;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &ImageOut) -> String {
        format!("{}:{TAG}", out.repository)
    }
    fn name(&self) -> Option<String> {
        Some(TAG.to_owned())
    }
    fn attrs(&self, repository: &<Self::Needs as Needs>::Maybe) -> Attrs {
        let repository = repository.as_ref().map(|repository| repository.arn.clone());
        attrs(Attr::of(repository), self.image.digest())
    }
    fn impact(field: &str) -> Impact {
        match field {
            // It goes with its repository, and has to come with the new one.
            "repository" => Impact::Replace,
            _ => Impact::InPlace,
        }
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<ImageOut>>, Fault> {
        let mut candidates = Vec::new();
        for repository in scope.found.all::<RepositoryOut>() {
            let request = reads.clients.ecr.describe_images();
            let request = request
                .repository_name(&repository.name)
                .image_ids(ImageIdentifier::builder().image_tag(TAG).build());
            let found = match call("ecr:DescribeImages", request.send()).await {
                Err(fault) if fault.class == Class::Gone => continue,
                found => found?.image_details.unwrap_or_default(),
            };
            candidates.extend(found.into_iter().map(|live| {
                let digest = live.image_digest.unwrap_or_default();
                Candidate {
                    attrs: attrs(Attr::of(Some(repository.arn.clone())), &digest),
                    mark: Mark::Child(child_id(&scope.wanted, TAG)),
                    name: None,
                    out: ImageOut {
                        repository: repository.name.clone(),
                        digest,
                    },
                    pristine: false,
                    health: Health::Ready,
                    notes: Vec::new(),
                }
            }));
        }
        Ok(candidates)
    }

    async fn phases(_: &Reads, outs: &[ImageOut]) -> Vec<Result<Phase<ImageOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        repository: &<Self::Needs as Needs>::Known,
        _: &Tags,
        _: Uuid,
    ) -> Result<Created<ImageOut>, Fault> {
        let out = self.push(writes, &repository.name).await?;
        Ok(Created::complete(self, repository, out))
    }

    async fn update(
        &self,
        writes: &Writes,
        repository: &<Self::Needs as Needs>::Known,
        _: &ImageOut,
        _: &Tags,
        _: &[Change],
    ) -> Result<ImageOut, Fault> {
        self.push(writes, &repository.name).await
    }

    async fn tag(_: &Writes, _: &ImageOut, _: &Tags) -> Result<(), Fault> {
        Ok(())
    }

    async fn untag(_: &Writes, _: &ImageOut, _: &[String]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(writes: &Writes, outs: &[ImageOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            // By its digest: what else it is called goes with it. One that is gone is a failure in
            // the answer, and none to us.
            let image = ImageIdentifier::builder().image_digest(&out.digest).build();
            let answer = writes
                .call("ecr:BatchDeleteImage", |c| {
                    c.ecr
                        .batch_delete_image()
                        .repository_name(&out.repository)
                        .image_ids(image)
                        .send()
                })
                .await;
            answers.push(answer.map(drop));
        }
        answers
    }
}

impl Image {
    /// Sends what the repository lacks, the manifest last.
    async fn push(&self, writes: &Writes, repository: &str) -> Result<ImageOut, Fault> {
        let image = &self.image;
        let there = available(writes, repository, image).await?;
        for blob in image.blobs().filter(|blob| !there.contains(&blob.digest)) {
            send(writes, repository, blob).await?;
        }
        let manifest = String::from_utf8_lossy(&image.manifest.bytes);
        let put = writes
            .call("ecr:PutImage", |c| {
                c.ecr
                    .put_image()
                    .repository_name(repository)
                    .image_manifest(manifest)
                    .image_manifest_media_type(&image.manifest.media_type)
                    .image_digest(image.digest())
                    .image_tag(TAG)
                    .send()
            })
            .await;
        unless_there(put, "ImageAlreadyExistsException")?;
        Ok(ImageOut {
            repository: repository.to_owned(),
            digest: image.digest().to_owned(),
        })
    }
}

fn attrs(repository: Attr, digest: &str) -> Attrs {
    Attrs::new()
        .with("repository", repository)
        .with("digest", digest)
}

/// Digests of those of the image's blobs that the repository has.
async fn available(
    writes: &Writes,
    repository: &str,
    image: &oci_image::Image,
) -> Result<Vec<String>, Fault> {
    let digests = image.blobs().map(|blob| blob.digest.clone()).collect();
    let answer = writes
        .call("ecr:BatchCheckLayerAvailability", |c| {
            c.ecr
                .batch_check_layer_availability()
                .repository_name(repository)
                .set_layer_digests(Some(digests))
                .send()
        })
        .await?;
    let layers = answer.layers.unwrap_or_default();
    let there = layers
        .into_iter()
        .filter(|layer| layer.layer_availability == Some(LayerAvailability::Available));
    Ok(there.filter_map(|layer| layer.layer_digest).collect())
}

/// One blob in parts, in their order: ECR takes a part only right after the one before it.
async fn send(writes: &Writes, repository: &str, blob: &Blob) -> Result<(), Fault> {
    let upload = writes
        .call("ecr:InitiateLayerUpload", |c| {
            c.ecr
                .initiate_layer_upload()
                .repository_name(repository)
                .send()
        })
        .await?;
    let id = upload.upload_id.unwrap_or_default();
    let size = upload.part_size.and_then(|size| usize::try_from(size).ok());
    let size = size.filter(|size| *size > 0).unwrap_or(PART);
    let mut first = 0;
    for part in blob.bytes.chunks(size) {
        let sent = match send_part(writes, repository, &id, first, part).await {
            // Once more: a part that had arrived is out of turn now. Beyond that the whole step is
            // tried again, and layers that are complete are skipped.
            Err(fault) if fault.class == Class::Ambiguous => {
                let again = send_part(writes, repository, &id, first, part).await;
                unless_there(again, "InvalidLayerPartException")
            }
            sent => sent.map(Some),
        };
        sent?;
        first += i64::try_from(part.len()).unwrap_or_default();
    }
    let completed = writes
        .call("ecr:CompleteLayerUpload", |c| {
            c.ecr
                .complete_layer_upload()
                .repository_name(repository)
                .upload_id(&id)
                .layer_digests(&blob.digest)
                .send()
        })
        .await;
    unless_there(completed, "LayerAlreadyExistsException").map(drop)
}

async fn send_part(
    writes: &Writes,
    repository: &str,
    upload: &str,
    first: i64,
    part: &[u8],
) -> Result<(), Fault> {
    let last = first + i64::try_from(part.len()).unwrap_or_default() - 1;
    let sent = writes.call("ecr:UploadLayerPart", |c| {
        c.ecr
            .upload_layer_part()
            .repository_name(repository)
            .upload_id(upload)
            .part_first_byte(first)
            .part_last_byte(last)
            .layer_part_blob(part.into())
            .send()
    });
    sent.await.map(drop)
}

/// Takes ECR's word for it that what was to be put is there.
fn unless_there<T>(answer: Result<T, Fault>, code: &str) -> Result<Option<T>, Fault> {
    match answer {
        Err(fault) if fault.code.as_deref() == Some(code) => Ok(None),
        answer => answer.map(Some),
    }
}

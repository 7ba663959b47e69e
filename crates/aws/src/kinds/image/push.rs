//! ECR's own layer calls: what is there already is not sent again, the manifest comes last.

use aws_sdk_ecr::types::LayerAvailability;
use oci_image::Blob;
use reconciler::{Class, Fault};

use super::{Image, ImageOut, TAG};
use crate::Writes;

/// "Each layer part must be at least 5 MiB" save the last, and ECR names 10 MiB itself
/// (`partSize` of `InitiateLayerUpload`).
const PART: usize = 10 << 20;

impl Image {
    /// Sends what the repository lacks, the manifest last.
    pub(super) async fn push(&self, writes: &Writes, repository: &str) -> Result<ImageOut, Fault> {
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

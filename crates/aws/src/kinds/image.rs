//! The web server's image in its repository, under one tag that moves with it.

mod push;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ecr::types::ImageIdentifier;
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

fn attrs(repository: Attr, digest: &str) -> Attrs {
    Attrs::new()
        .with("repository", repository)
        .with("digest", digest)
}

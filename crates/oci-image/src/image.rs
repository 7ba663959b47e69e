//! The image as a whole.

use crate::{Architecture, Blob, Error, Recipe, config, elf, manifest, rootfs};

/// An image for one platform, ready to be pushed or written to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// What it runs on.
    pub architecture: Architecture,
    /// The recipe's version, which is the image's tag.
    pub version: String,
    /// Names the other blobs by digest. Has to be pushed last.
    pub manifest: Blob,
    /// How to start the server.
    pub config: Blob,
    /// The lowest first.
    pub layers: Vec<Blob>,
}

impl Image {
    /// The image's digest, `sha256:…`, which is that of its manifest.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.manifest.digest
    }

    /// What a first push sends besides the manifest, in bytes: the configuration and the layers.
    #[must_use]
    pub fn compressed_size(&self) -> u64 {
        self.blobs().map(Blob::size).sum()
    }

    /// What has to be in the registry before the manifest: the configuration and the layers.
    pub fn blobs(&self) -> impl Iterator<Item = &Blob> {
        std::iter::once(&self.config).chain(&self.layers)
    }
}

/// Builds the image of a recipe.
///
/// # Errors
///
/// Fails when the binary is not a static Linux program for a machine that Fargate has, or when
/// something else in the recipe could not work in a container.
pub fn build(recipe: &Recipe) -> Result<Image, Error> {
    recipe.check()?;
    let architecture = elf::architecture(&recipe.binary)?;
    let layers = rootfs::layers(recipe)?;
    let config = config::blob(recipe, architecture, &layers)?;
    let layers: Vec<Blob> = layers.into_iter().map(|layer| layer.blob).collect();
    Ok(Image {
        architecture,
        version: recipe.version.clone(),
        manifest: manifest::blob(&config, &layers)?,
        config,
        layers,
    })
}

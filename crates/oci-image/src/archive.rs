//! The image as one file: a tar of an OCI image layout, which skopeo, podman, crane and containerd
//! read. It is as reproducible as the image.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use oci_spec::image::{
    ANNOTATION_REF_NAME, Descriptor, ImageIndexBuilder, MediaType, OciLayoutBuilder, Os,
    PlatformBuilder,
};
use tar::Builder;

use crate::layer::{Entry, append};
use crate::{Error, Image, json};

impl Image {
    /// Writes the image as an OCI archive.
    ///
    /// # Errors
    ///
    /// Fails when `to` cannot be written to.
    pub fn write_archive(&self, to: impl Write) -> io::Result<()> {
        let index = self.index().map_err(io::Error::other)?;
        let layout = layout().map_err(io::Error::other)?;
        // By digest, each content once.
        let blobs: BTreeMap<String, &[u8]> = self
            .blobs()
            .chain([&self.manifest])
            .map(|blob| (path(&blob.digest), blob.bytes.as_slice()))
            .collect();

        let mut tar = Builder::new(to);
        append(&mut tar, &Entry::directory("blobs/"))?;
        append(&mut tar, &Entry::directory("blobs/sha256/"))?;
        for (path, bytes) in blobs {
            append(&mut tar, &Entry::file(&path, 0o644, bytes))?;
        }
        append(&mut tar, &Entry::file("index.json", 0o644, &index))?;
        append(&mut tar, &Entry::file("oci-layout", 0o644, &layout))?;
        tar.into_inner()?.flush()
    }

    fn index(&self) -> Result<Vec<u8>, Error> {
        let index = ImageIndexBuilder::default()
            .schema_version(2_u32)
            .media_type(MediaType::ImageIndex)
            .manifests(vec![self.named()?])
            .build()?;
        json::sorted(&index)
    }

    /// The manifest's descriptor, with what it is for and the tag it goes by.
    fn named(&self) -> Result<Descriptor, Error> {
        let platform = PlatformBuilder::default()
            .architecture(self.architecture)
            .os(Os::Linux)
            .build()?;
        let tag = (ANNOTATION_REF_NAME.to_owned(), self.version.clone());
        let mut manifest = self.manifest.descriptor()?;
        manifest.set_platform(Some(platform));
        manifest.set_annotations(Some(HashMap::from([tag])));
        Ok(manifest)
    }
}

fn layout() -> Result<Vec<u8>, Error> {
    let layout = OciLayoutBuilder::default().image_layout_version("1.0.0");
    json::sorted(&layout.build()?)
}

/// Where the layout keeps a blob.
fn path(digest: &str) -> String {
    format!("blobs/{}", digest.replace(':', "/"))
}

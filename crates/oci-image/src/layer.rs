//! One layer: a tar of files that belong to root, in plain ustar, compressed with gzip.
//!
//! No time, owner or name of the building machine gets in, and the gzip header is fixed.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use oci_spec::image::MediaType;
use tar::{Builder, EntryType, Header};

use crate::{Blob, Error, blob};

/// gzip's number for "unknown"; the real one would tell the building machine.
const UNKNOWN_SYSTEM: u8 = 255;

/// Level 9 takes half as long again for one percent less.
const LEVEL: u32 = 6;

/// A file or directory of a layer.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// From the root, without a leading slash.
    path: &'a str,
    mode: u32,
    /// `None` for a directory.
    content: Option<&'a [u8]>,
}

impl<'a> Entry<'a> {
    pub(crate) fn directory(path: &'a str) -> Self {
        Self {
            path,
            mode: 0o755,
            content: None,
        }
    }

    pub(crate) fn file(path: &'a str, mode: u32, content: &'a [u8]) -> Self {
        Self {
            path,
            mode,
            content: Some(content),
        }
    }
}

/// A finished layer.
#[derive(Debug)]
pub(crate) struct Layer {
    /// What a registry stores.
    pub(crate) blob: Blob,
    /// Digest before compression: what a runtime checks after unpacking.
    pub(crate) diff_id: String,
    /// What is in it, for the image's history.
    pub(crate) story: String,
}

impl Layer {
    /// Packs `entries`; a directory has to come before what is in it.
    pub(crate) fn new(entries: &[Entry<'_>], story: String) -> Result<Self, Error> {
        let tar = tar(entries)?;
        Ok(Self {
            diff_id: blob::digest(&tar),
            blob: Blob::new(&MediaType::ImageLayerGzip, gzip(&tar)?),
            story,
        })
    }
}

fn tar(entries: &[Entry<'_>]) -> Result<Vec<u8>, Error> {
    let mut tar = Builder::new(Vec::new());
    for entry in entries {
        append(&mut tar, entry)?;
    }
    Ok(tar.into_inner()?)
}

/// Also used for the archive, which is a tar of the same plain sort.
pub(crate) fn append<W: std::io::Write>(
    tar: &mut Builder<W>,
    entry: &Entry<'_>,
) -> std::io::Result<()> {
    let content = entry.content.unwrap_or_default();
    let mut header = Header::new_ustar();
    header.set_path(entry.path)?;
    header.set_entry_type(match entry.content {
        Some(_) => EntryType::Regular,
        None => EntryType::Directory,
    });
    header.set_mode(entry.mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(content.len() as u64);
    header.set_cksum();
    // `append`, unlike `append_data`, never falls back on an extension for the path.
    tar.append(&header, content)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(UNKNOWN_SYSTEM)
        .write(Vec::new(), Compression::new(LEVEL));
    gzip.write_all(bytes)?;
    Ok(gzip.finish()?)
}

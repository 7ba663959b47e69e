//! Blobs read back, with their digests worked out anew. A tar is read header by header: an extension
//! would show up as an entry of its own.

use std::fmt::Write as _;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use tar::{Archive, EntryType};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) mode: u32,
    pub(crate) kind: EntryType,
    pub(crate) content: Vec<u8>,
}

/// The entries as they lie there; each belongs to root, has no time and no name of an owner.
pub(crate) fn entries(tar: &[u8]) -> Vec<Entry> {
    let mut archive = Archive::new(tar);
    let entries = archive.entries().unwrap().raw(true);
    entries
        .map(|entry| {
            let mut entry = entry.unwrap();
            let header = entry.header().clone();
            assert!(header.as_ustar().is_some());
            let owner = [
                header.uid().unwrap(),
                header.gid().unwrap(),
                header.mtime().unwrap(),
            ];
            assert_eq!(owner, [0, 0, 0]);
            assert_eq!(
                (header.username(), header.groupname()),
                (Ok(Some("")), Ok(Some("")))
            );
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            Entry {
                path: String::from_utf8(header.path_bytes().into_owned()).unwrap(),
                mode: header.mode().unwrap(),
                kind: header.entry_type(),
                content,
            }
        })
        .collect()
}

pub(crate) fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    MultiGzDecoder::new(bytes).read_to_end(&mut all).unwrap();
    all
}

/// The digest as a registry would work it out.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

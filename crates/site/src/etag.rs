//! The entity tag that S3 gives an object that is encrypted with its own keys: the MD5 of what was
//! put whole, and of what was put in parts the MD5 of their MD5s with their number ("Checking object
//! integrity in Amazon S3"). So a listing alone says whether an object is the file.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use md5::{Digest, Md5};

/// Up to so many bytes a file is put whole.
pub const WHOLE: u64 = 16 << 20;
/// Bytes of a part of what is larger. S3 takes 10,000 parts of at least 5 MiB.
pub const PART: u64 = 8 << 20;

/// Offset and length of each part of a file of `size` bytes that is put in parts.
pub fn parts(size: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..size.div_ceil(PART)).map(move |n| {
        let from = n * PART;
        (from, PART.min(size - from))
    })
}

/// The tag that a file of `size` bytes would have, without quotes.
///
/// # Errors
/// When it cannot be read.
pub fn etag(path: &Path, size: u64) -> io::Result<String> {
    let mut file = fs::File::open(path)?;
    if size <= WHOLE {
        return Ok(hex(&md5(&mut file)?));
    }
    let mut digests = Vec::new();
    for (_, length) in parts(size) {
        digests.extend(md5(&mut (&mut file).take(length))?);
    }
    let count = digests.len() / 16;
    Ok(format!("{}-{count}", hex(&Md5::digest(&digests))))
}

/// The MD5 of a part, as S3 tags it.
///
/// # Errors
/// When it cannot be read.
pub fn digest(part: &mut impl Read) -> io::Result<String> {
    Ok(hex(&md5(part)?))
}

fn md5(from: &mut impl Read) -> io::Result<[u8; 16]> {
    let mut hash = Md5::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(hash.finalize().into());
        }
        hash.update(&buffer[..read]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_is_the_md5() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        fs::write(&file, "hello").unwrap();
        assert_eq!(etag(&file, 5).unwrap(), "5d41402abc4b2a76b9719d911017c592");
    }

    #[test]
    fn parts_cover_a_file_without_gaps() {
        for size in [WHOLE + 1, PART * 3, PART * 3 + 1] {
            let mut next = 0;
            for (from, length) in parts(size) {
                assert_eq!(from, next);
                assert!(length > 0 && length <= PART);
                next += length;
            }
            assert_eq!(next, size);
        }
    }

    #[test]
    fn a_large_file_is_tagged_by_its_parts() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("large");
        let size = usize::try_from(WHOLE + 1).unwrap();
        fs::write(&file, vec![7; size]).unwrap();
        let tag = etag(&file, WHOLE + 1).unwrap();
        assert!(tag.ends_with("-3"), "{tag}");
        // A byte in the last part makes it another one.
        let mut bytes = vec![7; size];
        bytes[size - 1] = 8;
        fs::write(&file, bytes).unwrap();
        assert_ne!(etag(&file, WHOLE + 1).unwrap(), tag);
    }
}

//! The folder that a build wrote.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::media_type;

/// The app's page.
pub const INDEX: &str = "index.html";
/// "The name for a key is a sequence of Unicode characters whose UTF-8 encoding is at most 1,024 bytes
/// long" (Naming Amazon S3 objects).
const LONGEST_KEY: usize = 1024;

/// Why a folder is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Read {
        /// What of it.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// It is no built app.
    #[error("{} holds no {INDEX}", .0.display())]
    NoIndex(PathBuf),
    /// A link may lead anywhere.
    #[error("{} is neither a file nor a folder; links are not followed", .0.display())]
    NoFile(PathBuf),
    /// No browser could ask for it.
    #[error("{} cannot be an object's key: it is no UTF-8, longer than {LONGEST_KEY} bytes, or has control characters", .0.display())]
    Key(PathBuf),
}

/// A file of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Key of its object.
    pub key: String,
    /// Where it is.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// `Content-Type`.
    pub media_type: String,
}

/// A built app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Files by key.
    pub files: BTreeMap<String, File>,
}

impl Site {
    /// Reads the folder that a build wrote, hidden files included.
    ///
    /// # Errors
    /// When it cannot be read, is no built app, or holds what cannot be served.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let mut files = BTreeMap::new();
        for entry in WalkDir::new(folder).follow_root_links(true) {
            let entry = entry.map_err(|e| {
                let path = e.path().unwrap_or(folder).to_owned();
                let cause = e.into();
                Error::Read { path, cause }
            })?;
            if entry.file_type().is_dir() {
                continue;
            }
            if !entry.file_type().is_file() {
                return Err(Error::NoFile(entry.into_path()));
            }
            let size = entry.metadata().map(|metadata| metadata.len());
            let path = entry.into_path();
            let size = size.map_err(|e| Error::Read {
                path: path.clone(),
                cause: e.into(),
            })?;
            let key = key(folder, &path).ok_or_else(|| Error::Key(path.clone()))?;
            let media_type = media_type(&key);
            let file = File {
                key: key.clone(),
                path,
                size,
                media_type,
            };
            files.insert(key, file);
        }
        if !files.contains_key(INDEX) {
            return Err(Error::NoIndex(folder.to_owned()));
        }
        Ok(Self { files })
    }

    /// Bytes of all files.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files.values().map(|file| file.size).sum()
    }
}

fn key(folder: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(folder).ok()?;
    let segments: Option<Vec<&str>> = below.iter().map(|segment| segment.to_str()).collect();
    let key = segments?.join("/");
    let fits = key.len() <= LONGEST_KEY && !key.contains(char::is_control);
    fits.then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        dir
    }

    #[test]
    fn every_file_is_an_object_with_a_type() {
        let dir = folder(&[
            "index.html",
            "assets/a-b.js",
            ".well-known/x",
            "日本 +%.svg",
        ]);
        let site = Site::read(dir.path()).unwrap();
        let types: Vec<(&str, &str)> = site
            .files
            .values()
            .map(|file| (file.key.as_str(), file.media_type.as_str()))
            .collect();
        assert_eq!(
            types,
            [
                (".well-known/x", "application/octet-stream"),
                ("assets/a-b.js", "text/javascript; charset=utf-8"),
                ("index.html", "text/html; charset=utf-8"),
                ("日本 +%.svg", "image/svg+xml"),
            ]
        );
    }

    #[test]
    fn what_is_no_app_is_refused() {
        let read = |dir: &tempfile::TempDir| Site::read(dir.path()).unwrap_err().to_string();
        assert!(read(&folder(&["main.js"])).contains("holds no index.html"));
        let linked = folder(&["index.html"]);
        std::os::unix::fs::symlink("/etc/passwd", linked.path().join("secret")).unwrap();
        assert!(read(&linked).contains("links are not followed"));
        assert!(read(&folder(&["index.html", "a\nb.js"])).contains("control characters"));
        let missing = Site::read(Path::new("/nowhere/dist")).unwrap_err();
        assert!(
            missing
                .to_string()
                .starts_with("cannot read /nowhere/dist: ")
        );
    }
}

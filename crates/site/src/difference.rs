//! What has to be sent, in which order, and what is left over.

use std::collections::BTreeMap;
use std::io;

use crate::{File, INDEX, Site, etag};

/// An object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// Its tag, without quotes.
    pub etag: String,
}

/// What differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Files to send, in groups: a page is never there before what it loads, the app's own page is
    /// last. Within a group any order will do.
    pub send: Vec<Vec<File>>,
    /// How many files are there as they are.
    pub unchanged: usize,
    /// Keys of the bucket alone.
    pub surplus: Vec<String>,
}

impl Difference {
    /// Files to send, all of them.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.send.iter().flatten()
    }
}

/// Compares the app with what is in the bucket. `everything` takes nothing for granted. Only files
/// whose size is that of their object are read.
///
/// # Errors
/// The file that cannot be read.
pub fn difference(
    site: &Site,
    stored: &[Stored],
    everything: bool,
) -> Result<Difference, (File, io::Error)> {
    let there: BTreeMap<&str, &Stored> = stored.iter().map(|s| (s.key.as_str(), s)).collect();
    let mut found = Difference::default();
    let mut groups = [Vec::new(), Vec::new(), Vec::new()];
    for file in site.files.values() {
        let alike = match there.get(file.key.as_str()) {
            Some(stored) if !everything && stored.size == file.size => {
                let tag = etag(&file.path, file.size).map_err(|e| (file.clone(), e))?;
                tag == stored.etag
            }
            _ => false,
        };
        if alike {
            found.unchanged += 1;
        } else {
            groups[group(file)].push(file.clone());
        }
    }
    found.send = groups
        .into_iter()
        .filter(|group| !group.is_empty())
        .collect();
    let surplus = there.keys().filter(|key| !site.files.contains_key(**key));
    found.surplus = surplus.map(ToString::to_string).collect();
    Ok(found)
}

fn group(file: &File) -> usize {
    match file.key.as_str() {
        INDEX => 2,
        _ if file.media_type.starts_with("text/html") => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    /// A folder with these contents by key, and the app's page.
    fn site(contents: &BTreeMap<String, Vec<u8>>) -> (tempfile::TempDir, Site) {
        let dir = tempfile::tempdir().unwrap();
        for (key, content) in contents {
            fs::write(dir.path().join(key), content).unwrap();
        }
        fs::write(dir.path().join(INDEX), "page").unwrap();
        let site = Site::read(dir.path()).unwrap();
        (dir, site)
    }

    fn as_stored(site: &Site) -> Vec<Stored> {
        let files = site.files.values();
        files
            .map(|file| Stored {
                key: file.key.clone(),
                size: file.size,
                etag: etag(&file.path, file.size).unwrap(),
            })
            .collect()
    }

    fn contents() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
        let name = prop_oneof!["[a-d]\\.js", "[a-d]\\.html", "[a-d]\\.png"];
        proptest::collection::btree_map(name, proptest::collection::vec(any::<u8>(), 0..4), 0..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// What was sent once is not sent again, and what it replaced is left over.
        #[test]
        fn after_a_push_nothing_differs(before in contents(), after in contents()) {
            let (_old, old) = site(&before);
            let (_new, new) = site(&after);
            let found = difference(&new, &as_stored(&old), false).unwrap();
            let gone: Vec<&String> = before.keys().filter(|key| !after.contains_key(*key)).collect();
            prop_assert_eq!(found.surplus.iter().collect::<Vec<_>>(), gone);
            for file in found.files() {
                prop_assert_ne!(before.get(&file.key), after.get(&file.key));
            }
            prop_assert_eq!(found.files().count() + found.unchanged, new.files.len());

            let mut stored = as_stored(&old);
            stored.retain(|s| !new.files.contains_key(&s.key));
            stored.extend(as_stored(&new));
            let again = difference(&new, &stored, false).unwrap();
            prop_assert_eq!(again.send, Vec::<Vec<File>>::new());
        }

        /// Nothing comes before what it loads.
        #[test]
        fn pages_come_last(after in contents()) {
            let (_new, new) = site(&after);
            let found = difference(&new, &[], false).unwrap();
            let order: Vec<usize> = found.files().map(group).collect();
            prop_assert!(order.is_sorted());
            prop_assert_eq!(found.send.last().unwrap()[0].key.as_str(), INDEX);
            prop_assert_eq!(found.send.last().unwrap().len(), 1);
        }
    }

    #[test]
    fn everything_means_everything() {
        let (_dir, site) = site(&BTreeMap::from([("a.js".to_owned(), vec![1])]));
        let stored = as_stored(&site);
        assert_eq!(difference(&site, &stored, true).unwrap().files().count(), 2);
    }
}

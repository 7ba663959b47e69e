//! A built web app: its files as objects of a bucket, and what of it differs from what is there.
//! Reads the folder and nothing else.

mod difference;
mod etag;
mod folder;
mod media;

pub use difference::{Difference, Stored, difference};
pub use etag::{PART, WHOLE, digest, etag, parts};
pub use folder::{Error, File, INDEX, Site};
pub use media::{guess, media_type};

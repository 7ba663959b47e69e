//! Packs one static Linux binary into a reproducible container image, without a container engine.
//!
//! The same recipe gives the same bytes on every machine: nothing is taken from the clock, the
//! file system or the order of a hash map.

mod architecture;
mod archive;
mod blob;
mod certificates;
mod config;
mod elf;
mod error;
mod image;
mod json;
mod layer;
mod manifest;
mod recipe;
mod rootfs;

pub use architecture::Architecture;
pub use blob::Blob;
pub use certificates::certificates;
pub use error::{Error, NotStatic};
pub use image::{Image, build};
pub use recipe::Recipe;

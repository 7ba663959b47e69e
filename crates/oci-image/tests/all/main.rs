//! What holds for every image, what is refused, and what others make of an image.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "to panic is to fail the test"
)]

mod arbitrary;
mod documents;
mod elf;
mod laws;
mod recipe;
mod refused_binaries;
mod refused_recipes;
mod registry;
mod sandbox;
mod snapshots;
mod tools;
mod unpacked;

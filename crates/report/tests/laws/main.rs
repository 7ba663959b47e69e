//! What holds of every report, and what two of them look like in each format.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "to panic is to fail the test"
)]

mod arbitrary;
mod github;
mod junit;
mod last;
mod prometheus;
mod sample;
mod sarif;
mod told;

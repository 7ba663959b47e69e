//! Journeys over the real binary: what they share.
//!
//! Each journey starts an emulator of its own on a free loopback port and stops it when it ends, so
//! that calls can be counted and nothing leaks from one to the next. Which emulator, `GENU_EMULATOR`
//! says; a journey that not every emulator can show declares so with [`needs!`].

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "test support: to panic is to fail the test"
)]

mod applied;
mod behind;
mod capability;
pub mod crash;
mod emulator;
pub mod mutations;
mod product;
mod sandbox;
mod server;
mod stand_in;

pub use applied::applied;
pub use behind::{Vpc, within};
pub use capability::{Can, lacks, skipped, skipped_on_localstack};
pub use emulator::Emulator;
pub use sandbox::{Ended, Sandbox, binary, xtask};
pub use stand_in::web_binary;

//! `genu.toml` -> one checked input type. Pure: no AWS call is made here.
//!
//! Parameters have GenU's own names, so that its users carry them over as they are; those that do
//! not concern the closed network are accepted and checked only for the closed mode's limits.

mod check;
mod error;
mod input;
mod toml_source;

pub use error::{Error, Problem};
pub use input::{Environment, Model};
pub use toml_source::{Configuration, load};

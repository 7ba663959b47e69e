//! `genu.toml`, `cdk.json` or `parameter.ts` -> one checked input type. Pure: no AWS call is made
//! here, and nothing that is read is run.
//!
//! Parameters have GenU's own names, so that its users carry them over as they are; those that do
//! not concern the closed network are accepted and checked only for the closed mode's limits.

mod cdk_json;
mod check;
mod document;
mod error;
mod input;
mod literal;
mod load;
mod log_location;
mod parameter_ts;
mod parameters;
mod schema;
mod toml_source;

pub use document::Place;
pub use error::{Error, Problem};
pub use input::{Endpoints, Environment, Model};
pub use load::{Configuration, load};
pub use log_location::LogLocation;
pub use schema::schema;

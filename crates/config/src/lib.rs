//! `genu.toml`, `cdk.json` or `parameter.ts` -> one checked input type. Pure: no AWS call is made
//! here, and nothing that is read is run.
//!
//! Parameters have GenU's own names, so that its users carry them over as they are; those that do
//! not concern the closed network are accepted and checked only for the closed mode's limits.

mod bindings;
mod cdk_json;
mod changes;
mod check;
mod document;
mod error;
mod input;
mod lines;
mod literal;
mod load;
mod log_location;
mod names;
mod nesting;
mod notes;
mod parameter_ts;
mod parameters;
mod resolve;
mod schema;
mod source;
mod toml_source;

pub use error::{Error, Problem};
pub use input::{Cognito, Endpoints, Environment, Model};
pub use lines::Place;
pub use load::{Configuration, Written, load};
pub use log_location::LogLocation;
pub use schema::schema;

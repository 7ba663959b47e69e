//! What people and machines read.

mod audit;
mod plan;
mod progress;
mod result;

pub(crate) use audit::audit;
pub(crate) use plan::{change, drift, plan};
pub(crate) use progress::progress;
pub(crate) use result::{bare, failure, notes, outputs, preview, resolved, status, summary};

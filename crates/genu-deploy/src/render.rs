//! What people and machines read.

mod plan;
mod progress;
mod result;

pub(crate) use plan::{drift, plan};
pub(crate) use progress::progress;
pub(crate) use result::{bare, failure, notes, outputs, preview, resolved, status, summary};

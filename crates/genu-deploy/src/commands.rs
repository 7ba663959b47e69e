//! The commands, one file each.

mod apply;
mod destroy;
mod offline;
mod plan;
mod validate;

pub(crate) use apply::apply;
pub(crate) use destroy::destroy;
pub(crate) use offline::{completions, outputs, status};
pub(crate) use plan::plan;
pub(crate) use validate::{Resolved, validate};

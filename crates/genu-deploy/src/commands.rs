//! The commands, one file each.

mod apply;
mod destroy;
mod offline;
mod plan;

pub(crate) use apply::apply;
pub(crate) use destroy::destroy;
pub(crate) use offline::{completions, outputs, status, validate};
pub(crate) use plan::plan;

//! The commands, one file each.

mod apply;
mod destroy;
mod drift;
mod offline;
mod plan;
mod validate;

pub(crate) use apply::apply;
pub(crate) use destroy::destroy;
pub(crate) use drift::drift;
pub(crate) use offline::{completions, outputs, status};
pub(crate) use plan::plan;
pub(crate) use validate::{Resolved, validate};

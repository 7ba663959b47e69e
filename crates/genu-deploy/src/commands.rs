//! The commands, one file each.

mod apply;
mod audit;
mod destroy;
mod drift;
mod graph;
mod image;
mod plan;
mod recorded;
mod state;
mod validate;
mod web;

pub(crate) use apply::apply;
pub(crate) use audit::audit;
pub(crate) use destroy::destroy;
pub(crate) use drift::drift;
pub(crate) use graph::graph;
pub(crate) use image::image;
pub(crate) use plan::plan;
pub(crate) use recorded::{completions, outputs, status};
pub(crate) use state::state;
pub(crate) use validate::{Resolved, validate};
pub(crate) use web::web;

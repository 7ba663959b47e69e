//! The engine: desired resources against live ones, and the steps between them.
//!
//! It knows no cloud. A cloud is a set of [`Kind`]s; a deployment is a [`Desired`] graph of
//! resources of those kinds. [`observe`] looks, [`plan()`] thinks (pure, writes nothing),
//! [`execute`] acts. Three invariants hold the house together:
//!
//! * an intent is durable before a create is sent, the identity right after its answer, and
//!   waiting comes last;
//! * what a resource needs from another is a typed [`Ref`], so the graph is acyclic by
//!   construction and an undeclared dependency does not compile;
//! * ownership is never guessed: see [`Standing`].

mod attrs;
mod catalog;
mod desired;
mod drift;
mod event;
mod execute;
mod fault;
mod id;
mod kind;
mod ledger;
mod needs;
mod observe;
mod ownership;
mod part;
mod plan;
mod poller;
mod queue;
mod rebuild;
mod removal;
mod retry;
mod step;
pub mod tags;

pub use attrs::{Attr, Attrs, Change, Impact};
pub use catalog::{AnyKind, Catalog, Fact};
pub use desired::{Desired, Given};
pub use drift::{Drifted, What, drift, extra_tags};
pub use event::{Event, Note};
pub use execute::{Consent, Execution, Outcome, Refusal, execute};
pub use fault::{Class, Fault};
pub use id::Id;
pub use kind::{
    Candidate, Cloud, Created, Health, Kind, Mark, Pace, Phase, Reads, Resend, Scope, Settles,
    Trouble, Writes, settled,
};
pub use ledger::Ledger;
pub use needs::{Facts, Needs, Ref};
pub use observe::{Observation, Observed, observe};
pub use ownership::{How, Standing};
pub use plan::{Action, Plan, Step, Summary, plan, plan_destroy};
pub use rebuild::records;
pub use tags::{Marks, Tags};

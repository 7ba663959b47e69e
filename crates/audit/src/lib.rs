//! Whether a closed network is closed: rules over what was seen, and a picture of who reaches what.
//!
//! Pure: nothing is asked of AWS, the same evidence gives the same verdict. What cannot be judged
//! (a group that was not seen, a document that cannot be read) counts against the network.

mod acls;
mod bucket;
mod certificates;
mod completeness;
mod doors;
mod endpoint_policies;
mod endpoints;
mod evidence;
mod expected;
mod groups;
mod ids;
mod instances;
mod load_balancer;
mod logs;
mod network;
mod policy;
mod proxies;
mod ranges;
mod reach;
mod resolver;
mod roles;
mod routes;
mod rule;
mod rules;
mod tasks;
mod trust;
mod verdict;
mod zone;

#[cfg(test)]
mod tests;

pub use evidence::*;
pub use expected::Expected;
pub use policy::{Passage, Request, is_unrestricted, passage};
pub use reach::{Access, Party, PartyKind, Ports, Reach, Target, TargetKind, Way, reach};
pub use rule::{Flaw, Rule, Severity};
pub use rules::{is_rule, rules, themes};
pub use verdict::{Finding, Verdict, audit};

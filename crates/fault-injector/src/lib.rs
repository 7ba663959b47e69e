//! A reverse proxy between a deployer and an emulator that behaves as AWS does where it hurts.
//!
//! It names and logs every call, and by a [`Script`] or a [`Weather`]'s seed it loses answers and
//! requests, answers errors and throttles in each protocol's own form, and delays. With a [`Pace`] it
//! also keeps AWS's time: what was just made is pending, what was just deleted still holds its
//! groups and subnets, token buckets run dry, lists lag behind creates.
//!
//! It is the project's picture of AWS, and shares nothing with the product that it judges. Figures
//! and behaviour: AWS's throttling pages and API references, Terraform's AWS provider, published
//! measurements.

mod answer;
mod buckets;
mod call;
mod fault;
mod lag;
mod markup;
mod names;
mod proxy;
mod states;
mod weather;

pub use call::{Call, Protocol};
pub use fault::{Fate, Fault, Planned, Script, Seen};
pub use proxy::{Injector, Sky};
pub use states::Pace;
pub use weather::Weather;

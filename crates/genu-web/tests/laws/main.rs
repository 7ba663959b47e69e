//! Laws of the server: in process against a stub of S3, as a process, against moto's S3 and with a
//! browser.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "to panic is to fail the test"
)]

mod caching;
mod compression;
mod conditions;
mod faults;
mod limits;
mod paths;
mod policy;
mod process;
mod ranges;
mod security;
mod site;
mod stub;

mod browser;
mod moto;

//! The web server of a closed network: serves a single-page app from a private S3 bucket, behind an
//! internal load balancer. Invariant: it never writes, and what it holds and waits for is bounded.

pub mod access_log;
pub mod answer;
pub mod app;
pub mod ask;
pub mod body;
pub mod cache_control;
pub mod compress;
pub mod config;
pub mod etag;
pub mod fault;
pub mod flights;
pub mod key;
pub mod limits;
pub mod media;
pub mod meta;
pub mod navigation;
pub mod negotiation;
pub mod origin;
pub mod range;
pub mod refusal;
pub mod security;
pub mod seen;
pub mod server;
pub mod shelf;
pub mod slot;
pub mod stock;
pub mod variables;
pub mod wanted;
pub mod wire;

pub use app::App;
pub use config::Config;
pub use limits::Limits;
pub use server::serve;

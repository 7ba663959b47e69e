//! An emulator, started and stopped by the test itself.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::product::Product;
use crate::{Sandbox, server::Server};

/// A running emulator; stopped when dropped.
#[derive(Debug)]
pub struct Emulator {
    port: u16,
    /// `None` for a copy: it is asked to end, and ends with its parent.
    server: Option<Server>,
}

/// Warm, with what the emulator makes by itself; copies of it cost milliseconds. It ends with the test's process.
static PRISTINE: OnceLock<Emulator> = OnceLock::new();

impl Emulator {
    /// An emulator of its own for each caller.
    ///
    /// # Panics
    /// When it does not answer within a minute; its log is printed.
    #[must_use]
    pub fn start(environment: &[(&str, &str)]) -> Self {
        if environment.is_empty() && Product::in_use().forks() {
            return PRISTINE.get_or_init(Self::warm).fork();
        }
        Self::launch(environment)
    }

    /// One that has loaded whatever a plan makes it load: its copies then need not.
    fn warm() -> Self {
        let emulator = Self::launch(&[]);
        let _ = Sandbox::new(&emulator).run(&["plan"]).expect(0);
        emulator
    }

    fn launch(environment: &[(&str, &str)]) -> Self {
        let server = Server::launch(Product::in_use(), environment);
        Self {
            port: server.port,
            server: Some(server),
        }
    }

    /// A second emulator with a copy of everything that is in this one.
    ///
    /// # Panics
    /// When this one does not answer, or is none that can be copied: see [`Can::Fork`](crate::Can).
    #[must_use]
    pub fn fork(&self) -> Self {
        let mut answer = ureq::post(self.at("/genu-fork")).send_empty().unwrap();
        let port = answer.body_mut().read_to_string().unwrap().parse().unwrap();
        Self { port, server: None }
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url())
    }

    /// The account that every caller is in.
    #[must_use]
    pub fn account(&self) -> &'static str {
        Product::in_use().account()
    }

    /// Calls since the last reset, `service:Operation` each.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        let mut answer = ureq::get(self.at("/genu-calls")).call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }

    /// Calls that are no reads.
    #[must_use]
    pub fn changing_calls(&self) -> Vec<String> {
        let reads = ["Describe", "Get", "List", "Head", "GET ", "HEAD "];
        let changes = |call: &String| {
            let operation = call.split_once(':').map_or("", |(_, operation)| operation);
            !reads.iter().any(|read| operation.starts_with(read))
        };
        self.calls().into_iter().filter(changes).collect()
    }

    /// Starts counting anew.
    pub fn reset_calls(&self) {
        ureq::post(self.at("/genu-calls/reset"))
            .send_empty()
            .unwrap();
    }

    /// From now on every call needs the rights to make it.
    ///
    /// # Panics
    /// When the emulator does not answer, or cannot: see [`Can::Rights`](crate::Can).
    pub fn enforce(&self) {
        ureq::post(self.at("/moto-api/reset-auth"))
            .send("0")
            .unwrap();
    }

    /// Sets what no call sets, in the emulator's own books of a service: the attribute at the end of
    /// `path`.
    ///
    /// # Panics
    /// When there is no such thing.
    pub fn books(&self, service: &str, path: &[&str], value: &serde_json::Value) {
        let region = "ap-northeast-1";
        let body = serde_json::json!({ "service": service, "region": region, "path": path, "value": value });
        ureq::post(self.at("/genu-books"))
            .send(body.to_string())
            .unwrap();
    }

    /// Everything that is live, by the emulator's own books: `vpc vpc-…` and so on.
    #[must_use]
    pub fn inventory(&self) -> BTreeSet<String> {
        let mut answer = ureq::get(self.at("/genu-inventory")).call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if self.server.is_none() {
            // It goes without an answer.
            let _ = ureq::post(self.at("/genu-exit")).send_empty();
            if let (true, Some(original)) = (std::thread::panicking(), PRISTINE.get()) {
                // Its words are among those of what it is a copy of.
                original.server.iter().for_each(Server::tell);
            }
        }
    }
}

/// The folder of this crate, as cargo says now: built in one clone, this may run for another that
/// shares its target.
pub(crate) fn here() -> PathBuf {
    let here = std::env::var("CARGO_MANIFEST_DIR");
    here.unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned())
        .into()
}

//! A network that stands already: applied once a process and copied for every caller where the emulator
//! can be copied, applied for each where it cannot.

use std::sync::OnceLock;

use crate::product::Product;
use crate::{Emulator, Sandbox};

/// Applied by the first caller; ends with the test's process.
static DEFAULT: OnceLock<(Emulator, Sandbox)> = OnceLock::new();

/// The default network, as `apply` left it: an emulator and a sandbox of the caller's own.
#[must_use]
pub fn applied() -> (Emulator, Sandbox) {
    if !Product::in_use().forks() {
        return fresh();
    }
    let (emulator, sandbox) = DEFAULT.get_or_init(fresh);
    let copy = emulator.fork();
    let own = Sandbox::new(&copy);
    own.copy_state(sandbox);
    (copy, own)
}

fn fresh() -> (Emulator, Sandbox) {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["apply", "priv", "-y"]).expect(0);
    (emulator, sandbox)
}

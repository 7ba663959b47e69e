//! A network that stands already: applied once a process, copied for every caller.

use std::sync::OnceLock;

use crate::{Emulator, Sandbox};

/// Applied by the first caller; ends with the test's process.
static DEFAULT: OnceLock<(Emulator, Sandbox)> = OnceLock::new();

/// The default network, as `apply` left it: an emulator and a sandbox of the caller's own.
#[must_use]
pub fn applied() -> (Emulator, Sandbox) {
    let (emulator, sandbox) = DEFAULT.get_or_init(|| {
        let emulator = Emulator::start(&[]);
        let sandbox = Sandbox::new(&emulator);
        let _ = sandbox.run(&["apply", "priv", "-y"]).expect(0);
        (emulator, sandbox)
    });
    let copy = emulator.fork();
    let own = Sandbox::new(&copy);
    own.copy_state(sandbox);
    (copy, own)
}

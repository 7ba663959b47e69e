//! The journey on live AWS: nothing is called without permission, nothing is changed in another account
//! than the one that was named, and what is made is taken down whatever happens.

mod consent;
mod cost;
mod name;
mod permit;
mod product;
mod steps;
mod sweep;
mod times;

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use xshell::Shell;

use crate::Done;
use permit::Permit;
use product::Product;
use times::Times;

/// Asks for permission, travels, and tells the times.
pub(crate) fn live(sh: &Shell) -> Done {
    let terminal = std::io::stdin().is_terminal();
    let permit = Permit::of(|name| std::env::var(name).ok(), terminal)?;
    consent::warn_of_emulators();
    let env = name::of(name::now()?);
    let interrupted = Arc::new(AtomicBool::new(false));
    let product = Product::new(sh, &permit, env, Arc::clone(&interrupted))?;
    if let Err(refusal) = consent::given(&product, &permit, terminal) {
        product.leave_nothing();
        return Err(refusal);
    }
    // From here on the state decides what is left, so nothing ends in the middle of a step.
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
    }
    let mut times = Times::default();
    let outcome = travel(&product, &permit, &mut times);
    print!("{}", times.table());
    match outcome {
        Outcome::Well => {
            product.leave_nothing();
            Ok(())
        }
        Outcome::Failed => Err(format!(
            "the live test failed; what it made is destroyed, and what it knew is in {}",
            product.dir().display()
        )
        .into()),
        Outcome::Left => Err(format!(
            "the live test ended early, and what it made COSTS MONEY until it is destroyed:\n  {}\nIts state is in {}",
            product.how_to_destroy(),
            product.dir().display()
        )
        .into()),
    }
}

/// How it ended.
enum Outcome {
    /// Every step went well, and nothing is left.
    Well,
    /// A step failed; nothing is left.
    Failed,
    /// Something may be left.
    Left,
}

/// Sweep, the steps, destroy, sweep.
fn travel(product: &Product, permit: &Permit, times: &mut Times) -> Outcome {
    // What an earlier run left and cannot be swept is to be looked at before more is made.
    if !times.step("sweep before", || sweep::before(product)) {
        return Outcome::Failed;
    }
    let well = steps::STEPS
        .iter()
        .all(|step| times.step(step.name, || (step.run)(product)));
    if !well && (permit.keep || product.is_interrupted()) {
        return Outcome::Left;
    }
    let destroyed = times.step("destroy", || steps::destroy(product));
    let gone = times.step("nothing is found by its tags", || sweep::gone(product));
    let swept = times.step("sweep after", || sweep::after(product));
    match (well && destroyed && gone, swept) {
        (true, true) => Outcome::Well,
        (false, true) => Outcome::Failed,
        (_, false) => Outcome::Left,
    }
}

//! What an emulator may be unable to do, and the journeys that are skipped for it.

use std::fs::OpenOptions;
use std::io::Write;

use crate::product::Product;

/// Something that not every emulator can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Can {
    /// A second server with a copy of everything, in milliseconds.
    Fork,
    /// Calls are refused to who lacks the rights.
    Rights,
}

impl Can {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Fork, Self::Rights];

    /// As the list of skips names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fork => "Fork",
            Self::Rights => "Rights",
        }
    }

    /// Why the emulator in use cannot; nothing when it can.
    fn lacking(self, product: Product) -> Option<&'static str> {
        match (product, self) {
            (Product::Moto, _) => None,
            (Product::LocalStack, Self::Fork) => Some("its threads do not survive a fork"),
            (Product::LocalStack, Self::Rights) => Some("it enforces no rights"),
        }
    }
}

/// The line of localstack/README.md for a test with these needs; nothing when LocalStack has them all.
///
/// # Panics
/// When there is no capability of one of these names.
#[must_use]
pub fn skipped_on_localstack(test: &str, needed: &[&str]) -> Option<String> {
    let named = |name: &&str| Can::ALL.into_iter().find(|can| can.name() == *name);
    let why = needed
        .iter()
        .map(|name| named(name).unwrap())
        .find_map(|can| can.lacking(Product::LocalStack))?;
    Some(format!("- `{test}`: {why}"))
}

/// Whether the emulator in use lacks one of these; that the test is skipped is then printed, and
/// written to the file that `GENU_SKIPS` names. [`needs!`](crate::needs) asks it.
#[must_use]
pub fn lacks(needed: &[Can]) -> bool {
    let product = Product::in_use();
    let lacking = needed
        .iter()
        .find_map(|can| Some((can, can.lacking(product)?)));
    let Some((can, why)) = lacking else {
        return false;
    };
    skipped(&format!("{}: {why}", can.name()));
    true
}

/// Tells that the running test is skipped, and why.
///
/// # Panics
/// When the file that `GENU_SKIPS` names cannot be written.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("?");
    let line = format!("{test}: {why}");
    println!("skipped: {line}");
    if let Some(path) = std::env::var_os("GENU_SKIPS") {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        writeln!(file, "{line}").unwrap();
    }
}

/// Skips a test where the emulator cannot do what it needs: `needs!(Fork);`, first thing in it.
#[macro_export]
macro_rules! needs {
    ($($can:ident),+) => {
        if $crate::lacks(&[$($crate::Can::$can),+]) {
            return;
        }
    };
}

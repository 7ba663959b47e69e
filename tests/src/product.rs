//! Which emulator the journeys are against.

use std::path::PathBuf;

/// An emulator, as a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    /// moto's server.
    Moto,
    /// LocalStack.
    LocalStack,
}

impl Product {
    /// The one that `GENU_EMULATOR` names; moto when it names none.
    ///
    /// # Panics
    /// When it names something else.
    pub(crate) fn in_use() -> Self {
        match std::env::var("GENU_EMULATOR").as_deref() {
            Err(_) | Ok("moto") => Self::Moto,
            Ok("localstack") => Self::LocalStack,
            Ok(other) => panic!("GENU_EMULATOR is {other}, not moto or localstack"),
        }
    }

    /// The account that every caller is in.
    pub(crate) fn account(self) -> &'static str {
        match self {
            Self::Moto => "123456789012",
            Self::LocalStack => "000000000000",
        }
    }

    /// Whether a server can be copied.
    pub(crate) fn forks(self) -> bool {
        self == Self::Moto
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Moto => "moto",
            Self::LocalStack => "localstack",
        }
    }

    /// The launcher below `localstack`.
    pub(crate) fn launcher(self) -> &'static str {
        match self {
            Self::Moto => "moto_launcher.py",
            Self::LocalStack => "localstack_launcher.py",
        }
    }

    /// The Python that has it.
    pub(crate) fn python(self) -> PathBuf {
        let variable = match self {
            Self::Moto => "GENU_MOTO_PYTHON",
            Self::LocalStack => "GENU_LOCALSTACK_PYTHON",
        };
        let python = std::env::var_os(variable);
        assert!(
            python.is_some(),
            "{variable} names the emulator's Python; `cargo xtask test` sets it"
        );
        python.map(PathBuf::from).unwrap_or_default()
    }
}

//! Which emulators there are, and where their parts lie.

/// An emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Moto,
    LocalStack,
}

impl Kind {
    /// The emulators of `--emulator`: by name, or all.
    pub(crate) fn named(word: &str) -> Option<Vec<Self>> {
        match word {
            "moto" => Some(vec![Self::Moto]),
            "localstack" => Some(vec![Self::LocalStack]),
            "all" => Some(vec![Self::Moto, Self::LocalStack]),
            _ => None,
        }
    }

    /// As `--emulator` and the journeys have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Moto => "moto",
            Self::LocalStack => "localstack",
        }
    }

    pub(crate) fn launcher(self) -> &'static str {
        match self {
            Self::Moto => "localstack/moto_launcher.py",
            Self::LocalStack => "localstack/localstack_launcher.py",
        }
    }

    pub(crate) fn requirements(self) -> &'static str {
        match self {
            Self::Moto => "localstack/requirements-moto.txt",
            Self::LocalStack => "localstack/requirements-localstack.txt",
        }
    }

    /// A package of our own that is installed beside it.
    pub(crate) fn plugin(self) -> Option<&'static str> {
        match self {
            Self::Moto => None,
            Self::LocalStack => Some("localstack/plugin"),
        }
    }

    /// The least minor version of Python 3 that it runs on.
    pub(crate) fn least_python(self) -> u32 {
        match self {
            Self::Moto => 11,
            Self::LocalStack => 12,
        }
    }

    /// The variable that names its Python to the journeys.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Moto => "GENU_MOTO_PYTHON",
            Self::LocalStack => "GENU_LOCALSTACK_PYTHON",
        }
    }
}

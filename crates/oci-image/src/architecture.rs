//! The processors an image can be for, each under the names that others give it.

use std::fmt;

use oci_spec::image::Arch;

/// What the packed binary runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Architecture {
    /// 64-bit x86.
    Amd64,
    /// 64-bit ARM, little endian.
    Arm64,
}

impl Architecture {
    /// OCI's name: `amd64` or `arm64`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// ECS's name, as `runtimePlatform.cpuArchitecture` of a task definition has it.
    #[must_use]
    pub fn cpu_architecture(self) -> &'static str {
        match self {
            Self::Amd64 => "X86_64",
            Self::Arm64 => "ARM64",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Architecture> for Arch {
    fn from(architecture: Architecture) -> Self {
        match architecture {
            Architecture::Amd64 => Self::Amd64,
            Architecture::Arm64 => Self::ARM64,
        }
    }
}

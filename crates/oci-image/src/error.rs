//! Why there is no image. Each message says what to change.

use std::fmt;
use std::io;

use thiserror::Error as ThisError;

/// What is wrong with a recipe.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// It would need an interpreter, and the image has none.
    #[error("the binary is a script, not an ELF file")]
    Script,
    /// Not an executable at all: an archive, another system's program, nothing.
    #[error("the binary is not an ELF file")]
    NotElf,
    /// An ELF file that was cut short or damaged.
    #[error("the binary is a damaged ELF file: {0}")]
    Malformed(String),
    /// For a machine that Fargate does not have, or for another system.
    #[error("the binary is for {0}; it has to be for 64-bit Linux on x86-64 or aarch64")]
    Platform(String),
    /// An object file, a library, a core dump.
    #[error("the binary is not a program: {0}")]
    NotProgram(&'static str),
    /// It needs files that the image does not have.
    #[error("the binary is dynamically linked {0}: build it with `-C target-feature=+crt-static`")]
    Dynamic(NotStatic),
    /// The name is a file name, an account name and a title at once.
    #[error(
        "the name {0:?} does not do: a lower-case letter and up to 31 lower-case letters, digits \
         and hyphens, and none of the root file system's own directories"
    )]
    Name(String),
    /// The version becomes the image's tag.
    #[error(
        "the version {0:?} is not an image tag: up to 128 letters, digits, `_`, `.` and `-`, the \
         first neither `.` nor `-`"
    )]
    Version(String),
    /// The bundle is empty, damaged or holds something else.
    #[error("the bundle of CA certificates does not do: {0}")]
    Certificates(String),
    /// Root, or a number that runtimes refuse.
    #[error("the server cannot run as user {0}: it has to be 1 to 2147483647, never root")]
    User(u32),
    /// Port 0 is no port.
    #[error("the server cannot listen on port 0")]
    Port,
    /// A variable that no process can have.
    #[error("the environment variable {0:?} has an empty name, or a `=` in it, or a NUL")]
    Variable(String),
    /// A layer could not be written.
    #[error("cannot write the layer")]
    Layer(#[from] io::Error),
    /// A JSON document could not be written.
    #[error("cannot write the image's documents")]
    Document(#[from] oci_spec::OciSpecError),
}

/// What a dynamically linked binary asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotStatic {
    /// Libraries, in the order in which they are loaded. Empty where only the loader is named.
    pub libraries: Vec<String>,
    /// The program loader.
    pub interpreter: Option<String>,
}

impl fmt::Display for NotStatic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.libraries.is_empty() {
            write!(f, "against {}", self.libraries.join(", "))?;
        }
        match (&self.interpreter, self.libraries.is_empty()) {
            (Some(loader), true) => write!(f, "(loaded by {loader})"),
            (Some(loader), false) => write!(f, " (loaded by {loader})"),
            (None, _) => Ok(()),
        }
    }
}

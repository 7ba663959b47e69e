//! A directory with a configuration and a state, and the binary run in it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::{Emulator, web_binary};

/// Where a journey takes place.
#[derive(Debug)]
pub struct Sandbox {
    dir: tempfile::TempDir,
    endpoint: Option<String>,
    environment: Vec<(&'static str, String)>,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; -1 when killed.
    pub code: i32,
    /// Data.
    pub stdout: String,
    /// Progress and logs.
    pub stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ended {
    /// Asserts the exit code and shows what was said when it is another.
    #[track_caller]
    #[must_use]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// Asserts that all of `words` were said on stderr.
    #[track_caller]
    pub fn says(&self, words: &[&str]) {
        for word in words {
            assert!(
                self.stderr.contains(word),
                "{word:?} is not in:\n{}",
                self.stderr
            );
        }
    }

    /// Stdout as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}:\n{}", self.stdout))
    }
}

/// A minimal closed environment.
const CONFIGURATION: &str = "[env.priv]\nregion = \"ap-northeast-1\"\nmodelRegion = \"ap-northeast-1\"\nclosedNetworkMode = true\n";

impl Sandbox {
    /// A sandbox that talks to `emulator`.
    #[must_use]
    pub fn new(emulator: &Emulator) -> Self {
        Self::at(Some(emulator.url()))
    }

    /// A sandbox that talks to `url`.
    #[must_use]
    pub fn to(url: &str) -> Self {
        Self::at(Some(url.to_owned()))
    }

    /// A sandbox that can reach nothing.
    #[must_use]
    pub fn offline() -> Self {
        Self::at(None)
    }

    fn at(endpoint: Option<String>) -> Self {
        let sandbox = Self {
            dir: tempfile::tempdir().unwrap(),
            endpoint,
            environment: Vec::new(),
        };
        std::fs::create_dir(sandbox.path("config")).unwrap();
        sandbox.configure(CONFIGURATION);
        sandbox
    }

    /// A path in it.
    #[must_use]
    pub fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    /// Replaces the configuration.
    pub fn configure(&self, text: &str) {
        std::fs::write(self.path("config/genu.toml"), text).unwrap();
    }

    /// The minimal configuration with lines added.
    pub fn configure_with(&self, lines: &str) {
        self.configure(&format!("{CONFIGURATION}{lines}\n"));
    }

    /// From now on it talks to `url`.
    pub fn turn_to(&mut self, url: &str) {
        self.endpoint = Some(url.to_owned());
    }

    /// Sets a variable of the environment for all runs from now on.
    pub fn set(&mut self, name: &'static str, value: &str) {
        self.environment.push((name, value.to_owned()));
    }

    /// Takes over the state of another.
    pub fn copy_state(&self, other: &Self) {
        let to = self.path(".genu/priv");
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(other.path(".genu/priv")).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }

    /// The binary, ready to run.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.program(&binary(), arguments)
    }

    /// Another program in the place of the binary, ready to run.
    #[must_use]
    pub fn program(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir.path())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("GENU_WEB_BINARY", web_binary())
            .stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(endpoint) = &self.endpoint {
            command.env("AWS_ENDPOINT_URL", endpoint);
        }
        command
    }

    /// Runs it to its end; a run of more than three minutes is stopped and ends with 124.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Ended {
        let direct = self.command(arguments);
        let mut limited = Command::new("timeout");
        limited
            .args(["--kill-after=10", "180"])
            .arg(direct.get_program());
        limited
            .args(direct.get_args())
            .current_dir(self.dir.path())
            .env_clear();
        let environment = direct.get_envs();
        limited.envs(environment.filter_map(|(name, value)| Some((name, value?))));
        limited.stdin(Stdio::null()).output().unwrap().into()
    }

    /// Starts it.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Every file below the sandbox, concatenated.
    #[must_use]
    pub fn all_files(&self) -> String {
        fn walk(dir: &Path, into: &mut String) {
            for entry in std::fs::read_dir(dir).unwrap().flatten() {
                if entry.path().is_dir() {
                    walk(&entry.path(), into);
                } else {
                    into.push_str(&String::from_utf8_lossy(
                        &std::fs::read(entry.path()).unwrap(),
                    ));
                }
            }
        }
        let mut text = String::new();
        walk(self.dir.path(), &mut text);
        text
    }
}

/// The binary under test; `cargo xtask test` builds it and says where it is.
#[must_use]
pub fn binary() -> PathBuf {
    std::env::var_os("GENU_DEPLOY")
        .map(PathBuf::from)
        .expect("GENU_DEPLOY names the binary; `cargo xtask test` sets it")
}

/// What `cargo xtask` runs, which names itself to the journeys.
#[must_use]
pub fn xtask() -> PathBuf {
    std::env::var_os("GENU_XTASK")
        .map(PathBuf::from)
        .expect("GENU_XTASK names the program; `cargo xtask journeys` sets it")
}

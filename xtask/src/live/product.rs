//! The product as a user runs it: a configuration, a state and an app in a directory of the run's own,
//! every exit code looked at.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use xshell::Shell;

use crate::{Done, dist};

use super::permit::Permit;

type Answer<T> = Result<T, Box<dyn std::error::Error>>;

/// What would make a run look or write elsewhere than where it should.
const NOT_INHERITED: [&str; 4] = ["GENU_CONFIG", "GENU_ENV", "GENU_NOTIFY", "GENU_STATE"];

/// One environment and the binary that is to bring it up.
pub(crate) struct Product {
    binary: PathBuf,
    dir: PathBuf,
    env: String,
    pub(crate) account: String,
    pub(crate) region: String,
    interrupted: Arc<AtomicBool>,
}

impl Product {
    /// The binary that `GENU_DEPLOY` names, else one built for this, and a directory that did not exist.
    pub(crate) fn new(
        sh: &Shell,
        permit: &Permit,
        env: String,
        interrupted: Arc<AtomicBool>,
    ) -> Answer<Self> {
        let dir = std::env::temp_dir().join(format!("genu-{env}"));
        std::fs::create_dir(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
        let mut product = Self {
            binary: dir.join("bin/genu-deploy"),
            dir,
            env,
            account: permit.account.clone(),
            region: permit.region.clone(),
            interrupted,
        };
        let ready = product.prepare(sh);
        if ready.is_err() {
            product.leave_nothing();
        }
        ready.map(|()| product)
    }

    fn prepare(&mut self, sh: &Shell) -> Done {
        match std::env::var_os("GENU_DEPLOY") {
            Some(named) => self.binary = named.into(),
            None => dist::dist(sh, &self.dir.join("bin").display().to_string())?,
        }
        let app = self.dir.join("app/assets");
        std::fs::create_dir_all(&app)?;
        std::fs::write(app.join("app.js"), "document.body.append('GenU')")?;
        let page = "<script src=/assets/app.js></script>";
        std::fs::write(self.dir.join("app/index.html"), page)?;
        self.configure("")
    }

    /// The smallest closed network with everything a user would have, and `lines`.
    pub(crate) fn configure(&self, lines: &str) -> Done {
        let Self { env, region, .. } = self;
        let text = format!(
            "[env.{env}]\nregion = \"{region}\"\nmodelRegion = \"{region}\"\nclosedNetworkMode = true\nclosedNetworkEndpoints = \"required\"\n{lines}\n"
        );
        Ok(std::fs::write(self.dir.join("genu.toml"), text)?)
    }

    pub(crate) fn env(&self) -> &str {
        &self.env
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether somebody wants it to end.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// The binary, ready to run.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        println!("$ genu-deploy {}", words.join(" "));
        let mut command = Command::new(&self.binary);
        for name in NOT_INHERITED {
            command.env_remove(name);
        }
        command
            .arg("--config")
            .arg(self.dir.join("genu.toml"))
            .arg("--state")
            .arg(self.dir.join("state"))
            .args(words)
            .env("AWS_REGION", &self.region)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        command
    }

    /// Runs it to its end, which has to be `code`; what it said with `--json`, which people do not see.
    pub(crate) fn run(&self, code: i32, words: &[&str]) -> Answer<String> {
        self.go_on()?;
        let mut command = self.command(words);
        if !words.contains(&"--json") {
            // For people, at once.
            command.stdout(Stdio::inherit());
        }
        let child = command.spawn();
        let child = child.map_err(|error| format!("{}: {error}", self.binary.display()))?;
        let output = child.wait_with_output()?;
        let stdout = String::from_utf8(output.stdout)?;
        self.go_on()?;
        if output.status.code() == Some(code) {
            Ok(stdout)
        } else {
            let words = words.join(" ");
            Err(format!("`genu-deploy {words}`: {}, not {code}", output.status).into())
        }
    }

    /// Runs it well; the last line of its answer as JSON.
    pub(crate) fn json(&self, words: &[&str]) -> Answer<Value> {
        let said = self.run(0, words)?;
        let whole = serde_json::from_str(&said);
        let last = || serde_json::from_str(said.lines().last().unwrap_or_default());
        Ok(whole.or_else(|_| last())?)
    }

    fn go_on(&self) -> Result<(), &'static str> {
        if self.is_interrupted() {
            return Err("interrupted");
        }
        Ok(())
    }

    /// The command for whoever has to do it later.
    pub(crate) fn how_to_destroy(&self) -> String {
        let (binary, dir) = (self.binary.display(), self.dir.display());
        let Self { env, region, .. } = self;
        format!(
            "AWS_REGION={region} {binary} --config {dir}/genu.toml --state {dir}/state destroy {env} --from-tags"
        )
    }

    /// Removes the directory: nothing is left that it would be needed for.
    pub(crate) fn leave_nothing(&self) {
        if let Err(error) = std::fs::remove_dir_all(&self.dir) {
            eprintln!("{} stays: {error}", self.dir.display());
        }
    }
}

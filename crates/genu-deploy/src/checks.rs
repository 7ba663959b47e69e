//! A check of one environment or of all of them: made side by side, told in the form that was asked
//! for. Nothing here writes to AWS, takes a lock or waits for one: what is looked at may be changed
//! by somebody else meanwhile, and is told as it was seen.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use futures::StreamExt;
use futures::stream;
use report::{Check, Checked, Environment, Report};
use serde_json::{Value, json};

use crate::cli::Cli;
use crate::exit::{DONE, FAILED, Failure, PENDING};
use crate::render;
use crate::session::{self, Session};

/// How many environments are looked at at once: as many as AWS's read limits bear.
const AT_ONCE: usize = 8;

/// What is checked, and how it is told.
#[derive(Debug, Clone, Args)]
pub(crate) struct CheckArgs {
    /// Environment; may be left out when there is one.
    #[arg(env = "GENU_ENV")]
    pub env: Option<String>,
    /// Every environment of the configuration, side by side, whatever `GENU_ENV` names; one that fails
    /// does not stop the others.
    #[arg(long)]
    pub all: bool,
    /// How the findings are told; --json is the same as `json`.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Form>,
    /// Write the findings to a file, whole or not at all, as JSON or in --format, beside the view for
    /// people.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// A form of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// One object an environment, a line each.
    Json,
    /// GitHub Actions annotations.
    Github,
    /// `JUnit` XML.
    Junit,
    /// Prometheus text, for a textfile collector.
    Prometheus,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// What a check of one environment found.
pub(crate) trait Findings: Send {
    /// Which check.
    const CHECK: Check;
    /// Account and region that were looked at.
    fn place(&self) -> (&str, &str);
    /// In its fixed form.
    fn json(&self, name: &str) -> Value;
    /// For the forms of machines.
    fn checked(&self) -> Checked;
    /// For people.
    fn show(&self, cli: &Cli, name: &str);
    /// Whether it is as it should be.
    fn is_right(&self) -> bool;
}

/// How the check of one environment ended.
pub(crate) struct Ended<T> {
    pub name: String,
    /// What was checked; `None` when its configuration cannot be used.
    pub session: Option<Session>,
    pub found: Result<T, Failure>,
    took: Duration,
}

/// Makes a check of every environment that was asked for.
pub(crate) async fn make<T: Findings>(
    cli: &Cli,
    args: &CheckArgs,
    check: impl AsyncFn(&Session) -> Result<T, Failure>,
) -> Result<Vec<Ended<T>>, Failure> {
    let (sessions, refused) = if args.all {
        session::all_configured(cli).await?
    } else {
        let session = session::configured(cli, args.env.as_deref()).await?;
        (vec![session], Vec::new())
    };
    let check = &check;
    let checks = sessions.into_iter().map(async |session| {
        let started = Instant::now();
        let found = check(&session).await;
        Ended {
            name: session.name.clone(),
            session: Some(session),
            found,
            took: started.elapsed(),
        }
    });
    let mut ended: Vec<Ended<T>> = stream::iter(checks)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    // One that cannot be read may be a closed one, and is not passed over.
    ended.extend(refused.into_iter().map(|(name, failure)| Ended {
        name,
        session: None,
        found: Err(failure),
        took: Duration::ZERO,
    }));
    ended.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(ended)
}

/// Tells what was found; the exit code.
pub(crate) fn tell<T: Findings>(
    cli: &Cli,
    args: &CheckArgs,
    ended: Vec<Ended<T>>,
) -> Result<u8, Failure> {
    let asked = args.format.or(cli.json.then_some(Form::Json));
    // A file stands beside the view for people, unless stdout is a machine's too.
    let on_stdout = match &args.out {
        Some(_) if cli.json => Form::Json,
        Some(_) => Form::Text,
        None => asked.unwrap_or(Form::Text),
    };
    if let Some(file) = &args.out {
        let form = args.format.unwrap_or(Form::Json);
        let form = if form == Form::Text { Form::Json } else { form };
        whole_file(file, &text(cli, &ended, form)?)?;
    }
    let alone = ended.len() == 1;
    if on_stdout == Form::Text {
        for ended in &ended {
            if let Ok(found) = &ended.found {
                found.show(cli, &ended.name);
            }
        }
    } else if !alone || ended.iter().all(|ended| ended.found.is_ok()) {
        anstream::print!("{}", text(cli, &ended, on_stdout)?);
    }
    let mut code = DONE;
    for Ended { name, found, .. } in ended {
        match found {
            Ok(found) if code == DONE && !found.is_right() => code = PENDING,
            Ok(_) => {}
            Err(failure) if alone => return Err(failure),
            Err(failure) => {
                code = FAILED;
                let message = format!("{name}: {}", failure.message);
                render::failure(&Failure { message, ..failure });
            }
        }
    }
    Ok(code)
}

/// The findings of all environments in a machine's form.
fn text<T: Findings>(cli: &Cli, ended: &[Ended<T>], form: Form) -> Result<String, Failure> {
    let form = match form {
        Form::Text | Form::Json => {
            let lines = ended.iter().map(|ended| match &ended.found {
                Ok(found) => format!("{}\n", found.json(&ended.name)),
                Err(failure) => {
                    let format = format!("genu-deploy/{}/1", T::CHECK.name());
                    let (env, error) = (&ended.name, &failure.message);
                    format!(
                        "{}\n",
                        json!({ "format": format, "env": env, "error": error })
                    )
                }
            });
            return Ok(lines.collect());
        }
        Form::Github => report::Format::Github,
        Form::Junit => report::Format::Junit,
        Form::Prometheus => report::Format::Prometheus,
        Form::Sarif => report::Format::Sarif,
    };
    let report = report_of(cli, ended);
    report::render(&report, form).map_err(|e| Failure::new(e.to_string()))
}

/// One report over everything that was checked.
pub(crate) fn report_of<T: Findings>(cli: &Cli, ended: &[Ended<T>]) -> Report {
    let environments = ended.iter().map(|ended| {
        let configured = ended.session.as_ref().map(|session| &session.environment);
        let place = ended.found.as_ref().map(T::place).ok();
        let text = |place: Option<&str>, said: Option<&String>| {
            let said = said.map(String::as_str).unwrap_or_default();
            place.unwrap_or(said).to_owned()
        };
        Environment {
            name: ended.name.clone(),
            account: text(
                place.map(|place| place.0),
                configured.and_then(|configured| configured.account.as_ref()),
            ),
            region: text(
                place.map(|place| place.1),
                configured.and_then(|configured| configured.region.as_ref()),
            ),
            took: ended.took,
            ended: match &ended.found {
                Ok(found) => Ok(found.checked()),
                Err(failure) => Err(failure.message.clone()),
            },
        }
    });
    Report {
        check: T::CHECK,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        configuration: cli.config.display().to_string(),
        environments: environments.collect(),
        at: jiff::Timestamp::now().as_second(),
    }
}

/// A collector may read the file at any time: it is written beside, then put in place.
pub(crate) fn whole_file(file: &std::path::Path, text: &str) -> Result<(), Failure> {
    let failed = |e| Failure::new(format!("cannot write {}: {e}", file.display()));
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = file.with_file_name(name);
    std::fs::write(&beside, text).map_err(failed)?;
    std::fs::rename(&beside, file).map_err(|e| {
        let _ = std::fs::remove_file(&beside);
        failed(e)
    })
}

//! `drift`: live against desired, for schedulers. Nothing is written, neither to AWS nor to the state.

use audit::Verdict;
use reconciler::{Action, Drifted, Impact, What, drift as drift_of, extra_tags};
use report::{Check, Checked, Finding, Severity};
use serde_json::{Value, json};

use crate::checks::{self, Findings};
use crate::cli::{Cli, DriftArgs};
use crate::exit::{FAILED, Failure};
use crate::session::{self, Session};
use crate::{audits, look, notify, render};

/// What was found out about an environment.
struct Found {
    drifted: Vec<Drifted>,
    /// Resources that are as they should be, with their kinds.
    in_sync: Vec<(String, String)>,
    notes: Vec<String>,
    audit: Option<Verdict>,
    account: String,
    region: String,
}

impl Findings for Found {
    const CHECK: Check = Check::Drift;

    fn place(&self) -> (&str, &str) {
        (&self.account, &self.region)
    }
    fn json(&self, name: &str) -> Value {
        let mut json = json!({
            "format": "genu-deploy/drift/1",
            "env": name,
            "in_sync": self.drifted.is_empty(),
            "drifted": self.drifted,
        });
        if let Some(verdict) = &self.audit {
            json["audit"] = audits::as_json(name, verdict);
        }
        json
    }
    fn checked(&self) -> Checked {
        let mut checked = Checked {
            findings: self.drifted.iter().map(told).collect(),
            passed: self.in_sync.clone(),
        };
        if let Some(verdict) = &self.audit {
            let audited = audits::checked(verdict);
            checked.findings.extend(audited.findings);
            checked.passed.extend(audited.passed);
        }
        checked
    }
    fn show(&self, cli: &Cli, name: &str) {
        render::drift(name, &self.drifted);
        if let Some(verdict) = &self.audit {
            render::audit(name, verdict);
        }
        render::notes(cli, &self.notes);
    }
    fn is_right(&self) -> bool {
        self.drifted.is_empty() && self.audit.as_ref().is_none_or(Verdict::closed)
    }
}

pub(crate) async fn drift(cli: &Cli, args: &DriftArgs) -> Result<u8, Failure> {
    let target = args.notify.as_deref().map(notify::Target::parse);
    let target = target.transpose()?;
    let check = async |session: &Session| found(cli, args, session).await;
    let ended = checks::make(cli, &args.check, check).await?;
    let mut unheard = None;
    if let Some(target) = &target {
        for ended in ended.chunks(1) {
            let report = checks::report_of(cli, ended);
            let Some(session) = ended.iter().find_map(|ended| ended.session.as_ref()) else {
                continue;
            };
            if let Err(failure) = notify::changed(cli, target, session, &report).await {
                unheard = Some(failure);
            }
        }
    }
    let code = checks::tell(cli, &args.check, ended)?;
    match unheard {
        None => Ok(code),
        Some(failure) => {
            render::failure(&failure);
            Ok(FAILED)
        }
    }
}

async fn found(cli: &Cli, args: &DriftArgs, session: &Session) -> Result<Found, Failure> {
    let reader = session.backend.reader(&session.name);
    let state = reader.load().await?;
    let (name, environment) = (&session.name, &session.environment);
    let connection = session::connect(cli, Some(environment), &state, &reader.place()).await?;
    let choices = look::Choices::none(cli);
    let look = look::towards(name, environment, &connection, &state, choices).await?;
    if state.header.is_none() && look.observation.deployments().is_empty() {
        return Err(Failure::new(format!("{name} has never been applied"))
            .hint("apply it first, or say with --state where its state is"));
    }
    let mut drifted = drift_of(&look.plan);
    if args.tags {
        drifted.extend(extra_tags(&look.desired, &look.observation, &look.marks));
    }
    let audit = if args.audit {
        let audited = audits::made(environment, &connection, &state).await?;
        Some(audited.verdict)
    } else {
        None
    };
    let mut notes = look.observation.notes.clone();
    notes.extend(look.verdict.refusals.iter().cloned());
    notes.extend(look.verdict.notes.iter().cloned());
    let in_sync = look.plan.steps.iter().filter(|step| {
        let told = drifted.iter().any(|drifted| drifted.id == step.id);
        step.action == Action::None && !step.external && !told
    });
    let in_sync = in_sync.map(|step| (step.id.to_string(), step.kind.to_owned()));
    Ok(Found {
        in_sync: in_sync.collect(),
        drifted,
        notes,
        audit,
        account: connection.account.clone(),
        region: connection.region.clone(),
    })
}

/// A finding for the forms of machines.
fn told(drifted: &Drifted) -> Finding {
    let fields: Vec<&str> = drifted.changes.iter().map(|c| c.field.as_str()).collect();
    let (rule, what) = match drifted.what {
        What::Changed => ("changed", "is other than it should be"),
        What::Missing => ("missing", "is not there"),
        What::Unexpected => ("unexpected", "has what it should not have"),
    };
    let mut message = format!("{} {what}", drifted.id);
    for more in [fields.join(", "), drifted.why.clone()] {
        if !more.is_empty() {
            message = format!("{message}: {more}");
        }
    }
    let healed = |change: &reconciler::Change| change.impact != Impact::LeftAlone;
    Finding {
        rule: rule.to_owned(),
        title: "live AWS is as the configuration says".to_owned(),
        severity: Severity::Error,
        resource: drifted.id.to_string(),
        kind: drifted.kind.to_owned(),
        message,
        details: drifted.changes.iter().map(render::change).collect(),
        remedy: if drifted.changes.iter().all(healed) {
            format!("`genu-deploy apply --only {}` heals it", drifted.id)
        } else {
            "whoever put it there can take it off".to_owned()
        },
        allowed: None,
    }
}

//! `audit`: proves that the closed network is closed, or says where it is not. Only looks.

use report::{Check, Checked};
use serde_json::Value;

use crate::audits::{self, Audited};
use crate::checks::{self, Findings};
use crate::cli::{AuditArgs, Cli};
use crate::exit::{DONE, Failure, PENDING};
use crate::picture;
use crate::render;
use crate::session::{self, Session};

/// What an audit came to.
struct Found {
    audited: Audited,
    account: String,
    region: String,
    strict: bool,
}

impl Findings for Found {
    const CHECK: Check = Check::Audit;

    fn place(&self) -> (&str, &str) {
        (&self.account, &self.region)
    }
    fn json(&self, name: &str) -> Value {
        audits::as_json(name, &self.audited.verdict)
    }
    fn checked(&self) -> Checked {
        audits::checked(&self.audited.verdict)
    }
    fn show(&self, cli: &Cli, name: &str) {
        render::audit(name, &self.audited.verdict);
        let unused = self.audited.verdict.unused_allowances.iter();
        let notes = unused.map(|rule| format!("{rule} is allowed, and nothing comes under it"));
        render::notes(cli, &notes.collect::<Vec<String>>());
    }
    fn is_right(&self) -> bool {
        let verdict = &self.audited.verdict;
        verdict.closed() && (!self.strict || verdict.findings.is_empty())
    }
}

pub(crate) async fn audit(cli: &Cli, args: &AuditArgs) -> Result<u8, Failure> {
    let check = async |session: &Session| found(cli, session, args.strict).await;
    let ended = checks::make(cli, &args.check, check).await?;
    let Some(format) = args.graph else {
        return checks::tell(cli, &args.check, ended);
    };
    let mut code = DONE;
    for ended in ended {
        let found = ended.found?;
        if !found.is_right() {
            code = PENDING;
        }
        let Audited {
            evidence, expected, ..
        } = found.audited;
        let reach = audit::reach(&evidence, &expected);
        let drawn = picture::reach(&ended.name, &evidence, &reach);
        picture::print(&drawn, format, args.check.out.as_deref())?;
    }
    Ok(code)
}

async fn found(cli: &Cli, session: &Session, strict: bool) -> Result<Found, Failure> {
    let reader = session.backend.reader(&session.name);
    let state = reader.load().await?;
    let connection =
        session::connect(cli, Some(&session.environment), &state, &reader.place()).await?;
    let audited = audits::made(&session.environment, &connection, &state).await?;
    Ok(Found {
        audited,
        account: connection.account.clone(),
        region: connection.region.clone(),
        strict,
    })
}

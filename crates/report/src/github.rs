//! Workflow commands of GitHub Actions. A command is one line, whatever the texts in it; a line
//! that is no command holds nothing from outside, so that no text can be taken for a command.

use std::fmt::Write as _;

use crate::{Environment, Finding, Report, Severity, Tally};

/// One group an environment when there are several, an annotation a finding, the summary last.
pub(crate) fn render(report: &Report) -> String {
    let mut out = String::new();
    let several = report.environments.len() > 1;
    for environment in &report.environments {
        if several {
            let name = format!("{}: {}", environment.name, state(environment));
            line(&mut out, &format!("::group::{}", data(&name)));
        }
        annotations(report, environment, &mut out);
        if several {
            line(&mut out, "::endgroup::");
        }
    }
    line(&mut out, &summary(report));
    out
}

fn annotations(report: &Report, environment: &Environment, out: &mut String) {
    let mut annotate = |command: &str, title: &str, text: &str| {
        let file = property(&report.configuration);
        let title = property(&format!("{}: {title}", environment.name));
        let text = data(text);
        line(
            out,
            &format!("::{command} file={file},title={title}::{text}"),
        );
    };
    match &environment.ended {
        Ok(checked) => {
            for finding in &checked.findings {
                let title = format!("{} ({})", finding.title, finding.rule);
                annotate(command(finding), &title, &text(finding));
            }
        }
        Err(why) => annotate("error", &format!("{} failed", report.check.name()), why),
    }
}

fn command(finding: &Finding) -> &'static str {
    match (finding.is_open(), finding.severity) {
        (true, Severity::Error) => "error",
        (true, Severity::Warning) => "warning",
        (false, _) => "notice",
    }
}

fn text(finding: &Finding) -> String {
    let mut lines = vec![finding.headline()];
    lines.extend(finding.more().cloned());
    if !finding.remedy.is_empty() {
        lines.push(format!("Remedy: {}", finding.remedy));
    }
    if let Some(reason) = &finding.allowed {
        lines.push(format!("Allowed: {reason}"));
    }
    lines.join("\n")
}

fn state(environment: &Environment) -> String {
    match &environment.ended {
        Ok(checked) => counts(checked.tally()),
        Err(_) => "not checked".to_owned(),
    }
}

fn summary(report: &Report) -> String {
    let (mut tally, mut unchecked) = (Tally::default(), 0);
    for environment in &report.environments {
        match &environment.ended {
            Ok(checked) => tally += checked.tally(),
            Err(_) => unchecked += 1,
        }
    }
    let environments = plural(report.environments.len(), "environment");
    let failed = match unchecked {
        0 => String::new(),
        n => format!(", {n} not checked"),
    };
    let (check, counts) = (report.check.name(), counts(tally));
    format!("genu-deploy {check}: {environments}{failed}; {counts}")
}

fn counts(tally: Tally) -> String {
    let Tally {
        errors,
        warnings,
        allowed,
    } = tally;
    let (errors, warnings) = (plural(errors, "error"), plural(warnings, "warning"));
    format!("{errors}, {warnings}, {allowed} allowed")
}

fn plural(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn line(out: &mut String, text: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "{text}");
}

/// As the runner reads a command's text.
fn data(text: &str) -> String {
    // The percent sign first, or those of the others would be escaped again.
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// As the runner reads a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

//! Any report: few names, so that some are the same; any text, so that some are awkward.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use report::{Check, Checked, Environment, Finding, Report, Severity};

pub(crate) fn text() -> impl Strategy<Value = String> {
    let awkward = select(vec![
        "%",
        "\r",
        "\n",
        ":",
        ",",
        "::",
        "%0A",
        "]]>",
        "<",
        "&",
        "\"",
        "\\",
        "{",
        "}",
        "閉域",
        "\u{0}",
        "\u{1b}[1m",
        "\u{85}",
        "\u{2028}",
        "\u{fffe}",
        "##[error]",
        " ",
        "",
    ]);
    let piece = prop_oneof![
        awkward.prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
        "[a-z]{1,4}",
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(vec!["a", "b", "a/b", "b/a"]).prop_map(str::to_owned),
        1 => text(),
    ]
}

fn rule(check: Check) -> impl Strategy<Value = String> {
    match check {
        Check::Drift => select(vec!["changed", "missing", "unexpected"])
            .prop_map(str::to_owned)
            .boxed(),
        Check::Audit => name().boxed(),
    }
}

pub(crate) fn finding(check: Check) -> impl Strategy<Value = Finding> {
    let texts = (text(), text(), text(), vec(text(), 0..3));
    let allowed = option::weighted(0.3, text());
    let severity = select(vec![Severity::Error, Severity::Warning]);
    (rule(check), name(), severity, name(), texts, allowed).prop_map(
        |(rule, resource, severity, kind, (title, message, remedy, details), allowed)| Finding {
            rule,
            title,
            severity,
            resource,
            kind,
            message,
            details,
            remedy,
            allowed,
        },
    )
}

fn checked(check: Check) -> impl Strategy<Value = Checked> {
    let passed = vec((name(), text()), 0..4);
    (vec(finding(check), 0..6), passed).prop_map(|(findings, passed)| Checked { findings, passed })
}

fn environment(check: Check) -> impl Strategy<Value = Environment> {
    let ended = prop_oneof![
        3 => checked(check).prop_map(Ok),
        1 => text().prop_map(Err),
    ];
    (text(), text(), 0_u64..1_000_000, ended).prop_map(|(name, region, took, ended)| Environment {
        name,
        account: "123456789012".into(),
        region,
        took: Duration::from_millis(took),
        ended,
    })
}

pub(crate) fn report_of(check: Check) -> impl Strategy<Value = Report> {
    let environments = vec(environment(check), 0..4);
    (environments, text(), text(), 0_i64..4_000_000_000).prop_map(
        move |(mut environments, version, configuration, at)| {
            for (index, environment) in environments.iter_mut().enumerate() {
                environment.name = format!("{index}{}", environment.name);
            }
            Report {
                check,
                version,
                configuration,
                environments,
                at,
            }
        },
    )
}

pub(crate) fn report() -> impl Strategy<Value = Report> {
    select(vec![Check::Drift, Check::Audit]).prop_flat_map(report_of)
}

//! Tells somebody when the findings of an environment have changed since the last check, and only
//! then. What the last check found is kept beside the state; a message that was not taken is tried
//! again at the next one.

use std::sync::Arc;

use report::{Change, Last, Report};
use serde_json::{Value, json};
use state::DRIFT_LAST;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use crate::cli::Cli;
use crate::exit::Failure;
use crate::session::Session;

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A webhook.
    Url(String),
    /// An SNS topic, by ARN.
    Topic { arn: String, region: String },
}

impl Target {
    /// Reads `https://…` or a topic's ARN.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let parts: Vec<&str> = text.split(':').collect();
        if let ["arn", _, "sns", region, _, _] = parts.as_slice() {
            return Ok(Self::Topic {
                arn: text.to_owned(),
                region: (*region).to_owned(),
            });
        }
        // Findings name what is open: they go over no line in the clear, but on this machine.
        let here = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
        let plain = here.iter().any(|here| text.starts_with(here));
        if text.starts_with("https://") || plain {
            return Ok(Self::Url(text.to_owned()));
        }
        // Not shown: it may hold the webhook's password all the same.
        Err(Failure::invalid(
            "what --notify (GENU_NOTIFY) names is neither an https:// URL nor the ARN of an SNS topic",
        ))
    }
}

/// Tells `target` what changed in one environment, if anything did.
pub(crate) async fn changed(
    cli: &Cli,
    target: &Target,
    session: &Session,
    report: &Report,
) -> Result<(), Failure> {
    let notes = session.backend.notes(&session.name);
    let before = notes.note(DRIFT_LAST).await?;
    // One that cannot be read is as good as none: better told twice than never.
    let before: Option<Last> = before.and_then(|text| serde_json::from_str(&text).ok());
    let now = Last::after(before.as_ref(), report);
    let change = now.since(before.as_ref());
    if !change.is_empty() {
        let name = &session.name;
        let message = message(name, report, &change);
        let sent = send(cli, target, name, &message).await;
        sent.map_err(|failure| {
            failure.hint(format!(
                "{name} is told again at the next check with --notify"
            ))
        })?;
    }
    let text = serde_json::to_string_pretty(&now).map_err(|e| Failure::new(e.to_string()))?;
    Ok(notes.keep(DRIFT_LAST, &format!("{text}\n")).await?)
}

/// `text` is what chat systems show.
fn message(name: &str, report: &Report, change: &Change) -> Value {
    let environment = report.environments.first();
    let place = environment.map(|e| format!("account {}, {}", e.account, e.region));
    json!({
        "format": "genu-deploy/drift-notice/1",
        "text": format!("genu-deploy {name} ({}): {change}", place.unwrap_or_default()),
        "env": name,
        "account": environment.map(|e| &e.account),
        "region": environment.map(|e| &e.region),
        "new": change.new,
        "gone": change.gone,
    })
}

async fn send(cli: &Cli, target: &Target, name: &str, message: &Value) -> Result<(), Failure> {
    match target {
        Target::Url(url) => {
            let (url, body) = (url.clone(), message.to_string());
            let bundle = aws::Bundle::of_user().await?;
            let posted = tokio::task::spawn_blocking(move || post(&url, &body, bundle.as_ref()));
            posted.await.map_err(|e| Failure::new(e.to_string()))?
        }
        Target::Topic { arn, region } => {
            let settings = crate::backend::settings(cli, Some(region));
            let subject = format!("genu-deploy: {name}");
            Ok(aws::publish(&settings, arn, &subject, &message.to_string()).await?)
        }
    }
}

/// After so long a webhook is given up.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

/// Whom the machine trusts; with a CA bundle, whom the bundle names as well: a proxy that opens TLS
/// opens it towards the webhook, too.
fn roots(bundle: Option<&aws::Bundle>) -> RootCerts {
    let Some(bundle) = bundle else {
        return RootCerts::PlatformVerifier;
    };
    let machine = rustls_native_certs::load_native_certs().certs;
    let all = machine.iter().map(AsRef::as_ref);
    let all = all.chain(bundle.certificates());
    all.map(|der| Certificate::from_der(der).to_owned()).into()
}

fn post(url: &str, body: &str, bundle: Option<&aws::Bundle>) -> Result<(), Failure> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(roots(bundle))
        .unversioned_rustls_crypto_provider(provider)
        .build();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        // Findings go where they were sent, and nowhere else.
        .max_redirects(0)
        .tls_config(tls)
        .build()
        .into();
    let answer = agent
        .post(url)
        .header("content-type", "application/json")
        .send(body);
    answer.map(drop).map_err(|e| {
        // The path of a webhook is its password.
        let host = url.split('/').nth(2).unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        Failure::new(format!("{host} did not take the notification: {e}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_lines_are_targets() {
        let topic = "arn:aws:sns:eu-west-1:123456789012:checks";
        assert!(
            matches!(Target::parse(topic), Ok(Target::Topic { region, .. }) if region == "eu-west-1")
        );
        for good in ["https://hooks.example/T/B", "http://127.0.0.1:8080/x"] {
            assert_eq!(Target::parse(good).ok(), Some(Target::Url(good.into())));
        }
        for bad in [
            "http://hooks.example/",
            "http://127.0.0.1.example/",
            "arn:aws:sqs:a:b:c",
            "",
        ] {
            assert_eq!(
                Target::parse(bad).err().map(|f| f.code),
                Some(crate::exit::INVALID),
                "{bad}"
            );
        }
    }
}

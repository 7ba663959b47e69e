//! A call that no service answered: why, and what the user does about it.

use std::error::Error;

use aws_config::profile::ProfileSet;

use crate::profile::{config_file, profiles};

/// The text of an error and of everything that it comes from.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&e| e.source());
    let texts: Vec<_> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

/// The next step after a call whose [`chain`] of errors holds no answer of the service it was for.
pub(crate) async fn hint(chain: &str) -> String {
    // Profiles that cannot be read were refused when the clients were made.
    let profiles = profiles().await.unwrap_or_default();
    advice(chain, &profiles)
}

/// The SDK's errors are private types in boxes: their texts are what can be told apart.
fn advice(chain: &str, profiles: &ProfileSet) -> String {
    let chain = chain.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| chain.contains(w));
    let selected = profiles.selected_profile();
    let file = config_file();
    let nobody = has(&["no credentials found in chain", "no providers in chain"]);
    if let Some(missing) = undefined(profiles)
        // Without AWS_PROFILE it is `default`, which nobody has to have.
        && (has(&["was not defined"]) || nobody && missing != "default")
    {
        let who = if missing == selected {
            "AWS_PROFILE".to_owned()
        } else {
            format!("`source_profile` on the way from the profile `{selected}`")
        };
        return format!(
            "no profile `{missing}`, which {who} names, is in {file}; \
             `aws configure list-profiles` lists those there are"
        );
    }
    if nobody {
        return format!(
            "there are no credentials: name a profile of {file} in AWS_PROFILE, or make one with \
             `aws configure sso` or `aws configure`"
        );
    }
    if has(&["credentials-login"]) {
        return format!(
            "genu-deploy cannot use `login_session` of a profile by itself; {}",
            exported(selected)
        );
    }
    if has(&["external process"]) {
        return format!(
            "`credential_process` of the profile `{selected}` in {file} failed: run its command by \
             itself and look at what it says"
        );
    }
    if let Some(advice) = on_the_way(&has) {
        return advice.to_owned();
    }
    if !has(&["credential", "access token"]) {
        return "run it again with -v to see the whole answer".to_owned();
    }
    // The profile itself, or the one that its role is assumed from.
    if let Some(profile) =
        origin(profiles, "sso_session").or_else(|| origin(profiles, "sso_start_url"))
    {
        return format!(
            "the SSO session has expired, or nobody has logged in yet: \
             `aws sso login --profile {profile}`"
        );
    }
    if origin(profiles, "mfa_serial").is_some() {
        return format!(
            "the role of the profile `{selected}` asks for a code (`mfa_serial`), which genu-deploy \
             does not send; {}",
            exported(selected)
        );
    }
    format!(
        "check the credentials: `aws sts get-caller-identity --profile {selected}` must work, too"
    )
}

/// What to do when the trouble is between here and AWS.
fn on_the_way(has: &impl Fn(&[&str]) -> bool) -> Option<&'static str> {
    let advice = if has(&["certificate"]) {
        "the certificate of the endpoint is not trusted: name the CA of the proxy or of the \
         endpoint in AWS_CA_BUNDLE, or in `ca_bundle` of the AWS profile"
    } else if has(&["dns error", "lookup address"]) {
        "the endpoint's name is not known here: look at the region and AWS_ENDPOINT_URL; behind a \
         proxy, set HTTPS_PROXY"
    } else if has(&["tunnel error"]) {
        "the proxy did not let the call through: look at HTTPS_PROXY and NO_PROXY"
    } else if has(&["io error", "timed out", "timeout", "connect error"]) {
        "is the endpoint reachable from here? Look at HTTPS_PROXY and NO_PROXY, the region, and \
         AWS_ENDPOINT_URL"
    } else {
        return None;
    };
    Some(advice)
}

/// The AWS CLI asks for what the SDK does not, and hands the result over.
fn exported(profile: &str) -> String {
    format!(
        "let the AWS CLI do it, and run this again: \
         `eval \"$(aws configure export-credentials --profile {profile} --format env)\"`"
    )
}

/// The selected profile, or the nearest one that its `source_profile` leads to, which has this key.
fn origin<'a>(profiles: &'a ProfileSet, key: &str) -> Option<&'a str> {
    let mut names = lineage(profiles).into_iter();
    names.find(|name| {
        profiles
            .get_profile(name)
            .is_some_and(|p| p.get(key).is_some())
    })
}

/// The first profile that is named and does not exist.
fn undefined(profiles: &ProfileSet) -> Option<&str> {
    let mut names = lineage(profiles).into_iter();
    names.find(|name| profiles.get_profile(name).is_none())
}

/// The names of the selected profile and of those that `source_profile` leads to, each once.
fn lineage(profiles: &ProfileSet) -> Vec<&str> {
    let mut names = Vec::new();
    let mut next = Some(profiles.selected_profile());
    while let Some(name) = next.filter(|name| !names.contains(name)) {
        names.push(name);
        next = profiles
            .get_profile(name)
            .and_then(|profile| profile.get("source_profile"));
    }
    names
}

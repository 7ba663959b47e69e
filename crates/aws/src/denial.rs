//! Denials in AWS's own words: which right was denied, on what, and by which kind of policy.
//!
//! Sources: "Access denied error messages" of the IAM user guide, and recorded answers. The words decide,
//! because the denied right need not be the call's own: `RunInstances` is denied for `iam:PassRole`.

/// What denied a call ("Access denied error messages", IAM user guide).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// No policy of the caller's allows it.
    IdentityMissing,
    /// A policy of the caller's own denies it.
    IdentityDenies,
    /// The permissions boundary of the caller.
    Boundary,
    /// The policy of the caller's session.
    Session,
    /// The organisation's service control policy.
    ServiceControl,
    /// The organisation's resource control policy.
    ResourceControl,
    /// The policy of the resource itself.
    Resource,
    /// The policy of the VPC endpoint that the call went through.
    Endpoint,
    /// The message does not say.
    Unsaid,
}

/// A denial, read from AWS's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial<'a> {
    /// The denied action, `iam:PassRole`.
    pub action: Option<&'a str>,
    /// What it was denied on: an ARN, or a bare name.
    pub resource: Option<&'a str>,
    /// The kind of policy that denied it.
    pub by: By,
}

const ENCODED: &str = "Encoded authorization failure message: ";

impl<'a> Denial<'a> {
    /// Reads a message; what it does not say is absent.
    pub(crate) fn of(message: &'a str) -> Self {
        let action = after(message, "not authorized to perform: ")
            .and_then(|rest| rest.split([' ', ',']).next())
            .map(|action| action.trim_end_matches('.'))
            .filter(|action| action.contains(':'));
        let resource = after(message, "on resource: ").map(|rest| {
            let end = [" because ", " with an ", ". Encoded", ". Go to"];
            let end = end.iter().filter_map(|end| rest.find(end)).min();
            rest[..end.unwrap_or(rest.len())].trim_matches('"')
        });
        Self {
            action,
            resource: resource.filter(|resource| !resource.is_empty()),
            by: by(message),
        }
    }
}

/// Which kind of policy it was: "because no … policy allows", "with an explicit deny in a … policy".
fn by(message: &str) -> By {
    let says = |what: &str| message.contains(what);
    if says("service control policy") {
        By::ServiceControl
    } else if says("resource control policy") {
        By::ResourceControl
    } else if says("permissions boundary") {
        By::Boundary
    } else if says("session policy") {
        By::Session
    } else if says("VPC endpoint policy") {
        By::Endpoint
    } else if says("resource-based policy") {
        By::Resource
    } else if says("explicit deny") {
        // Older services say "with an explicit deny" and not in what.
        if says("identity-based policy") {
            By::IdentityDenies
        } else {
            By::Unsaid
        }
    } else if says("no identity-based policy allows") {
        By::IdentityMissing
    } else {
        By::Unsaid
    }
}

fn after<'a>(text: &'a str, what: &str) -> Option<&'a str> {
    text.find(what).map(|at| &text[at + what.len()..])
}

/// The message without the encoded text, some thousand characters that nobody can read; the command that
/// reads it is in the hint, and the text is printed once, there.
pub(crate) fn shortened(message: &str) -> String {
    match message.split_once(ENCODED) {
        Some((told, _)) => told.trim_end().to_owned(),
        None => message.to_owned(),
    }
}

/// The encoded text, when there is one.
pub(crate) fn encoded(message: &str) -> Option<&str> {
    after(message, ENCODED).map(str::trim)
}

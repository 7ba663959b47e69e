//! The certificate of the user's own domain: looked at, never changed.

use jiff::Timestamp;
use reconciler::{Class, Fault};

use crate::call::call;
use crate::clients::Reads;

/// A certificate as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// `ISSUED`, `PENDING_VALIDATION`, `EXPIRED`, …
    pub status: String,
    /// Names it stands for.
    pub names: Vec<String>,
    /// When it ends.
    pub not_after: Option<Timestamp>,
}

impl Certificate {
    /// Looks at a certificate; `None` when there is none.
    ///
    /// # Errors
    /// A failed read.
    pub async fn look(reads: &Reads, arn: &str) -> Result<Option<Self>, Fault> {
        let request = reads
            .clients
            .acm
            .describe_certificate()
            .certificate_arn(arn);
        let answer = match call("acm:DescribeCertificate", request.send()).await {
            Err(fault) if fault.class == Class::Gone => return Ok(None),
            answer => answer?,
        };
        Ok(answer.certificate.map(|found| {
            let mut names = found.subject_alternative_names().to_vec();
            names.extend(found.domain_name().map(ToOwned::to_owned));
            names.sort();
            names.dedup();
            let end = found.not_after().map(aws_smithy_types::DateTime::secs);
            Self {
                status: found
                    .status()
                    .map_or("", |status| status.as_str())
                    .to_owned(),
                names,
                not_after: end.and_then(|seconds| Timestamp::from_second(seconds).ok()),
            }
        }))
    }

    /// Whether it stands for `domain`; a wildcard stands for one label.
    #[must_use]
    pub fn covers(&self, domain: &str) -> bool {
        self.names.iter().any(|name| {
            let name = name.to_lowercase();
            match name.strip_prefix("*.") {
                Some(parent) => domain
                    .split_once('.')
                    .is_some_and(|(_, rest)| rest == parent),
                None => name == domain,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let certificate = Certificate {
            status: "ISSUED".into(),
            names: vec!["*.genu.closed".into()],
            not_after: None,
        };
        assert!(certificate.covers("web.genu.closed"));
        assert!(!certificate.covers("genu.closed"));
        assert!(!certificate.covers("a.web.genu.closed"));
    }
}

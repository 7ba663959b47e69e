//! Policies of endpoints that stand in the VPC already and are used: what they would not let through.

use audit::{Passage, Request, is_unrestricted, passage};
use aws::ExistingEndpoint;

use crate::{Subject, Verdict};

/// A call that has to get through an endpoint, and what it is for.
struct Needed {
    action: &'static str,
    resource: String,
    /// Browsers call the proxies without AWS credentials.
    signed: bool,
    /// Whether the resource is AWS's own.
    of_aws: bool,
    otherwise: &'static str,
}

pub(crate) fn check(subject: &Subject<'_>, endpoint: &ExistingEndpoint, verdict: &mut Verdict) {
    if is_unrestricted(&endpoint.policy) {
        return;
    }
    let (id, service) = (&endpoint.id, &endpoint.service);
    let account = subject.around.account.as_str();
    let mut shut = false;
    for needed in needed(subject, service) {
        let request = Request {
            action: needed.action,
            resource: &needed.resource,
            signed: needed.signed,
            of_aws_and_not_of: needed.of_aws.then_some(account),
        };
        if passage(&endpoint.policy, &request) == Passage::Shut {
            shut = true;
            let unsigned = if needed.signed {
                ""
            } else {
                " without AWS credentials"
            };
            verdict.refuse(format!(
                "{id} ({service}) stands in the VPC already and is used, but its policy does not let {}{unsigned} on {} through: {}; widen its policy, genu-deploy does not change what it did not make",
                needed.action, needed.resource, needed.otherwise
            ));
        }
    }
    if !shut {
        verdict.note(format!(
            "{id} ({service}) has a policy of its own: what GenU calls through it gets only as far as that policy goes"
        ));
    }
}

/// What is known to go through an endpoint of `service`.
fn needed(subject: &Subject<'_>, service: &str) -> Vec<Needed> {
    let around = subject.around;
    let (partition, region, account) = (&around.partition, &around.region, &around.account);
    let prefix = format!("com.amazonaws.{region}.");
    let one = |action, resource: String, otherwise| Needed {
        action,
        resource,
        signed: true,
        of_aws: false,
        otherwise,
    };
    match service.strip_prefix(&prefix) {
        // "Minimum Amazon S3 Bucket Permissions for Amazon ECR".
        Some("s3") => vec![Needed {
            of_aws: true,
            ..one(
                "s3:GetObject",
                format!("arn:{partition}:s3:::prod-{region}-starport-layer-bucket/layer"),
                "no layer of the web server's image can be pulled, and no task starts",
            )
        }],
        Some("ecr.api") => vec![one(
            "ecr:GetAuthorizationToken",
            "*".into(),
            "no image can be pulled, and no task starts",
        )],
        Some("ecr.dkr") => vec![one(
            "ecr:BatchGetImage",
            format!(
                "arn:{partition}:ecr:{region}:{account}:repository/genu-{}-web",
                subject.name
            ),
            "no image can be pulled, and no task starts",
        )],
        Some("logs") => vec![one(
            "logs:PutLogEvents",
            format!(
                "arn:{partition}:logs:{region}:{account}:log-group:/genu/{}/web:log-stream:web",
                subject.name
            ),
            "the tasks cannot write their log, and stop",
        )],
        Some("execute-api") => vec![Needed {
            signed: false,
            ..one(
                "execute-api:Invoke",
                format!("arn:{partition}:execute-api:{region}:{account}:proxy/prod/POST/"),
                "browsers call the Cognito proxies so, and nobody can sign in",
            )
        }],
        Some("lambda") => vec![one(
            "lambda:InvokeFunction",
            format!("arn:{partition}:lambda:{region}:{account}:function:predict"),
            "answers that stream do not reach the browser",
        )],
        _ => Vec::new(),
    }
}

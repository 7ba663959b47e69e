//! Security headers, those of GenU's `CloudFront` variant as far as a closed network has them.
//! Invariant: every answer bears them, errors too; HSTS only where TLS was used.

use http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

/// What the load balancer says of the client's connection.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const TWO_YEARS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Whether the client reached the load balancer with TLS.
#[must_use]
pub fn came_by_tls(request: &HeaderMap) -> bool {
    request
        .get(FORWARDED_PROTO)
        .is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// Puts the headers on an answer.
pub fn secure(answer: &mut HeaderMap, policy: &HeaderValue, tls: bool) {
    answer.insert(CONTENT_SECURITY_POLICY, policy.clone());
    answer.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    let referrer = HeaderValue::from_static("strict-origin-when-cross-origin");
    answer.insert(REFERRER_POLICY, referrer);
    // By plain HTTP browsers must ignore it, and a network without a certificate never has it.
    if tls {
        answer.insert(STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    }
}

/// The policy for an app in `region`, of whatever generation of GenU's: GenU's own policy, its wildcards narrowed to the services that the app
/// calls, its hosts on the Internet left out: a closed network cannot reach them.
#[must_use]
pub fn default_policy(region: &str) -> String {
    let suffix = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    let at = |service: &str| format!("{service}.{region}.{suffix}");
    let buckets = format!("https://{} https://{}", at("s3"), at("*.s3"));
    let transcribe = at("transcribestreaming");
    let connect = [
        // GenU's API and, up to 5.3, the proxies of Cognito.
        format!("https://{}", at("*.execute-api")),
        // Cognito by its own names, which the app calls through PrivateLink since February 2026.
        format!("https://{}", at("cognito-idp")),
        format!("https://{}", at("cognito-identity")),
        // AgentCore's runtimes, since 5.3.
        format!("https://{}", at("bedrock-agentcore")),
        // Streamed answers.
        format!("https://{}", at("lambda")),
        format!("https://{}", at("polly")),
        // The browser's SDK connects to 8443; without a port a policy means 443 alone.
        format!("wss://{transcribe} wss://{transcribe}:8443"),
        buckets.clone(),
    ]
    .join(" ");
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        &format!("img-src 'self' data: blob: {buckets}"),
        &format!("media-src 'self' data: blob: {buckets}"),
        "font-src 'self' data:",
        &format!("connect-src 'self' {connect}"),
        "worker-src 'self' blob:",
        &format!("frame-src 'self' blob: {buckets}"),
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_is_of_the_region() {
        for (region, suffix) in [
            ("ap-northeast-1", ".ap-northeast-1.amazonaws.com"),
            ("cn-north-1", ".cn-north-1.amazonaws.com.cn"),
        ] {
            let policy = default_policy(region);
            let hosts = policy.split([' ', ';']).filter(|word| word.contains("://"));
            let hosts = hosts
                .map(|host| host.trim_end_matches(":8443"))
                .collect::<Vec<_>>();
            assert!(hosts.len() > 8);
            assert!(hosts.iter().all(|host| host.ends_with(suffix)), "{hosts:?}");
            assert!(HeaderValue::from_str(&policy).is_ok());
        }
    }
}

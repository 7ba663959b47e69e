//! Operations of the services that say them with method and path.

use percent_encoding::percent_decode_str;

/// Method, path with `*` for one segment, query key that must be there, operation. First match wins.
type Route = (&'static str, &'static str, &'static str, &'static str);

const API_GATEWAY: &[Route] = &[
    ("POST", "/restapis", "", "CreateRestApi"),
    ("GET", "/restapis", "", "GetRestApis"),
    ("GET", "/restapis/*", "", "GetRestApi"),
    ("PATCH", "/restapis/*", "", "UpdateRestApi"),
    ("DELETE", "/restapis/*", "", "DeleteRestApi"),
    ("GET", "/restapis/*/resources", "", "GetResources"),
    ("POST", "/restapis/*/resources/*", "", "CreateResource"),
    ("DELETE", "/restapis/*/resources/*", "", "DeleteResource"),
    ("PUT", "/restapis/*/resources/*/methods/*", "", "PutMethod"),
    (
        "DELETE",
        "/restapis/*/resources/*/methods/*",
        "",
        "DeleteMethod",
    ),
    (
        "PUT",
        "/restapis/*/resources/*/methods/*/responses/*",
        "",
        "PutMethodResponse",
    ),
    (
        "PUT",
        "/restapis/*/resources/*/methods/*/integration",
        "",
        "PutIntegration",
    ),
    (
        "PUT",
        "/restapis/*/resources/*/methods/*/integration/responses/*",
        "",
        "PutIntegrationResponse",
    ),
    ("POST", "/restapis/*/deployments", "", "CreateDeployment"),
    ("GET", "/restapis/*/deployments", "", "GetDeployments"),
    ("GET", "/restapis/*/deployments/*", "", "GetDeployment"),
    (
        "DELETE",
        "/restapis/*/deployments/*",
        "",
        "DeleteDeployment",
    ),
    ("POST", "/restapis/*/stages", "", "CreateStage"),
    ("GET", "/restapis/*/stages", "", "GetStages"),
    ("PATCH", "/restapis/*/stages/*", "", "UpdateStage"),
    ("DELETE", "/restapis/*/stages/*", "", "DeleteStage"),
    ("PUT", "/tags/*", "", "TagResource"),
    ("DELETE", "/tags/*", "", "UntagResource"),
    ("GET", "/tags/*", "", "GetTags"),
];

const ROUTE_53: &[Route] = &[
    ("POST", "/2013-04-01/hostedzone", "", "CreateHostedZone"),
    ("GET", "/2013-04-01/hostedzone", "", "ListHostedZones"),
    (
        "GET",
        "/2013-04-01/hostedzonesbyvpc",
        "",
        "ListHostedZonesByVPC",
    ),
    ("GET", "/2013-04-01/hostedzone/*", "", "GetHostedZone"),
    ("DELETE", "/2013-04-01/hostedzone/*", "", "DeleteHostedZone"),
    (
        "POST",
        "/2013-04-01/hostedzone/*",
        "",
        "UpdateHostedZoneComment",
    ),
    (
        "POST",
        "/2013-04-01/hostedzone/*/rrset",
        "",
        "ChangeResourceRecordSets",
    ),
    (
        "GET",
        "/2013-04-01/hostedzone/*/rrset",
        "",
        "ListResourceRecordSets",
    ),
    (
        "POST",
        "/2013-04-01/hostedzone/*/associatevpc",
        "",
        "AssociateVPCWithHostedZone",
    ),
    (
        "POST",
        "/2013-04-01/hostedzone/*/disassociatevpc",
        "",
        "DisassociateVPCFromHostedZone",
    ),
    ("GET", "/2013-04-01/change/*", "", "GetChange"),
    (
        "POST",
        "/2013-04-01/tags/hostedzone/*",
        "",
        "ChangeTagsForResource",
    ),
    (
        "GET",
        "/2013-04-01/tags/hostedzone/*",
        "",
        "ListTagsForResource",
    ),
];

/// Path-style addresses: bucket, then key, which may hold any number of segments (`**`).
const S3: &[Route] = &[
    ("PUT", "/*", "tagging", "PutBucketTagging"),
    ("PUT", "/*", "publicAccessBlock", "PutPublicAccessBlock"),
    (
        "PUT",
        "/*",
        "ownershipControls",
        "PutBucketOwnershipControls",
    ),
    ("PUT", "/*", "encryption", "PutBucketEncryption"),
    ("PUT", "/*", "policy", "PutBucketPolicy"),
    ("PUT", "/*", "versioning", "PutBucketVersioning"),
    ("PUT", "/*", "lifecycle", "PutBucketLifecycleConfiguration"),
    ("PUT", "/*", "", "CreateBucket"),
    ("DELETE", "/*", "", "DeleteBucket"),
    ("HEAD", "/*", "", "HeadBucket"),
    ("POST", "/*", "delete", "DeleteObjects"),
    ("GET", "/*", "tagging", "GetBucketTagging"),
    ("GET", "/*", "publicAccessBlock", "GetPublicAccessBlock"),
    (
        "GET",
        "/*",
        "ownershipControls",
        "GetBucketOwnershipControls",
    ),
    ("GET", "/*", "encryption", "GetBucketEncryption"),
    ("GET", "/*", "policy", "GetBucketPolicy"),
    ("GET", "/*", "versioning", "GetBucketVersioning"),
    ("GET", "/*", "lifecycle", "GetBucketLifecycleConfiguration"),
    ("GET", "/*", "location", "GetBucketLocation"),
    ("GET", "/*", "versions", "ListBucketVersions"),
    ("GET", "/*", "uploads", "ListBucketMultipartUploads"),
    ("GET", "/*", "", "ListBucket"),
    ("POST", "/**", "uploads", "CreateMultipartUpload"),
    ("POST", "/**", "uploadId", "CompleteMultipartUpload"),
    ("DELETE", "/**", "uploadId", "AbortMultipartUpload"),
    ("GET", "/**", "uploadId", "ListMultipartUploadParts"),
    ("PUT", "/**", "partNumber", "UploadPart"),
    ("PUT", "/**", "", "PutObject"),
    ("GET", "/**", "", "GetObject"),
    ("HEAD", "/**", "", "HeadObject"),
    ("DELETE", "/**", "", "DeleteObject"),
];

/// The operation behind method and path; both, where no table knows it.
pub(crate) fn rest(service: &str, method: &str, target: &str) -> String {
    let routes = match service {
        "apigateway" => API_GATEWAY,
        "route53" => ROUTE_53,
        "s3" => S3,
        _ => &[],
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let keys: Vec<String> = query
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default())
        .map(|key| percent_decode_str(key).decode_utf8_lossy().into_owned())
        .collect();
    let matches = |route: &&Route| {
        let (of, pattern, key, _) = **route;
        of == method
            && fits(pattern, &segments)
            && (key.is_empty() || keys.iter().any(|k| k == key))
    };
    routes.iter().find(matches).map_or_else(
        || format!("{method} {path}"),
        |(.., operation)| (*operation).to_owned(),
    )
}

fn fits(pattern: &str, segments: &[&str]) -> bool {
    if pattern == "/**" {
        return segments.len() > 1;
    }
    let wanted: Vec<&str> = pattern.split('/').filter(|s| !s.is_empty()).collect();
    let same = |(want, is): (&str, &&str)| want == "*" || want == *is;
    wanted.len() == segments.len() && wanted.into_iter().zip(segments).all(same)
}

#[cfg(test)]
mod tests {
    use super::rest;

    #[test]
    fn paths_are_told_apart_by_method_length_and_query() {
        assert_eq!(rest("apigateway", "POST", "/restapis"), "CreateRestApi");
        assert_eq!(
            rest(
                "apigateway",
                "PUT",
                "/restapis/a/resources/b/methods/GET/integration/responses/200"
            ),
            "PutIntegrationResponse"
        );
        assert_eq!(rest("s3", "PUT", "/bucket/?tagging"), "PutBucketTagging");
        assert_eq!(rest("s3", "PUT", "/bucket/"), "CreateBucket");
        assert_eq!(
            rest("s3", "PUT", "/bucket/priv/state.json?x-id=PutObject"),
            "PutObject"
        );
        assert_eq!(
            rest("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset/"),
            "ChangeResourceRecordSets"
        );
        assert_eq!(rest("s3", "PATCH", "/bucket"), "PATCH /bucket");
    }
}

//! The policy against what the app calls: every generation of GenU's reaches all it needs, nobody
//! reaches anything else, and no host stands in the policy that no generation calls.

use crate::site::Site;

/// Generations of GenU's app in closed mode.
const PROXIES: &str = "5.0 to 5.3: Cognito through proxies";
const PRIVATE_LINK: &str = "since February 2026: Cognito by its own names";
const BOTH: &str = "every generation";

/// What a browser does with an address: the directive that it comes under.
const CALL: &str = "connect-src";
const SHOW: &str = "img-src";
const PLAY: &str = "media-src";
const FRAME: &str = "frame-src";

/// One call of the app's: generation, directive, address without the region's part (`{r}`), and
/// where GenU's source makes it (paths below `packages/web/src`, hosts as its document
/// `CLOSED_NETWORK.md` lists them for DNS servers on premises).
pub(crate) const CALLS: &[(&str, &str, &str, &str)] = &[
    (
        PROXIES,
        CALL,
        "https://a1b2c3d4e5.execute-api.{r}/prod/",
        "components/AuthWithUserpool.tsx, VITE_APP_COGNITO_USER_POOL_PROXY_ENDPOINT",
    ),
    (
        PROXIES,
        CALL,
        "https://f6g7h8i9j0.execute-api.{r}/prod/",
        "components/AuthWithUserpool.tsx, VITE_APP_COGNITO_IDENTITY_POOL_PROXY_ENDPOINT",
    ),
    (
        PRIVATE_LINK,
        CALL,
        "https://cognito-idp.{r}/",
        "components/AuthWithUserpool.tsx: Amplify derives the host from the pool's id",
    ),
    (
        PRIVATE_LINK,
        CALL,
        "https://cognito-identity.{r}/",
        "GetId and GetCredentialsForIdentity of the browser's SDK",
    ),
    (
        BOTH,
        CALL,
        "https://k1l2m3n4o5.execute-api.{r}/api/chats",
        "VITE_APP_API_ENDPOINT",
    ),
    (
        BOTH,
        CALL,
        "https://lambda.{r}/2015-03-31/functions/x/response-streaming-invocations",
        "its document's hosts: streamed answers",
    ),
    (
        BOTH,
        CALL,
        "https://polly.{r}/v1/speech",
        "its document's hosts: spoken text",
    ),
    (
        BOTH,
        CALL,
        "wss://transcribestreaming.{r}:8443/stream-transcription-websocket",
        "its document's hosts, and the port of the browser's SDK",
    ),
    (
        BOTH,
        CALL,
        "https://genu-files.s3.{r}/id/name?X-Amz-Signature=x",
        "hooks/useFiles.ts: presigned upload",
    ),
    (
        BOTH,
        CALL,
        "https://s3.{r}/with.dots/id/name?X-Amz-Signature=x",
        "presigned URL of a bucket whose name has dots: path style",
    ),
    (
        BOTH,
        SHOW,
        "https://genu-files.s3.{r}/id/name.png?X-Amz-Signature=x",
        "hooks/useFileApi.ts: presigned download",
    ),
    (
        BOTH,
        SHOW,
        "https://s3.{r}/with.dots/id/name.png?X-Amz-Signature=x",
        "the same in path style",
    ),
    (
        BOTH,
        PLAY,
        "https://genu-videos.s3.{r}/id/output.mp4?X-Amz-Signature=x",
        "presigned download of a video",
    ),
    (
        BOTH,
        PLAY,
        "https://s3.{r}/with.dots/id/output.mp4?X-Amz-Signature=x",
        "the same in path style",
    ),
    (
        BOTH,
        FRAME,
        "https://genu-documents.s3.{r}/a.pdf?X-Amz-Signature=x",
        "documents that RAG answers from",
    ),
    (
        BOTH,
        FRAME,
        "https://s3.{r}/with.dots/a.pdf?X-Amz-Signature=x",
        "the same in path style",
    ),
    (
        BOTH,
        CALL,
        "https://bedrock-agentcore.{r}/runtimes/arn/invocations",
        "hooks/useAgentCoreApi.ts, since 5.3.0",
    ),
];

/// Addresses that no generation calls, and that lead, or could be made to lead, somebody's data away.
pub(crate) const FOREIGN: &[(&str, &str)] = &[
    (CALL, "https://calls.example.org/"),
    (CALL, "http://cognito-idp.{r}/"),
    (CALL, "https://cognito-idp.{r}:8443/"),
    (CALL, "https://cognito-idp.us-west-2.amazonaws.com/"),
    (CALL, "https://cognito-identity.us-west-2.amazonaws.com/"),
    (CALL, "https://bedrock-agentcore.us-west-2.amazonaws.com/"),
    (CALL, "https://x.cognito-idp.{r}/"),
    (CALL, "https://cognito-idp.{r}.example.org/"),
    (CALL, "https://execute-api.{r}/"),
    (
        CALL,
        "https://a1b2c3d4e5.execute-api.us-west-2.amazonaws.com/prod/",
    ),
    (CALL, "https://genu-files.s3.us-west-2.amazonaws.com/x"),
    (CALL, "https://genu-files.s3.amazonaws.com/x"),
    (CALL, "https://x.lambda-url.us-west-2.on.aws/"),
    (CALL, "https://sts.{r}/"),
    (CALL, "https://bedrock-runtime.{r}/model/x/invoke"),
    (CALL, "https://transcribestreaming.{r}/"),
    (CALL, "wss://transcribestreaming.{r}:9443/"),
    (CALL, "wss://sockets.example.org/"),
    (SHOW, "https://images.example.org/a.png"),
    (SHOW, "https://cognito-idp.{r}/a.png"),
    (PLAY, "https://videos.example.org/a.mp4"),
    (FRAME, "https://frames.example.org/"),
];

/// An address of the table in a region's names.
pub(crate) fn in_region(address: &str, names: &str) -> String {
    address.replace("{r}", names)
}

/// The sources of a directive; those of `default-src` where the policy has none.
fn sources<'p>(policy: &'p str, directive: &str) -> Vec<&'p str> {
    let find = |name: &str| {
        let mut directives = policy.split(';').map(str::split_whitespace);
        directives.find_map(|mut words| (words.next() == Some(name)).then(|| words.collect()))
    };
    find(directive).or_else(|| find("default-src")).unwrap()
}

/// The host of an address.
pub(crate) fn host(address: &str) -> &str {
    parts(address).unwrap().1
}

/// Scheme, host and port of an address, or of a source that names a host.
fn parts(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split('/').next()?;
    Some(match authority.split_once(':') {
        Some((host, port)) => (scheme, host, Some(port)),
        None => (scheme, authority, None),
    })
}

/// Whether a source admits an address ("Does url match expression in origin with redirect count?",
/// Content Security Policy Level 3, for sources with a scheme and without a path).
fn admits(source: &str, address: &str) -> bool {
    let (Some(source), Some(address)) = (parts(source), parts(address)) else {
        return false;
    };
    let upgraded = matches!((source.0, address.0), ("http", "https") | ("ws", "wss"));
    let host = match source.1.strip_prefix('*') {
        Some(rest) => address.1.ends_with(rest) && address.1.len() > rest.len(),
        None => source.1 == address.1,
    };
    let standard = |scheme: &str| {
        if matches!(scheme, "https" | "wss") {
            "443"
        } else {
            "80"
        }
    };
    let port = |(scheme, _, port): (&str, &str, Option<&str>)| {
        port.map_or_else(|| standard(scheme).to_owned(), ToOwned::to_owned)
    };
    (source.0 == address.0 || upgraded) && host && port(source) == port(address)
}

async fn policy_in(region: &str) -> String {
    let region = region.to_owned();
    let site = Site::start(move |config| {
        config.policy = genu_web::security::default_policy(&region).parse().unwrap();
    })
    .await;
    let page = site.get("/", &[]).await;
    page.header("content-security-policy").to_owned()
}

const REGIONS: [(&str, &str); 3] = [
    ("ap-northeast-1", "ap-northeast-1.amazonaws.com"),
    ("us-east-1", "us-east-1.amazonaws.com"),
    ("cn-north-1", "cn-north-1.amazonaws.com.cn"),
];

#[tokio::test]
async fn every_generation_reaches_what_it_calls_and_nothing_else() {
    for (region, names) in REGIONS {
        let policy = policy_in(region).await;
        let admitted = |directive: &str, address: &str| {
            let mut sources = sources(&policy, directive).into_iter();
            sources.any(|source| admits(source, &in_region(address, names)))
        };
        for (generation, directive, address, source) in CALLS {
            assert!(
                admitted(directive, address),
                "{region}: {directive} blocks {address} ({generation}; {source})"
            );
        }
        for (directive, address) in FOREIGN {
            assert!(
                !admitted(directive, address),
                "{region}: {directive} admits {address}"
            );
        }
    }
}

#[tokio::test]
async fn no_host_is_admitted_that_nobody_calls() {
    for (region, names) in REGIONS {
        let policy = policy_in(region).await;
        for directive in [CALL, SHOW, PLAY, FRAME] {
            for source in sources(&policy, directive) {
                let mut calls = CALLS.iter().filter(|call| call.1 == directive);
                let of_the_table = calls.any(|call| admits(source, &in_region(call.2, names)));
                // The SDK of some browsers' connects to 443.
                let websocket = source.starts_with("wss://transcribestreaming.");
                let host = source.contains("://");
                assert!(
                    !host || of_the_table || websocket,
                    "{region}: {directive} {source}"
                );
            }
        }
    }
}

//! The two private REST APIs through which browsers reach Cognito.

use std::collections::{BTreeMap, BTreeSet};

use aws::kinds::{Integration, Method, OPEN, PASSTHROUGH, RestApi, Stage, TIMEOUT_MS};

use crate::{Drawing, Ground, ids};

/// Headers that Cognito's clients send and the proxies pass on.
const HEADERS: [&str; 4] = [
    "Authorization",
    "Content-Type",
    "X-Amz-Target",
    "X-Amz-User-Agent",
];
/// Headers that a preflight may ask for. The reference forgets `authorization`, although its POST
/// maps it.
const PREFLIGHT: &str = "amz-sdk-invocation-id,amz-sdk-request,authorization,cache-control,content-type,x-amz-target,x-amz-user-agent";
const STAGE: &str = "prod";

impl Drawing<'_> {
    pub(crate) fn proxies(&mut self, ground: &Ground) {
        let region = &self.around.region;
        let suffix = if self.around.partition == "aws-cn" {
            ".cn"
        } else {
            ""
        };
        let user_pool = format!("https://cognito-idp.{region}.amazonaws.com{suffix}");
        let identity_pool = format!("https://cognito-identity.{region}.amazonaws.com{suffix}");
        let mut methods = BTreeMap::from([("POST /".to_owned(), proxy(&user_pool))]);
        methods.insert(
            "GET /{userPoolId}/.well-known/jwks.json".into(),
            jwks(&user_pool),
        );
        for path in [
            "/",
            "/{userPoolId}",
            "/{userPoolId}/.well-known",
            "/{userPoolId}/.well-known/jwks.json",
        ] {
            methods.insert(format!("OPTIONS {path}"), preflight("GET,POST,OPTIONS"));
        }
        self.proxy(
            ground,
            ids::USER_POOL_PROXY,
            "GenU Cognito UserPool Proxy API",
            methods,
        );
        let methods = BTreeMap::from([
            ("POST /".to_owned(), proxy(&identity_pool)),
            ("OPTIONS /".to_owned(), preflight("POST,OPTIONS")),
        ]);
        self.proxy(
            ground,
            ids::IDENTITY_POOL_PROXY,
            "GenU Cognito ID Pool Proxy API",
            methods,
        );
    }

    fn proxy(&mut self, ground: &Ground, id: &str, name: &str, methods: BTreeMap<String, Method>) {
        let Some(endpoint) = ground.endpoints(&["execute-api"]).pop() else {
            return;
        };
        let name = format!("{name} ({})", self.naming.env());
        let api = self.add(id, endpoint, RestApi { name, methods });
        self.add(&format!("{id}-stage"), api, Stage { name: STAGE.into() });
    }
}

/// `'value'`: API Gateway's literal.
fn literal(value: &str) -> String {
    format!("'{value}'")
}

fn cors(methods: &str, headers: &str) -> BTreeMap<String, String> {
    let header = |name: &str| format!("method.response.header.Access-Control-Allow-{name}");
    BTreeMap::from([
        (header("Headers"), literal(headers)),
        (header("Methods"), literal(methods)),
        (header("Origin"), literal("*")),
    ])
}

/// A method that anybody may call, and what answers it.
fn open(parameters: BTreeMap<String, bool>, integration: Integration) -> Method {
    Method {
        authorization: OPEN.into(),
        needs_key: false,
        parameters,
        integration,
    }
}

/// An integration of this kind with API Gateway's defaults.
fn plain(kind: &str, status: &str) -> Integration {
    Integration {
        kind: kind.into(),
        http_method: None,
        uri: None,
        parameters: BTreeMap::new(),
        templates: BTreeMap::new(),
        passthrough: PASSTHROUGH.into(),
        timeout_ms: TIMEOUT_MS,
        status: status.into(),
        headers: BTreeMap::new(),
        other_responses: BTreeSet::new(),
    }
}

fn preflight(methods: &str) -> Method {
    let integration = Integration {
        templates: BTreeMap::from([("application/json".into(), "{ statusCode: 200 }".into())]),
        headers: cors(methods, PREFLIGHT),
        ..plain("MOCK", "204")
    };
    open(BTreeMap::new(), integration)
}

fn proxy(backend: &str) -> Method {
    let pairs = HEADERS.map(|header| {
        (
            format!("integration.request.header.{header}"),
            format!("method.request.header.{header}"),
        )
    });
    let parameters = pairs.iter().map(|(_, from)| (from.clone(), false));
    let parameters = parameters.collect();
    let integration = Integration {
        http_method: Some("POST".into()),
        uri: Some(backend.to_owned()),
        parameters: pairs.into(),
        headers: cors(
            "POST,OPTIONS",
            "Content-Type,Authorization,Cache-Control,X-Amz-Target,X-Amz-User-Agent",
        ),
        ..plain("HTTP_PROXY", "200")
    };
    open(parameters, integration)
}

fn jwks(backend: &str) -> Method {
    let from = "method.request.path.userPoolId".to_owned();
    let integration = Integration {
        http_method: Some("GET".into()),
        uri: Some(format!("{backend}/{{userPoolId}}/.well-known/jwks.json")),
        parameters: BTreeMap::from([("integration.request.path.userPoolId".into(), from.clone())]),
        ..plain("HTTP", "200")
    };
    open(BTreeMap::from([(from, true)]), integration)
}

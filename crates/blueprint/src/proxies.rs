//! The two private REST APIs through which browsers reach Cognito.

use std::collections::BTreeMap;

use aws::kinds::{Integration, Method, RestApi, Stage};

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

fn preflight(methods: &str) -> Method {
    Method {
        parameters: BTreeMap::new(),
        integration: Integration {
            kind: "MOCK".into(),
            http_method: None,
            uri: None,
            parameters: BTreeMap::new(),
            templates: BTreeMap::from([("application/json".into(), "{ statusCode: 200 }".into())]),
            status: "204".into(),
            headers: cors(methods, PREFLIGHT),
        },
    }
}

fn proxy(backend: &str) -> Method {
    let pairs = HEADERS.map(|header| {
        (
            format!("integration.request.header.{header}"),
            format!("method.request.header.{header}"),
        )
    });
    Method {
        parameters: pairs
            .iter()
            .map(|(_, from)| (from.clone(), false))
            .collect(),
        integration: Integration {
            kind: "HTTP_PROXY".into(),
            http_method: Some("POST".into()),
            uri: Some(backend.to_owned()),
            parameters: pairs.into(),
            templates: BTreeMap::new(),
            status: "200".into(),
            headers: cors(
                "POST,OPTIONS",
                "Content-Type,Authorization,Cache-Control,X-Amz-Target,X-Amz-User-Agent",
            ),
        },
    }
}

fn jwks(backend: &str) -> Method {
    let from = "method.request.path.userPoolId".to_owned();
    Method {
        parameters: BTreeMap::from([(from.clone(), true)]),
        integration: Integration {
            kind: "HTTP".into(),
            http_method: Some("GET".into()),
            uri: Some(format!("{backend}/{{userPoolId}}/.well-known/jwks.json")),
            parameters: BTreeMap::from([("integration.request.path.userPoolId".into(), from)]),
            templates: BTreeMap::new(),
            status: "200".into(),
            headers: BTreeMap::new(),
        },
    }
}

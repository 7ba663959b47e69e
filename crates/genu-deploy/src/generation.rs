//! Which generation of GenU's stands before us, by what its source tree and its built app have in them,
//! never by a version number: 5.4.0 names both. And whether the network's way to Cognito is its own.

use std::fs;
use std::path::{Path, PathBuf};

use blueprint::ids;
use config::{Cognito, Configuration};
use serde_json::{Map, Value};
use site::Site;
use state::State;

/// Below GenU's CDK folder.
const SOURCES: &str = "lib/construct/closedNetwork";
/// The construct that GenU's pull request 1433 took out, and the one that has had the endpoints since.
const PROXIES: &str = "cognito-private-proxy.ts";
const ENDPOINTS: &str = "closed-vpc.ts";
/// Folders above the configuration in which GenU's source is looked for: `packages/cdk/parameter.ts` is
/// two below its root.
const ABOVE: usize = 4;
/// The stage of GenU's main API, and the one of the proxies.
const MAIN_STAGE: &str = "api";
const PROXY_STAGE: &str = "prod";

/// How an app reaches Cognito.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generation {
    /// Through two REST APIs, whose addresses it is built with.
    Proxies,
    /// By Cognito's own names, through interface endpoints.
    PrivateLink,
}

impl Generation {
    fn is_served_by(self, cognito: Cognito) -> bool {
        match self {
            Self::Proxies => cognito.has_proxies(),
            Self::PrivateLink => cognito.has_endpoints(),
        }
    }

    /// GenU's source beside `file` or above it, and its generation; nothing where there is none, or
    /// where it has marks of both or of neither.
    fn of_source(file: &Path) -> Option<(Self, PathBuf)> {
        let file = fs::canonicalize(file).ok()?;
        let above = file.ancestors().skip(1).take(ABOVE);
        let folders = above.flat_map(|folder| [folder.to_owned(), folder.join("packages/cdk")]);
        let cdk = folders
            .into_iter()
            .find(|folder| folder.join(SOURCES).is_dir())?;
        let sources = cdk.join(SOURCES);
        let endpoints = fs::read_to_string(sources.join(ENDPOINTS)).ok()?;
        match (
            sources.join(PROXIES).is_file(),
            endpoints.contains("cognito-identity"),
        ) {
            (true, false) => Some((Self::Proxies, cdk)),
            (false, true) => Some((Self::PrivateLink, cdk)),
            _ => None,
        }
    }
}

/// Whether GenU's source beside the configuration and the network of environment `name` fit together:
/// a note where they do not.
pub(crate) fn source_note(configuration: &Configuration, name: &str) -> Option<String> {
    let environment = configuration.environments.get(name)?;
    let file = &configuration.file;
    let (generation, cdk) = Generation::of_source(file)?;
    if generation.is_served_by(environment.closed_network_cognito) {
        return None;
    }
    let (because, lacks, wanted) = match generation {
        Generation::Proxies => (
            format!("has {SOURCES}/{PROXIES}, so its app reaches Cognito through the proxies"),
            "has no proxies",
            "proxies",
        ),
        Generation::PrivateLink => (
            format!(
                "has the endpoints of Cognito in {SOURCES}/{ENDPOINTS}, so its app reaches Cognito through PrivateLink"
            ),
            "has no endpoints of Cognito",
            "privatelink",
        ),
    };
    let key = "closedNetworkCognito";
    let line = match file.extension().and_then(|extension| extension.to_str()) {
        Some("json") => format!("\"{key}\": \"{wanted}\""),
        Some("ts") => format!("{key}: '{wanted}'"),
        _ => format!("{key} = \"{wanted}\""),
    };
    let places = configuration
        .written
        .get(name)
        .map(|written| &written.places);
    let place = match places.and_then(|places| places.get(key)) {
        Some((at, _)) => format!("{}:{at}", file.display()),
        None => format!("environment {name} of {}", file.display()),
    };
    Some(format!(
        "GenU's source in {} {because}, and this network {lacks}: nobody could sign in; write {line} in {place}, or \"both\" as long as an app of the other kind is in use",
        cdk.display()
    ))
}

/// An address of API Gateway's that an app is built with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Address {
    host: String,
    stage: String,
}

/// The addresses of API Gateway's in a text.
fn addresses(text: &str) -> Vec<Address> {
    const SERVICE: &str = ".execute-api.";
    let found = text.match_indices(SERVICE).filter_map(|(at, _)| {
        let before = text.get(..at)?;
        let id = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next()?;
        let scheme = before.strip_suffix(id)?;
        if id.is_empty() || !scheme.ends_with("https://") {
            return None;
        }
        let rest = text.get(at..)?;
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || ".-_/".contains(c)));
        let mut parts = rest[..end.unwrap_or(rest.len())].split('/');
        Some(Address {
            host: format!("{id}{}", parts.next()?),
            stage: parts.next()?.to_owned(),
        })
    });
    let mut found: Vec<Address> = found.collect();
    found.sort();
    found.dedup();
    found
}

/// What the network of a state offers to sign in with.
struct Offered {
    /// Addresses of the proxies.
    proxies: Vec<String>,
    endpoints: bool,
}

impl Offered {
    fn of(state: &State, outputs: &Map<String, Value>) -> Self {
        let names = [
            "CognitoPrivateProxyCognitoUserPoolProxyApiEndpoint",
            "CognitoPrivateProxyCognitoIdPoolProxyApiEndpoint",
        ];
        let proxies = names.iter().filter_map(|name| outputs.get(*name)?.as_str());
        Self {
            proxies: proxies.map(ToOwned::to_owned).collect(),
            endpoints: state.records.contains_key(ids::COGNITO)
                || state.pins.contains_key(ids::EXTERNAL_COGNITO),
        }
    }
}

/// Whether a built app and the network on record fit together: a note where they do not. What is no
/// app of GenU's says nothing.
pub(crate) fn app_note(site: &Site, state: &State, outputs: &Map<String, Value>) -> Option<String> {
    let offered = Offered::of(state, outputs);
    let mut addresses_found = Vec::new();
    let scripts = site.files.values();
    for file in scripts.filter(|file| {
        let extension = Path::new(&file.key).extension();
        extension.is_some_and(|kind| kind == "js" || kind == "html")
    }) {
        // What cannot be read is told where it is sent.
        let bytes = fs::read(&file.path).unwrap_or_default();
        addresses_found.extend(addresses(&String::from_utf8_lossy(&bytes)));
    }
    judged(&addresses_found, &offered)
}

fn judged(found: &[Address], offered: &Offered) -> Option<String> {
    let staged = |stage: &str| -> Vec<String> {
        let of = found.iter().filter(|address| address.stage == stage);
        of.map(|address| format!("https://{}/{stage}/", address.host))
            .collect()
    };
    let built_with = staged(PROXY_STAGE);
    if built_with.is_empty() {
        let genus = !staged(MAIN_STAGE).is_empty();
        return (genus && !offered.endpoints).then(|| "the app has no address of a proxy in it, so it reaches Cognito through PrivateLink, and this network has no endpoints of Cognito: nobody could sign in; apply closedNetworkCognito = \"both\" first, or push an app that is built with the addresses of the proxies".to_owned());
    }
    let app = built_with.join(", ");
    if offered.proxies.is_empty() {
        return Some(format!(
            "the app is built for Cognito proxies ({app}), and this network has none: nobody could sign in; apply closedNetworkCognito = \"both\" and build the app with the new proxies' addresses, or push an app of GenU's that has no proxies"
        ));
    }
    let ours = built_with
        .iter()
        .any(|address| offered.proxies.contains(address));
    (!ours).then(|| {
        format!(
            "the app is built for Cognito proxies that are not this network's ({app}): nobody could sign in; build it with {}",
            offered.proxies.join(" and ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    const OLD: (&str, &str) = (
        "packages/cdk/lib/construct/closedNetwork/cognito-private-proxy.ts",
        "",
    );
    const OLD_VPC: (&str, &str) = ("packages/cdk/lib/construct/closedNetwork/closed-vpc.ts", "");
    const NEW_VPC: (&str, &str) = (
        "packages/cdk/lib/construct/closedNetwork/closed-vpc.ts",
        "new InterfaceVpcEndpointAwsService('cognito-identity')",
    );

    #[test]
    fn the_source_tells_its_generation_from_wherever_the_configuration_is() {
        let of = |files: &[(&str, &str)], at: &str| {
            let dir = folder(files);
            let file = dir.path().join(at);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "").unwrap();
            Generation::of_source(&file).map(|(generation, _)| generation)
        };
        for at in [
            "genu.toml",
            "config/genu.toml",
            "packages/cdk/cdk.json",
            "packages/cdk/parameter.ts",
        ] {
            assert_eq!(of(&[OLD, OLD_VPC], at), Some(Generation::Proxies), "{at}");
            assert_eq!(of(&[NEW_VPC], at), Some(Generation::PrivateLink), "{at}");
            // Somebody's own mixture, or no GenU at all.
            assert_eq!(of(&[OLD, NEW_VPC], at), None, "{at}");
            assert_eq!(of(&[OLD_VPC], at), None, "{at}");
            assert_eq!(of(&[], at), None, "{at}");
        }
    }

    #[test]
    fn addresses_are_found_in_minified_text() {
        let text = r#"const a="https://abc123.execute-api.ap-northeast-1.amazonaws.com/prod/",b=`https://def456.execute-api.cn-north-1.amazonaws.com.cn/api/`;"x.execute-api.y/prod""#;
        let found = addresses(text);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|address| (address.host.as_str(), address.stage.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("abc123.execute-api.ap-northeast-1.amazonaws.com", "prod"),
                ("def456.execute-api.cn-north-1.amazonaws.com.cn", "api"),
            ]
        );
    }

    #[test]
    fn an_app_fits_or_is_told_why_not() {
        let main = "https://main.execute-api.r.amazonaws.com/api/";
        let own = "https://own.execute-api.r.amazonaws.com/prod/";
        let other = "https://other.execute-api.r.amazonaws.com/prod/";
        let note = |app: &[&str], proxies: &[&str], endpoints: bool| {
            let offered = Offered {
                proxies: proxies.iter().map(|&url| url.to_owned()).collect(),
                endpoints,
            };
            judged(&addresses(&app.join(" ")), &offered).unwrap_or_default()
        };
        for fits in [
            note(&[main, own], &[own], false),
            note(&[main, own], &[own], true),
            note(&[main], &[], true),
            note(&[main], &[own], true),
            note(&[], &[own], false),
        ] {
            assert_eq!(fits, "");
        }
        assert!(note(&[main], &[own], false).contains("no endpoints of Cognito"));
        assert!(note(&[main, own], &[], true).contains("this network has none"));
        assert!(note(&[main, other], &[own], false).contains("not this network's"));
    }
}

//! The binary behind a proxy that opens TLS: it goes through it, and trusts the CA that it is told of.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

/// A name that no resolver knows: it is reached through the proxy or not at all.
const HOST: &str = "sts.aws.invalid";

const GENU: &str = "[env.priv]
region = \"ap-northeast-1\"
modelRegion = \"ap-northeast-1\"
closedNetworkMode = true
closedNetworkVpcIpv4Cidr = \"10.0.0.0/16\"
";

/// Takes CONNECT, opens the TLS inside with a certificate of its own CA, and refuses each call.
struct Proxy {
    url: String,
    ca: String,
    /// Hosts that were asked for.
    connects: Arc<Mutex<Vec<String>>>,
    /// Calls that came through the TLS.
    calls: Arc<AtomicUsize>,
}

impl Proxy {
    fn start() -> Self {
        let mut authority = CertificateParams::new([]).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let ca = authority.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(authority, key);
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new([HOST.to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &issuer).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .unwrap();
        let tls = Arc::new(tls);

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (connects, calls) = (Arc::default(), Arc::default());
        let (asked, served) = (Arc::clone(&connects), Arc::clone(&calls));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (tls, asked, served) =
                    (Arc::clone(&tls), Arc::clone(&asked), Arc::clone(&served));
                std::thread::spawn(move || serve(stream.unwrap(), tls, &asked, &served));
            }
        });
        Self {
            url,
            ca,
            connects,
            calls,
        }
    }
}

fn serve(
    stream: TcpStream,
    tls: Arc<ServerConfig>,
    asked: &Mutex<Vec<String>>,
    served: &AtomicUsize,
) {
    let mut stream = stream;
    let first = head(&mut stream).swap_remove(0);
    asked.lock().unwrap().push(first);
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let mut inner = StreamOwned::new(ServerConnection::new(tls).unwrap(), stream);
    let lines = head(&mut inner);
    // A client that does not trust the certificate says nothing.
    if lines.is_empty() {
        return;
    }
    served.fetch_add(1, Ordering::SeqCst);
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
                <Message>through the proxy</Message></Error></ErrorResponse>";
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    );
    let _ = inner.write_all(answer.as_bytes());
    let _ = inner.flush();
}

/// The lines of a request before its body; none when the other side is gone.
fn head(stream: &mut impl Read) -> Vec<String> {
    // One byte at a time: what follows belongs to somebody else.
    let lines = BufReader::with_capacity(1, stream).lines();
    lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect()
}

/// `plan` against the host behind the proxy, in an environment with these variables only.
fn plan(home: &TempDir, proxy: &Proxy, variables: &[(&str, &str)]) -> Output {
    let config = home.path().join("genu.toml");
    std::fs::write(&config, GENU).unwrap();
    Command::new(env!("CARGO_BIN_EXE_genu-deploy"))
        .args(["plan", "priv", "--config"])
        .arg(config)
        .current_dir(home)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_ENDPOINT_URL", format!("https://{HOST}"))
        .env("HTTPS_PROXY", &proxy.url)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn says(output: &Output, words: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for word in words {
        assert!(text.contains(word), "no {word:?} in {text}");
    }
}

#[test]
fn a_proxy_is_used_and_its_ca_trusted() {
    let proxy = Proxy::start();
    let home = TempDir::new().unwrap();
    let bundle = home.path().join("ca.pem");
    std::fs::write(&bundle, &proxy.ca).unwrap();
    let bundle = bundle.to_str().unwrap();
    let config = home.path().join("aws-config");
    let profile = format!("[profile corp]\nca_bundle = {bundle}\n");
    std::fs::write(&config, profile).unwrap();
    let config = config.to_str().unwrap();
    let of_profile = [("AWS_CONFIG_FILE", config), ("AWS_PROFILE", "corp")];
    let ways: [&[(&str, &str)]; 3] = [
        &[("AWS_CA_BUNDLE", bundle)],
        &of_profile,
        // An empty variable is none.
        &[of_profile[0], of_profile[1], ("AWS_CA_BUNDLE", "")],
    ];
    for way in ways {
        let before = proxy.calls.load(Ordering::SeqCst);
        says(&plan(&home, &proxy, way), &["through the proxy"]);
        assert!(proxy.calls.load(Ordering::SeqCst) > before, "{way:?}");
    }
    let connects = proxy.connects.lock().unwrap();
    let expected = format!("CONNECT {HOST}:443 HTTP/1.1");
    assert!(connects.iter().all(|c| *c == expected), "{connects:?}");
}

#[test]
fn without_the_bundle_the_proxy_is_used_and_not_trusted() {
    let proxy = Proxy::start();
    let home = TempDir::new().unwrap();
    let refused = plan(&home, &proxy, &[]);
    says(&refused, &["certificate", "AWS_CA_BUNDLE"]);
    assert!(!proxy.connects.lock().unwrap().is_empty());
    assert_eq!(proxy.calls.load(Ordering::SeqCst), 0);
}

#[test]
fn no_proxy_goes_past_the_proxy() {
    let proxy = Proxy::start();
    let home = TempDir::new().unwrap();
    let bundle = home.path().join("ca.pem");
    std::fs::write(&bundle, &proxy.ca).unwrap();
    let bundle = ("AWS_CA_BUNDLE", bundle.to_str().unwrap());
    let past = plan(&home, &proxy, &[bundle, ("NO_PROXY", HOST)]);
    says(&past, &["name is not known here"]);
    assert_eq!(*proxy.connects.lock().unwrap(), [""; 0]);
}

#[test]
fn a_bundle_that_is_none_is_refused_before_any_call() {
    let proxy = Proxy::start();
    let home = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let file = home.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let key = KeyPair::generate().unwrap().serialize_pem();
    let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let good = write("good.pem", &proxy.ca);
    let missing = home.path().join("missing.pem");
    let files = [
        (write("empty.pem", ""), "no certificate is in it"),
        (write("key.pem", &key), "no certificate is in it"),
        (write("bad.pem", bad), "no usable certificate is in it"),
        (missing.to_str().unwrap().to_owned(), "No such file"),
        (home.path().to_str().unwrap().to_owned(), "directory"),
    ];
    for (file, why) in &files {
        let expected = ["AWS_CA_BUNDLE", file, why, "BEGIN CERTIFICATE"];
        says(&plan(&home, &proxy, &[("AWS_CA_BUNDLE", file)]), &expected);

        let profile = format!("[default]\nca_bundle = {file}\n");
        let config = ("AWS_CONFIG_FILE", &*write("aws-config", &profile));
        let expected = ["ca_bundle of the AWS profile default", file, why];
        says(&plan(&home, &proxy, &[config]), &expected);
        assert_eq!(*proxy.connects.lock().unwrap(), [""; 0]);

        // The variable wins.
        let wins = plan(&home, &proxy, &[config, ("AWS_CA_BUNDLE", &good)]);
        says(&wins, &["through the proxy"]);
        proxy.connects.lock().unwrap().clear();
    }
}

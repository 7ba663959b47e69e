//! What the binary says when credentials or the way to AWS fail: real profiles, and the next step.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "to panic is to fail the test"
)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use tempfile::TempDir;

const GENU: &str = "[env.priv]
region = \"ap-northeast-1\"
modelRegion = \"ap-northeast-1\"
closedNetworkMode = true
closedNetworkVpcIpv4Cidr = \"10.0.0.0/16\"
";

const PROFILES: &str = "
[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = secret

[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin

[sso-session corp]
sso_region = us-east-1
sso_start_url = https://d-abc.awsapps.com/start

[profile sso-of-old]
sso_region = us-east-1
sso_start_url = https://d-old.awsapps.com/start
sso_account_id = 123456789012
sso_role_name = Admin

[profile sso-expired]
sso_session = expired
sso_account_id = 123456789012
sso_role_name = Admin

[sso-session expired]
sso_region = us-east-1
sso_start_url = https://d-abc.awsapps.com/start

[profile role-over-sso]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = sso

[profile process]
credential_process = /bin/sh -c 'echo the vault is shut >&2; exit 3'

[profile mfa]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me

[profile role]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base

[profile orphan]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = gone

[profile login]
login_session = arn:aws:iam::123456789012:user/Admin

[profile bare]
region = eu-west-1
";

/// The SDK names the file of a session after the SHA-1 of the session's name, as the AWS CLI does.
const EXPIRED_FILE: &str = "45a6f9adb1df3a78aafc71391c7d3bfa7680229b.json";
const EXPIRED: &str = r#"{"accessToken": "old", "expiresAt": "2020-01-01T00:00:00Z",
    "region": "us-east-1", "startUrl": "https://d-abc.awsapps.com/start"}"#;

/// A closed port.
const CLOSED: &str = "http://127.0.0.1:9";

/// A home with the profiles.
fn home() -> TempDir {
    let home = TempDir::new().unwrap();
    let write = |file: &str, text: &str| {
        let file = home.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    write("genu.toml", GENU);
    write(".aws/config", PROFILES);
    write(&format!(".aws/sso/cache/{EXPIRED_FILE}"), EXPIRED);
    home
}

/// The hint of `plan` with this profile and these variables.
fn hint(home: &TempDir, profile: &str, variables: &[(&str, &str)]) -> String {
    let mut plan = Command::new(env!("CARGO_BIN_EXE_genu-deploy"));
    plan.args(["plan", "priv", "--config", "genu.toml"])
        .current_dir(home)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", CLOSED)
        .envs(variables.iter().copied());
    if !profile.is_empty() {
        plan.env("AWS_PROFILE", profile);
    }
    let ended = plan.output().unwrap();
    let text = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{text}");
    let (_, hint) = text
        .split_once("hint: ")
        .unwrap_or_else(|| panic!("no hint in {text}"));
    // For the reader of a failed test.
    format!("{hint}\n--- {profile} ---\n{text}")
}

/// A service that refuses every call, as AWS STS refuses a role without the code that it asks for.
fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 16_384]);
            let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
                        <Message>not authorized to perform: sts:AssumeRole</Message></Error>\
                        </ErrorResponse>";
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 403 Forbidden\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\n\
                 connection: close\r\n\r\n{body}"
            );
        }
    });
    url
}

/// A profile, variables beside it, and words of the next step.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

#[test]
fn each_failure_has_its_next_step() {
    let home = home();
    let refusing = refusing();
    let refusing: &[(&str, &str)] = &[("AWS_ENDPOINT_URL", &refusing)];
    let nowhere: &[(&str, &str)] = &[("AWS_ENDPOINT_URL", "https://sts.aws.invalid")];
    let proxy: &[(&str, &str)] = &[nowhere[0], ("HTTPS_PROXY", CLOSED)];
    let elsewhere: &[(&str, &str)] = &[("AWS_CONFIG_FILE", "/nowhere/config")];
    let cases: &[Case<'_>] = &[
        ("sso", &[], &["`aws sso login --profile sso`"]),
        ("sso-of-old", &[], &["`aws sso login --profile sso-of-old`"]),
        (
            "sso-expired",
            &[],
            &["expired", "`aws sso login --profile sso-expired`"],
        ),
        // Who logs in is the profile that the role is assumed from.
        ("role-over-sso", &[], &["`aws sso login --profile sso`"]),
        (
            "missing",
            &[],
            &["`missing`, which AWS_PROFILE names", "~/.aws/config"],
        ),
        (
            "sso",
            elsewhere,
            &["`sso`, which AWS_PROFILE names", "/nowhere/config"],
        ),
        (
            "orphan",
            &[],
            &["no profile `gone`", "`source_profile`", "`orphan`"],
        ),
        ("", &[], &["there are no credentials", "AWS_PROFILE"]),
        ("bare", &[], &["there are no credentials"]),
        ("process", &[], &["`credential_process`", "`process`"]),
        (
            "mfa",
            refusing,
            &[
                "mfa_serial",
                "`eval \"$(aws configure export-credentials --profile mfa --format env)\"`",
            ],
        ),
        (
            "role",
            refusing,
            &["`aws sts get-caller-identity --profile role`"],
        ),
        (
            "login",
            &[],
            &[
                "login_session",
                "`eval \"$(aws configure export-credentials --profile login --format env)\"`",
            ],
        ),
        // The way is to blame, not the profile.
        ("mfa", &[], &["is the endpoint reachable", "HTTPS_PROXY"]),
        ("base", &[], &["is the endpoint reachable", "HTTPS_PROXY"]),
        (
            "base",
            nowhere,
            &["name is not known", "region", "HTTPS_PROXY"],
        ),
        ("base", proxy, &["the proxy", "HTTPS_PROXY"]),
    ];
    for (profile, variables, words) in cases {
        let hint = hint(&home, profile, variables);
        let first = hint.lines().next().unwrap_or_default();
        for word in *words {
            assert!(first.contains(word), "no {word:?} in {hint}");
        }
    }
}

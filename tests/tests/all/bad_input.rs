//! Bad input: a clear refusal, the right exit code, no change.

use std::fmt::Write;

use journeys::{Emulator, Sandbox};

/// Lines that cannot work, added to a minimal environment whose next line is the fifth; the first
/// word is the key.
const CANNOT_WORK: &[&str] = &[
    "account = \"123\"",
    "account = \"12345678901a\"",
    "account = 123456789012",
    "modelIds = []",
    "modelIds = \"a-model\"",
    "modelIds = [1]",
    "modelIds = [{ modelId = \"x\", region = \"us-east-1\" }]",
    "modelIds = [{ modelId = \"x\" }]",
    "imageGenerationModelIds = [{ modelId = \"x\", region = \"us-east-1\" }]",
    "videoGenerationModelIds = [{ modelId = \"x\", region = \"us-east-1\" }]",
    "endpointNames = [{ modelId = \"x\", region = \"us-east-1\" }]",
    "speechToSpeechModelIds = [\"amazon.nova-sonic-v1:0\"]",
    "samlAuthEnabled = true",
    "samlAuthEnabled = \"true\"",
    "agentCoreRegion = \"us-east-1\"\nagentBuilderEnabled = true",
    "agentCoreExternalRuntimes = [{ name = \"x\", arn = \"y\" }]",
    "agentCoreExternalRuntimes = [{ name = \"x\", arn = \"arn:aws:bedrock-agentcore:us-east-1:111111111111:runtime/x\" }]",
    "createGenericAgentCoreRuntime = \"yes\"",
    "ragEnabled = \"yes\"",
    "hiddenUseCases = { translate = \"yes\" }",
    "closedNetworkMod = true",
    "closedNetworkVpcIpv4Cdir = \"10.0.0.0/16\"",
    "modelID = [\"x\"]",
    "region2 = \"x\"",
    "closedNetworkVpcIpv4Cidr = \"10.0.0.5/16\"",
    "closedNetworkVpcIpv4Cidr = \"10.0.0.0/15\"",
    "closedNetworkVpcIpv4Cidr = \"10.0.0.0/25\"",
    "closedNetworkVpcIpv4Cidr = \"10.0.0.0\"",
    "closedNetworkVpcIpv4Cidr = \"ten\"",
    "closedNetworkVpcIpv4Cidr = \"fd00::/56\"",
    "closedNetworkVpcIpv4Cidr = 10",
    "closedNetworkClientCidrs = [\"0.0.0.0/0\"]",
    "closedNetworkClientCidrs = \"10.0.0.0/8\"",
    "closedNetworkClientCidrs = [\"10.0.0.1/8\"]",
    "closedNetworkClientCidrs = [\"here\"]",
    "closedNetworkVpcId = \"vpc-1\"",
    "closedNetworkVpcId = \"subnet-0123456789abcdef0\"",
    "closedNetworkSubnetIds = [\"subnet-0123456789abcdef0\", \"subnet-0123456789abcdef1\"]",
    "closedNetworkSubnetIds = [\"subnet-0123456789abcdef0\"]\nclosedNetworkVpcId = \"vpc-0123456789abcdef0\"",
    "closedNetworkSubnetIds = []\nclosedNetworkVpcId = \"vpc-0123456789abcdef0\"",
    "closedNetworkSubnetIds = [\"a\", \"b\"]\nclosedNetworkVpcId = \"vpc-0123456789abcdef0\"",
    "closedNetworkSubnetIds = [\"subnet-0123456789abcdef0\", \"subnet-0123456789abcdef0\"]\nclosedNetworkVpcId = \"vpc-0123456789abcdef0\"",
    "closedNetworkAllowPublicSubnets = true",
    "closedNetworkDomainName = \"genu.closed\"",
    "closedNetworkCertificateArn = \"arn:aws:acm:ap-northeast-1:111111111111:certificate/a\"",
    "closedNetworkDomainName = \"genu.closed.\"\nclosedNetworkCertificateArn = \"arn:aws:acm:ap-northeast-1:111111111111:certificate/a\"",
    "closedNetworkDomainName = \"Genu.closed\"\nclosedNetworkCertificateArn = \"arn:aws:acm:ap-northeast-1:111111111111:certificate/a\"",
    "closedNetworkDomainName = \"genu\"\nclosedNetworkCertificateArn = \"arn:aws:acm:ap-northeast-1:111111111111:certificate/a\"",
    "closedNetworkDomainName = \"https://genu.closed\"\nclosedNetworkCertificateArn = \"arn:aws:acm:ap-northeast-1:111111111111:certificate/a\"",
    "closedNetworkDomainName = \"genu.amazonaws.com\"\nclosedNetworkCertificateArn = \"arn:aws:acm:ap-northeast-1:111111111111:certificate/a\"",
    "closedNetworkCertificateArn = \"arn:aws:acm:us-east-1:111111111111:certificate/a\"\nclosedNetworkDomainName = \"genu.closed\"",
    "closedNetworkCertificateArn = \"arn:aws:iam::111111111111:server-certificate/a\"\nclosedNetworkDomainName = \"genu.closed\"",
    "closedNetworkCertificateArn = \"arn:aws:acm:ap-northeast-1:111111111111:certificate/a\"\nclosedNetworkDomainName = \"genu.closed\"\naccount = \"222222222222\"",
    "closedNetworkEndpoints = \"some\"",
    "closedNetworkOnPremisesS3 = true\nclosedNetworkCreateResolverEndpoint = false",
    "closedNetworkLogRetentionDays = 31",
    "closedNetworkLogRetentionDays = \"90\"",
    "closedNetworkTags = { \"aws:x\" = \"y\" }",
    "closedNetworkTags = { Name = \"y\" }",
    "closedNetworkTags = [\"x\"]",
    "tagKey = \"genu-deploy:env\"\ntagValue = \"x\"",
    "closedNetworkCreateTestEnvironment = \"yes\"",
    "closedNetworkCreateResolverEndpoint = 1",
    "closedNetworkTestEnvironmentAmiId = \"latest\"",
    "closedNetworkTestEnvironmentAutoStopHours = 721",
    "closedNetworkTestEnvironmentAutoStopHours = -1",
    "closedNetworkWebImage = \"\"",
    "closedNetworkProtect = \"no\"",
];

/// Exit 4, place and key named, nobody called; and every message reads as it was written to be read.
#[test]
fn a_configuration_that_cannot_work_is_refused_with_its_place() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    nobody.set_nonblocking(true).unwrap();
    let sandbox = Sandbox::to(&format!("http://{}", nobody.local_addr().unwrap()));
    let mut messages = String::new();
    for lines in CANNOT_WORK {
        sandbox.configure_with(lines);
        let key = lines.split(' ').next().unwrap();
        let place = format!("config/genu.toml:5:1: env.priv.{key}: ");
        for command in [&["validate"][..], &["plan"], &["apply", "-y"]] {
            sandbox.run(command).expect(4).says(&[&place]);
        }
        let refused = sandbox.run(&["validate"]);
        writeln!(messages, "{lines}\n{}", refused.stderr).unwrap();
    }
    assert!(CANNOT_WORK.len() >= 60);
    assert!(nobody.accept().is_err(), "nobody was called");
    insta::assert_snapshot!("messages", messages);
}

/// GenU's own files: the same refusals, with their places.
#[test]
fn genus_own_files_are_read_and_never_run() {
    let sandbox = Sandbox::offline();
    let cases = [
        (
            "cdk.json",
            "{\n  \"context\": {\n    \"closedNetworkMode\": true,\n    \"samlAuthEnabled\": true\n  }\n}",
        ),
        (
            "cdk.json",
            "{\n  \"context\": {\n    \"closedNetworkMode\": true,\n    \"modelIds\": [],\n  }\n}",
        ),
        ("cdk.json", "{}"),
        (
            "cdk.json",
            "{ \"context\": { \"env\": \"検証\", \"closedNetworkMode\": true } }",
        ),
        (
            "cdk.json",
            "{ \"context\": {\n\"live\": { \"closedNetworkMode\": true } } }",
        ),
        (
            "parameter.ts",
            "const envs = {\n  priv: {\n    closedNetworkMode: true,\n    region: process.env.REGION,\n  },\n};",
        ),
        (
            "parameter.ts",
            "const envs = {\n  priv: {\n    closedNetworkMode: isClosed(),\n  },\n};",
        ),
        (
            "parameter.ts",
            "let region = 'x';\nconst envs = { priv: { closedNetworkMode: true, region } };",
        ),
        (
            "parameter.ts",
            "const a = { ...b };\nconst b = { ...a };\nconst envs = { priv: { closedNetworkMode: true, ...a } };",
        ),
        (
            "parameter.ts",
            "import { priv } from './priv';\nconst envs = {\n  priv,\n};",
        ),
        (
            "parameter.ts",
            "const envs = {\n  priv: {\n    closedNetworkMode: true\n    region: 'x',\n  },\n};",
        ),
        (
            "parameter.ts",
            "const a = { x: { ...a } };\nconst envs = { priv: { closedNetworkMode: true, closedNetworkTags: a } };",
        ),
        ("parameter.ts", "export const other = {};"),
        (
            "parameter.ts",
            "const envs = { priv: { closedNetworkMode: true, [key]: 1 } };",
        ),
        (
            "parameter.ts",
            "const envs = { priv: { closedNetworkMode: true, modelIds: [, 'x'] } };",
        ),
        (
            "parameter.ts",
            "const envs = { priv: { closedNetworkMode: true, account: `${1}` } };",
        ),
        ("genu.yaml", "env: priv"),
    ];
    let mut messages = String::new();
    for (file, text) in cases {
        std::fs::write(sandbox.path(file), text).unwrap();
        let refused = sandbox.run(&["--config", file, "validate"]).expect(4);
        writeln!(messages, "{text}\n{}", refused.stderr).unwrap();
    }
    insta::assert_snapshot!("messages-of-genus-files", messages);
}

/// The mission's own example, unchanged, in the file that GenU ships around it.
#[test]
fn the_missions_example_works_as_it_is() {
    let sandbox = Sandbox::offline();
    let example = include_str!("../../fixtures/parameter.ts");
    std::fs::write(sandbox.path("parameter.ts"), example).unwrap();
    let shown = sandbox
        .run(&["--config", "parameter.ts", "validate"])
        .expect(0);
    insta::assert_snapshot!("validate-parameter-ts", shown.stdout);
    let json = sandbox
        .run(&["--config", "parameter.ts", "--json", "validate"])
        .expect(0)
        .json();
    let priv_ = &json["environments"]["priv"];
    assert_eq!(priv_["closedNetworkDomainName"]["value"], "genu.closed");
    assert_eq!(
        priv_["closedNetworkSubnetIds"]["value"][1],
        "subnet-22222222222222222"
    );
    assert_eq!(priv_["closedNetworkProtect"]["from"], "default");
}

/// Environments without the closed mode may be written as their owners like; one that may have it is
/// named, and spoils no other.
#[test]
fn what_may_be_closed_is_not_taken_for_open() {
    let sandbox = Sandbox::offline();
    let text = "const base = { region: 'ap-northeast-1' };\nconst envs = {\n  dev: { region: process.env.X, nonsense: 1 },\n  prod: { closedNetworkMode: false, region: x() },\n  made: { ...load(), region: 'x' },\n  priv: { ...base, closedNetworkMode: true } as const,\n};";
    std::fs::write(sandbox.path("parameter.ts"), text).unwrap();
    let with = |words: &[&str]| {
        let all = [&["--config", "parameter.ts"], words].concat();
        sandbox.run(&all)
    };
    let json = with(&["--json", "validate", "priv"]).expect(0).json();
    assert_eq!(json["environments"]["priv"]["region"]["from"]["line"], 1);
    for open in ["dev", "prod"] {
        let refused = with(&["plan", open]).expect(4);
        refused.says(&["has not closedNetworkMode = true"]);
    }
    let why = "parameter.ts:5:";
    with(&["plan", "made"]).expect(4).says(&[why, "`load()`"]);
    // Without a name, all are asked for, and either could be meant.
    let json = with(&["--json", "validate"]).expect(4).json();
    assert_eq!(json["valid"], false);
    assert_eq!(json["refused"]["made"][0]["line"], 5);
    let names: Vec<&String> = json["environments"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["priv"]);
    with(&["validate"]).expect(4).says(&[why, "made"]);
    with(&["plan"])
        .expect(4)
        .says(&["priv", "cannot be used: made"]);
    with(&["destroy", "made", "-y"]).expect(4).says(&[why]);
}

/// What GenU takes and closed mode has no use for is said, by every command, and stops none.
#[test]
fn notes_are_told_and_stop_nothing() {
    let sandbox = Sandbox::offline();
    let text = "{ \"context\": {\n\"env\": \"Dev\", \"region\": \"ap-northeast-1\", \"closedNetworkMode\": true,\n\"closedNetworkVpcID\": \"vpc-1\",\n\"speechToSpeechModelIds\": [\"amazon.nova-sonic-v1:0\"],\n\"allowedIpV4AddressRanges\": [\"10.0.0.0/8\"],\n\"portalUrl\": \"x\" } }";
    std::fs::write(sandbox.path("cdk.json"), text).unwrap();
    // By the name here and by GenU's.
    for name in ["dev", "Dev"] {
        let shown = sandbox
            .run(&["--config", "cdk.json", "validate", name])
            .expect(0);
        insta::assert_snapshot!("validate-notes", shown.stdout);
        let json = sandbox
            .run(&["--config", "cdk.json", "--json", "validate", name])
            .expect(0)
            .json();
        assert_eq!(json["notes"]["dev"].as_array().unwrap().len(), 5);
    }
}

/// GenU's `cdk.json`: its anonymous environment is addressed as `default`, feature flags are none
/// of our business, and what is not closed is not looked at.
#[test]
fn cdk_json_names_its_environment() {
    let sandbox = Sandbox::offline();
    let with = |context: &str| {
        let text = format!("{{ \"app\": \"npx x\", \"context\": {{ {context} }} }}");
        std::fs::write(sandbox.path("cdk.json"), text).unwrap();
        sandbox.run(&["--config", "cdk.json", "--json", "validate"])
    };
    let flags = "\"@aws-cdk/core:checkSecretUsage\": true, \"aws-cdk:x\": 1";
    let json = with(&format!(
        "\"env\": \"\", \"closedNetworkMode\": true, \"tagKey\": null, {flags}"
    ));
    let json = json.expect(0).json();
    assert!(json["environments"]["default"].is_object(), "{json}");
    let json = with("\"env\": \"dev\", \"closedNetworkMode\": true, \"ragEnabled\": true")
        .expect(0)
        .json();
    assert_eq!(json["environments"]["dev"]["ragEnabled"]["value"], true);
    let json = with("\"env\": \"dev\", \"modelRegion\": 7, \"nonsense\": 1")
        .expect(0)
        .json();
    assert_eq!(json["environments"], serde_json::json!({}));
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let sandbox = Sandbox::offline();
    sandbox
        .run(&["plan", "prod"])
        .expect(4)
        .says(&["no closed environment \"prod\"", "it has: priv"]);
    sandbox.configure("[env.priv\n");
    sandbox
        .run(&["validate"])
        .expect(4)
        .says(&["config/genu.toml:1:10: "]);
    sandbox
        .configure("[env.priv]\nregion = \"a\"\nmodelRegion = \"b\"\nclosedNetworkMode = true\n");
    sandbox
        .run(&["validate"])
        .expect(4)
        .says(&["genu.toml:3:1: env.priv.modelRegion: b is not the region a"]);
    sandbox.configure(
        "[env.open]\n[env.a]\nclosedNetworkMode = true\n[env.b]\nclosedNetworkMode = true\n",
    );
    sandbox
        .run(&["plan"])
        .expect(4)
        .says(&["no environment named", "a, b"]);
    sandbox
        .run(&["plan", "open"])
        .expect(4)
        .says(&["has not closedNetworkMode = true"]);
    sandbox
        .run(&["--config", "nowhere.toml", "validate"])
        .expect(4)
        .says(&["nowhere.toml: there is no such file"]);
    sandbox
        .run(&["outputs"])
        .expect(4)
        .says(&["holds no environment"]);
    sandbox
        .run(&["--state", "s3://b/p", "plan", "a"])
        .expect(4)
        .says(&["s3://b/p names no bucket", "s3://BUCKET/PREFIX"]);
    sandbox
        .run(&["state", "bootstrap"])
        .expect(4)
        .says(&["is a directory", "--state s3://"]);
    let _ = sandbox
        .run(&["--lock-timeout", "soon", "apply", "a"])
        .expect(4);
    sandbox
        .run(&["apply", "a"])
        .expect(1)
        .says(&["no terminal to ask on", "-y"]);
    sandbox
        .run(&["destroy", "nothing", "-y"])
        .expect(4)
        .says(&["knows an environment \"nothing\""]);
    let _ = sandbox.run(&["frobnicate"]).expect(4);
}

#[test]
fn no_region_no_endpoint_no_credentials() {
    let sandbox = Sandbox::offline();
    sandbox.configure("[env.priv]\nclosedNetworkMode = true\n");
    sandbox
        .run(&["plan"])
        .expect(1)
        .says(&["no region is set", "AWS_REGION"]);
    let closed = ["--endpoint-url", "http://127.0.0.1:9", "plan"];
    sandbox.configure_with("");
    sandbox
        .run(&closed)
        .expect(1)
        .says(&["sts:GetCallerIdentity", "is the endpoint reachable"]);
    let nobody: journeys::Ended = sandbox
        .command(&closed)
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .output()
        .unwrap()
        .into();
    nobody.expect(1).says(&["credentials"]);
}

#[test]
fn a_state_of_a_newer_version_is_refused_and_a_torn_line_is_not() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    std::fs::create_dir_all(sandbox.path(".genu/priv")).unwrap();
    let journal = sandbox.path(".genu/priv/journal.jsonl");
    std::fs::write(&journal, "{\"format\":\"genu-deploy/journal/2\"}\n").unwrap();
    sandbox
        .run(&["plan"])
        .expect(1)
        .says(&["genu-deploy/journal/2", "version"]);
    std::fs::write(
        &journal,
        "{\"format\":\"genu-deploy/journal/1\"}\n{\"serial\":1,\"op\":\"pin",
    )
    .unwrap();
    let _ = sandbox.run(&["plan"]).expect(0);
    std::fs::write(
        &journal,
        "{\"format\":\"genu-deploy/journal/1\"}\nnonsense\n",
    )
    .unwrap();
    sandbox
        .run(&["plan"])
        .expect(1)
        .says(&["journal.jsonl, line 2", "state rebuild"]);
}

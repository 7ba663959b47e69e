//! Bad input: a clear refusal, the right exit code, no change.

use journeys::{Emulator, Sandbox};

/// Configurations that cannot work: exit 4, the place and the reason named, no AWS call (there is
/// nothing to call).
#[test]
fn a_configuration_that_cannot_work_is_refused_with_its_place() {
    let cases = [
        (
            "closedNetworkVpcIpv4Cidr = \"10.0.0.5/16\"",
            "10.0.0.5/16 has host bits; the range is 10.0.0.0/16",
        ),
        ("closedNetworkVpcIpv4Cidr = \"10.0.0.0/15\"", "at most /16"),
        ("closedNetworkVpcIpv4Cidr = \"10.0.0.0/25\"", "at least /24"),
        (
            "closedNetworkVpcIpv4Cidr = \"ten\"",
            "an IPv4 range such as 10.0.0.0/16 is expected",
        ),
        ("closedNetworkClientCidrs = [\"0.0.0.0/0\"]", "is everybody"),
        (
            "closedNetworkClientCidrs = \"10.0.0.0/8\"",
            "expected a sequence",
        ),
        (
            "closedNetworkVpcIpv4Cdir = \"10.0.0.0/16\"",
            "did you mean closedNetworkVpcIpv4Cidr?",
        ),
        ("modelIds = []", "must not be empty"),
        (
            "modelIds = [{ modelId = \"x\", region = \"us-east-1\" }]",
            "models must be in ap-northeast-1",
        ),
        (
            "speechToSpeechModelIds = [\"amazon.nova-sonic-v1:0\"]",
            "voice chat is not available",
        ),
        ("samlAuthEnabled = true", "SAML is not available"),
        ("account = \"123\"", "no account id of twelve digits"),
        ("closedNetworkLogRetentionDays = 31", "not among the days"),
        ("closedNetworkTags = { \"aws:x\" = \"y\" }", "is reserved"),
        (
            "closedNetworkCreateTestEnvironment = \"yes\"",
            "expected a boolean",
        ),
        ("closedNetworkVpcId = \"vpc-1\"", "beyond this version"),
    ];
    let sandbox = Sandbox::offline();
    for (line, reason) in cases {
        sandbox.configure_with(line);
        let key = line.split(' ').next().unwrap();
        for command in [&["validate"][..], &["plan"], &["apply", "-y"]] {
            let refused = sandbox.run(command).expect(4);
            refused.says(&["config/genu.toml:5:1: env.priv.", key, reason]);
        }
    }
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
        .says(&["S3"]);
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
        .says(&["journal.jsonl, line 2", "apply --adopt"]);
}

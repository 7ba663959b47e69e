//! The main journey: up, right, down.

use journeys::{Emulator, Sandbox};
use serde_json::Value;

#[test]
fn up_again_down() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    // The emulator makes its defaults on the first call.
    let _ = sandbox.run(&["plan", "priv"]).expect(0);
    let before = emulator.inventory();

    let up = sandbox.run(&["apply", "priv", "-y", "--json"]).expect(0);
    let last: Value = serde_json::from_str(up.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["event"], "summary");
    assert_eq!(last["result"], "done");
    let outputs = sandbox.run(&["outputs", "--json"]).expect(0).json();
    assert_eq!(last["outputs"], outputs);
    assert!(emulator.inventory().len() > before.len() + 50);
    for name in [
        "ApiGatewayVpcEndpointId",
        "CognitoPrivateProxyCognitoIdPoolProxyApiEndpoint",
        "CognitoPrivateProxyCognitoUserPoolProxyApiEndpoint",
        "LoadBalancerDnsName",
        "ResolverId",
        "ResolverIpAddresses",
        "SubnetIds",
        "VpcId",
        "WebBucketName",
        "WebUrl",
        "WindowsInstanceId",
        "WindowsRdpGetSSMKeyCommand",
    ] {
        assert!(!outputs[name].is_null(), "{name} is missing");
    }
    let url = sandbox.run(&["outputs", "priv", "WebUrl"]).expect(0);
    assert_eq!(url.stdout.trim(), outputs["WebUrl"]);

    emulator.reset_calls();
    let plan = sandbox
        .run(&["plan", "--json", "--detailed-exitcode"])
        .expect(0)
        .json();
    assert_eq!(plan["format"], "genu-deploy/plan/1");
    assert!(
        emulator.calls().len() <= 67,
        "{} calls for a plan",
        emulator.calls().len()
    );
    let _ = sandbox.run(&["apply", "priv", "-y"]).expect(0);
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());

    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
    let deletes = emulator
        .calls()
        .iter()
        .filter(|c| c.ends_with("DeleteVpcEndpoints"))
        .count();
    assert!(deletes <= 4, "{deletes} DeleteVpcEndpoints");
    assert!(
        !sandbox.path(".genu/priv").exists(),
        "the state goes with the last resource"
    );
    assert_eq!(emulator.inventory(), before, "nothing is left behind");
}

#[test]
fn what_was_changed_by_hand_is_seen_and_healed() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["apply", "priv", "-y"]).expect(0);
    let vpc = sandbox.run(&["outputs", "priv", "VpcId"]).expect(0).stdout;
    let off = [("VpcId", vpc.trim()), ("EnableDnsHostnames.Value", "false")];
    emulator.ec2("ap-northeast-1", "ModifyVpcAttribute", &off);

    let plan = sandbox
        .run(&["plan", "--json", "--detailed-exitcode"])
        .expect(2)
        .json();
    assert_eq!(plan["summary"]["update"], 1);
    let step = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["action"] == "update")
        .unwrap();
    assert_eq!(step["id"], "network/vpc");
    assert_eq!(step["changes"][0]["field"], "dns_hostnames");
    assert_eq!(step["changes"][0]["impact"], "in-place");
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn a_saved_plan_is_carried_out_exactly_or_not_at_all() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    sandbox.configure_with("closedNetworkLogRetentionDays = 30");
    let _ = sandbox
        .run(&["plan", "--out", "saved.json", "--detailed-exitcode"])
        .expect(2);
    sandbox.configure_with("closedNetworkLogRetentionDays = 60");
    sandbox
        .run(&["apply", "--plan", "saved.json"])
        .expect(1)
        .says(&["moved on"]);
    sandbox.configure_with("closedNetworkLogRetentionDays = 30");
    emulator.reset_calls();
    let _ = sandbox.run(&["apply", "--plan", "saved.json"]).expect(0);
    assert_eq!(emulator.changing_calls(), ["logs:PutRetentionPolicy"]);
}

#[test]
fn a_lost_state_is_found_again_by_tags_and_taken_over_with_consent() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    std::fs::remove_dir_all(sandbox.path(".genu")).unwrap();

    let plan = sandbox.run(&["plan", "--json"]).expect(0).json();
    assert_eq!(plan["summary"]["create"], 0, "{plan:#}");
    assert!(plan["summary"]["adopt"].as_u64().unwrap() > 50);
    emulator.reset_calls();
    sandbox.run(&["apply", "-y"]).expect(1).says(&["--adopt"]);
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
    let _ = sandbox.run(&["apply", "-y", "--adopt"]).expect(0);
    assert_eq!(
        emulator.changing_calls(),
        Vec::<String>::new(),
        "adopting changes nothing in AWS"
    );
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);

    std::fs::remove_dir_all(sandbox.path(".genu")).unwrap();
    sandbox
        .run(&["destroy", "priv", "-y"])
        .expect(1)
        .says(&["--from-tags"]);
    let _ = sandbox
        .run(&["destroy", "priv", "-y", "--from-tags"])
        .expect(0);
    let plan = sandbox.run(&["plan", "--json"]).expect(0).json();
    assert_eq!(
        plan["summary"]["adopt"], 0,
        "nothing is left to be found: {plan:#}"
    );
}

#[test]
fn one_environment_in_two_regions_does_not_touch_itself() {
    let emulator = Emulator::start(&[]);
    let (tokyo, osaka) = (Sandbox::new(&emulator), Sandbox::new(&emulator));
    osaka.configure("[env.priv]\nregion = \"ap-northeast-3\"\nclosedNetworkMode = true\n");
    let _ = tokyo.run(&["apply", "-y"]).expect(0);
    let _ = osaka.run(&["apply", "-y"]).expect(0);
    let _ = tokyo.run(&["plan", "--detailed-exitcode"]).expect(0);
    let _ = osaka.run(&["destroy", "-y"]).expect(0);
    let _ = tokyo.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn a_test_environment_can_be_switched_off_and_on() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    sandbox.configure_with(
        "closedNetworkCreateTestEnvironment = false\nclosedNetworkCreateResolverEndpoint = false",
    );
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let outputs = sandbox.run(&["outputs", "--json"]).expect(0).json();
    assert!(outputs["WindowsInstanceId"].is_null() && outputs["ResolverId"].is_null());
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
    sandbox.configure_with("");
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
}

//! What goes wrong: signals, kills, images that are nowhere, others in the way.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::time::{Duration, Instant};

use fault_injector::{Fault, Injector, Script, Sky};
use journeys::{Emulator, Sandbox, binary};

fn signal(pid: u32, signal: &str) {
    let ended = std::process::Command::new("kill")
        .args([signal, &pid.to_string()])
        .status();
    assert!(ended.unwrap().success());
}

/// Waits until the journal speaks of `word`.
fn until_recorded(sandbox: &Sandbox, word: &str) {
    let started = Instant::now();
    let journal = sandbox.path(".genu/priv/journal.jsonl");
    while !std::fs::read_to_string(&journal)
        .unwrap_or_default()
        .contains(word)
    {
        assert!(
            started.elapsed() < Duration::from_mins(1),
            "{word} was never recorded"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn ctrl_c_leaves_at_a_safe_point_and_the_next_run_goes_on() {
    // The service never gets its tasks: there is something to wait for.
    let emulator = Emulator::start(&[("GENU_SERVICE_DELAY", "20")]);
    let sandbox = Sandbox::new(&emulator);
    let run = sandbox.start(&["apply", "priv", "-y"]);
    until_recorded(&sandbox, "web/service\"");

    // Meanwhile nobody else may change it.
    let refused = sandbox.run(&["apply", "priv", "-y"]).expect(5);
    refused.says(&["locked by `apply`, process"]);
    sandbox
        .run(&["destroy", "priv", "-y"])
        .expect(5)
        .says(&["locked by"]);
    let status = sandbox.run(&["status"]).expect(0);
    assert!(
        status.stdout.contains("locked by `apply`"),
        "{}",
        status.stdout
    );

    let stopped = Instant::now();
    signal(run.id(), "-INT");
    let ended: journeys::Ended = run.wait_with_output().unwrap().into();
    ended.expect(130).says(&[
        "interrupted: nothing new is started, waiting for calls in flight",
        "the same command goes on",
    ]);
    assert!(stopped.elapsed() < Duration::from_secs(10));
    let _ = sandbox.run(&["apply", "priv", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn killed_here_and_there_the_next_run_finishes_the_job() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    for word in [
        "network/vpc\"",
        "endpoint/logs\"",
        "web/load-balancer\"",
        "proxy/user-pool\"",
        "test/instance\"",
    ] {
        let mut run = sandbox.start(&["apply", "priv", "-y"]);
        until_recorded(&sandbox, word);
        signal(run.id(), "-KILL");
        run.wait().unwrap();
    }
    let _ = sandbox.run(&["apply", "priv", "-y"]).expect(0);
    let plan = sandbox
        .run(&["plan", "--json", "--detailed-exitcode"])
        .expect(0)
        .json();
    assert_eq!(
        plan["summary"]["unchanged"].as_u64().unwrap(),
        plan["steps"].as_array().unwrap().len() as u64
    );
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
}

#[test]
fn a_service_that_cannot_pull_its_image_says_so_and_does_not_hang() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    sandbox.configure_with("closedNetworkWebImage = \"registry.example/does-not-exist:1\"");
    let started = Instant::now();
    let ended = sandbox.run(&["apply", "-y"]).expect(3);
    ended.says(&[
        "web/service failed",
        "stopped tasks say: CannotPullContainerError: pull image manifest has been retried",
        "web/scaling not started: web/service failed",
    ]);
    assert!(started.elapsed() < Duration::from_mins(1));
    // The cause is mended; the same command goes on.
    sandbox.configure_with("");
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
}

#[test]
fn a_service_that_was_fine_survives_an_update_that_fails() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let service = || {
        let target = "AmazonEC2ContainerServiceV20141113.DescribeServices";
        let body = serde_json::json!({ "cluster": "genu-priv", "services": ["genu-priv-web"] });
        emulator.json("ecs", target, &body)["services"][0].clone()
    };
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let before = service();
    for image in ["does-not-exist:1", "does-not-exist:2"] {
        sandbox.configure_with(&format!(
            "closedNetworkWebImage = \"registry.example/{image}\""
        ));
        let ended = sandbox.run(&["apply", "-y"]).expect(3);
        ended.says(&[
            "web/service failed",
            "ECS took the rollout of",
            "stopped tasks say: CannotPullContainerError",
            image,
        ]);
        let after = service();
        assert_eq!(after["status"], "ACTIVE");
        assert_eq!(after["runningCount"], 1);
        assert_eq!(after["serviceArn"], before["serviceArn"]);
        // What it runs is what it ran, and that is still in service.
        assert_eq!(after["taskDefinition"], before["taskDefinition"]);
        let target = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition";
        let body = serde_json::json!({ "taskDefinition": after["taskDefinition"] });
        let revision = emulator.json("ecs", target, &body);
        assert_eq!(revision["taskDefinition"]["status"], "ACTIVE");
        let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(2);
    }
    sandbox.configure_with("");
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
}

/// The key itself, from where it belongs.
fn key_material(emulator: &Emulator, sandbox: &Sandbox) -> String {
    let command = sandbox
        .run(&["outputs", "priv", "WindowsRdpGetSSMKeyCommand"])
        .expect(0);
    let mut words = command.stdout.split(' ');
    let parameter = words
        .find(|word| word.starts_with("/ec2/keypair/"))
        .unwrap();
    let body = serde_json::json!({ "Name": parameter, "WithDecryption": true });
    let answer = emulator.json("ssm", "AmazonSSM.GetParameter", &body);
    answer["Parameter"]["Value"].as_str().unwrap().to_owned()
}

#[test]
fn the_private_key_is_written_nowhere() {
    let emulator = Emulator::start(&[]);
    let mut sandbox = Sandbox::new(&emulator);
    // Into a bucket first: its versions keep every state and journal that ever was.
    sandbox.set("GENU_STATE", "s3://genu-states");
    let _ = sandbox.run(&["state", "bootstrap", "-y"]).expect(0);
    let ended = sandbox.run(&["apply", "-y", "-vv"]).expect(0);
    let key = key_material(&emulator, &sandbox);
    let mut everything = ended.stdout + &ended.stderr;
    let versions = emulator.s3("GET", "genu-states?versions");
    let ids = versions.split("<VersionId>").skip(1);
    let mut journals = 0;
    for id in ids.filter_map(|rest| rest.split('<').next()) {
        for name in ["journal.jsonl", "state.json"] {
            let text = emulator.s3_or_nothing(&format!("genu-states/priv/{name}?versionId={id}"));
            journals += usize::from(text.contains("\"intend\""));
            everything += &text;
        }
    }
    assert!(journals > 50, "{journals} journals");
    let _ = sandbox.run(&["state", "move", "here"]).expect(0);
    sandbox.set("GENU_STATE", "here");
    let plan = sandbox
        .run(&["plan", "--json", "--out", "saved.json", "-vv"])
        .expect(0);
    let pulled = sandbox.run(&["state", "pull"]).expect(0);
    everything += &(plan.stdout + &plan.stderr + &pulled.stdout + &sandbox.all_files());
    assert!(
        everything.contains("CreateKeyPair"),
        "the log is there to be looked at"
    );
    let lines: Vec<&str> = key.lines().filter(|line| line.len() > 40).collect();
    assert!(lines.len() > 10, "a key to look for");
    assert!(!lines.iter().any(|line| everything.contains(line)));
    assert!(!everything.contains("PRIVATE KEY"));
    assert!(!everything.contains("secret_access_key"));
}

#[test]
fn destroy_refuses_while_others_use_the_network() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let vpc = sandbox.run(&["outputs", "priv", "VpcId"]).expect(0).stdout;
    let group = [
        ("GroupName", "lambda"),
        ("GroupDescription", "x"),
        ("VpcId", vpc.trim()),
    ];
    emulator.ec2("ap-northeast-1", "CreateSecurityGroup", &group);
    emulator.reset_calls();
    sandbox
        .run(&["destroy", "-y"])
        .expect(1)
        .says(&["others still use this network", "(lambda)"]);
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
}

#[test]
fn something_of_ours_in_name_only_is_refused_before_any_change() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    emulator.ec2(
        "ap-northeast-1",
        "CreateKeyPair",
        &[("KeyName", "genu-priv-windows")],
    );
    emulator.reset_calls();
    let refused = sandbox.run(&["apply", "-y"]).expect(1);
    refused.says(&[
        "test/key-pair: key-",
        "has the name genu-priv-windows",
        "is not ours",
    ]);
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
    assert!(!sandbox.path(".genu/priv/state.json").exists());
}

#[test]
fn a_state_of_another_region_and_an_account_of_another_name_are_refused() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    sandbox.configure("[env.priv]\nregion = \"us-east-1\"\nclosedNetworkMode = true\n");
    let ours = format!("is of account {} in ap-northeast-1", emulator.account());
    sandbox.run(&["apply", "-y"]).expect(1).says(&[&ours]);
    sandbox.configure_with("account = \"999999999999\"");
    sandbox
        .run(&["plan"])
        .expect(1)
        .says(&["is for account 999999999999"]);
    sandbox.configure_with("closedNetworkProtect = true");
    sandbox
        .run(&["destroy", "-y"])
        .expect(1)
        .says(&["priv is protected"]);
    sandbox.configure_with("closedNetworkVpcIpv4Cidr = \"10.9.0.0/16\"");
    emulator.reset_calls();
    sandbox
        .run(&["apply", "-y"])
        .expect(1)
        .says(&["others hold on to", "--allow-replace network/vpc"]);
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
}

#[test]
fn on_a_terminal_destroy_asks_for_the_name_of_the_environment() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let mut command = std::process::Command::new(binary());
    command
        .args(["--color", "never", "destroy"])
        .current_dir(sandbox.path("."));
    command
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    command.env("AWS_ENDPOINT_URL", emulator.url());
    let mut terminal = rexpect::session::spawn_command(command, Some(60_000)).unwrap();
    terminal
        .exp_string("0 objects (0 bytes) in genu-priv-web-")
        .unwrap();
    terminal
        .exp_string("Type the environment's name to go on:")
        .unwrap();
    terminal.send_line("no").unwrap();
    terminal
        .exp_string("not destroyed; nothing was changed")
        .unwrap();
    terminal.exp_eof().unwrap();
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
}

/// One of each: found by tags alone, by a unique name, by a token, a key pair whose private key went
/// down with the answer, updates and deletes; and refusals in EC2's own form.
#[test]
fn over_a_bad_line_nothing_is_made_twice_and_nothing_is_left() {
    let emulator = Emulator::start(&[]);
    let calm = Sandbox::new(&emulator);
    let _ = calm.run(&["plan"]).expect(0);
    let before = emulator.inventory();
    let once = |script: Script, call: &str| script.and(call, 1, Fault::LoseAnswer);
    let lost = [
        "ec2:CreateVpc",
        "ec2:CreateSubnet",
        "ec2:CreateRouteTable",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateVpcEndpoint",
        "iam:CreateRole",
        "ec2:CreateKeyPair",
        "ec2:RunInstances",
        "elasticloadbalancing:CreateLoadBalancer",
        "apigateway:CreateRestApi",
        "apigateway:CreateStage",
        "ecs:CreateService",
        "ec2:DeleteVpcEndpoints",
        "ec2:DeleteVpc",
        "apigateway:DeleteRestApi",
    ];
    let script = lost.into_iter().fold(Script::default(), once);
    let script = script
        .and("ec2:CreateSecurityGroup", 1, Fault::Throttle)
        .and("ec2:CreateVpcEndpoint", 2, Fault::Fail(500));
    let sky = Sky {
        script,
        // Inside the settle window: lists show what was made at the third look.
        lag: 2,
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    let sandbox = Sandbox::to(line.url());
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let plan = sandbox
        .run(&["plan", "--json", "--detailed-exitcode"])
        .expect(0)
        .json();
    let ours = plan["steps"].as_array().unwrap().len();
    let vpcs = emulator
        .inventory()
        .iter()
        .filter(|line| line.starts_with("vpc "))
        .count();
    assert_eq!(
        vpcs,
        before
            .iter()
            .filter(|line| line.starts_with("vpc "))
            .count()
            + 1
    );
    assert!(ours > 50);
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
    assert_eq!(line.left(), [], "every fault has happened");
    assert_eq!(emulator.inventory(), before);
}

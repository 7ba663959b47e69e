//! Checks for schedulers: every form, who is told and when, and the ready-made schedules.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use journeys::{Emulator, Sandbox, applied, binary};
use serde_json::{Value, json};

const REGION: &str = "ap-northeast-1";

fn host_names(emulator: &Emulator, sandbox: &Sandbox, on: &str) {
    let vpc = sandbox.run(&["outputs", "priv", "VpcId"]).expect(0).stdout;
    let change = [("VpcId", vpc.trim()), ("EnableDnsHostnames.Value", on)];
    let _ = emulator.ec2(REGION, "ModifyVpcAttribute", &change);
}

#[test]
fn findings_are_told_in_every_form() {
    let (emulator, sandbox) = applied();
    host_names(&emulator, &sandbox, "false");
    for (form, words) in [
        ("text", "priv: 1 drifted"),
        ("json", "\"in_sync\":false"),
        ("github", "::error file=config/genu.toml"),
        ("junit", "<testsuites"),
        ("prometheus", "genu_deploy_in_sync{"),
        ("sarif", "\"version\": \"2.1.0\""),
    ] {
        let told = sandbox.run(&["drift", "--format", form]).expect(2).stdout;
        let squeezed = told.replace(": ", ":");
        assert!(
            squeezed.contains(&words.replace(": ", ":")),
            "{form}: {told}"
        );
        assert!(
            told.contains("network/vpc") || form == "prometheus",
            "{told}"
        );
        let audit = sandbox.run(&["audit", "--format", form]).expect(2).stdout;
        assert!(
            audit.contains("flow-logs") || form == "prometheus",
            "{form}: {audit}"
        );
    }
    // A file stands beside the view for people.
    let file = ["drift", "--format", "prometheus", "--out", "genu.prom"];
    let seen = sandbox.run(&file).expect(2).stdout;
    assert!(seen.contains("priv: 1 drifted"));
    let metrics = std::fs::read_to_string(sandbox.path("genu.prom")).unwrap();
    assert!(metrics.contains("env=\"priv\"") && metrics.contains("what=\"changed\""));
    let left = std::fs::read_dir(sandbox.path(".")).unwrap().flatten();
    let left: Vec<_> = left
        .filter(|f| f.path().extension().is_some_and(|e| e == "tmp"))
        .collect();
    assert!(left.is_empty(), "written whole");
}

#[test]
fn a_part_is_healed_and_the_rest_left_as_it_is() {
    let (emulator, sandbox) = applied();
    host_names(&emulator, &sandbox, "false");
    let group = json!({ "logGroupName": "/genu/priv/web" });
    let _ = emulator.json("logs", "Logs_20140328.DeleteRetentionPolicy", &group);
    let plan = sandbox.run(&["plan"]).expect(0).stdout;
    assert!(plan.contains("undoes drift in dns_hostnames"), "{plan}");
    assert!(plan.contains("undoes drift in retention_days"), "{plan}");
    let _ = sandbox
        .run(&["apply", "-y", "--only", "nowhere/such"])
        .expect(4);
    let _ = sandbox
        .run(&["apply", "-y", "--only", "network/*"])
        .expect(0);
    let drift = sandbox.run(&["drift", "--json"]).expect(2).json();
    assert_eq!(drift["drifted"].as_array().unwrap().len(), 1);
    assert_eq!(drift["drifted"][0]["id"], "web/log-group");
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["drift"]).expect(0);
    // A part takes along what changes the facts it is built on.
    sandbox.configure_with("closedNetworkWebImage = \"example.org/web:1\"");
    let _ = sandbox
        .run(&["apply", "-y", "--only", "web/service"])
        .expect(0);
    // What nothing is built on any more is no part of it.
    let drift = sandbox.run(&["drift", "--json"]).expect(2).json();
    assert_eq!(drift["drifted"].as_array().unwrap().len(), 1);
    assert_eq!(drift["drifted"][0]["id"], "web/image");
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["drift"]).expect(0);
    // A changed wish is no drift.
    sandbox.configure_with(
        "closedNetworkWebImage = \"example.org/web:1\"\nclosedNetworkLogRetentionDays = 30",
    );
    let plan = sandbox.run(&["plan"]).expect(0).stdout;
    assert!(plan.contains("differs in retention_days"), "{plan}");
}

#[test]
fn a_lost_private_key_is_a_blocked_step_that_names_the_replacement() {
    let (emulator, sandbox) = applied();
    let command = sandbox
        .run(&["outputs", "priv", "WindowsRdpGetSSMKeyCommand"])
        .expect(0);
    let name = command.stdout.split_whitespace().nth(4).unwrap().to_owned();
    let _ = emulator.json("ssm", "AmazonSSM.DeleteParameter", &json!({ "Name": name }));
    let drift = sandbox.run(&["drift", "--json"]).expect(2).json();
    assert_eq!(drift["drifted"][0]["id"], "test/key-pair");
    assert_eq!(drift["drifted"][0]["what"], "changed");
    let plan = sandbox.run(&["plan", "--json"]).expect(1).json();
    let blocked = plan["steps"].as_array().unwrap().iter();
    let blocked: Vec<&Value> = blocked.filter(|step| step["action"] == "blocked").collect();
    assert_eq!(blocked.len(), 1, "{blocked:?}");
    assert!(
        blocked[0]["why"]
            .as_str()
            .unwrap()
            .contains("--allow-replace test/key-pair")
    );
    let verdict = sandbox.run(&["audit", "--json"]).expect(2).json();
    let findings = verdict["findings"].as_array().unwrap().iter();
    let errors: Vec<&Value> = findings.filter(|f| f["severity"] == "error").collect();
    assert_eq!(
        (errors.len(), &errors[0]["rule"]),
        (1, &json!("key-parameter"))
    );
    let refused = sandbox.run(&["apply", "-y"]).expect(1);
    refused.says(&["--allow-replace test/key-pair"]);
    let _ = sandbox
        .run(&["apply", "-y", "--allow-replace", "test/key-pair"])
        .expect(0);
    let _ = sandbox.run(&["drift", "--audit"]).expect(0);
}

#[test]
fn tags_of_others_are_told_on_request_and_left_alone() {
    let (emulator, sandbox) = applied();
    let vpc = sandbox.run(&["outputs", "priv", "VpcId"]).expect(0).stdout;
    let tag = [
        ("ResourceId.1", vpc.trim()),
        ("Tag.1.Key", "CostCentre"),
        ("Tag.1.Value", "42"),
    ];
    let _ = emulator.ec2(REGION, "CreateTags", &tag);
    let _ = sandbox.run(&["drift"]).expect(0);
    let told = sandbox.run(&["drift", "--tags", "--json"]).expect(2).json();
    assert_eq!(told["drifted"][0]["what"], "unexpected");
    assert_eq!(told["drifted"][0]["changes"][0]["field"], "tags.CostCentre");
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["drift", "--tags"]).expect(2);
}

/// A webhook: what it is sent, and the status it answers with.
fn webhook(statuses: &'static [u16]) -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook/secret", listener.local_addr().unwrap());
    let (sender, received) = channel();
    std::thread::spawn(move || {
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            let mut text = String::new();
            let mut piece = [0; 4096];
            let body = loop {
                let read = stream.read(&mut piece).unwrap();
                text.push_str(&String::from_utf8_lossy(&piece[..read]));
                let Some((head, body)) = text.split_once("\r\n\r\n") else {
                    continue;
                };
                let length = head.to_lowercase();
                let length = length.split("content-length: ").nth(1).unwrap();
                let length: usize = length.lines().next().unwrap().trim().parse().unwrap();
                if body.len() >= length {
                    break body.to_owned();
                }
            };
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
            sender.send(serde_json::from_str(&body).unwrap()).unwrap();
        }
    });
    (url, received)
}

#[test]
fn somebody_is_told_when_findings_change_and_only_then() {
    let (emulator, sandbox) = applied();
    let (url, received) = webhook(&[200, 500, 200]);
    let next = || received.recv_timeout(Duration::from_secs(10)).ok();
    let quiet = || received.recv_timeout(Duration::from_millis(200)).is_err();
    let check = ["drift", "--notify", url.as_str()];
    let _ = sandbox.run(&check).expect(0);
    assert!(quiet(), "nothing to tell");
    host_names(&emulator, &sandbox, "false");
    let _ = sandbox.run(&check).expect(2);
    let told = next().unwrap();
    assert_eq!(told["format"], "genu-deploy/drift-notice/1");
    assert_eq!(
        (&told["env"], told["new"].as_array().unwrap().len()),
        (&json!("priv"), 1)
    );
    assert!(
        told["text"].as_str().unwrap().ends_with(": 1 new"),
        "{told}"
    );
    let _ = sandbox.run(&check).expect(2);
    assert!(quiet(), "told once");
    // A message that was not taken is sent again; the webhook's path is told to nobody.
    host_names(&emulator, &sandbox, "true");
    let unheard = sandbox.run(&check).expect(1);
    unheard.says(&[
        "did not take the notification",
        "told again at the next check",
    ]);
    assert!(!unheard.stderr.contains("secret"), "{}", unheard.stderr);
    assert_eq!(next().unwrap()["gone"].as_array().unwrap().len(), 1);
    let _ = sandbox.run(&check).expect(0);
    assert_eq!(next().unwrap()["gone"].as_array().unwrap().len(), 1);
    let _ = sandbox
        .run(&["drift", "--notify", "http://example.com/"])
        .expect(4);
    assert!(sandbox.path(".genu/priv/drift-last.json").exists());
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
    assert!(
        !sandbox.path(".genu/priv").exists(),
        "it goes with the state"
    );
}

fn schedule(file: &str) -> String {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    std::fs::read_to_string(Path::new(&here).join("../config/schedule").join(file)).unwrap()
}

/// Runs a line of a shell as a scheduler would, with the binary on its path.
fn shell(sandbox: &Sandbox, script: &str) -> i32 {
    let known = sandbox.command(&[]);
    let bin = binary().parent().unwrap().display().to_string();
    let mut command = std::process::Command::new("bash");
    command
        .args(["-e", "-c", script])
        .current_dir(sandbox.path("."));
    command.env_clear();
    command.envs(
        known
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command.env("PATH", format!("{bin}:/usr/bin:/bin"));
    command.env("GITHUB_OUTPUT", sandbox.path("output"));
    command.status().unwrap().code().unwrap()
}

#[test]
fn the_crontab_and_the_workflow_do_what_they_say() {
    let (emulator, sandbox) = applied();
    let crontab = schedule("genu-deploy.cron");
    let line = crontab
        .lines()
        .find(|line| line.starts_with("17 3"))
        .unwrap();
    // Minute, hour, day, month, weekday, user.
    let command = line.splitn(7, ' ').nth(6).unwrap();
    let metrics = sandbox.path("genu-deploy.prom").display().to_string();
    let command = command.replace(
        "/var/lib/prometheus/node-exporter/genu-deploy.prom",
        &metrics,
    );
    assert_eq!(shell(&sandbox, &command), 0);
    let written = std::fs::read_to_string(&metrics).unwrap();
    assert!(written.contains("genu_deploy_in_sync"), "{written}");

    let workflow = schedule("github-actions.yml");
    let (_, run) = workflow.split_once("run: |\n").unwrap();
    let script: Vec<&str> = run
        .lines()
        .take_while(|line| line.starts_with("          "))
        .collect();
    let script = script.join("\n");
    assert_eq!(shell(&sandbox, &script), 0);
    let sarif = std::fs::read_to_string(sandbox.path("audit.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    host_names(&emulator, &sandbox, "false");
    assert_eq!(shell(&sandbox, &script), 2);
    let output = std::fs::read_to_string(sandbox.path("output")).unwrap();
    assert_eq!(output, "code=0\ncode=2\n");
}

const REGIONS: [&str; 10] = [
    REGION,
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "sa-east-1",
    "us-east-1",
    "us-west-2",
];

/// Fifty environments, checked side by side within a minute; a handful unless `GENU_FULL` is set.
#[test]
fn many_environments_are_checked_within_a_minute() {
    let full = std::env::var_os("GENU_FULL").is_some();
    let many: usize = if full { 50 } else { 4 };
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let names: Vec<String> = (1..=many).map(|n| format!("e{n}")).collect();
    // Five VPCs a region, as AWS's default quota has it; an account has fewer resolver endpoints.
    let environments = names.iter().enumerate().map(|(n, name)| {
        let region = REGIONS[n % REGIONS.len()];
        format!(
            "[env.{name}]\nregion = \"{region}\"\nclosedNetworkMode = true\nclosedNetworkCreateTestEnvironment = false\nclosedNetworkCreateResolverEndpoint = false\n"
        )
    });
    sandbox.configure(&environments.collect::<String>());
    std::thread::scope(|scope| {
        for part in names.chunks(many.div_ceil(2)) {
            let sandbox = &sandbox;
            scope.spawn(move || {
                for name in part {
                    let _ = sandbox
                        .run(&["apply", name, "-y", "-q", "--no-preflight"])
                        .expect(0);
                }
            });
        }
    });
    let started = std::time::Instant::now();
    let all = sandbox.run(&["drift", "--all"]).expect(0);
    let took = started.elapsed();
    println!("{many} environments checked in {:.1} s", took.as_secs_f64());
    assert_eq!(
        all.stdout
            .lines()
            .filter(|line| line.ends_with("in sync"))
            .count(),
        many
    );
    assert!(took < Duration::from_mins(1), "{took:?}");
}

#[test]
fn aws_takes_the_scheduled_task() {
    let emulator = Emulator::start(&[]);
    let task: Value = serde_json::from_str(&schedule("eventbridge/task-definition.json")).unwrap();
    let target = "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition";
    let answer = emulator.json("ecs", target, &task);
    assert_eq!(answer["taskDefinition"]["family"], "genu-deploy-check");
    let mut schedule_: Value =
        serde_json::from_str(&schedule("eventbridge/schedule.json")).unwrap();
    let name = schedule_.as_object_mut().unwrap().remove("Name").unwrap();
    let answer = emulator.scheduled(name.as_str().unwrap(), &schedule_);
    assert!(
        answer.contains("schedule/default/genu-deploy-check"),
        "{answer}"
    );
    let role = schedule("eventbridge/scheduler-role.json");
    let policy = [
        ("PolicyName", "genu-deploy-check"),
        ("PolicyDocument", role.as_str()),
    ];
    let _ = emulator.iam("CreatePolicy", &policy);
    // The same task, the same rights, the same time in all of them.
    for (file, word) in [
        ("genu-deploy-drift.timer", "OnCalendar=*-*-* 03:17:00"),
        (
            "genu-deploy-drift.service",
            "ExecStart=/usr/local/bin/genu-deploy drift --all --audit",
        ),
        ("eventbridge/schedule.json", "cron(17 3 * * ? *)"),
    ] {
        assert!(schedule(file).contains(word), "{file} lacks {word}");
    }
}

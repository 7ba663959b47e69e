//! A fresh deployment of whatever shape has no drift.

use std::sync::Mutex;

use journeys::{Emulator, Sandbox};

/// What is configured, beside the least there can be.
const SHAPES: [(&str, &str); 20] = [
    ("the least", ""),
    ("no resolver", "closedNetworkCreateResolverEndpoint = false"),
    (
        "no test environment",
        "closedNetworkCreateTestEnvironment = false",
    ),
    (
        "neither",
        "closedNetworkCreateResolverEndpoint = false\nclosedNetworkCreateTestEnvironment = false",
    ),
    (
        "required endpoints",
        "closedNetworkEndpoints = \"required\"",
    ),
    (
        "required endpoints for agents and search",
        "closedNetworkEndpoints = \"required\"\nagentEnabled = true\nragEnabled = true",
    ),
    (
        "one client range",
        "closedNetworkClientCidrs = [\"192.168.4.0/22\"]",
    ),
    ("no client ranges", "closedNetworkClientCidrs = []"),
    (
        "a single client",
        "closedNetworkClientCidrs = [\"172.16.0.9/32\", \"192.168.0.0/16\"]",
    ),
    ("short retention", "closedNetworkLogRetentionDays = 1"),
    ("long retention", "closedNetworkLogRetentionDays = 3653"),
    (
        "tags",
        "closedNetworkTags = { Team = \"a b\", \"cost:center\" = \"1/2\" }\ntagKey = \"Owner\"\ntagValue = \"x\"",
    ),
    (
        "a small range",
        "closedNetworkVpcIpv4Cidr = \"10.200.3.0/24\"",
    ),
    (
        "another range",
        "closedNetworkVpcIpv4Cidr = \"172.20.0.0/18\"",
    ),
    (
        "an image of one's own",
        "closedNetworkWebImage = \"example.org/web:1\"",
    ),
    (
        "S3 for nobody on premises",
        "closedNetworkOnPremisesS3 = false",
    ),
    (
        "an instance that never stops",
        "closedNetworkTestEnvironmentAutoStopHours = 0",
    ),
    ("a domain", "DOMAIN"),
    ("a VPC of the user's", "VPC"),
    (
        "a VPC and a domain, without the rest",
        "VPC\nDOMAIN\nclosedNetworkCreateTestEnvironment = false\nclosedNetworkCreateResolverEndpoint = false",
    ),
];

fn alarm(lines: &str) -> Result<(), String> {
    let emulator = Emulator::start(&[]);
    let mut lines = lines.to_owned();
    if lines.contains("VPC\n") || lines == "VPC" {
        let vpc = emulator.vpc("10.20.0.0/16");
        let own = format!(
            "closedNetworkVpcId = {:?}\nclosedNetworkSubnetIds = {:?}",
            vpc.id, vpc.subnets
        );
        lines = lines.replacen("VPC", &own, 1);
    }
    if lines.contains("DOMAIN") {
        let arn = emulator.certificate("genu.closed");
        let own = format!(
            "closedNetworkDomainName = \"genu.closed\"\nclosedNetworkCertificateArn = \"{arn}\""
        );
        lines = lines.replace("DOMAIN", &own);
    }
    let sandbox = Sandbox::new(&emulator);
    sandbox.configure_with(&lines);
    for words in [&["apply", "-y"][..], &["drift", "--json"]] {
        let ended = sandbox.run(words);
        if ended.code != 0 {
            let (verb, code) = (words[0], ended.code);
            return Err(format!(
                "{verb} ended with {code}: {}{}",
                ended.stdout, ended.stderr
            ));
        }
    }
    Ok(())
}

#[test]
fn a_fresh_deployment_of_any_shape_has_no_drift() {
    let left = Mutex::new(SHAPES.iter());
    let alarms = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let worker = || {
            loop {
                let Some((name, lines)) = left.lock().unwrap().next() else {
                    break;
                };
                if let Err(why) = alarm(lines) {
                    alarms.lock().unwrap().push(format!("{name}: {why}"));
                }
            }
        };
        for _ in 0..2 {
            scope.spawn(worker);
        }
    });
    assert_eq!(alarms.into_inner().unwrap(), Vec::<String>::new());
}

//! Every shape of the closed network, and the ways between them: each ends in an empty second plan,
//! and an account as it was before.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write;

use journeys::{Emulator, Sandbox, Vpc};
use serde_json::Value;

/// An account with everything that the shapes need.
struct Account {
    emulator: Emulator,
    sandbox: Sandbox,
    vpc: Vpc,
    certificate: String,
    before: BTreeSet<String>,
}

impl Account {
    fn new() -> Self {
        let emulator = Emulator::start(&[]);
        let sandbox = Sandbox::new(&emulator);
        // The emulator makes its defaults on the first call.
        let _ = sandbox.run(&["plan"]).expect(0);
        let vpc = emulator.vpc("10.20.0.0/16");
        let certificate = emulator.certificate("genu.closed");
        let before = emulator.inventory();
        Self {
            emulator,
            sandbox,
            vpc,
            certificate,
            before,
        }
    }

    fn domain(&self) -> String {
        let arn = &self.certificate;
        format!(
            "closedNetworkDomainName = \"genu.closed\"\nclosedNetworkCertificateArn = \"{arn}\"\n"
        )
    }

    fn imported(&self) -> String {
        let Vpc { id, subnets, .. } = &self.vpc;
        format!("closedNetworkVpcId = \"{id}\"\nclosedNetworkSubnetIds = {subnets:?}\n")
    }

    /// Applies a shape, after which nothing is left to plan; its outputs.
    #[track_caller]
    fn becomes(&self, lines: &str, more: &[&str]) -> Value {
        self.sandbox.configure_with(lines);
        let mut arguments = vec!["apply", "-y"];
        arguments.extend(more);
        let _ = self.sandbox.run(&arguments).expect(0);
        let _ = self.sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
        self.sandbox.run(&["outputs", "--json"]).expect(0).json()
    }

    /// Takes everything down; what was there before is all that is left.
    #[track_caller]
    fn is_left_as_it_was(&self) {
        let _ = self.sandbox.run(&["destroy", "-y"]).expect(0);
        assert_eq!(
            self.emulator.inventory(),
            self.before,
            "nothing is left behind"
        );
    }
}

const NO_TEST: &str =
    "closedNetworkCreateTestEnvironment = false\nclosedNetworkCreateResolverEndpoint = false\n";
/// Consent to leave a VPC: everything that stands in it goes with it.
const MOVE: [&str; 10] = [
    "--allow-replace",
    "network/*",
    "--allow-replace",
    "endpoint/*",
    "--allow-replace",
    "web/*",
    "--allow-replace",
    "test/*",
    "--allow-replace",
    "resolver/*",
];

#[test]
fn a_domain_of_ones_own_comes_and_goes() {
    let account = Account::new();
    let outputs = account.becomes("", &[]);
    assert!(outputs["WebUrl"].as_str().unwrap().starts_with("http://"));
    let outputs = account.becomes(&account.domain(), &[]);
    assert_eq!(outputs["WebUrl"], "https://genu.closed");
    assert!(
        account
            .emulator
            .inventory()
            .iter()
            .any(|line| line.starts_with("route53 zones"))
    );
    let outputs = account.becomes("", &[]);
    assert!(outputs["WebUrl"].as_str().unwrap().starts_with("http://"));
    account.is_left_as_it_was();
}

#[test]
fn with_a_domain_and_without_test_environment_and_back() {
    let account = Account::new();
    account.becomes(&account.domain(), &[]);
    let outputs = account.becomes(&format!("{NO_TEST}{}", account.domain()), &[]);
    assert!(outputs["WindowsInstanceId"].is_null() && outputs["ResolverId"].is_null());
    account.becomes(NO_TEST, &[]);
    let outputs = account.becomes("", &[]);
    assert!(!outputs["WindowsInstanceId"].is_null() && !outputs["ResolverId"].is_null());
    account.is_left_as_it_was();
}

#[test]
fn a_vpc_of_ones_own_is_built_in_and_left_untouched() {
    let account = Account::new();
    account.emulator.reset_calls();
    let outputs = account.becomes(&format!("{}{}", account.imported(), account.domain()), &[]);
    assert_eq!(outputs["VpcId"], account.vpc.id.as_str());
    let subnets = outputs["SubnetIds"].as_array().unwrap().iter();
    let subnets: BTreeSet<&str> = subnets.filter_map(Value::as_str).collect();
    assert_eq!(
        subnets,
        account.vpc.subnets.iter().map(String::as_str).collect()
    );
    let calls = account.emulator.calls();
    let vpc_calls = [
        "CreateVpc",
        "ModifyVpcAttribute",
        "DeleteVpc",
        "CreateSubnet",
        "ModifySubnetAttribute",
    ];
    assert!(
        !calls
            .iter()
            .any(|call| vpc_calls.iter().any(|name| call == &format!("ec2:{name}")))
    );
    // Without subnets named, its isolated ones are the same.
    let vpc = format!("closedNetworkVpcId = \"{}\"\n", account.vpc.id);
    account.becomes(&format!("{vpc}{}", account.domain()), &[]);
    account.is_left_as_it_was();
}

#[test]
fn from_a_vpc_of_our_own_to_the_users_and_back() {
    let account = Account::new();
    account.becomes("", &[]);
    account.sandbox.configure_with(&account.imported());
    account.emulator.reset_calls();
    account.sandbox.run(&["apply", "-y"]).expect(1).says(&[
        "others hold on to what would be replaced",
        "--allow-replace",
    ]);
    assert_eq!(account.emulator.changing_calls(), Vec::<String>::new());
    let outputs = account.becomes(&account.imported(), &MOVE);
    assert_eq!(outputs["VpcId"], account.vpc.id.as_str());
    let outputs = account.becomes("", &MOVE);
    assert_ne!(outputs["VpcId"], account.vpc.id.as_str());
    account.is_left_as_it_was();
}

#[test]
fn another_range_is_another_network_and_needs_consent_to_the_vpc_alone() {
    let account = Account::new();
    let first = account.becomes(&account.domain(), &[]);
    let other = format!(
        "closedNetworkVpcIpv4Cidr = \"10.8.0.0/16\"\n{}",
        account.domain()
    );
    account.sandbox.configure_with(&other);
    let refused = account.sandbox.run(&["apply", "-y"]).expect(1);
    refused.says(&[
        "network/vpc: cidr cannot change in place",
        "--allow-replace network/vpc",
    ]);
    let second = account.becomes(&other, &["--allow-replace", "network/vpc"]);
    assert_ne!(first["VpcId"], second["VpcId"]);
    // What users of the network know by name or id stays.
    for name in [
        "CognitoPrivateProxyCognitoUserPoolProxyApiEndpoint",
        "WebBucketName",
        "WebUrl",
    ] {
        assert_eq!(first[name], second[name], "{name}");
    }
    account.is_left_as_it_was();
}

#[test]
fn what_can_change_in_place_does() {
    let account = Account::new();
    let first = account.becomes("", &[]);
    let changed = "closedNetworkEndpoints = \"required\"\nclosedNetworkClientCidrs = [\"192.168.0.0/24\"]\nclosedNetworkLogRetentionDays = 30\nclosedNetworkWebImage = \"example.org/web:1\"\ntagKey = \"Team\"\ntagValue = \"a\"\n";
    account.sandbox.configure_with(changed);
    let plan = account.sandbox.run(&["plan", "--json"]).expect(0).json();
    assert_eq!(plan["summary"]["replace"], 0, "{plan:#}");
    account.becomes(changed, &[]);
    account.becomes("tagKey = \"Owner\"\ntagValue = \"b\"\n", &[]);
    let vpc = account.emulator.ec2("ap-northeast-1", "DescribeVpcs", &[]);
    assert!(
        vpc.contains("<key>Owner</key>") && !vpc.contains("<key>Team</key>"),
        "{vpc}"
    );
    let last = account.becomes("", &[]);
    assert_eq!(first, last);
    account.is_left_as_it_was();
}

#[test]
fn an_endpoint_that_stands_there_already_is_used_and_left_alone() {
    let account = Account::new();
    let ec2 = |action: &str, parameters: &[(&str, &str)]| {
        account.emulator.ec2("ap-northeast-1", action, parameters)
    };
    let vpc = account.vpc.id.as_str();
    let group = ec2(
        "CreateSecurityGroup",
        &[
            ("GroupName", "theirs"),
            ("GroupDescription", "x"),
            ("VpcId", vpc),
        ],
    );
    let group = journeys::within(&group, "groupId");
    let logs = ec2(
        "CreateVpcEndpoint",
        &[
            ("VpcId", vpc),
            ("ServiceName", "com.amazonaws.ap-northeast-1.logs"),
            ("VpcEndpointType", "Interface"),
            ("SubnetId.1", &account.vpc.subnets[0]),
            ("SecurityGroupId.1", &group),
            ("PrivateDnsEnabled", "true"),
        ],
    );
    let logs = journeys::within(&logs, "vpcEndpointId");
    let gateway = ec2(
        "CreateVpcEndpoint",
        &[
            ("VpcId", vpc),
            ("ServiceName", "com.amazonaws.ap-northeast-1.s3"),
            ("VpcEndpointType", "Gateway"),
            ("RouteTableId.1", &account.vpc.tables[0]),
        ],
    );
    let gateway = journeys::within(&gateway, "vpcEndpointId");
    account.sandbox.configure_with(&account.imported());
    account.emulator.reset_calls();
    account.sandbox.run(&["apply", "-y"]).expect(1).says(&[
        &logs,
        "do not admit TCP 443 from 10.20.0.0/24, 10.20.1.0/24",
    ]);
    assert_eq!(account.emulator.changing_calls(), Vec::<String>::new());
    ec2(
        "AuthorizeSecurityGroupIngress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.20.0.0/16"),
        ],
    );
    let before = account.emulator.inventory();
    account.becomes(&account.imported(), &[]);
    let plan = account.sandbox.run(&["plan"]).expect(0);
    for id in [&logs, &gateway] {
        assert!(
            plan.stdout.contains(&format!("{id} is external")),
            "{}",
            plan.stdout
        );
    }

    // A second environment in the same VPC lives on the first one's endpoints, once agreed.
    let second = Sandbox::new(&account.emulator);
    let text = format!(
        "[env.two]\nregion = \"ap-northeast-1\"\nclosedNetworkMode = true\n{}",
        account.imported()
    );
    second.configure(&text);
    second
        .run(&["apply", "-y"])
        .expect(1)
        .says(&["belong to the environment priv", "--use-endpoints-of priv"]);
    let _ = second
        .run(&["apply", "-y", "--use-endpoints-of", "priv"])
        .expect(0);
    let _ = second.run(&["plan", "--detailed-exitcode"]).expect(0);
    account
        .sandbox
        .run(&["destroy", "-y"])
        .expect(1)
        .says(&["others still use this network", "is bound to"]);
    let _ = second.run(&["destroy", "-y"]).expect(0);
    let _ = account.sandbox.run(&["destroy", "-y"]).expect(0);
    assert_eq!(
        account.emulator.inventory(),
        before,
        "what was there before stays"
    );
}

#[test]
fn a_vpc_or_domain_that_cannot_work_is_refused_before_anything_is_changed() {
    let account = Account::new();
    let ec2 = |action: &str, parameters: &[(&str, &str)]| {
        account.emulator.ec2("ap-northeast-1", action, parameters)
    };
    let Vpc {
        id,
        subnets,
        tables,
    } = &account.vpc;
    let messages = RefCell::new(String::new());
    let refused = |lines: &str, words: &[&str]| {
        account.sandbox.configure_with(lines);
        account.emulator.reset_calls();
        let apply = account.sandbox.run(&["apply", "-y"]).expect(1);
        apply.says(words);
        let errors = apply
            .stderr
            .lines()
            .skip_while(|line| !line.starts_with("error"));
        let errors: Vec<String> = errors.map(without_digits).collect();
        writeln!(messages.borrow_mut(), "{}\n", errors.join("\n")).unwrap();
        account.sandbox.run(&["plan"]).expect(1).says(words);
        assert_eq!(account.emulator.changing_calls(), Vec::<String>::new());
    };
    let vpc = format!("closedNetworkVpcId = \"{id}\"\n");
    let with = |ids: &[&str]| format!("{vpc}closedNetworkSubnetIds = {ids:?}\n");
    refused(
        "closedNetworkVpcId = \"vpc-0123456789abcdef0\"\n",
        &["there is no VPC vpc-0123456789abcdef0"],
    );
    let other = account.emulator.vpc("10.30.0.0/16");
    let mixed = with(&[&subnets[0], &other.subnets[1]]);
    refused(
        &mixed,
        &[&format!("{} is not a subnet of {id}", other.subnets[1])],
    );
    let beside = account
        .emulator
        .subnet(id, "10.20.9.0/24", "ap-northeast-1a");
    refused(
        &with(&[&subnets[0], &beside]),
        &["are all in ap-northeast-1a", "two availability zones"],
    );
    let small = account
        .emulator
        .subnet(id, "10.20.8.0/28", "ap-northeast-1d");
    refused(
        &with(&[&subnets[0], &small]),
        &[&format!("{small} has 11 free addresses")],
    );
    let off = [
        ("VpcId", id.as_str()),
        ("EnableDnsHostnames.Value", "false"),
    ];
    ec2("ModifyVpcAttribute", &off);
    refused(&vpc, &["enableDnsHostnames", "is off"]);
    let on = [("VpcId", id.as_str()), ("EnableDnsHostnames.Value", "true")];
    ec2("ModifyVpcAttribute", &on);
    let gateway = journeys::within(&ec2("CreateInternetGateway", &[]), "internetGatewayId");
    ec2(
        "AttachInternetGateway",
        &[("InternetGatewayId", &gateway), ("VpcId", id)],
    );
    ec2(
        "CreateRoute",
        &[
            ("RouteTableId", &tables[0]),
            ("DestinationCidrBlock", "0.0.0.0/0"),
            ("GatewayId", &gateway),
        ],
    );
    refused(
        &account.imported(),
        &[
            &format!("{} is public", subnets[0]),
            "closedNetworkAllowPublicSubnets",
        ],
    );
    account.sandbox.configure_with(&format!(
        "{}closedNetworkAllowPublicSubnets = true\n",
        account.imported()
    ));
    let _ = account.sandbox.run(&["plan"]).expect(0);

    let certificate = |arn: &str, domain: &str| {
        format!("closedNetworkDomainName = \"{domain}\"\nclosedNetworkCertificateArn = \"{arn}\"\n")
    };
    let arn = &account.certificate;
    refused(
        &certificate(arn, "other.closed"),
        &["stands for genu.closed", "not for other.closed"],
    );
    let missing =
        arn.rsplit_once('/').unwrap().0.to_owned() + "/00000000-0000-0000-0000-000000000000";
    refused(
        &certificate(&missing, "genu.closed"),
        &["there is no certificate"],
    );
    // A zone of that name that the VPC asks already.
    let zone = format!(
        "<CreateHostedZoneRequest><Name>genu.closed</Name><VPC><VPCRegion>ap-northeast-1</VPCRegion><VPCId>{}</VPCId></VPC><CallerReference>theirs</CallerReference><HostedZoneConfig><PrivateZone>true</PrivateZone></HostedZoneConfig></CreateHostedZoneRequest>",
        other.id
    );
    account.emulator.route53("hostedzone", &zone);
    let Vpc { id, subnets, .. } = &other;
    let there = format!("closedNetworkVpcId = \"{id}\"\nclosedNetworkSubnetIds = {subnets:?}\n");
    refused(
        &format!("{there}{}", account.domain()),
        &["asks the private zone", "for genu.closed already"],
    );
    // The account's quota of VPCs is five.
    for n in 0..5 {
        let _ = account.emulator.vpc(&format!("10.{}.0.0/16", 100 + n));
    }
    account.sandbox.configure_with("");
    account.emulator.reset_calls();
    let full = account.sandbox.run(&["apply", "-y"]).expect(1);
    full.says(&[
        "\"VPCs per Region\" is 5",
        "1 more are needed",
        "--no-preflight",
    ]);
    assert_eq!(account.emulator.changing_calls(), Vec::<String>::new());
    // Every emulator has an account of its own.
    let messages = messages.into_inner();
    let messages = messages.replace(account.emulator.account(), "123456789012");
    insta::assert_snapshot!("refusals", messages);
}

/// Ids of AWS's, which differ from run to run, without what differs.
fn without_digits(line: &str) -> String {
    let word = |word: &str| match word.split_once('-') {
        Some((kind @ ("vpc" | "subnet" | "vpce"), rest)) => {
            let end = rest
                .find(|c: char| !c.is_ascii_hexdigit())
                .unwrap_or(rest.len());
            format!("{kind}-…{}", &rest[end..])
        }
        _ if word.starts_with("arn:aws:acm:") => "arn:aws:acm:…".to_owned(),
        _ if word.len() > 12
            && word
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) =>
        {
            "Z…".to_owned()
        }
        _ => word.to_owned(),
    };
    let words: Vec<String> = line.split(' ').map(word).collect();
    words.join(" ")
}

#[test]
fn every_range_of_the_vpc_is_let_in() {
    let account = Account::new();
    account.becomes(&format!("{}{NO_TEST}", account.imported()), &[]);
    let more = [
        ("VpcId", account.vpc.id.as_str()),
        ("CidrBlock", "100.64.0.0/16"),
    ];
    let _ = account
        .emulator
        .ec2("ap-northeast-1", "AssociateVpcCidrBlock", &more);
    let plan = account.sandbox.run(&["plan", "--json"]).expect(0).json();
    let changed: Vec<&str> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["action"] == "update")
        .filter(|step| step["changes"].to_string().contains("100.64.0.0/16"))
        .map(|step| step["id"].as_str().unwrap())
        .collect();
    let groups = [
        "network/endpoint-group",
        "network/websocket-group",
        "web/load-balancer-group",
        "web/service-group",
    ];
    assert_eq!(changed, groups);
    account.becomes(&format!("{}{NO_TEST}", account.imported()), &[]);
}

#[test]
fn what_others_keep_in_our_zone_is_left_to_them() {
    let account = Account::new();
    account.becomes(&account.domain(), &[]);
    let inventory = account.emulator.inventory();
    let zone = inventory
        .iter()
        .find_map(|line| line.strip_prefix("route53 zones "))
        .unwrap()
        .to_owned();
    // A hub VPC asks the zone, too: nothing to heal.
    let hub = account.emulator.vpc("10.40.0.0/16");
    let vpc = format!(
        "<AssociateVPCWithHostedZoneRequest><VPC><VPCRegion>ap-northeast-1</VPCRegion><VPCId>{}</VPCId></VPC></AssociateVPCWithHostedZoneRequest>",
        hub.id
    );
    account
        .emulator
        .route53(&format!("hostedzone/{zone}/associatevpc"), &vpc);
    account.becomes(&account.domain(), &[]);
    // A record of somebody else's would go with the zone.
    let change = |action: &str| {
        let body = format!(
            "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>{action}</Action><ResourceRecordSet><Name>files.genu.closed</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>10.0.0.9</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
        );
        account
            .emulator
            .route53(&format!("hostedzone/{zone}/rrset"), &body);
    };
    change("CREATE");
    account.becomes(&account.domain(), &[]);
    account.emulator.reset_calls();
    let destroy = account.sandbox.run(&["destroy", "-y"]).expect(1);
    destroy.says(&[
        "record files.genu.closed A in the zone",
        "nothing was changed",
    ]);
    account.sandbox.configure_with("");
    let apply = account.sandbox.run(&["apply", "-y"]).expect(1);
    apply.says(&["others keep records in it: files.genu.closed A"]);
    assert_eq!(account.emulator.changing_calls(), Vec::<String>::new());
    change("DELETE");
    account.becomes("", &[]);
}

/// A lost state forgets pins, and what stands says the same again.
#[test]
fn a_lost_state_is_found_again_in_every_shape() {
    let account = Account::new();
    for shape in [account.domain(), format!("{}{NO_TEST}", account.imported())] {
        account.becomes(&shape, &MOVE);
        std::fs::remove_dir_all(account.sandbox.path(".genu")).unwrap();
        let plan = account.sandbox.run(&["plan", "--json"]).expect(0).json();
        assert_eq!(plan["summary"]["create"], 0, "{plan:#}");
        assert_eq!(plan["summary"]["replace"], 0, "{plan:#}");
        account.emulator.reset_calls();
        let _ = account.sandbox.run(&["apply", "-y", "--adopt"]).expect(0);
        assert_eq!(account.emulator.changing_calls(), Vec::<String>::new());
        let _ = account
            .sandbox
            .run(&["plan", "--detailed-exitcode"])
            .expect(0);
    }
    account.is_left_as_it_was();
}

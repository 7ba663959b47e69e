//! Accounts as they are: what stands in a VPC already, and what AWS's other services put there.

use journeys::{Emulator, Sandbox, Vpc, within};
use serde_json::json;

const REGION: &str = "ap-northeast-1";

/// Does what GuardDuty's Runtime Monitoring does in a VPC with tasks on Fargate; endpoint and group.
fn watched(emulator: &Emulator, vpc: &str, subnet: &str) -> [String; 2] {
    let ec2 = |action: &str, parameters: &[(&str, &str)]| emulator.ec2(REGION, action, parameters);
    let marked = |of: &'static str| {
        [
            ("TagSpecification.1.ResourceType", of),
            ("TagSpecification.1.Tag.1.Key", "GuardDutyManaged"),
            ("TagSpecification.1.Tag.1.Value", "true"),
        ]
    };
    let name = format!("GuardDutyManagedSecurityGroup-{vpc}");
    let mut group = vec![
        ("GroupName", name.as_str()),
        (
            "GroupDescription",
            "Associated with VPC-vpc and tagged as GuardDutyManaged",
        ),
        ("VpcId", vpc),
    ];
    group.extend(marked("security-group"));
    let group = within(&ec2("CreateSecurityGroup", &group), "groupId");
    let mut endpoint = vec![
        ("VpcId", vpc),
        ("ServiceName", "com.amazonaws.ap-northeast-1.guardduty-data"),
        ("VpcEndpointType", "Interface"),
        ("PrivateDnsEnabled", "true"),
        ("SubnetId.1", subnet),
        ("SecurityGroupId.1", &group),
    ];
    endpoint.extend(marked("vpc-endpoint"));
    let endpoint = within(&ec2("CreateVpcEndpoint", &endpoint), "vpcEndpointId");
    [endpoint, group]
}

#[test]
fn what_guardduty_made_is_named_by_audit_and_destroy_and_goes_with_consent() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["plan"]).expect(0);
    let before = emulator.inventory();
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let output = |name: &str| {
        let value = sandbox.run(&["outputs", "priv", name]).expect(0).stdout;
        value.trim().to_owned()
    };
    let state = sandbox.run(&["state", "pull"]).expect(0).json();
    let subnet = state["records"]["network/subnet-a"]["out"]["id"].as_str();
    let [endpoint, group] = watched(&emulator, &output("VpcId"), subnet.unwrap());

    let audit = sandbox.run(&["audit", "--json"]).expect(0).json();
    let findings = audit["findings"].as_array().unwrap();
    let of = |rule: &str| {
        let of: Vec<String> = findings
            .iter()
            .filter(|finding| finding["rule"] == rule)
            .map(|finding| finding["evidence"].to_string())
            .collect();
        of.join("\n")
    };
    let told = of("endpoint-guardduty");
    assert!(told.contains(&endpoint) && told.contains(&group), "{audit}");
    assert_eq!(of("endpoint-foreign"), "");
    assert!(!of("endpoint-interface-policy").contains("guardduty"));

    emulator.reset_calls();
    sandbox.run(&["destroy", "-y"]).expect(1).says(&[
        "GuardDuty's Runtime Monitoring put this into the VPC",
        &endpoint,
        &group,
        "--delete-guardduty",
        &format!("delete-vpc-endpoints --region {REGION} --vpc-endpoint-ids {endpoint}"),
        &format!("delete-security-group --region {REGION} --group-id {group}"),
        "GuardDutyManaged = false",
    ]);
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
    let _ = sandbox
        .run(&["destroy", "-y", "--delete-guardduty"])
        .expect(0);
    assert_eq!(emulator.inventory(), before);
}

#[test]
fn consent_to_guarddutys_things_is_none_to_anybody_elses() {
    let (emulator, sandbox) = journeys::applied();
    let vpc = sandbox.run(&["outputs", "priv", "VpcId"]).expect(0).stdout;
    let group = [
        ("GroupName", "GuardDutyManagedSecurityGroup-lookalike"),
        ("GroupDescription", "without the tag"),
        ("VpcId", vpc.trim()),
    ];
    let group = within(
        &emulator.ec2(REGION, "CreateSecurityGroup", &group),
        "groupId",
    );
    emulator.reset_calls();
    sandbox
        .run(&["destroy", "-y", "--delete-guardduty"])
        .expect(1)
        .says(&["others still use this network", &group]);
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
}

/// An account with a VPC of the user's own.
struct Account {
    emulator: Emulator,
    sandbox: Sandbox,
    vpc: Vpc,
}

impl Account {
    fn new() -> Self {
        let emulator = Emulator::start(&[]);
        let sandbox = Sandbox::new(&emulator);
        let vpc = emulator.vpc("10.20.0.0/16");
        let account = Self {
            emulator,
            sandbox,
            vpc,
        };
        account.imports(&account.vpc.subnets.clone());
        account
    }

    fn imports(&self, subnets: &[String]) {
        self.sandbox.configure_with(&format!(
            "closedNetworkVpcId = \"{}\"\nclosedNetworkSubnetIds = {subnets:?}\n",
            self.vpc.id
        ));
    }

    fn ec2(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        self.emulator.ec2(REGION, action, parameters)
    }

    /// Both `plan` and `apply` refuse with these words, and nothing is changed.
    #[track_caller]
    fn is_refused(&self, words: &[&str]) {
        self.emulator.reset_calls();
        self.sandbox.run(&["plan"]).expect(1).says(words);
        self.sandbox.run(&["apply", "-y"]).expect(1).says(words);
        assert_eq!(self.emulator.changing_calls(), Vec::<String>::new());
    }
}

#[test]
fn subnets_that_cannot_be_used_are_refused_for_what_they_are() {
    let account = Account::new();
    let six = account.ec2(
        "CreateSubnet",
        &[
            ("VpcId", &account.vpc.id),
            ("Ipv6Native", "true"),
            ("Ipv6CidrBlock", "2001:db8:1234:1a00::/64"),
            ("AvailabilityZone", "ap-northeast-1c"),
        ],
    );
    let six = within(&six, "subnetId");
    account.imports(&[account.vpc.subnets[0].clone(), six.clone()]);
    account.is_refused(&[&format!("{six} has no IPv4 range")]);

    account.imports(&account.vpc.subnets);
    let path = ["vpcs", &account.vpc.id, "shared_by"];
    account.emulator.books("ec2", &path, &json!("222222222222"));
    account.is_refused(&[
        "belongs to account 222222222222",
        "cannot make VPC endpoints",
    ]);
}

#[test]
fn who_else_answers_names_in_the_vpc_is_noted_before_the_first_change_and_not_after() {
    let account = Account::new();
    let options = account.ec2(
        "CreateDhcpOptions",
        &[
            ("DhcpConfiguration.1.Key", "domain-name-servers"),
            ("DhcpConfiguration.1.Value.1", "10.20.0.53"),
        ],
    );
    let options = within(&options, "dhcpOptionsId");
    account.ec2(
        "AssociateDhcpOptions",
        &[("DhcpOptionsId", &options), ("VpcId", &account.vpc.id)],
    );
    let resolver = |operation: &str, body: &serde_json::Value| {
        let target = format!("Route53Resolver.{operation}");
        account.emulator.json("route53resolver", &target, body)
    };
    let group = [
        ("GroupName", "dns"),
        ("GroupDescription", "x"),
        ("VpcId", &account.vpc.id),
    ];
    let group = within(&account.ec2("CreateSecurityGroup", &group), "groupId");
    let subnets = account.vpc.subnets.iter();
    let addresses: Vec<_> = subnets.map(|id| json!({ "SubnetId": id })).collect();
    let endpoint = resolver(
        "CreateResolverEndpoint",
        &json!({ "CreatorRequestId": "a", "Name": "out", "Direction": "OUTBOUND", "SecurityGroupIds": [group], "IpAddresses": addresses }),
    );
    let rule = resolver(
        "CreateResolverRule",
        &json!({ "CreatorRequestId": "b", "Name": "hub", "RuleType": "FORWARD", "DomainName": "amazonaws.com", "TargetIps": [{ "Ip": "10.99.0.2", "Port": 53 }], "ResolverEndpointId": endpoint["ResolverEndpoint"]["Id"] }),
    );
    let rule = rule["ResolverRule"]["Id"].as_str().unwrap();
    resolver(
        "AssociateResolverRule",
        &json!({ "ResolverRuleId": rule, "VPCId": account.vpc.id, "Name": "hub" }),
    );
    let plan = account.sandbox.run(&["plan"]).expect(0);
    plan.says(&[
        "has DNS servers of its own (10.20.0.53",
        &options,
        rule,
        "10.99.0.2",
        "execute-api.ap-northeast-1.amazonaws.com",
    ]);
    let _ = account.sandbox.run(&["apply", "-y"]).expect(0);
    // Nothing is made any more, and nothing more is asked.
    account.emulator.reset_calls();
    let _ = account
        .sandbox
        .run(&["plan", "--detailed-exitcode"])
        .expect(0);
    let calls = account.emulator.calls();
    assert!(calls.len() <= 70, "{} calls", calls.len());
    assert!(
        !calls
            .iter()
            .any(|call| call.contains("DhcpOptions") || call.contains("ResolverRule"))
    );
    let _ = account.sandbox.run(&["destroy", "-y"]).expect(0);
}

#[test]
fn policies_of_endpoints_that_stand_already_are_held_against_what_goes_through() {
    let account = Account::new();
    let group = [
        ("GroupName", "endpoints"),
        ("GroupDescription", "x"),
        ("VpcId", &account.vpc.id),
    ];
    let group = within(&account.ec2("CreateSecurityGroup", &group), "groupId");
    account.ec2(
        "AuthorizeSecurityGroupIngress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.20.0.0/16"),
        ],
    );
    let allowed = |key: &str, value: &str| {
        json!({ "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": { "StringEquals": { key: value } } }] }).to_string()
    };
    let endpoint = |service: &str, policy: &str| {
        let service = format!("com.amazonaws.{REGION}.{service}");
        let answer = account.ec2(
            "CreateVpcEndpoint",
            &[
                ("VpcId", &account.vpc.id),
                ("ServiceName", &service),
                ("VpcEndpointType", "Interface"),
                ("PrivateDnsEnabled", "true"),
                ("SubnetId.1", &account.vpc.subnets[0]),
                ("SubnetId.2", &account.vpc.subnets[1]),
                ("SecurityGroupId.1", &group),
                ("PolicyDocument", policy),
            ],
        );
        within(&answer, "vpcEndpointId")
    };
    let organisation = allowed("aws:PrincipalOrgID", "o-1");
    let execute = endpoint("execute-api", &organisation);
    let logs = endpoint("logs", &organisation);
    let own = allowed("aws:ResourceAccount", account.emulator.account());
    let gateway = account.ec2(
        "CreateVpcEndpoint",
        &[
            ("VpcId", &account.vpc.id),
            ("ServiceName", "com.amazonaws.ap-northeast-1.s3"),
            ("VpcEndpointType", "Gateway"),
            ("RouteTableId.1", &account.vpc.tables[0]),
            ("RouteTableId.2", &account.vpc.tables[1]),
            ("PolicyDocument", &own),
        ],
    );
    let gateway = within(&gateway, "vpcEndpointId");
    account.is_refused(&[
        &format!("{execute} (com.amazonaws.{REGION}.execute-api)"),
        "execute-api:Invoke without AWS credentials",
        &format!("{gateway} (com.amazonaws.{REGION}.s3)"),
        "starport-layer-bucket",
    ]);
    for id in [&execute, &gateway] {
        account.ec2(
            "ModifyVpcEndpoint",
            &[("VpcEndpointId", id), ("ResetPolicy", "true")],
        );
    }
    account.sandbox.run(&["plan"]).expect(0).says(&[&format!(
        "{logs} (com.amazonaws.{REGION}.logs) has a policy of its own"
    )]);
}

#[test]
fn a_name_that_somebody_else_bears_for_good_is_said_at_once() {
    let (emulator, sandbox) = journeys::applied();
    let ec2 = |action: &str, parameters: &[(&str, &str)]| emulator.ec2(REGION, action, parameters);
    let state = sandbox.run(&["state", "pull"]).expect(0).json();
    let id = |of: &str| {
        let id = state["records"][of]["out"]["id"].as_str();
        id.unwrap().to_owned()
    };
    let (vpc, subnet) = (id("network/vpc"), id("network/subnet-a"));
    ec2(
        "DeleteVpcEndpoints",
        &[("VpcEndpointId.1", &id("endpoint/logs"))],
    );
    let theirs = ec2(
        "CreateVpcEndpoint",
        &[
            ("VpcId", &vpc),
            ("ServiceName", "com.amazonaws.ap-northeast-1.logs"),
            ("VpcEndpointType", "Interface"),
            ("PrivateDnsEnabled", "true"),
            ("SubnetId.1", &subnet),
        ],
    );
    let theirs = within(&theirs, "vpcEndpointId");
    let begun = std::time::Instant::now();
    let apply = sandbox.run(&["apply", "-y"]).expect(1);
    let said = apply.stdout.clone() + &apply.stderr;
    assert!(
        said.contains(&format!("the endpoint {theirs} has private DNS")),
        "{said}"
    );
    assert!(begun.elapsed() < std::time::Duration::from_mins(1));
}

//! The picture of who reaches what.

use super::fixture::{Scene, closed, net, rule, tight};
use crate::{Access, Peer, Reach, Way};

fn picture(scene: &Scene) -> Reach {
    crate::reach(&scene.evidence, &scene.expected)
}

fn way(scene: &Scene, party: &str, target: &str) -> Way {
    picture(scene).way(party, target).unwrap().clone()
}

/// `web/load-balancer: tcp 80, tcp 443`, a line for each way that is not shut.
fn lines(reach: &Reach) -> String {
    let open = reach.ways.iter().filter(|way| way.access != Access::Shut);
    let line = |way: &Way| {
        let ports = way.ports.iter().map(|p| match p.ports {
            Some((first, last)) if first == last => format!("{} {first}", p.protocol),
            Some((first, last)) => format!("{} {first}-{last}", p.protocol),
            None => p.protocol.clone(),
        });
        let ports: Vec<String> = ports.collect();
        format!(
            "{} {:?} {}: {}",
            way.party,
            way.access,
            way.target,
            ports.join(", ")
        )
    };
    open.map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn as_shipped_the_vpc_alone_gets_anywhere() {
    insta::assert_snapshot!(lines(&picture(&closed())));
}

#[test]
fn every_pair_has_its_way() {
    let reach = picture(&tight());
    assert_eq!(reach.ways.len(), reach.parties.len() * reach.targets.len());
    for party in &reach.parties {
        for target in &reach.targets {
            assert!(reach.way(&party.id, &target.id).is_some());
        }
    }
}

#[test]
fn clients_get_there_once_a_road_leads_back_to_them() {
    let mut scene = tight();
    assert_eq!(
        way(&scene, "clients", "web/load-balancer").access,
        Access::Admitted
    );
    scene.route("192.168.0.0/16", "vgw-1");
    let reached = way(&scene, "clients", "web/load-balancer");
    assert_eq!(reached.access, Access::Reaches);
    let ports: Vec<_> = reached.ports.iter().filter_map(|p| p.ports).collect();
    assert_eq!(ports, [(80, 80), (443, 443)]);
    // Nobody but the VPC logs in to the instance.
    assert_eq!(way(&scene, "clients", "test/instance").access, Access::Shut);
    // Where no group lets them in, no road helps.
    scene.group("web/load-balancer-group").rules.clear();
    assert_eq!(
        way(&scene, "clients", "web/load-balancer").access,
        Access::Shut
    );
}

#[test]
fn a_listener_that_is_not_there_is_not_reached() {
    let mut scene = tight();
    scene.load_balancer().listeners.truncate(1);
    let ports = way(&scene, "vpc", "web/load-balancer").ports;
    assert_eq!(ports.len(), 1);
}

#[test]
fn the_internet_needs_a_gateway_an_address_and_a_rule() {
    let open = |scene: &mut Scene| {
        let everybody = Peer::Range(net("0.0.0.0/0"));
        scene
            .group("test/group")
            .rules
            .push(rule(false, "tcp", 3389, everybody));
    };
    let gateway = |scene: &mut Scene| scene.evidence.doors.internet_gateways.push("igw-1".into());
    let address = |scene: &mut Scene| {
        scene.evidence.instances[0].public_address = Some("203.0.113.1".into());
    };
    let steps: [&dyn Fn(&mut Scene); 3] = [&open, &gateway, &address];
    for without in 0..=steps.len() {
        let mut scene = tight();
        let taken = steps.iter().enumerate().filter(|(at, _)| *at != without);
        taken.for_each(|(_, step)| step(&mut scene));
        let reaches = way(&scene, "internet", "test/instance").access == Access::Reaches;
        assert_eq!(reaches, without == steps.len(), "without step {without}");
    }
}

#[test]
fn the_internet_gets_nowhere_in_a_closed_network() {
    for scene in [closed(), tight()] {
        let reach = picture(&scene);
        let mut internet = reach.ways.iter().filter(|way| way.party == "internet");
        assert!(internet.all(|way| way.access == Access::Shut));
    }
}

#[test]
fn what_is_public_by_itself_is_reached_past_all_groups() {
    let mut scene = tight();
    scene.evidence.rest_apis[0].types = vec!["REGIONAL".into()];
    assert_eq!(way(&scene, "internet", "proxies").access, Access::Reaches);
    let allow = serde_json::json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*" });
    scene.bucket().policy = serde_json::json!({ "Statement": allow });
    assert_eq!(way(&scene, "internet", "web/bucket").access, Access::Shut);
    scene.bucket().public_access_blocks.clear();
    assert_eq!(
        way(&scene, "internet", "web/bucket").access,
        Access::Reaches
    );
}

#[test]
fn a_peer_is_known_by_the_routes_to_it() {
    let mut scene = tight();
    scene
        .evidence
        .doors
        .peerings
        .push(("pcx-1".into(), "vpc-9 of account 222222222222".into()));
    assert_eq!(way(&scene, "pcx-1", "endpoints").access, Access::Shut);
    scene.route("10.9.0.0/16", "pcx-1");
    assert_eq!(way(&scene, "pcx-1", "endpoints").access, Access::Reaches);
    let reach = picture(&scene);
    let peer = reach
        .parties
        .iter()
        .find(|party| party.id == "pcx-1")
        .unwrap();
    assert_eq!(
        (peer.name.as_str(), &peer.ranges[..]),
        ("vpc-9 of account 222222222222", &[net("10.9.0.0/16")][..])
    );
}

#[test]
fn a_group_lets_in_the_vpc_and_a_list_of_aws_the_internet() {
    let only = |peer: Peer| {
        let mut scene = tight();
        scene.group("web/load-balancer-group").rules = vec![rule(false, "tcp", 80, peer)];
        ["vpc", "clients", "internet"].map(|party| {
            let way = way(&scene, party, "web/load-balancer");
            way.access != Access::Shut
        })
    };
    assert_eq!(only(Peer::Group("sg-service".into())), [true, false, false]);
    let list = Peer::PrefixList("pl-cloudfront".into(), Vec::new());
    assert_eq!(only(list), [false, false, true]);
    let list = Peer::PrefixList("pl-clients".into(), vec![net("172.16.0.0/16")]);
    assert_eq!(only(list), [false, true, false]);
}

#[test]
fn nobody_comes_in_through_a_nat_gateway() {
    let mut scene = tight();
    scene.route("192.168.0.0/16", "nat-1");
    let access = way(&scene, "clients", "web/load-balancer").access;
    assert_eq!(access, Access::Admitted);
}

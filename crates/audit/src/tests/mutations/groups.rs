//! Rows about security groups and network ACLs.

use super::{Row, row};
use crate::tests::fixture::{Scene, acl_entry, net, rule};
use crate::{Group, Peer};

fn range(text: &str) -> Peer {
    Peer::Range(net(text))
}

/// A group of somebody else's with one rule.
fn others(scene: &mut Scene, name: &str, rule: crate::GroupRule) {
    scene.evidence.groups.push(Group {
        id: format!("sg-{name}"),
        name: name.into(),
        ours: None,
        rules: vec![rule],
    });
}

pub(super) const ROWS: &[Row] = &[
    row("default-group", |s| {
        let own = Peer::Group("sg-default".into());
        s.evidence.groups[0].rules.push(rule(false, "-1", 0, own));
    }),
    row("default-group-of-others", |s| {
        s.evidence.vpc.ours = false;
        let own = Peer::Group("sg-default".into());
        s.evidence.groups[0].rules.push(rule(false, "-1", 0, own));
    }),
    row("group-egress", |s| {
        s.group("web/service-group")
            .rules
            .push(rule(true, "-1", 0, range("0.0.0.0/0")));
    }),
    row("group-egress", |s| {
        s.group("test/group")
            .rules
            .push(rule(true, "tcp", 443, range("::/0")));
    }),
    row("group-egress", |s| {
        let list = Peer::PrefixList(
            "pl-1".into(),
            vec![net("10.0.0.0/8"), net("203.0.113.0/24")],
        );
        s.group("test/group")
            .rules
            .push(rule(true, "tcp", 443, list));
    }),
    row("group-egress-of-others", |s| {
        others(s, "theirs", rule(true, "-1", 0, range("0.0.0.0/0")));
    }),
    row("group-ingress", |s| {
        others(s, "theirs", rule(false, "tcp", 22, range("0.0.0.0/0")));
    }),
    row("group-ingress", |s| {
        s.group("network/endpoint-group").rules.push(rule(
            false,
            "tcp",
            443,
            range("203.0.113.0/24"),
        ));
    }),
    row("group-ingress", |s| {
        s.group("web/load-balancer-group")
            .rules
            .push(rule(false, "tcp", 80, range("::/0")));
    }),
    // One address more than the clients have.
    row("group-ingress", |s| {
        s.group("web/load-balancer-group")
            .rules
            .push(rule(false, "tcp", 80, range("10.0.0.0/7")));
    }),
    row("group-ingress", |s| {
        let list = Peer::PrefixList("pl-1".into(), vec![net("10.0.0.0/8"), net("8.0.0.0/8")]);
        s.group("web/load-balancer-group")
            .rules
            .push(rule(false, "tcp", 80, list));
    }),
    // CloudFront's, for one.
    row("group-ingress", |s| {
        let list = Peer::PrefixList("pl-cloudfront".into(), Vec::new());
        s.group("web/load-balancer-group")
            .rules
            .push(rule(false, "tcp", 80, list));
    }),
    row("group-reference-unknown", |s| {
        let peer = Peer::Group("sg-of-a-peer".into());
        s.group("web/load-balancer-group")
            .rules
            .push(rule(false, "tcp", 80, peer));
    }),
    row("acl-ingress", |s| s.evidence.acls[0].entries[1].number = 90),
    row("acl-ingress", |s| {
        s.evidence.acls[0]
            .entries
            .push(acl_entry(50, false, false, "203.0.113.0/24"));
    }),
    // What is refused too late, or for one port alone, is let in.
    row("acl-ingress", |s| {
        s.evidence.acls[0]
            .entries
            .push(acl_entry(110, false, false, "0.0.0.0/0"));
    }),
    row("acl-ingress", |s| {
        let mut entry = acl_entry(50, false, false, "0.0.0.0/0");
        (entry.protocol, entry.ports) = ("6".into(), Some((22, 22)));
        s.evidence.acls[0].entries.push(entry);
    }),
];

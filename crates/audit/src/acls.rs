//! Network ACLs: AWS's default lets everything through and leaves it to the groups; whoever wrote
//! one of his own meant it to refuse.

use ipnet::IpNet;

use crate::groups::traffic;
use crate::ranges::Ranges;
use crate::{Acl, AclEntry, Evidence, Expected, Flaw, Rule, Severity};

/// AWS's entry for everything over IPv4, and the one over IPv6 in a VPC that has it.
const DEFAULT_ENTRIES: [(i32, &str); 2] = [(100, "0.0.0.0/0"), (101, "::/0")];

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "acl-ingress",
    severity: Severity::Warning,
    title: "network ACLs that are not AWS's default let nobody in from beyond the VPC and the clients",
    remedy: "narrow the entry to the VPC and the clients, or go back to AWS's default entries",
    check: acl_ingress,
}];

/// Whether the entries are exactly those that AWS makes: all in, all out.
fn is_default(acl: &Acl) -> bool {
    let both_ways = [false, true].iter().all(|egress| {
        let mut entries = acl.entries.iter();
        entries.any(|entry| entry.egress == *egress && entry.number == DEFAULT_ENTRIES[0].0)
    });
    both_ways
        && acl.entries.iter().all(|entry| {
            entry.allow
                && entry.protocol == "-1"
                && DEFAULT_ENTRIES.contains(&(entry.number, entry.range.as_str()))
        })
}

/// Whether everything that `entry` is about comes under `earlier` too, its range aside.
fn covers(earlier: &AclEntry, entry: &AclEntry) -> bool {
    let ports = match (earlier.ports, entry.ports) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some((a, b)), Some((first, last))) => a <= first && last <= b,
    };
    earlier.protocol == "-1" || (earlier.protocol == entry.protocol && ports)
}

/// Entries that let in from beyond `inside`, but for what lower numbers refuse.
fn open_entries<'a>(acl: &'a Acl, inside: &Ranges) -> Vec<&'a AclEntry> {
    let mut entries: Vec<&AclEntry> = acl.entries.iter().filter(|e| !e.egress).collect();
    entries.sort_by_key(|entry| entry.number);
    let open = |(at, entry): (usize, &&'a AclEntry)| {
        let range: Option<IpNet> = entry.range.parse().ok();
        let refused: Vec<IpNet> = entries[..at]
            .iter()
            .filter(|earlier| !earlier.allow && covers(earlier, entry))
            .filter_map(|earlier| earlier.range.parse().ok())
            .collect();
        let shut = range.is_some_and(|range| inside.and(&refused).contain(&range));
        (entry.allow && !shut).then_some(*entry)
    };
    entries.iter().enumerate().filter_map(open).collect()
}

fn acl_ingress(evidence: &Evidence, expected: &Expected) -> Vec<Flaw> {
    let inside = Ranges::inside(evidence, expected);
    let used = |id: &String| evidence.subnets.iter().any(|s| s.used && s.id == *id);
    let mut flaws = Vec::new();
    for acl in &evidence.acls {
        if is_default(acl) || !acl.subnets.iter().any(used) {
            continue;
        }
        let open: Vec<String> = open_entries(acl, &inside).into_iter().map(text).collect();
        if !open.is_empty() {
            let seen = format!("{} lets in {}", acl.id, open.join(", "));
            flaws.push(Flaw::new(&acl.id, seen));
        }
    }
    flaws
}

/// `tcp 443 from 0.0.0.0/0 (100)`; AWS numbers the protocols here.
fn text(entry: &AclEntry) -> String {
    let protocol = match entry.protocol.as_str() {
        "6" => "tcp",
        "17" => "udp",
        other => other,
    };
    let traffic = traffic(protocol, entry.ports);
    format!("{traffic} from {} ({})", entry.range, entry.number)
}

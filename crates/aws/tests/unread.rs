//! Nothing of an answer is left out of the evidence in silence: wherever a part of one is dropped, it is
//! told, or stands here with the reason why nothing is lost. Paths are below this package's folder, where
//! cargo runs its tests.

use std::collections::BTreeSet;
use std::fs;

/// Parts that an answer need not have, or whose absence counts against the network all the same.
const NOTHING_LOST: [(&str, &str); 15] = [
    (
        "found.iter().filter_map(|l| l.prefix_list_id())",
        "a list that is not seen counts as everything",
    ),
    ("filter_map(parsed)", "constants"),
    (
        "theirs.filter_map(|list| list.prefix_list_id)",
        "a list that is not seen counts as everything",
    ),
    (
        "all.filter_map(|list| list.prefix_list_id.clone())",
        "told where the rule is read",
    ),
    (
        "devices.filter_map(|device| device.ebs()?.volume_id())",
        "instance stores have no volume",
    ),
    (
        "volume.volume_id?, volume.encrypted",
        "a volume that is not seen counts as not encrypted",
    ),
    (
        "routed.filter_map(|route| route.destination_prefix_list_id",
        "routes to ranges have none",
    ),
    (
        "named.filter_map(|a| a.subnet_id.clone())",
        "the main association and gateways have none",
    ),
    (
        "guarded.filter_map(|a| a.subnet_id.clone())",
        "a subnet without an ACL of its own has the default one",
    ),
    (
        "address.association()?.public_ip",
        "most addresses have none",
    ),
    (
        "six.filter_map(|a| a.ipv6_address.clone())",
        "an address without an address",
    ),
    (
        "filter_map(|v| v.name())",
        "a variable without a name holds no secret by its name",
    ),
    (
        "groups.filter_map(|group| group.group_id())",
        "a group that is not seen counts as not followed",
    ),
    (
        "let rules = found.into_iter().filter_map(|group|",
        "missed by whoever names it, and counted there",
    ),
    (
        "table.associations().iter().filter_map(|a| a.subnet_id())",
        "the main association has none",
    ),
];

#[test]
fn what_is_dropped_of_an_answer_is_told_or_stands_here() {
    let mut files = vec!["src/imported.rs".into()];
    for folder in ["src/evidence", "src/imported"] {
        let entries = fs::read_dir(folder).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    let mut unused: BTreeSet<&str> = NOTHING_LOST.iter().map(|(text, _)| *text).collect();
    let mut silent = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let drops = ["filter_map(", ".ok()?", "_ => {}"];
            if !drops.iter().any(|word| line.contains(word)) || line.trim_start().starts_with("//")
            {
                continue;
            }
            let near = lines[at..lines.len().min(at + 5)].concat();
            let near = near.split_whitespace().collect::<Vec<_>>().join(" ");
            let listed = NOTHING_LOST
                .iter()
                .find(|(text, _)| line.contains(text) || near.contains(text));
            if let Some((text, _)) = listed {
                unused.remove(text);
            } else if !near.contains("unread") {
                silent.push(format!("{}:{}: {}", file.display(), at + 1, line.trim()));
            }
        }
    }
    assert!(
        silent.is_empty(),
        "dropped in silence:\n{}",
        silent.join("\n")
    );
    assert!(unused.is_empty(), "no longer there: {unused:?}");
}

//! Graphs of every shape, with texts of every kind.

use graph::{Edge, EdgeKind, Graph, Group, Node, Status};
use proptest::prelude::*;

/// Texts that have broken such drawings before.
const NASTY: [&str; 12] = [
    "</script><script>alert(1)</script>",
    "]]>",
    "a\"] --> b[\"",
    "\\",
    "\\\"",
    "#quot;",
    "&lt;",
    "<!--",
    "1. list",
    "- `code` **bold** www.example.com",
    "%%{init: {}}%%",
    "閉域ネットワーク\u{202e}\u{0}\u{ffff}\n",
];

fn status() -> impl Strategy<Value = Status> {
    use Status::{Barred, Changed, Live, Missing, Outside, Pending, Unexpected};
    prop::sample::select(vec![
        Live, Pending, Changed, Missing, Unexpected, Outside, Barred,
    ])
}

fn kind() -> impl Strategy<Value = EdgeKind> {
    prop::sample::select(vec![EdgeKind::Needs, EdgeKind::Reaches, EdgeKind::Barred])
}

/// Any text at all.
fn wild() -> BoxedStrategy<String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,12}",
        prop::sample::select(NASTY.to_vec()).prop_map(str::to_owned),
    ]
    .boxed()
}

/// Texts of characters that are shown as they are.
fn shown() -> BoxedStrategy<String> {
    let nasty = NASTY[..11].to_vec();
    prop_oneof![
        "[\\p{L}\\p{N}\\p{P}\\p{S} ]{1,30}",
        prop::sample::select(nasty).prop_map(str::to_owned)
    ]
    .boxed()
}

/// Graphs whose texts are anything.
pub(crate) fn any_graph() -> impl Strategy<Value = Graph> {
    graph(wild())
}

/// Graphs whose texts can be found again.
pub(crate) fn shown_graph() -> impl Strategy<Value = Graph> {
    graph(shown())
}

/// Ids are distinct; some edges lead nowhere, and some groups are empty.
fn graph(text: BoxedStrategy<String>) -> impl Strategy<Value = Graph> {
    let lines = prop::collection::vec(text.clone(), 0..6);
    let node = (0..6_usize, text.clone(), text.clone(), lines, status());
    let edge = (0..20_usize, 0..20_usize, text.clone(), kind());
    let groups = prop::collection::vec(text.clone(), 0..5);
    let nodes = prop::collection::vec(node, 0..18);
    let edges = prop::collection::vec(edge, 0..40);
    (text.clone(), text, groups, nodes, edges).prop_map(
        |(title, subtitle, groups, nodes, edges)| {
            let id = |index: usize| {
                nodes
                    .get(index)
                    .map_or("?".into(), |n| format!("{index} {}", n.1))
            };
            let node =
                |(index, node): (usize, &(usize, String, String, Vec<String>, Status))| Node {
                    id: id(index),
                    group: format!("g{}", node.0),
                    title: node.2.clone(),
                    lines: node.3.clone(),
                    status: node.4,
                };
            let edge = |(from, to, label, kind): (usize, usize, String, EdgeKind)| Edge {
                from: id(from),
                to: id(to),
                label,
                kind,
            };
            let group = |(index, title)| Group {
                id: format!("g{index}"),
                title,
            };
            Graph {
                title,
                subtitle,
                headings: vec!["Kind".into()],
                groups: groups.into_iter().enumerate().map(group).collect(),
                nodes: nodes.iter().enumerate().map(node).collect(),
                edges: edges.into_iter().map(edge).collect(),
            }
        },
    )
}

/// Titles of all groups of a graph, those that only nodes name among them.
pub(crate) fn group_titles(graph: &Graph) -> Vec<String> {
    let mut ids: Vec<&str> = graph.groups.iter().map(|group| group.id.as_str()).collect();
    let mut titles: Vec<String> = graph
        .groups
        .iter()
        .map(|group| group.title.clone())
        .collect();
    for node in &graph.nodes {
        if !ids.contains(&node.group.as_str()) {
            ids.push(&node.group);
            titles.push(node.group.clone());
        }
    }
    titles
}

//! Graphs as the commands draw them: a whole deployment, and who can reach what.

mod deployment;
mod reachability;

pub(crate) use deployment::deployment;
pub(crate) use reachability::reachability;

use graph::{Edge, EdgeKind, Graph, Group, Node, Status};

/// A graph that grows.
struct Draft(Graph);

impl Draft {
    fn new(title: &str, subtitle: &str, headings: &[&str], groups: &[(&str, &str)]) -> Self {
        let group = |(id, title): &(&str, &str)| Group {
            id: (*id).into(),
            title: (*title).into(),
        };
        Self(Graph {
            title: title.into(),
            subtitle: subtitle.into(),
            headings: headings.iter().map(|heading| (*heading).into()).collect(),
            groups: groups.iter().map(group).collect(),
            ..Graph::default()
        })
    }

    fn node(&mut self, id: &str, group: &str, title: &str, lines: &[&str], status: Status) {
        self.0.nodes.push(Node {
            id: id.into(),
            group: group.into(),
            title: title.into(),
            lines: lines.iter().map(|line| (*line).into()).collect(),
            status,
        });
    }

    fn edge(&mut self, from: &str, to: &str, label: &str, kind: EdgeKind) {
        self.0.edges.push(Edge {
            from: from.into(),
            to: to.into(),
            label: label.into(),
            kind,
        });
    }
}

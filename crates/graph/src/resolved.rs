//! The graph with positions for ids: every node has a group, every link two different nodes.

use std::collections::HashMap;

use crate::{EdgeKind, Graph, Node};

/// A graph whose references hold.
pub(crate) struct Resolved<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) groups: Vec<Members<'a>>,
    /// Group of each node.
    pub(crate) home: Vec<usize>,
    pub(crate) links: Vec<Link<'a>>,
}

/// A group and who is in it.
pub(crate) struct Members<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    pub(crate) nodes: Vec<usize>,
}

/// An edge between two nodes that exist.
pub(crate) struct Link<'a> {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) label: &'a str,
    pub(crate) kind: EdgeKind,
}

impl<'a> Resolved<'a> {
    pub(crate) fn new(graph: &'a Graph) -> Self {
        let mut groups = Vec::new();
        let mut by_id = HashMap::new();
        for group in &graph.groups {
            by_id.entry(group.id.as_str()).or_insert(groups.len());
            groups.push(Members {
                id: &group.id,
                title: &group.title,
                nodes: Vec::new(),
            });
        }
        let mut home = Vec::new();
        let mut nodes = HashMap::new();
        for (index, node) in graph.nodes.iter().enumerate() {
            let group = *by_id.entry(node.group.as_str()).or_insert_with(|| {
                groups.push(Members {
                    id: &node.group,
                    title: &node.group,
                    nodes: Vec::new(),
                });
                groups.len() - 1
            });
            groups[group].nodes.push(index);
            home.push(group);
            nodes.entry(node.id.as_str()).or_insert(index);
        }
        let link = |edge: &'a crate::Edge| {
            let from = *nodes.get(edge.from.as_str())?;
            let to = *nodes.get(edge.to.as_str())?;
            let (label, kind) = (edge.label.as_str(), edge.kind);
            (from != to).then_some(Link {
                from,
                to,
                label,
                kind,
            })
        };
        let links = graph.edges.iter().filter_map(link).collect();
        Self {
            graph,
            groups,
            home,
            links,
        }
    }

    pub(crate) fn nodes(&self) -> &'a [Node] {
        &self.graph.nodes
    }
}

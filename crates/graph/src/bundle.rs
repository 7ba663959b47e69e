//! Which arrows are drawn: all within a group, one for many between two groups. A hundred lines
//! across a picture say nothing.

use std::collections::HashMap;

use crate::EdgeKind;
use crate::resolved::Resolved;

/// Between two groups, up to so many arrows of one kind and label are drawn one by one.
const SINGLY: usize = 3;

/// Where an arrow begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum End {
    Node(usize),
    Group(usize),
}

/// An arrow that stands for one link or several.
pub(crate) struct Arrow {
    pub(crate) from: End,
    pub(crate) to: End,
    pub(crate) kind: EdgeKind,
    /// What is written on it.
    pub(crate) label: String,
    /// The links that it stands for.
    pub(crate) links: Vec<usize>,
    /// Stands for several.
    pub(crate) bundled: bool,
}

impl Arrow {
    /// The group that both ends are nodes of.
    pub(crate) fn home(&self, graph: &Resolved) -> Option<usize> {
        match (self.from, self.to) {
            (End::Node(from), End::Node(to)) => {
                (graph.home[from] == graph.home[to]).then_some(graph.home[from])
            }
            _ => None,
        }
    }
}

/// The arrows of a graph, in the order of their first links.
pub(crate) fn arrows(graph: &Resolved) -> Vec<Arrow> {
    let all: Vec<usize> = (0..graph.links.len()).collect();
    let (within, between): (Vec<usize>, Vec<usize>) = all.into_iter().partition(|index| {
        let link = &graph.links[*index];
        graph.home[link.from] == graph.home[link.to]
    });
    let (needs, ways): (Vec<usize>, Vec<usize>) = between
        .into_iter()
        .partition(|index| graph.links[*index].kind == EdgeKind::Needs);
    let group = |node: usize| End::Group(graph.home[node]);
    let mut arrows = Vec::new();
    for links in gather(graph, within, End::Node, End::Node) {
        arrows.push(single(graph, links));
    }
    for links in gather(graph, needs, group, group) {
        arrows.push(bundle(graph, links));
    }
    // Who reaches what is not blurred: one end stays a node.
    let mut rest = Vec::new();
    for links in gather(graph, ways, End::Node, group) {
        if links.len() > SINGLY {
            arrows.push(bundle(graph, links));
        } else {
            rest.extend(links);
        }
    }
    for links in gather(graph, rest, group, End::Node) {
        if links.len() > SINGLY {
            arrows.push(bundle(graph, links));
        } else {
            let alike = gather(graph, links, End::Node, End::Node);
            arrows.extend(alike.into_iter().map(|links| single(graph, links)));
        }
    }
    arrows.sort_by_key(|arrow| arrow.links[0]);
    arrows
}

/// Links that have kind, label and ends in common, in the order of the first of each.
fn gather(
    graph: &Resolved,
    links: Vec<usize>,
    from: impl Fn(usize) -> End,
    to: impl Fn(usize) -> End,
) -> Vec<Vec<usize>> {
    let mut bundles: Vec<Vec<usize>> = Vec::new();
    let mut known = HashMap::new();
    for index in links {
        let link = &graph.links[index];
        let key = (from(link.from), to(link.to), link.kind, link.label);
        let number = *known.entry(key).or_insert(bundles.len());
        match bundles.get_mut(number) {
            Some(links) => links.push(index),
            None => bundles.push(vec![index]),
        }
    }
    bundles
}

fn single(graph: &Resolved, links: Vec<usize>) -> Arrow {
    let link = &graph.links[links[0]];
    Arrow {
        from: End::Node(link.from),
        to: End::Node(link.to),
        kind: link.kind,
        label: link.label.to_owned(),
        links,
        bundled: false,
    }
}

/// One arrow for many. An end that all share is that node, otherwise the group.
fn bundle(graph: &Resolved, links: Vec<usize>) -> Arrow {
    if links.len() == 1 {
        return single(graph, links);
    }
    let first = &graph.links[links[0]];
    let distinct = |end: fn(&crate::resolved::Link) -> usize| {
        let mut nodes: Vec<usize> = links.iter().map(|link| end(&graph.links[*link])).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    };
    let (sources, targets) = (distinct(|link| link.from), distinct(|link| link.to));
    let end = |nodes: &[usize]| match nodes {
        [only] => End::Node(*only),
        _ => End::Group(graph.home[nodes[0]]),
    };
    let (from, to) = (end(&sources), end(&targets));
    let count = match (first.kind, to, from) {
        (EdgeKind::Needs, _, _) => links.len().to_string(),
        (_, End::Group(group), _) => share(targets.len(), graph.groups[group].nodes.len()),
        (_, _, End::Group(group)) => share(sources.len(), graph.groups[group].nodes.len()),
        _ => links.len().to_string(),
    };
    let label = match first.label {
        "" => count,
        label => format!("{label} · {count}"),
    };
    Arrow {
        from,
        to,
        kind: first.kind,
        label,
        links,
        bundled: true,
    }
}

fn share(some: usize, all: usize) -> String {
    if some == all {
        format!("all {all}")
    } else {
        format!("{some} of {all}")
    }
}

//! DOT for Graphviz: a cluster a group. Arrows between groups end at their borders.

use crate::bundle::{Arrow, End, arrows};
use crate::names::unique;
use crate::resolved::Resolved;
use crate::status::{ink, look};
use crate::text::clean;
use crate::{EdgeKind, Node};

/// The graph in DOT.
pub(crate) fn render(graph: &Resolved) -> String {
    let ids = graph.nodes().iter().map(|node| node.id.as_str());
    // Graphviz leaves out what is empty: an empty group gets a node that says so.
    let mut nodes = unique(ids.chain(graph.groups.iter().map(|group| group.id)), clean);
    let nothing = nodes.split_off(graph.nodes().len());
    let title = [&graph.graph.title, &graph.graph.subtitle]
        .map(|part| label(part))
        .join("\\n");
    let mut lines = vec![
        "digraph {".to_owned(),
        format!("  graph [label=\"{title}\" labelloc=t fontsize=20 compound=true rankdir=LR]"),
        "  graph [fontname=\"Helvetica\" nodesep=0.2 ranksep=0.8]".into(),
        "  node [fontname=\"Helvetica\" fontsize=11 shape=box style=\"rounded,filled\"]".into(),
        "  edge [fontname=\"Helvetica\" fontsize=10]".into(),
    ];
    for (number, group) in graph.groups.iter().enumerate() {
        lines.push(format!("  subgraph \"cluster_{number}\" {{"));
        lines.push(format!(
            "    graph [label=\"{}\" fontsize=15 style=\"rounded,filled\" color=\"#bcd0e6\" fillcolor=\"#f4f7fb\"]",
            label(group.title)
        ));
        for index in &group.nodes {
            lines.push(format!(
                "    {}",
                node(&nodes[*index], &graph.nodes()[*index])
            ));
        }
        if group.nodes.is_empty() {
            let name = quoted(&nothing[number]);
            lines.push(format!(
                "    \"{name}\" [label=\"nothing\" shape=plain style=\"\"]"
            ));
        }
        lines.push("  }".into());
    }
    for arrow in arrows(graph) {
        lines.push(format!("  {}", edge(graph, &arrow, &nodes)));
    }
    lines.push("}\n".into());
    lines.join("\n")
}

fn node(name: &str, node: &Node) -> String {
    let look = look(node.status);
    let small = node.filled().map(|line| label(line));
    let status = format!("{} {}", look.sign, look.word);
    let text: Vec<String> = [label(&node.title)]
        .into_iter()
        .chain(small)
        .chain([status])
        .collect();
    let (name, text) = (quoted(name), text.join("\\n"));
    let (ink, fill) = (look.ink, look.fill);
    let dash = if look.dash.is_empty() { "" } else { ",dashed" };
    format!(
        "\"{name}\" [label=\"{text}\" color=\"{ink}\" fillcolor=\"{fill}\" style=\"rounded,filled{dash}\"]"
    )
}

/// Graphviz has arrows between nodes alone: one to a group goes to the first node in it, as far as
/// the border.
fn edge(graph: &Resolved, arrow: &Arrow, nodes: &[String]) -> String {
    let link = &graph.links[arrow.links[0]];
    let (from, to) = (quoted(&nodes[link.from]), quoted(&nodes[link.to]));
    let mut attributes = vec![format!("color=\"{}\"", ink(arrow.kind))];
    for (name, end) in [("ltail", arrow.from), ("lhead", arrow.to)] {
        if let End::Group(group) = end {
            attributes.push(format!("{name}=\"cluster_{group}\""));
        }
    }
    if arrow.bundled {
        attributes.push("penwidth=2".into());
    }
    let label = label(&arrow.label);
    match arrow.kind {
        EdgeKind::Barred => {
            let label = format!("✗ {label}");
            attributes.push(format!(
                "style=dashed arrowhead=tee label=\"{}\"",
                label.trim_end()
            ));
        }
        _ if label.is_empty() => {}
        _ => attributes.push(format!("label=\"{label}\"")),
    }
    format!("\"{from}\" -> \"{to}\" [{}]", attributes.join(" "))
}

/// A name within quotes.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A text within quotes; backslashes and entities mean something in labels.
fn label(text: &str) -> String {
    clean(text)
        .replace('\\', "\\\\")
        .replace('&', "&amp;")
        .replace('"', "\\\"")
}

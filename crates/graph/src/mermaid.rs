//! Mermaid: a flowchart with a subgraph a group. Every character that could mean something to
//! Mermaid, Markdown or YAML is written as its code.

use crate::bundle::{Arrow, End, arrows};
use crate::names::unique;
use crate::resolved::Resolved;
use crate::status::{self, ink, look};
use crate::text::clean;
use crate::{EdgeKind, Status};

/// The flowchart of `graph`.
pub(crate) fn render(graph: &Resolved) -> String {
    let nodes = unique(graph.nodes().iter().map(|node| node.id.as_str()), |id| {
        name("n", id)
    });
    let groups = unique(graph.groups.iter().map(|group| group.id), |id| {
        name("g", id)
    });
    let mut lines = Vec::new();
    let parts = [&graph.graph.title, &graph.graph.subtitle].map(|part| clean(part));
    let parts: Vec<&str> = parts
        .iter()
        .map(|p| p.trim())
        .filter(|p| !p.is_empty())
        .collect();
    if !parts.is_empty() {
        lines.push(format!("---\ntitle: \"{}\"\n---", yaml(&parts.join(" · "))));
    }
    lines.push("flowchart LR".into());
    for (name, group) in groups.iter().zip(&graph.groups) {
        lines.push(format!("  subgraph {name}[\"{}\"]", label(group.title)));
        for index in &group.nodes {
            let node = &graph.nodes()[*index];
            let look = look(node.status);
            let title = format!("<b>{}</b>", label(&node.title));
            let small = node.filled().map(|line| label(line));
            let status = format!("{} {}", look.sign, look.word);
            let text: Vec<String> = [title].into_iter().chain(small).chain([status]).collect();
            let (name, text) = (&nodes[*index], text.join("<br/>"));
            lines.push(format!("    {name}[\"{text}\"]:::{}", class(node.status)));
        }
        lines.push("  end".into());
    }
    let arrows = arrows(graph);
    for arrow in &arrows {
        lines.push(format!("  {}", line(arrow, &nodes, &groups)));
    }
    for kind in [EdgeKind::Reaches, EdgeKind::Barred] {
        let of = arrows
            .iter()
            .enumerate()
            .filter(|(_, arrow)| arrow.kind == kind);
        let numbers: Vec<String> = of.map(|(number, _)| number.to_string()).collect();
        if !numbers.is_empty() {
            let numbers = numbers.join(",");
            lines.push(format!("  linkStyle {numbers} stroke:{}", ink(kind)));
        }
    }
    for status in status::ALL {
        if graph.nodes().iter().any(|node| node.status == status) {
            lines.push(format!("  {}", style(status)));
        }
    }
    if !groups.is_empty() {
        lines.push("  classDef group fill:#f4f7fb,stroke:#bcd0e6,color:#1f2933".into());
        lines.push(format!("  class {} group", groups.join(",")));
    }
    lines.join("\n") + "\n"
}

fn line(arrow: &Arrow, nodes: &[String], groups: &[String]) -> String {
    let end = |end| match end {
        End::Node(node) => &nodes[node],
        End::Group(group) => &groups[group],
    };
    let (from, to) = (end(arrow.from), end(arrow.to));
    let stroke = match (arrow.kind, arrow.bundled) {
        (EdgeKind::Barred, _) => "-.-x",
        (_, true) => "==>",
        (_, false) => "-->",
    };
    let label = match (arrow.kind, label(&arrow.label)) {
        (EdgeKind::Barred, label) if label.is_empty() => "|\"cannot reach\"|".into(),
        (_, label) if label.is_empty() => String::new(),
        (_, label) => format!("|\"{label}\"|"),
    };
    format!("{from} {stroke}{label} {to}")
}

const fn class(status: Status) -> &'static str {
    // Mermaid knows words such as `default`; ours are none of them.
    look(status).word
}

fn style(status: Status) -> String {
    let look = look(status);
    let (class, fill, ink) = (class(status), look.fill, look.ink);
    let dash = match look.dash {
        "" => String::new(),
        dash => format!(",stroke-dasharray:{dash}"),
    };
    format!("classDef {class} fill:{fill},stroke:{ink},color:#1f2933{dash}")
}

/// A letter before it keeps it from being a word of Mermaid's own.
fn name(kind: &str, id: &str) -> String {
    let plain = |char: char| {
        if char.is_ascii_alphanumeric() {
            char
        } else {
            '_'
        }
    };
    let id: String = id.chars().map(plain).collect();
    format!("{kind}_{id}")
}

/// A text within quotes. `-` and `/` stay between letters and digits, where they begin no list.
fn label(text: &str) -> String {
    let text: Vec<char> = clean(text).chars().collect();
    let plain = |index: Option<usize>| {
        index
            .and_then(|index| text.get(index))
            .is_some_and(|char| char.is_alphanumeric())
    };
    let one = |(index, char): (usize, &char)| match char {
        '"' => "#quot;".into(),
        '&' => "#amp;".into(),
        '<' => "#lt;".into(),
        '>' => "#gt;".into(),
        ' ' => " ".into(),
        '-' | '/' if plain(index.checked_sub(1)) && plain(Some(index + 1)) => char.to_string(),
        // Mermaid's own marks for codes are made of these two.
        'ﬂ' | 'ß' => format!("#{};", u32::from(*char)),
        char if char.is_alphanumeric() => char.to_string(),
        char => format!("#{};", u32::from(*char)),
    };
    text.iter().enumerate().map(one).collect()
}

/// A text within YAML's double quotes.
fn yaml(text: &str) -> String {
    let one = |char: char| match char {
        ' ' | '-' | ',' | '·' | ':' | '(' | ')' => char.to_string(),
        char if char.is_alphanumeric() => char.to_string(),
        char => format!("\\U{:08x}", u32::from(char)),
    };
    text.chars().map(one).collect()
}

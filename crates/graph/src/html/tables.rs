//! The tables: every node and every edge, for readers who search or cannot see the picture.

use crate::escape::xml;
use crate::resolved::Resolved;
use crate::status::{look, verb};

/// Headings of the lines: those that were given, then a number.
fn headings(graph: &Resolved) -> Vec<String> {
    let lines = graph.nodes().iter().map(|node| node.lines.len()).max();
    let given = &graph.graph.headings;
    let heading = |index: usize| match given.get(index) {
        Some(heading) => xml(heading),
        None => format!("Detail {}", index + 1),
    };
    (0..lines.unwrap_or_default()).map(heading).collect()
}

/// Every node.
pub(crate) fn nodes(graph: &Resolved) -> String {
    let headings = headings(graph);
    let cells = |index: usize| -> String {
        let lines = &graph.nodes()[index].lines;
        let cell = |column: usize| lines.get(column).map(|line| xml(line)).unwrap_or_default();
        let cells = (0..headings.len()).map(|column| format!("<td>{}</td>", cell(column)));
        cells.collect::<Vec<_>>().concat()
    };
    let row = |index: usize, group: &str| {
        let node = &graph.nodes()[index];
        let (id, title) = (xml(&node.id), xml(&node.title));
        let look = look(node.status);
        let (sign, word) = (look.sign, look.word);
        format!(
            "<tr data-node=\"{index}\" class=\"{word}\"><th scope=\"row\">{id}</th><td>{title}</td>\
             {}<td class=\"status\"><span aria-hidden=\"true\">{sign}</span> {word}</td>\
             <td>{group}</td></tr>\n",
            cells(index)
        )
    };
    let rows = graph.groups.iter().flat_map(|group| {
        let title = xml(group.title);
        group.nodes.iter().map(move |index| row(*index, &title))
    });
    let rows: String = rows.collect();
    let count = graph.nodes().len();
    let headings = headings
        .iter()
        .map(|heading| format!("<th scope=\"col\">{heading}</th>"));
    let headings = headings.collect::<Vec<_>>().concat();
    format!(
        "<table id=\"nodes\">\n<caption>Resources ({count})</caption>\n<thead><tr>\
         <th scope=\"col\">Id</th><th scope=\"col\">Title</th>{headings}\
         <th scope=\"col\">Status</th><th scope=\"col\">Group</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n"
    )
}

/// Every edge.
pub(crate) fn links(graph: &Resolved) -> String {
    let row = |link: &crate::resolved::Link| {
        let (from, to) = (link.from, link.to);
        let name = |node: usize| xml(&graph.nodes()[node].id);
        let (verb, label) = (verb(link.kind), xml(link.label));
        let (source, target) = (name(from), name(to));
        format!(
            "<tr data-from=\"{from}\" data-to=\"{to}\"><th scope=\"row\">{source}</th>\
             <td>{verb}</td><td>{target}</td><td>{label}</td></tr>\n"
        )
    };
    let rows: String = graph.links.iter().map(row).collect();
    let count = graph.links.len();
    format!(
        "<table id=\"links\">\n<caption>Connections ({count})</caption>\n<thead><tr>\
         <th scope=\"col\">From</th><th scope=\"col\">Relation</th><th scope=\"col\">To</th>\
         <th scope=\"col\">Label</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )
}

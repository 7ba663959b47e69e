//! Texts get into every form, and out of none.

use graph::{Format, Graph, render};
use proptest::prelude::*;
use roxmltree::{Document, Node};

use crate::picture::read;
use crate::strategies::{any_graph, group_titles, shown_graph};

/// The page as XML, without style and script, which are the same in every page.
fn page(graph: &Graph) -> String {
    let html = render(graph, Format::Html);
    let mut page = html.strip_prefix("<!doctype html>").unwrap().to_owned();
    for name in ["style", "script"] {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        assert_eq!(page.matches(&format!("<{name}")).count(), 1);
        assert_eq!(page.matches(&close).count(), 1);
        let (from, to) = (
            page.find(&open).unwrap() + open.len(),
            page.find(&close).unwrap(),
        );
        page.replace_range(from..to, "");
    }
    page
}

fn tables<'a>(document: &'a Document, id: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    let table = document
        .descendants()
        .find(|node| node.attribute("id") == Some(id))
        .unwrap();
    let rows = table.descendants().filter(|node| node.has_tag_name("tr"));
    rows.skip(1)
}

/// Texts between quotes, escapes of quotes and backslashes undone; everything else must be of
/// Graphviz's own words.
fn quoted(dot: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut chars = dot.chars();
    while let Some(char) = chars.next() {
        if char != '"' {
            assert!(
                char.is_ascii_alphanumeric() || " \n_[]{}=->.".contains(char),
                "{char:?}"
            );
            continue;
        }
        let mut text = String::new();
        loop {
            match chars.next().expect("a quote that is not closed") {
                '"' => break,
                '\\' => match chars.next().unwrap() {
                    'n' => text.push('\n'),
                    other => text.push(other),
                },
                other => text.push(other),
            }
        }
        texts.push(text);
    }
    texts
}

/// Mermaid's codes undone.
fn decoded(label: &str) -> String {
    let mut parts = label.split('#');
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (code, rest) = part.split_once(';').unwrap();
        let char = match code {
            "quot" => '"',
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            number => char::from_u32(number.parse().unwrap()).unwrap(),
        };
        text.push(char);
        text.push_str(rest);
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_text_leaves_the_markup_well_formed(graph in any_graph()) {
        let svg = render(&graph, Format::Svg);
        read(&svg);
        let page = page(&graph);
        Document::parse(&page).unwrap();
        prop_assert!(page.contains(&svg));
        quoted(&render(&graph, Format::Dot));
        for line in render(&graph, Format::Mermaid).lines() {
            prop_assert_eq!(line.matches('"').count() % 2, 0);
        }
    }

    #[test]
    fn the_picture_names_every_node_and_group(graph in shown_graph()) {
        let picture = read(&render(&graph, Format::Svg));
        let titles: Vec<String> = picture.groups.into_iter().map(|(title, _)| title).collect();
        prop_assert_eq!(titles, group_titles(&graph));
        for (node, (text, _)) in graph.nodes.iter().zip(&picture.cards) {
            prop_assert!(text.starts_with(&node.title));
        }
    }

    #[test]
    fn the_tables_have_every_node_and_edge(graph in shown_graph()) {
        let page = page(&graph);
        let document = Document::parse(&page).unwrap();
        let cells = |row: Node| -> Vec<String> {
            let cells = row.children().filter(Node::is_element);
            cells.map(|cell| cell.text().unwrap_or_default().to_owned()).collect()
        };
        let rows: Vec<Vec<String>> = tables(&document, "nodes").map(cells).collect();
        prop_assert_eq!(rows.len(), graph.nodes.len());
        for node in &graph.nodes {
            let row = rows.iter().find(|row| row[0] == node.id).unwrap();
            prop_assert_eq!(&row[1], &node.title);
            prop_assert!(row[2..].starts_with(&node.lines));
        }
        let known = |id: &String| graph.nodes.iter().any(|node| node.id == *id);
        let edges = graph.edges.iter().filter(|e| e.from != e.to && known(&e.from) && known(&e.to));
        prop_assert_eq!(tables(&document, "links").count(), edges.count());
    }

    #[test]
    fn dot_names_every_node_and_group(graph in shown_graph()) {
        let texts = quoted(&render(&graph, Format::Dot));
        let texts: Vec<String> = texts.iter().map(|text| text.replace("&amp;", "&")).collect();
        for title in group_titles(&graph) {
            prop_assert!(texts.contains(&title));
        }
        for node in &graph.nodes {
            prop_assert!(texts.contains(&node.id));
            let begins = |text: &&String| text.split('\n').next() == Some(&node.title);
            prop_assert!(texts.iter().any(|text| begins(&text)));
        }
    }

    #[test]
    fn mermaid_names_every_node_and_group(graph in shown_graph()) {
        let text = render(&graph, Format::Mermaid);
        let labels = text.lines().filter_map(|line| line.split_once("[\""));
        let mut names: Vec<&str> = labels.clone().map(|(name, _)| name.trim()).collect();
        let labels = labels.map(|(_, label)| label.split_once("\"]").unwrap().0);
        let first = |label: &str| decoded(label.split("<br/>").next().unwrap());
        let labels: Vec<String> = labels.map(first).collect();
        for title in group_titles(&graph) {
            prop_assert!(labels.contains(&title));
        }
        for node in &graph.nodes {
            let bold = format!("<b>{}</b>", node.title);
            prop_assert!(labels.contains(&bold));
        }
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        prop_assert_eq!(names.len(), all);
    }
}

#[test]
fn the_page_asks_for_nothing_outside() {
    let html = render(&crate::graphs::deployment(true), Format::Html);
    assert!(html.contains("default-src 'none'"));
    let html = html.replace("http://www.w3.org/2000/svg", "");
    for word in [
        "http:", "https:", "url(", "@import", "src=", "href=", "style=\"", "onclick",
    ] {
        assert!(!html.contains(word), "{word}");
    }
}

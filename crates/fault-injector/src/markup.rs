//! Small edits in XML answers, by place, so that everything else stays as the emulator said it.

use std::ops::Range;

use roxmltree::{Document, Node};

/// Text of the element at `path` (names by `/`, the first one anywhere).
pub(crate) fn text(xml: &str, path: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let root = document
        .descendants()
        .find(|node| node.tag_name().name() == first)?;
    let found = below(root, rest)?;
    found.text().map(ToOwned::to_owned)
}

/// Changes text within the elements whose child `key` reads `id`: at each `path`, `from` becomes
/// `to`.
pub(crate) fn restate(
    xml: &str,
    key: &str,
    id: &str,
    changes: &[(&str, &str, &str)],
) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let mut edits = Vec::new();
    for node in owners(&document, key, id) {
        for (path, from, to) in changes {
            let texts = below(node, path).into_iter().flat_map(|n| n.children());
            let live = texts.filter(|n| n.is_text() && n.text() == Some(*from));
            edits.extend(live.map(|text| (text.range(), (*to).to_owned())));
        }
    }
    edited(xml, edits)
}

/// Leaves out the elements whose child `key` reads `id`.
pub(crate) fn without(xml: &str, key: &str, id: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let edits = owners(&document, key, id).map(|node| (node.range(), String::new()));
    edited(xml, edits.collect())
}

fn owners<'a>(
    document: &'a Document<'a>,
    key: &'a str,
    id: &'a str,
) -> impl Iterator<Item = Node<'a, 'a>> {
    let is_key = move |n: &Node<'_, '_>| n.tag_name().name() == key && n.text() == Some(id);
    document
        .descendants()
        .filter(move |node| node.children().any(|child| is_key(&child)))
}

fn below<'a>(node: Node<'a, 'a>, path: &str) -> Option<Node<'a, 'a>> {
    let names = path.split('/').filter(|name| !name.is_empty());
    names.into_iter().try_fold(node, |node, name| {
        node.children()
            .find(|child| child.tag_name().name() == name)
    })
}

/// `None` when there is nothing to edit.
fn edited(xml: &str, mut edits: Vec<(Range<usize>, String)>) -> Option<String> {
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = xml.to_owned();
    for (range, to) in edits {
        text.replace_range(range, &to);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "<R xmlns=\"x\"><set><item><id>a</id><s><n>on</n></s></item><item><id>b</id><s><n>on</n></s></item></set></R>";

    #[test]
    fn only_the_element_that_is_meant_changes() {
        assert_eq!(text(ANSWER, "item/id").unwrap(), "a");
        let off = restate(ANSWER, "id", "b", &[("s/n", "on", "off")]).unwrap();
        assert_eq!(
            off,
            ANSWER.replacen("<id>b</id><s><n>on", "<id>b</id><s><n>off", 1)
        );
        assert_eq!(restate(ANSWER, "id", "b", &[("s/n", "gone", "off")]), None);
        let less = without(ANSWER, "id", "a").unwrap();
        assert!(!less.contains("<id>a") && less.contains("<id>b"));
    }
}

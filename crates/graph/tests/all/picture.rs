//! The picture read back: boxes, cards and ways of arrows.

use graph::{Format, Graph, render};
use roxmltree::{Document, Node};

/// A rectangle: left, top, right, bottom.
pub(crate) type Area = [i32; 4];

/// What is in a picture.
pub(crate) struct Picture {
    pub(crate) canvas: Area,
    /// Full titles with the boxes.
    pub(crate) groups: Vec<(String, Area)>,
    /// Full texts with the cards, in the order of the nodes.
    pub(crate) cards: Vec<(String, Area)>,
    /// Frames of labels.
    pub(crate) labels: Vec<Area>,
    /// Points of each arrow's line.
    pub(crate) ways: Vec<Vec<[i32; 2]>>,
}

/// The picture of `graph`.
pub(crate) fn picture(graph: &Graph) -> Picture {
    read(&render(graph, Format::Svg))
}

/// Reads a picture.
pub(crate) fn read(svg: &str) -> Picture {
    let document = Document::parse(svg).unwrap();
    let root = document.root_element();
    let of = |class: &str| -> Vec<Node> {
        let of = root
            .children()
            .filter(|node| node.attribute("class") == Some(class));
        of.collect()
    };
    let titled = |node: &Node| {
        let title = node.children().find(|child| child.has_tag_name("title"));
        let text = title.and_then(|title| title.text()).unwrap_or_default();
        let rect = node
            .children()
            .find(|child| child.has_tag_name("rect"))
            .unwrap();
        (text.to_owned(), area(&rect))
    };
    let way = |arrow: &Node| {
        let path = arrow
            .children()
            .find(|child| child.has_tag_name("path"))
            .unwrap();
        let numbers = path.attribute("d").unwrap().split(['M', 'L', 'Q', ' ']);
        let numbers: Vec<i32> = numbers.filter_map(|number| number.parse().ok()).collect();
        numbers.chunks(2).map(|pair| [pair[0], pair[1]]).collect()
    };
    Picture {
        canvas: [0, 0, number(&root, "width"), number(&root, "height")],
        groups: of("group").iter().map(titled).collect(),
        cards: of("card").iter().map(titled).collect(),
        labels: of("arrow tag").iter().map(|tag| titled(tag).1).collect(),
        ways: of("arrow").iter().map(way).collect(),
    }
}

fn number(node: &Node, name: &str) -> i32 {
    node.attribute(name)
        .and_then(|value| value.parse().ok())
        .unwrap()
}

fn area(rect: &Node) -> Area {
    let [x, y, w, h] = ["x", "y", "width", "height"].map(|name| number(rect, name));
    [x, y, x + w, y + h]
}

/// Whether `inner` lies within `outer`.
pub(crate) fn within(inner: Area, outer: Area) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

/// Whether two share more than a border.
pub(crate) fn overlap(one: Area, other: Area) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}

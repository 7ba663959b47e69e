//! Draws a grouped, directed graph as Mermaid, DOT, SVG or a page of HTML. Pure: the same graph
//! always gives the same text, byte for byte, and any text in it is safe in every form.

mod bundle;
mod dot;
mod escape;
mod html;
mod layout;
mod mermaid;
mod names;
mod resolved;
mod status;
mod svg;
mod text;

use resolved::Resolved;

/// What is drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// Headline.
    pub title: String,
    /// Small text below the headline.
    pub subtitle: String,
    /// What the lines of the nodes are, for the headings of the table: `Kind`, `AWS id`.
    pub headings: Vec<String>,
    /// In the order in which they are drawn.
    pub groups: Vec<Group>,
    /// In any order; within a group it is kept where no edge speaks against it.
    pub nodes: Vec<Node>,
    /// Edges between nodes. An edge from or to an id that no node has is left out, and so is one
    /// from a node to itself.
    pub edges: Vec<Edge>,
}

/// A titled box around nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// What nodes name.
    pub id: String,
    /// What is shown.
    pub title: String,
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What edges name. Of several nodes with one id, edges mean the first.
    pub id: String,
    /// Id of the group; one that does not exist is made, last.
    pub group: String,
    /// What is shown.
    pub title: String,
    /// Small text below: kind, AWS id. A card shows the first four that are not empty.
    pub lines: Vec<String>,
    /// How it stands.
    pub status: Status,
}

impl Node {
    /// The lines that say something.
    fn filled(&self) -> impl Iterator<Item = &String> {
        self.lines.iter().filter(|line| !line.trim().is_empty())
    }
}

/// How a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// There, and as it should be.
    Live,
    /// Not made yet.
    Pending,
    /// There, and other than it should be.
    Changed,
    /// Should be there, and is not.
    Missing,
    /// There, and should not be.
    Unexpected,
    /// Not ours: clients, the internet.
    Outside,
    /// Cannot be reached.
    Barred,
}

/// An arrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Id of the node that needs or reaches.
    pub from: String,
    /// Id of the node that is needed or reached.
    pub to: String,
    /// Shown on the arrow: `tcp 443`.
    pub label: String,
    /// What it says.
    pub kind: EdgeKind,
}

/// What an edge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// `from` stands on `to`.
    Needs,
    /// Packets get from `from` to `to`.
    Reaches,
    /// No packet gets from `from` to `to`.
    Barred,
}

/// A form of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// A flowchart that GitHub and GitLab draw.
    Mermaid,
    /// For Graphviz.
    Dot,
    /// A picture for documents.
    Svg,
    /// One page that opens without a network: the picture and tables of everything in it.
    Html,
}

/// The drawing of `graph`.
#[must_use]
pub fn render(graph: &Graph, format: Format) -> String {
    let resolved = Resolved::new(graph);
    match format {
        Format::Mermaid => mermaid::render(&resolved),
        Format::Dot => dot::render(&resolved),
        Format::Svg => svg::render(&resolved),
        Format::Html => html::render(&resolved),
    }
}

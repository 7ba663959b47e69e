//! The picture. Only presentation attributes and plain shapes, so that word processors show it as
//! browsers do; no reference to anything outside.

mod arrow;
mod card;
mod legend;
mod sign;

use crate::bundle::arrows;
use crate::escape::xml;
use crate::layout::{self, Layout, MARGIN, PADDING, lay_out};
use crate::resolved::Resolved;
use crate::text::Font;

/// What systems have for their own windows; with Japanese fonts where the first lack it.
const FONTS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', \
                     'Hiragino Sans', 'Yu Gothic UI', Meiryo, 'Noto Sans CJK JP', sans-serif";
/// Soft backgrounds of groups with their borders, in turn.
const TINTS: [(&str, &str); 6] = [
    ("#eef4fb", "#bcd0e6"),
    ("#f1f7ee", "#c3d8b7"),
    ("#fdf6e9", "#e6d3a8"),
    ("#f6f1fa", "#d3c2e0"),
    ("#ecf7f7", "#b4d6d6"),
    ("#fbf0f1", "#e3c3c6"),
];
const TITLE: Font = Font::bold(22);
const SUBTITLE: Font = Font::plain(13);
pub(crate) const INK: &str = "#1f2933";
pub(crate) const DIM: &str = "#4a5866";

/// The picture of `graph`.
pub(crate) fn render(graph: &Resolved) -> String {
    let arrows = arrows(graph);
    let layout = lay_out(graph, &arrows);
    let legend = legend::draw(graph, &arrows, layout.width, layout.height);
    let (width, height) = (layout.width, layout.height + legend.height);
    let (title, subtitle) = (xml(&graph.graph.title), xml(&graph.graph.subtitle));
    let boxes: String = (0..graph.groups.len())
        .map(|group| boxed(graph, &layout, group))
        .collect();
    let lines: String = arrows
        .iter()
        .zip(&layout.routes)
        .map(|(arrow, route)| arrow::line(graph, arrow, route))
        .collect();
    let cards: String = graph
        .nodes()
        .iter()
        .zip(&layout.cards)
        .enumerate()
        .map(|(index, (node, place))| card::draw(index, node, place))
        .collect();
    let labels: String = arrows
        .iter()
        .zip(&layout.routes)
        .map(|(arrow, route)| arrow::label(arrow, route))
        .collect();
    let head = head(graph, width);
    let legend = legend.svg;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FONTS}\" fill=\"{INK}\">\n\
         <title>{title}</title>\n<desc>{subtitle}</desc>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         {head}{boxes}{lines}{cards}{labels}{legend}</svg>\n"
    )
}

/// A text whose baseline begins at `x`, `y`.
pub(crate) fn text(x: i32, y: i32, font: Font, fill: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let (size, text) = (font.size, xml(text));
    let weight = if font.bold {
        " font-weight=\"600\""
    } else {
        ""
    };
    format!("<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{weight} fill=\"{fill}\">{text}</text>")
}

/// The same, its middle at `x`.
pub(crate) fn centred(x: i32, y: i32, font: Font, fill: &str, words: &str) -> String {
    text(x, y, font, fill, words).replacen("<text ", "<text text-anchor=\"middle\" ", 1)
}

fn head(graph: &Resolved, width: i32) -> String {
    let room = width - 2 * MARGIN;
    let title = TITLE.fit(&graph.graph.title, room);
    let subtitle = SUBTITLE.fit(&graph.graph.subtitle, room);
    let lines = [(44, TITLE, INK, title), (68, SUBTITLE, DIM, subtitle)];
    let lines = lines.iter().filter(|(.., line)| !line.is_empty());
    lines
        .map(|(y, font, fill, line)| text(MARGIN, *y, *font, fill, line) + "\n")
        .collect()
}

fn boxed(graph: &Resolved, layout: &Layout, group: usize) -> String {
    let layout::Rect { x, y, w, h } = layout.groups[group];
    let (fill, stroke) = TINTS[group % TINTS.len()];
    let title = layout::heading(graph, group, &layout.groups[group]);
    let title = text(x + PADDING - 8, y + 30, layout::HEADING_FONT, INK, &title);
    let full = xml(graph.groups[group].title);
    let nothing = if graph.groups[group].nodes.is_empty() {
        text(x + PADDING, y + 64, SUBTITLE, DIM, "nothing")
    } else {
        String::new()
    };
    format!(
        "<g class=\"group\" data-group=\"{group}\"><title>{full}</title>\
         <rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"12\" fill=\"{fill}\" \
         stroke=\"{stroke}\"/>{title}{nothing}</g>\n"
    )
}

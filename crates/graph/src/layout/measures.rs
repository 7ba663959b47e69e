//! Sizes in pixels. All are whole steps of the grid, so that arrows can run along everything.

use super::geometry::{STEP, px, snap};
use crate::EdgeKind;
use crate::bundle::Arrow;
use crate::resolved::Resolved;
use crate::text::Font;

/// Width that no drawing exceeds.
pub(crate) const WIDEST: i32 = 1600;
/// A drawing is at least so wide, for its headline and legend.
pub(crate) const NARROWEST: i32 = 640;
/// Around everything.
pub(crate) const MARGIN: i32 = 24;
/// Of a card.
pub(crate) const CARD: i32 = 232;
/// Of a group's box with one column of cards.
pub(crate) const NARROW: i32 = CARD + 2 * PADDING;
/// Lines that a card shows.
pub(crate) const LINES: usize = 4;
/// From one line of a card to the next.
pub(crate) const LINE: i32 = 16;
/// Between the sides of a group's box and its cards.
pub(crate) const PADDING: i32 = 24;
/// From the top of a group's box to its cards.
pub(crate) const HEADING: i32 = 48;
/// The longest label of an arrow.
pub(crate) const LABEL: i32 = 152;
/// Titles of groups.
pub(crate) const HEADING_FONT: Font = Font::bold(15);
/// Labels of arrows.
pub(crate) const LABEL_FONT: Font = Font::bold(11);

/// Room between things side by side and one above the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gaps {
    pub(crate) x: i32,
    pub(crate) y: i32,
}

/// Sizes that depend on what is drawn.
pub(crate) struct Measures {
    /// Where groups begin.
    pub(crate) top: i32,
    /// Height of a card.
    pub(crate) card: i32,
    /// Between the cards of each group.
    pub(crate) gaps: Vec<Gaps>,
    /// Between groups.
    pub(crate) gutter: Gaps,
}

/// Room for the cross in a label.
pub(crate) const CROSS: i32 = 14;

/// Width of an arrow's label with its frame; 0 when it has none.
pub(crate) fn label_width(arrow: &Arrow) -> i32 {
    let text = LABEL_FONT.width(&label_text(arrow));
    match (arrow.kind, text) {
        (EdgeKind::Barred, 0) => CROSS + 8,
        (EdgeKind::Barred, text) => text + CROSS + 14,
        (_, 0) => 0,
        (_, text) => text + 14,
    }
}

/// What is written on an arrow.
pub(crate) fn label_text(arrow: &Arrow) -> String {
    LABEL_FONT.fit(&arrow.label, LABEL)
}

impl Measures {
    pub(crate) fn new(graph: &Resolved, arrows: &[Arrow]) -> Self {
        let lines = graph.nodes().iter().map(|node| node.filled().count());
        let lines = lines.max().unwrap_or_default().min(LINES);
        let headed = !graph.graph.title.is_empty() || !graph.graph.subtitle.is_empty();
        let mut within = vec![Vec::new(); graph.groups.len()];
        let mut between = Vec::new();
        for arrow in arrows {
            match arrow.home(graph) {
                Some(group) => within[group].push(label_width(arrow)),
                None => between.push(label_width(arrow)),
            }
        }
        let gaps = within.iter().zip(&graph.groups).map(|(labels, group)| {
            let crowded = 3 * labels.len() > group.nodes.len();
            gaps(labels, if crowded { (40, 40) } else { (32, 24) })
        });
        Self {
            top: if headed { 96 } else { MARGIN },
            card: snap(32 + LINE * px(lines)),
            gaps: gaps.collect(),
            gutter: gaps_between(&between),
        }
    }

    /// Width of a group's box.
    pub(crate) fn width(&self, group: usize, columns: usize) -> i32 {
        let columns = px(columns);
        NARROW + (columns - 1) * (CARD + self.gaps[group].x)
    }

    /// Height of a group's box.
    pub(crate) fn height(&self, group: usize, rows: usize) -> i32 {
        let rows = px(rows.max(1));
        HEADING + rows * self.card + (rows - 1) * self.gaps[group].y + PADDING
    }
}

/// Gaps that have room for labels of these widths, at least `least`.
fn gaps(labels: &[i32], least: (i32, i32)) -> Gaps {
    match labels.iter().max() {
        Some(widest @ 1..) => Gaps {
            x: snap(*widest) + 4 * STEP,
            y: 8 * STEP,
        },
        _ => Gaps {
            x: least.0,
            y: least.1,
        },
    }
}

/// The same between groups, where more arrows run.
fn gaps_between(labels: &[i32]) -> Gaps {
    let Gaps { x, y } = gaps(labels, (56, 56));
    Gaps {
        x: x.max(56),
        y: y.max(56),
    }
}

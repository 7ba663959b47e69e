//! What signs and lines mean; those that occur.

use super::{DIM, arrow, sign, text};
use crate::EdgeKind;
use crate::bundle::Arrow;
use crate::layout::{MARGIN, Point};
use crate::resolved::Resolved;
use crate::status;
use crate::text::Font;

const FONT: Font = Font::plain(12);
const ROW: i32 = 28;
/// Between two entries.
const GAP: i32 = 24;

/// The legend and its height.
pub(crate) struct Legend {
    pub(crate) svg: String,
    pub(crate) height: i32,
}

/// What comes before a word.
enum Sample {
    Sign(crate::Status),
    Line(EdgeKind, bool),
}

impl Sample {
    const fn width(&self) -> i32 {
        match self {
            Self::Sign(_) => 22,
            Self::Line(..) => 52,
        }
    }

    fn draw(&self, x: i32, y: i32) -> String {
        match *self {
            Self::Sign(status) => sign::draw(status, x + 7, y),
            Self::Line(kind, bundled) => {
                let points = [Point { x, y }, Point { x: x + 44, y }];
                let (stroke, head) = (arrow::stroke(kind, bundled), arrow::head(kind, &points));
                let cross = match kind {
                    EdgeKind::Barred => arrow::cross(x + 18, y),
                    _ => String::new(),
                };
                format!("<path d=\"M{x} {y}h38\" {stroke}/>{head}{cross}")
            }
        }
    }
}

/// Draws the legend below `top`.
pub(crate) fn draw(graph: &Resolved, arrows: &[Arrow], width: i32, top: i32) -> Legend {
    let mut x = MARGIN;
    let mut y = top + MARGIN + ROW / 2;
    let mut svg = String::new();
    for (sample, word) in entries(graph, arrows) {
        let own = sample.width() + FONT.width(&word);
        if x > MARGIN && x + own > width - MARGIN {
            x = MARGIN;
            y += ROW;
        }
        svg += &sample.draw(x, y);
        svg += &text(x + sample.width(), y + 4, FONT, DIM, &word);
        x += own + GAP;
    }
    Legend {
        svg: format!("<g class=\"legend\">{svg}</g>\n"),
        height: y + ROW / 2 + MARGIN - top,
    }
}

fn entries(graph: &Resolved, arrows: &[Arrow]) -> Vec<(Sample, String)> {
    let mut entries = Vec::new();
    for status in status::ALL {
        let nodes = graph.nodes().iter();
        let count = nodes.filter(|node| node.status == status).count();
        if count > 0 {
            let word = status::look(status).word;
            entries.push((Sample::Sign(status), format!("{word} ({count})")));
        }
    }
    for kind in [EdgeKind::Needs, EdgeKind::Reaches, EdgeKind::Barred] {
        let verb = status::verb(kind);
        let has = |bundled| {
            arrows
                .iter()
                .any(|arrow| arrow.kind == kind && arrow.bundled == bundled)
        };
        let (single, bundled) = (has(false), has(true));
        if kind == EdgeKind::Needs && bundled {
            if single {
                entries.push((Sample::Line(kind, false), verb.to_owned()));
            }
            let word = format!("{verb}, with the number of needs");
            entries.push((Sample::Line(kind, true), word));
        } else if single || bundled {
            entries.push((Sample::Line(kind, false), verb.to_owned()));
        }
    }
    entries
}

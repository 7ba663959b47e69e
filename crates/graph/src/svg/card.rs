//! A node's card: sign, title, small lines, and the word of its status unless all is well.

use super::{DIM, INK, centred, sign, text};
use crate::escape::xml;
use crate::layout::{CARD, LINE, LINES, Rect};
use crate::status::look;
use crate::text::Font;
use crate::{Node, Status};

const TITLE: Font = Font::bold(13);
const SMALL: Font = Font::plain(11);
const WORD: Font = Font::bold(10);
/// From the card's sides to its text.
const INSET: i32 = 12;

/// The card of node `index`.
pub(crate) fn draw(index: usize, node: &Node, place: &Rect) -> String {
    let Rect { x, y, w, h } = *place;
    let look = look(node.status);
    let stroke = match node.status {
        Status::Live => "#9fb0bf",
        _ => look.ink,
    };
    let dash = match look.dash {
        "" => String::new(),
        dash => format!(" stroke-dasharray=\"{dash}\""),
    };
    let fill = look.fill;
    let full: Vec<String> = std::iter::once(&node.title)
        .chain(node.filled())
        .map(|line| xml(line))
        .chain([look.word.to_owned()])
        .collect();
    let full = full.join("\n");
    let sign = sign::draw(node.status, x + INSET + 6, y + 17);
    let title = TITLE.fit(&node.title, CARD - 2 * INSET - 20);
    let title = text(x + INSET + 20, y + 22, TITLE, INK, &title);
    let lines: String = lines(node).collect_at(x + INSET, y + 22);
    let word = match node.status {
        Status::Live => String::new(),
        status => word(status, place),
    };
    format!(
        "<g class=\"card\" data-node=\"{index}\"><title>{full}</title>\
         <rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"8\" fill=\"{fill}\" \
         stroke=\"{stroke}\" stroke-width=\"1.3\"{dash}/>{sign}{title}{lines}{word}</g>\n"
    )
}

struct Lines(Vec<String>);

/// The lines that are shown. When there are more than fit, the last says how many.
fn lines(node: &Node) -> Lines {
    let mut lines: Vec<String> = node.filled().take(LINES).cloned().collect();
    let more = node.filled().count() - lines.len();
    if more > 0
        && let Some(last) = lines.last_mut()
    {
        *last = format!("and {} more", more + 1);
    }
    Lines(lines)
}

impl Lines {
    fn collect_at(self, x: i32, mut y: i32) -> String {
        let line = |line: String| {
            y += LINE;
            text(x, y, SMALL, DIM, &SMALL.fit_middle(&line, CARD - 2 * INSET))
        };
        self.0.into_iter().map(line).collect()
    }
}

/// The word on the card's upper border.
fn word(status: Status, place: &Rect) -> String {
    let look = look(status);
    let (w, ink) = (WORD.width(look.word) + 12, look.ink);
    let (x, y) = (place.right() - INSET - w, place.y - 8);
    let word = centred(x + w / 2, y + 12, WORD, "#ffffff", look.word);
    format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"16\" rx=\"8\" fill=\"{ink}\"/>{word}")
}

//! Shelves become a page: boxes and cards get their places, and boxes are stretched until shelves
//! are equally wide and stacks equally high.

use super::geometry::{Rect, STEP, px};
use super::measures::{CARD, HEADING, MARGIN, Measures, NARROWEST, PADDING};
use super::shelves::{Choices, Shelf, Stack};
use crate::resolved::Resolved;

/// Places of boxes and cards.
pub(crate) struct Page {
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) groups: Vec<Rect>,
    pub(crate) cards: Vec<Rect>,
}

/// `whole` in `parts`, each on the grid; the rest is lost to none.
fn shares(whole: i32, parts: usize) -> Vec<i32> {
    let steps = whole.max(0) / STEP;
    let count = px(parts.max(1));
    let of = |part| steps / count + i32::from(px(part) < steps % count);
    (0..parts).map(|part| STEP * of(part)).collect()
}

/// Puts the shelves onto a page.
pub(crate) fn fill(
    graph: &Resolved,
    measures: &Measures,
    choices: &Choices,
    shelves: &[Shelf],
) -> Page {
    let nothing = Rect {
        x: 0,
        y: 0,
        w: 0,
        h: 0,
    };
    let widest = shelves.iter().map(|shelf| shelf.width).max();
    let inner = widest.unwrap_or_default().max(NARROWEST - 2 * MARGIN);
    let mut page = Page {
        width: inner + 2 * MARGIN,
        height: measures.top,
        groups: vec![nothing; graph.groups.len()],
        cards: vec![nothing; graph.nodes().len()],
    };
    for shelf in shelves {
        let extra = shares(inner - shelf.width, shelf.stacks.len());
        let mut x = MARGIN;
        for (stack, extra) in shelf.stacks.iter().zip(extra) {
            let width = stack.width + extra;
            page.stack(measures, choices, graph, shelf, stack, (x, width));
            x += width + measures.gutter.x;
        }
        page.height += shelf.height + measures.gutter.y;
    }
    if !shelves.is_empty() {
        page.height -= measures.gutter.y;
    }
    page
}

impl Page {
    fn stack(
        &mut self,
        measures: &Measures,
        choices: &Choices,
        graph: &Resolved,
        shelf: &Shelf,
        stack: &Stack,
        (x, w): (i32, i32),
    ) {
        let extra = shares(shelf.height - stack.height, stack.groups.len());
        let mut y = self.height;
        for (group, extra) in stack.groups.clone().zip(extra) {
            let arrangement = &choices[group][stack.columns - 1];
            let h = measures.height(group, arrangement.rows) + extra;
            self.groups[group] = Rect { x, y, w, h };
            let gaps = measures.gaps[group];
            let own = measures.width(group, stack.columns);
            let across = spread(x + PADDING, w - own, stack.columns, gaps.x);
            for (node, place) in graph.groups[group].nodes.iter().zip(&arrangement.places) {
                self.cards[*node] = Rect {
                    x: across.first + px(place.0) * (CARD + across.gap),
                    y: y + HEADING + px(place.1) * (measures.card + gaps.y),
                    w: CARD,
                    h: measures.card,
                };
            }
            y += h + measures.gutter.y;
        }
    }
}

struct Spread {
    first: i32,
    gap: i32,
}

/// Where the first of `count` cards begins, and the gap between them, with `extra` to spare: gaps
/// grow at most to twice their size, the rest goes around.
fn spread(start: i32, extra: i32, count: usize, gap: i32) -> Spread {
    let gaps = px(count.saturating_sub(1));
    let wider = if gaps == 0 {
        0
    } else {
        (extra / gaps).min(gap) / STEP * STEP
    };
    let around = (extra - gaps * wider) / 2 / STEP * STEP;
    Spread {
        first: start + around,
        gap: gap + wider,
    }
}

//! Ways of all arrows. Arrows to one target join; others keep to lines of their own.

use super::errand::Errand;
use super::geometry::{Point, Rect};
use super::grid::Grid;
use super::page::Page;
use super::pins::{self, Pin};
use super::walk::walk;
use crate::EdgeKind;
use crate::bundle::{Arrow, End};
use crate::resolved::Resolved;

/// The way of each arrow, its corners alone.
pub(crate) fn all(
    graph: &Resolved,
    arrows: &[Arrow],
    page: &Page,
    grid: &mut Grid,
) -> Vec<Vec<Point>> {
    let mut targets: Vec<(End, EdgeKind)> = Vec::new();
    let mut order: Vec<usize> = (0..arrows.len()).collect();
    // Who has it short gets the straight lines; who crosses the page finds a way round.
    order.sort_by_key(|index| {
        let arrow = &arrows[*index];
        let (from, to) = (rect(page, arrow.from), rect(page, arrow.to));
        (arrow.home(graph).is_none(), apart(&from, &to))
    });
    let mut ways = vec![Vec::new(); arrows.len()];
    for index in order {
        let arrow = &arrows[index];
        let key = (arrow.to, arrow.kind);
        let known = targets.iter().position(|target| *target == key);
        let number = known.unwrap_or_else(|| {
            targets.push(key);
            targets.len() - 1
        });
        let errand = Errand {
            from: &pins(page, arrow.from),
            to: &pins(page, arrow.to),
            target: u32::try_from(number + 1).unwrap_or(1),
            own: [arrow.from, arrow.to].map(|end| match end {
                End::Node(node) => Some(graph.home[node]),
                End::Group(_) => None,
            }),
            within: arrow.home(graph),
        };
        let cells = walk(grid, &errand);
        grid.run(&cells, errand.target);
        let points: Vec<Point> = cells.iter().map(|cell| grid.point(*cell)).collect();
        ways[index] = if points.is_empty() {
            straight(&rect(page, arrow.from), &rect(page, arrow.to))
        } else {
            corners(&points)
        };
    }
    ways
}

fn rect(page: &Page, end: End) -> Rect {
    match end {
        End::Node(node) => page.cards[node],
        End::Group(group) => page.groups[group],
    }
}

fn pins(page: &Page, end: End) -> Vec<Pin> {
    match end {
        End::Node(node) => pins::card(&page.cards[node]),
        End::Group(group) => pins::group(&page.groups[group]),
    }
}

fn apart(one: &Rect, other: &Rect) -> i32 {
    let across = (one.x - other.right()).max(other.x - one.right()).max(0);
    let down = (one.y - other.bottom()).max(other.y - one.bottom()).max(0);
    across + down
}

/// Where everything is walled in: straight ahead.
fn straight(from: &Rect, to: &Rect) -> Vec<Point> {
    let middle = |rect: &Rect| Point {
        x: rect.x + rect.w / 2,
        y: rect.y + rect.h / 2,
    };
    vec![middle(from), middle(to)]
}

/// Beginning, end, and where the way turns.
fn corners(points: &[Point]) -> Vec<Point> {
    let last = points.len() - 1;
    let turns = |index: usize| {
        let (before, at, after) = (points[index - 1], points[index], points[index + 1]);
        (at.x - before.x, at.y - before.y) != (after.x - at.x, after.y - at.y)
    };
    let kept = (0..=last).filter(|index| *index == 0 || *index == last || turns(*index));
    kept.map(|index| points[index]).collect()
}

//! Where everything stands. No card overlaps another, and none leaves the box of its group.
//!
//! Layout crates were weighed and not taken: those that place nodes in layers (`rust-sugiyama`,
//! `layout-rs`) know neither groups nor a page's width, and the ports of dagre are young.

mod arrange;
mod errand;
mod geometry;
mod grid;
mod labels;
mod layers;
mod measures;
mod page;
mod pins;
mod route;
mod shelves;
mod walk;

use crate::bundle::{Arrow, End};
use crate::resolved::Resolved;
use crate::{EdgeKind, layout::arrange::arrange};

pub(crate) use geometry::{Point, Rect};
use grid::Grid;
use measures::Measures;
pub(crate) use measures::{
    CARD, CROSS, HEADING_FONT, LABEL_FONT, LINE, LINES, MARGIN, PADDING, label_text,
};

/// A drawing's places.
pub(crate) struct Layout {
    pub(crate) width: i32,
    /// Of all but the legend, which goes below.
    pub(crate) height: i32,
    /// Boxes of the groups.
    pub(crate) groups: Vec<Rect>,
    /// Cards of the nodes.
    pub(crate) cards: Vec<Rect>,
    /// Ways of the arrows.
    pub(crate) routes: Vec<Route>,
}

/// Way of an arrow.
pub(crate) struct Route {
    /// Beginning, corners, end.
    pub(crate) points: Vec<Point>,
    /// Frame of its label.
    pub(crate) label: Option<Rect>,
}

/// Lays out `graph` with `arrows`.
pub(crate) fn lay_out(graph: &Resolved, arrows: &[Arrow]) -> Layout {
    let measures = Measures::new(graph, arrows);
    let choices: Vec<Vec<_>> = (0..graph.groups.len())
        .map(|group| {
            let members = &graph.groups[group].nodes;
            let pairs = pairs(graph, arrows, group);
            let of = |columns| arrange(members.len(), &pairs, columns);
            (1..=shelves::COLUMNS).map(of).collect()
        })
        .collect();
    let shelves = shelves::shelves(&measures, &choices);
    let page = page::fill(graph, &measures, &choices, &shelves);
    let headings: Vec<i32> = (0..graph.groups.len())
        .map(|group| heading_width(graph, group, &page.groups[group]))
        .collect();
    let mut grid = Grid::new(&page, &headings);
    let ways = route::all(graph, arrows, &page, &mut grid);
    let labels = labels::place(arrows, &page, &headings, &ways);
    let routes = ways.into_iter().zip(labels);
    Layout {
        width: page.width,
        height: page.height,
        routes: routes
            .map(|(points, label)| Route { points, label })
            .collect(),
        groups: page.groups,
        cards: page.cards,
    }
}

/// What is written over a group, cut to its box.
pub(crate) fn heading(graph: &Resolved, group: usize, place: &Rect) -> String {
    HEADING_FONT.fit(graph.groups[group].title, place.w - 2 * PADDING)
}

fn heading_width(graph: &Resolved, group: usize, place: &Rect) -> i32 {
    HEADING_FONT.width(&heading(graph, group, place)) + PADDING
}

/// Pairs of members of which the first comes before the second: what is needed comes before what
/// needs it, and packets go from before to after.
fn pairs(graph: &Resolved, arrows: &[Arrow], group: usize) -> Vec<(usize, usize)> {
    let members = &graph.groups[group].nodes;
    let local = |end: End| match end {
        End::Node(node) => members.binary_search(&node).ok(),
        End::Group(_) => None,
    };
    let pair = |arrow: &Arrow| {
        let (from, to) = (local(arrow.from)?, local(arrow.to)?);
        Some(match arrow.kind {
            EdgeKind::Needs => (to, from),
            EdgeKind::Reaches | EdgeKind::Barred => (from, to),
        })
    };
    arrows.iter().filter_map(pair).collect()
}

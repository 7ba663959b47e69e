//! Arrows: lines with round corners, their heads, and labels in frames.

use super::centred;
use crate::EdgeKind;
use crate::bundle::Arrow;
use crate::layout::{CROSS, LABEL_FONT, Point, Rect, Route, label_text};
use crate::resolved::Resolved;
use crate::status::{ink, verb};

/// Radius of a corner.
const ROUND: i32 = 7;
/// Length of a head.
const HEAD: i32 = 9;

/// The attributes of a line of this kind.
pub(crate) fn stroke(kind: EdgeKind, bundled: bool) -> String {
    let width = match (kind, bundled) {
        (EdgeKind::Needs, false) => "1.3",
        (EdgeKind::Needs, true) => "2.2",
        _ => "1.9",
    };
    let dash = match kind {
        EdgeKind::Barred => " stroke-dasharray=\"6 4\"",
        _ => "",
    };
    let ink = ink(kind);
    format!("fill=\"none\" stroke=\"{ink}\" stroke-width=\"{width}\"{dash}")
}

/// Line and head of an arrow.
pub(crate) fn line(graph: &Resolved, arrow: &Arrow, route: &Route) -> String {
    let (path, head) = (path(&route.points), head(arrow.kind, &route.points));
    let stroke = stroke(arrow.kind, arrow.bundled);
    let links: Vec<String> = arrow.links.iter().map(usize::to_string).collect();
    let links = links.join(" ");
    let title = match arrow.links.as_slice() {
        [only] => {
            let link = &graph.links[*only];
            let name = |node: usize| crate::escape::xml(&graph.nodes()[node].title);
            let (from, to) = (name(link.from), name(link.to));
            format!("<title>{from} {} {to}</title>", verb(arrow.kind))
        }
        _ => String::new(),
    };
    format!(
        "<g class=\"arrow\" data-links=\"{links}\">{title}<path d=\"{path}\" {stroke}/>{head}</g>\n"
    )
}

/// A way with round corners.
fn path(points: &[Point]) -> String {
    let mut path = String::new();
    for (index, at) in points.iter().enumerate() {
        let step = if index == 0 {
            format!("M{} {}", at.x, at.y)
        } else if index + 1 == points.len() {
            let end = towards(*at, points[index - 1], HEAD - 3);
            format!("L{} {}", end.x, end.y)
        } else {
            let into = towards(*at, points[index - 1], ROUND);
            let out = towards(*at, points[index + 1], ROUND);
            let (x, y) = (at.x, at.y);
            format!("L{} {}Q{x} {y} {} {}", into.x, into.y, out.x, out.y)
        };
        path.push_str(&step);
    }
    path
}

/// So far from `from` towards `to`, at most half the way.
fn towards(from: Point, to: Point, far: i32) -> Point {
    let (x, y) = (to.x - from.x, to.y - from.y);
    let length = x.abs().max(y.abs()).max(1);
    let far = far.min(length / 2);
    Point {
        x: from.x + x * far / length,
        y: from.y + y * far / length,
    }
}

/// The head; a bar where nothing gets through.
pub(crate) fn head(kind: EdgeKind, points: &[Point]) -> String {
    let [.., before, tip] = points else {
        return String::new();
    };
    let (x, y) = ((before.x - tip.x).signum(), (before.y - tip.y).signum());
    let at = |back: i32, aside: i32| {
        let (x, y) = (tip.x + x * back - y * aside, tip.y + y * back + x * aside);
        format!("{x} {y}")
    };
    let ink = ink(kind);
    match kind {
        EdgeKind::Barred => {
            let (one, other) = (at(5, -7), at(5, 7));
            format!(
                "<path d=\"M{one}L{other}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"3\"/>"
            )
        }
        _ => {
            let (tip, one, other) = (at(0, 0), at(HEAD, -5), at(HEAD, 5));
            format!("<path d=\"M{tip}L{one}L{other}Z\" fill=\"{ink}\"/>")
        }
    }
}

/// The label in its frame, with a cross where nothing gets through.
pub(crate) fn label(arrow: &Arrow, route: &Route) -> String {
    let Some(Rect { x, y, w, h }) = route.label else {
        return String::new();
    };
    let (ink, round) = (ink(arrow.kind), h / 2);
    let links: Vec<String> = arrow.links.iter().map(usize::to_string).collect();
    let links = links.join(" ");
    let (cross, room) = match arrow.kind {
        EdgeKind::Barred => (cross(x + 11, y + h / 2), CROSS),
        _ => (String::new(), 0),
    };
    let middle = x + room + (w - room) / 2;
    let label = centred(middle, y + 13, LABEL_FONT, ink, &label_text(arrow));
    format!(
        "<g class=\"arrow tag\" data-links=\"{links}\"><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" \
         height=\"{h}\" rx=\"{round}\" fill=\"#ffffff\" stroke=\"{ink}\"/>{cross}{label}</g>\n"
    )
}

/// A cross around `x`, `y`.
pub(crate) fn cross(x: i32, y: i32) -> String {
    let ink = ink(EdgeKind::Barred);
    let (left, right, top, bottom) = (x - 4, x + 4, y - 4, y + 4);
    format!(
        "<path d=\"M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}\" fill=\"none\" \
         stroke=\"{ink}\" stroke-width=\"2.2\" stroke-linecap=\"round\"/>"
    )
}

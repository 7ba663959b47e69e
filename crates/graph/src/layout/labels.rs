//! Labels onto their arrows: near the beginning, where arrows have not joined yet, and on nothing
//! else as far as there is room.

use super::geometry::{Point, Rect, STEP, px};
use super::measures::{HEADING, label_width};
use super::page::Page;
use crate::bundle::Arrow;

/// Height of a label's frame.
const HEIGHT: i32 = 18;

/// The frame of each arrow's label.
pub(crate) fn place(
    arrows: &[Arrow],
    page: &Page,
    headings: &[i32],
    ways: &[Vec<Point>],
) -> Vec<Option<Rect>> {
    let mut obstacles: Vec<Rect> = page.cards.iter().map(|card| card.grown(3)).collect();
    let headings = page.groups.iter().zip(headings);
    obstacles.extend(headings.map(|(group, w)| Rect {
        w: *w,
        h: HEADING - STEP,
        ..*group
    }));
    let mut places = vec![None; arrows.len()];
    // Short ways have the fewest spots to choose from.
    let mut order: Vec<usize> = (0..arrows.len()).collect();
    order.sort_by_key(|index| {
        ways[*index]
            .windows(2)
            .map(|leg| length(leg[0], leg[1]))
            .sum::<i32>()
    });
    for index in order {
        let w = label_width(&arrows[index]);
        if w == 0 {
            continue;
        }
        let frames = frames(&ways[index], w, page.width);
        let best = frames.iter().min_by_key(|(frame, distance)| {
            let on = obstacles.iter().filter(|o| o.meets(frame)).count();
            let cut = page.groups.iter().filter(|group| cuts(group, frame));
            let corners = corners(&ways[index])
                .iter()
                .filter(|at| frame.touches(**at, **at));
            let over = ways.iter().enumerate().filter(|(other, way)| {
                *other != index && way.windows(2).any(|leg| frame.touches(leg[0], leg[1]))
            });
            1000 * px(on)
                + 120 * px(cut.count())
                + 90 * px(over.count())
                + 50 * px(corners.count())
                + distance
        });
        let frame = best.map(|(frame, _)| *frame);
        obstacles.extend(frame.map(|frame| frame.grown(2)));
        places[index] = frame;
    }
    places
}

/// Whether the border of `group` runs through `frame`.
fn cuts(group: &Rect, frame: &Rect) -> bool {
    group.meets(frame) && !group.grown(-1).contains(frame)
}

/// Where a way turns.
fn corners(way: &[Point]) -> &[Point] {
    match way {
        [_, corners @ .., _] => corners,
        _ => &[],
    }
}

const fn length(from: Point, to: Point) -> i32 {
    (to.x - from.x).abs() + (to.y - from.y).abs()
}

/// Where the label of an arrow may be, each with how little that is liked. It need not be in the
/// middle of an upright line: beside others it keeps off them.
fn frames(way: &[Point], w: i32, width: i32) -> Vec<(Rect, i32)> {
    let mut frames = Vec::new();
    let mut gone = 0;
    for leg in way.windows(2) {
        let (from, to) = (leg[0], leg[1]);
        let length = length(from, to).max(1);
        let shifts: &[i32] = if from.x == to.x {
            &[0, w / 2 - 10, 10 - w / 2]
        } else {
            &[0]
        };
        for far in (0..=length / STEP).map(|step| step * STEP) {
            let x = from.x + (to.x - from.x) * far / length;
            let y = from.y + (to.y - from.y) * far / length;
            let distance = (gone + far) / 4;
            let early = (32 - gone - far).max(0) * 4;
            for shift in shifts {
                let frame = Rect {
                    x: (x + shift - w / 2).min(width - STEP / 2 - w).max(STEP / 2),
                    y: y - HEIGHT / 2,
                    w,
                    h: HEIGHT,
                };
                frames.push((frame, distance + early + i32::from(*shift != 0) * 40));
            }
        }
        gone += length;
    }
    frames
}

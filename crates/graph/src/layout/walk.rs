//! One arrow's cheapest way over the grid (A*). Ties are broken by position, so that the same graph
//! gives the same picture.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::errand::{Errand, JOINED, TURN};
use super::geometry::{Point, Rect, STEP};
use super::grid::Grid;
use super::pins::{Pin, Way};

const NOWHERE: usize = usize::MAX;

/// The crossing beside `cell`.
fn beside(grid: &Grid, cell: usize, way: Way) -> Option<usize> {
    let column = cell % grid.columns;
    let next = match way {
        Way::Up => cell.checked_sub(grid.columns)?,
        Way::Down => cell + grid.columns,
        Way::Left => column.checked_sub(1).map(|_| cell - 1)?,
        Way::Right => (column + 1 < grid.columns).then_some(cell + 1)?,
    };
    (next < grid.cells.len()).then_some(next)
}

/// The crossings from border to border; none when there is no way.
pub(crate) fn walk(grid: &Grid, errand: &Errand) -> Vec<usize> {
    let count = grid.cells.len() * 4;
    let mut cost = vec![u32::MAX; count + errand.to.len()];
    let mut came = vec![NOWHERE; count + errand.to.len()];
    let mut queue = BinaryHeap::new();
    let goal = around(errand.to);
    let ahead = |cell: usize| distance(grid.point(cell), &goal) * JOINED;
    for pin in errand.from {
        let border = grid.at(pin.at);
        let Some(first) = beside(grid, border, pin.out).filter(|c| !grid.cells[*c].blocked) else {
            continue;
        };
        let start = errand.pass(&grid.cells[first], pin.out.axis())
            + errand.stub(&grid.cells[border], pin, false)
            + pin.cost;
        let state = first * 4 + number(pin.out);
        if start < cost[state] {
            cost[state] = start;
            queue.push(Reverse((start + ahead(first), state)));
        }
    }
    let mut goals: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, pin) in errand.to.iter().enumerate() {
        if let Some(last) = beside(grid, grid.at(pin.at), pin.out) {
            goals.entry(last).or_default().push(index);
        }
    }
    while let Some(Reverse((_, state))) = queue.pop() {
        if let Some(goal) = state.checked_sub(count) {
            return back(grid, errand, &came, state, goal);
        }
        let (cell, way) = (state / 4, Way::ALL[state % 4]);
        let so_far = cost[state];
        for goal in goals.get(&cell).into_iter().flatten() {
            let pin = &errand.to[*goal];
            if way == pin.out {
                continue;
            }
            let turn = TURN * u32::from(way != pin.out.back());
            let border = &grid.cells[grid.at(pin.at)];
            let total = so_far + turn + pin.cost + errand.stub(border, pin, true);
            if total < cost[count + goal] {
                cost[count + goal] = total;
                came[count + goal] = state;
                queue.push(Reverse((total, count + goal)));
            }
        }
        for next_way in Way::ALL.into_iter().filter(|next| *next != way.back()) {
            let Some(next) = beside(grid, cell, next_way) else {
                continue;
            };
            if grid.cells[next].blocked {
                continue;
            }
            let turn = TURN * u32::from(next_way != way);
            let total = so_far + turn + errand.pass(&grid.cells[next], next_way.axis());
            let next_state = next * 4 + number(next_way);
            if total < cost[next_state] {
                cost[next_state] = total;
                came[next_state] = state;
                queue.push(Reverse((total + ahead(next), next_state)));
            }
        }
    }
    Vec::new()
}

const fn number(way: Way) -> usize {
    match way {
        Way::Up => 0,
        Way::Right => 1,
        Way::Down => 2,
        Way::Left => 3,
    }
}

/// What all pins are in.
fn around(pins: &[Pin]) -> Rect {
    let xs = || pins.iter().map(|pin| pin.at.x);
    let ys = || pins.iter().map(|pin| pin.at.y);
    let (x, y) = (xs().min().unwrap_or(0), ys().min().unwrap_or(0));
    Rect {
        x,
        y,
        w: xs().max().unwrap_or(0) - x,
        h: ys().max().unwrap_or(0) - y,
    }
}

/// Steps to the nearest pin, at least.
fn distance(from: Point, goal: &Rect) -> u32 {
    let across = (goal.x - from.x).max(from.x - goal.right()).max(0);
    let down = (goal.y - from.y).max(from.y - goal.bottom()).max(0);
    ((across + down) / STEP).unsigned_abs().saturating_sub(1)
}

fn back(grid: &Grid, errand: &Errand, came: &[usize], goal: usize, pin: usize) -> Vec<usize> {
    let mut cells = vec![grid.at(errand.to[pin].at)];
    let mut state = came[goal];
    let mut last = state;
    while state != NOWHERE {
        cells.push(state / 4);
        last = state;
        state = came[state];
    }
    let out = Way::ALL[last % 4];
    cells.extend(beside(grid, last / 4, out.back()));
    cells.reverse();
    cells
}

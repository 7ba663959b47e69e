//! Boxes of groups onto the page: in order, from shelf to shelf; on a shelf stand stacks of boxes.
//!
//! All ways to cut the order are tried within each shelf, and the best sequence of shelves is built
//! up from the front, so it is the best there is under [`Shelf::cost`].

use super::arrange::Arrangement;
use super::geometry::px;
use super::measures::{MARGIN, Measures, NARROW, NARROWEST, WIDEST};

/// Columns of cards of the widest group.
pub(crate) const COLUMNS: usize = 5;
/// Groups on one shelf.
const CROWD: usize = 7;

/// Boxes of one width, one above the other.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    pub(crate) groups: std::ops::Range<usize>,
    pub(crate) columns: usize,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// Stacks side by side.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    pub(crate) stacks: Vec<Stack>,
    pub(crate) width: i32,
    pub(crate) height: i32,
    cost: i64,
}

/// Arrangements of each group, by columns from one on.
pub(crate) type Choices = [Vec<Arrangement>];

struct Search<'a> {
    measures: &'a Measures,
    choices: &'a Choices,
    limit: i32,
}

/// The shelves that fit the page best: about as wide as a sheet of paper is.
pub(crate) fn shelves(measures: &Measures, choices: &Choices) -> Vec<Shelf> {
    let tried = (1..=COLUMNS).filter_map(|columns| {
        let columns = px(columns);
        let limit = columns * NARROW + (columns - 1) * measures.gutter.x;
        let limit = limit.clamp(NARROWEST - 2 * MARGIN, WIDEST - 2 * MARGIN);
        let search = Search {
            measures,
            choices,
            limit,
        };
        let shelves = search.best()?;
        let width = shelves.iter().map(|shelf| shelf.width).max()?;
        let height: i32 = shelves.iter().map(|shelf| shelf.height).sum();
        let cost: i64 = shelves.iter().map(|shelf| shelf.cost).sum();
        Some((i64::from(width.max(height * 5 / 4)) + cost / 8, shelves))
    });
    let best = tried.min_by_key(|(cost, _)| *cost);
    best.map(|(_, shelves)| shelves).unwrap_or_default()
}

impl Search<'_> {
    fn best(&self) -> Option<Vec<Shelf>> {
        let mut best: Vec<Option<(i64, Vec<Shelf>)>> = vec![Some((0, Vec::new()))];
        for end in 1..=self.choices.len() {
            let from = end.saturating_sub(CROWD)..end;
            let ways = from.filter_map(|start| {
                let (cost, before) = best[start].as_ref()?;
                let shelf = self.shelf(start, end)?;
                let mut shelves = before.clone();
                let cost = cost + shelf.cost;
                shelves.push(shelf);
                Some((cost, shelves))
            });
            let way = ways.min_by_key(|(cost, _)| *cost);
            best.push(way);
        }
        best.pop()?.map(|(_, shelves)| shelves)
    }

    /// The best shelf of these groups.
    fn shelf(&self, start: usize, end: usize) -> Option<Shelf> {
        let mut best = None;
        self.extend(start, end, &mut Shelf::default(), &mut best);
        best
    }

    fn extend(&self, start: usize, end: usize, shelf: &mut Shelf, best: &mut Option<Shelf>) {
        if start == end {
            let cost = self.cost(shelf);
            if best.as_ref().is_none_or(|best| cost < best.cost) {
                *best = Some(Shelf {
                    cost,
                    ..shelf.clone()
                });
            }
            return;
        }
        let before = shelf.clone();
        for stop in start + 1..=end {
            for columns in 1..=COLUMNS {
                let stack = self.pile(start..stop, columns);
                let gutter = self.measures.gutter.x * i32::from(!before.stacks.is_empty());
                let width = before.width + gutter + stack.width;
                if width > self.limit {
                    break;
                }
                shelf.width = width;
                shelf.height = before.height.max(stack.height);
                shelf.stacks.push(stack);
                self.extend(stop, end, shelf, best);
                shelf.clone_from(&before);
            }
        }
    }

    fn pile(&self, groups: std::ops::Range<usize>, columns: usize) -> Stack {
        let widths = groups
            .clone()
            .map(|group| self.measures.width(group, columns));
        let heights = groups.clone().map(|group| {
            let rows = self.choices[group][columns - 1].rows;
            self.measures.height(group, rows) + self.measures.gutter.y
        });
        Stack {
            columns,
            width: widths.max().unwrap_or_default(),
            height: heights.sum::<i32>() - self.measures.gutter.y,
            groups,
        }
    }

    /// Height, the room wasted under short stacks, and what arrows of the groups cost.
    fn cost(&self, shelf: &Shelf) -> i64 {
        let waste = shelf
            .stacks
            .iter()
            .map(|stack| i64::from(shelf.height - stack.height) * i64::from(stack.width));
        let waste = waste.sum::<i64>() / i64::from(self.limit.max(1));
        let arrows = shelf.stacks.iter().flat_map(|stack| {
            let groups = self.choices[stack.groups.clone()].iter();
            groups.map(|arrangements| arrangements[stack.columns - 1].cost)
        });
        i64::from(shelf.height + self.measures.gutter.y) + waste / 2 + arrows.sum::<i64>() / 4
    }
}

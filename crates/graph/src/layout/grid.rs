//! The lines on which arrows run, what stands in their way, and which arrow already runs where.

use super::geometry::{Point, Rect, STEP, index};
use super::measures::{HEADING, MARGIN};
use super::page::Page;

/// No arrow runs here.
pub(crate) const FREE: u32 = 0;
/// Arrows to several targets run here.
pub(crate) const MIXED: u32 = u32::MAX;

/// A crossing of two lines of the grid.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cell {
    /// A card or a heading is here.
    pub(crate) blocked: bool,
    /// Right beside one.
    pub(crate) near: bool,
    /// One step beside such a border: `[along x, along y]`.
    pub(crate) beside: [bool; 2],
    /// Outside of all that is drawn.
    pub(crate) margin: bool,
    /// On the border of a group's box: `[along x, along y]`.
    pub(crate) rim: [bool; 2],
    /// Group whose box this is in.
    pub(crate) zone: Option<usize>,
    /// Target of the arrow that runs here: `[along x, along y]`.
    pub(crate) used: [u32; 2],
    /// Target of the arrow that runs one step beside: `[along x, along y]`.
    pub(crate) flank: [u32; 2],
}

/// All crossings, row by row.
pub(crate) struct Grid {
    pub(crate) columns: usize,
    pub(crate) cells: Vec<Cell>,
}

impl Grid {
    /// The grid of a page. Two lines more run below it.
    pub(crate) fn new(page: &Page, headings: &[i32]) -> Self {
        let columns = index(page.width / STEP) + 1;
        let rows = index(page.height / STEP) + 3;
        let mut grid = Self {
            columns,
            cells: vec![Cell::default(); columns * rows],
        };
        for (index, cell) in grid.cells.iter_mut().enumerate() {
            let at = super::geometry::px(index % columns) * STEP;
            cell.blocked = at < STEP || at > page.width - STEP;
            cell.margin = at < MARGIN || at > page.width - MARGIN;
        }
        let top = page.groups.iter().map(|group| group.y).min();
        let head = Rect {
            x: 0,
            y: 0,
            w: page.width,
            h: top.unwrap_or_default() - 2 * STEP,
        };
        grid.each(&head, |cell| cell.blocked = true);
        for (number, group) in page.groups.iter().enumerate() {
            grid.each(group, |cell| cell.zone = Some(number));
            grid.rims(group);
            let heading = Rect {
                x: group.x + 2 * STEP,
                y: group.y + STEP,
                w: headings[number] - STEP,
                h: HEADING - 2 * STEP,
            };
            grid.each(&heading, |cell| cell.blocked = true);
        }
        for card in &page.cards {
            grid.each(&card.grown(STEP), |cell| cell.near = true);
            grid.each(card, |cell| cell.blocked = true);
        }
        grid
    }

    fn rims(&mut self, group: &Rect) {
        for y in [group.y, group.bottom()] {
            let line = Rect { y, h: 0, ..*group };
            self.each(&line, |cell| cell.rim[0] = true);
            for y in [y - STEP, y + STEP] {
                self.each(&Rect { y, ..line }, |cell| cell.beside[0] = true);
            }
        }
        for x in [group.x, group.right()] {
            let line = Rect { x, w: 0, ..*group };
            self.each(&line, |cell| cell.rim[1] = true);
            for x in [x - STEP, x + STEP] {
                self.each(&Rect { x, ..line }, |cell| cell.beside[1] = true);
            }
        }
    }

    /// Everything in `rect`, its border included.
    fn each(&mut self, rect: &Rect, change: impl Fn(&mut Cell)) {
        let (left, right) = (index(rect.x / STEP), index(rect.right() / STEP));
        for y in index(rect.y / STEP)..=index(rect.bottom() / STEP) {
            for x in left..=right.min(self.columns - 1) {
                if let Some(cell) = self.cells.get_mut(y * self.columns + x) {
                    change(cell);
                }
            }
        }
    }

    /// The crossing at `point`.
    pub(crate) fn at(&self, point: Point) -> usize {
        index(point.y / STEP) * self.columns + index(point.x / STEP)
    }

    /// Where crossing `cell` is.
    pub(crate) fn point(&self, cell: usize) -> Point {
        Point {
            x: super::geometry::px(cell % self.columns) * STEP,
            y: super::geometry::px(cell / self.columns) * STEP,
        }
    }

    /// Notes that an arrow to `target` runs through `cells`.
    pub(crate) fn run(&mut self, cells: &[usize], target: u32) {
        for pair in cells.windows(2) {
            let axis = usize::from(pair[0].abs_diff(pair[1]) != 1);
            let aside = if axis == 0 { self.columns } else { 1 };
            for cell in pair {
                mark(
                    self.cells.get_mut(*cell),
                    |cell| &mut cell.used[axis],
                    target,
                );
                for flank in [cell + aside, cell.saturating_sub(aside)] {
                    mark(
                        self.cells.get_mut(flank),
                        |cell| &mut cell.flank[axis],
                        target,
                    );
                }
            }
        }
    }
}

fn mark(cell: Option<&mut Cell>, what: impl Fn(&mut Cell) -> &mut u32, target: u32) {
    if let Some(mark) = cell.map(what) {
        *mark = if *mark == FREE || *mark == target {
            target
        } else {
            MIXED
        };
    }
}

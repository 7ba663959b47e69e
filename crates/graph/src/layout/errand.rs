//! What an arrow's way costs. Arrows to one target join; others keep to lines of their own.

use super::grid::{Cell, FREE};
use super::pins::Pin;

/// A step along a line to the same target, or a free one.
pub(crate) const JOINED: u32 = 6;
const STEP_COST: u32 = 10;
/// Along the side of a card or box.
const NEAR: u32 = 14;
pub(crate) const TURN: u32 = 60;
/// Across another arrow.
const CROSSING: u32 = 70;
/// One step beside another arrow.
const CLOSE: u32 = 8;
/// On top of another arrow.
const OVERLAP: u32 = 400;
/// Along the border of a box.
const RIM: u32 = 200;
/// Through the box of a group that the arrow has nothing to do with.
const STRANGE: u32 = 40;
/// Around all boxes, where labels have no room.
const MARGIN: u32 = 16;
/// Out of the group that both ends are in.
const ASTRAY: u32 = 20;

/// From where to where.
pub(crate) struct Errand<'a> {
    pub(crate) from: &'a [Pin],
    pub(crate) to: &'a [Pin],
    /// Number of what is pointed at.
    pub(crate) target: u32,
    /// Groups of the cards at the ends.
    pub(crate) own: [Option<usize>; 2],
    /// The group of both.
    pub(crate) within: Option<usize>,
}

impl Errand<'_> {
    /// Cost of going over `cell` along `axis`.
    pub(crate) fn pass(&self, cell: &Cell, axis: usize) -> u32 {
        let mut cost = match cell.used[axis] {
            used if used == self.target => JOINED,
            FREE => STEP_COST,
            _ => OVERLAP,
        };
        let across = cell.used[1 - axis];
        if across != FREE && across != self.target {
            cost += CROSSING;
        }
        let flank = cell.flank[axis];
        if flank != FREE && flank != self.target {
            cost += CLOSE;
        }
        if cell.margin {
            cost += MARGIN;
        }
        if cell.near || cell.beside[axis] {
            cost += NEAR;
        }
        if cell.rim[axis] {
            cost += RIM;
        }
        match (self.within, cell.zone) {
            (Some(within), zone) if zone != Some(within) => cost += ASTRAY,
            (None, Some(zone)) if !self.own.contains(&Some(zone)) && !cell.rim[1 - axis] => {
                cost += STRANGE;
            }
            _ => {}
        }
        cost
    }

    /// Cost of leaving or entering at a pin that another arrow may have. Only who enters may join.
    pub(crate) fn stub(&self, border: &Cell, pin: &Pin, enters: bool) -> u32 {
        match border.used[pin.out.axis()] {
            FREE => STEP_COST,
            used if enters && used == self.target => JOINED,
            _ => OVERLAP,
        }
    }
}

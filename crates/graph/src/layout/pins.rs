//! Where arrows may leave and enter cards and boxes.

use super::geometry::{Point, Rect, STEP};

/// Ways to go on the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Right,
    Down,
    Left,
}

impl Way {
    pub(crate) const ALL: [Self; 4] = [Self::Up, Self::Right, Self::Down, Self::Left];

    pub(crate) const fn back(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Right => Self::Left,
            Self::Down => Self::Up,
            Self::Left => Self::Right,
        }
    }

    /// 0 along x, 1 along y.
    pub(crate) const fn axis(self) -> usize {
        match self {
            Self::Left | Self::Right => 0,
            Self::Up | Self::Down => 1,
        }
    }
}

/// A place on a border.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pin {
    pub(crate) at: Point,
    pub(crate) out: Way,
    /// The farther from the middle of the side, the less liked.
    pub(crate) cost: u32,
}

/// How much of a side is left free at its ends.
struct Ends {
    x: i32,
    /// At the right of the upper side, where a card has the word of its status.
    word: i32,
    y: i32,
}

/// Places on the border of a card.
pub(crate) fn card(rect: &Rect) -> Vec<Pin> {
    let ends = Ends {
        x: 3 * STEP,
        word: 13 * STEP,
        y: 2 * STEP,
    };
    pins(rect, &ends)
}

/// Places on the border of a group's box.
pub(crate) fn group(rect: &Rect) -> Vec<Pin> {
    let ends = Ends {
        x: 4 * STEP,
        word: 4 * STEP,
        y: 4 * STEP,
    };
    pins(rect, &ends)
}

fn pins(rect: &Rect, ends: &Ends) -> Vec<Pin> {
    let mut pins = Vec::new();
    let middle = Point {
        x: rect.x + rect.w / 2,
        y: rect.y + rect.h / 2,
    };
    let mut add = |x: i32, y: i32, out| {
        let away = match out {
            Way::Up | Way::Down => x - middle.x,
            Way::Left | Way::Right => y - middle.y,
        };
        pins.push(Pin {
            at: Point { x, y },
            out,
            cost: away.unsigned_abs() / 4,
        });
    };
    let mut x = rect.x + ends.x;
    while x <= rect.right() - ends.x {
        if x <= rect.right() - ends.word {
            add(x, rect.y, Way::Up);
        }
        add(x, rect.bottom(), Way::Down);
        x += STEP;
    }
    let mut y = rect.y + ends.y;
    while y <= rect.bottom() - ends.y {
        add(rect.x, y, Way::Left);
        add(rect.right(), y, Way::Right);
        y += STEP;
    }
    pins
}

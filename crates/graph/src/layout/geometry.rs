//! Points and rectangles in whole pixels. Everything that arrows go round lies on the grid of
//! [`STEP`].

/// Pixels between two lines of the grid on which arrows run.
pub(crate) const STEP: i32 = 8;

/// A place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) x: i32,
    pub(crate) y: i32,
}

/// A rectangle; right and bottom are just outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) w: i32,
    pub(crate) h: i32,
}

impl Rect {
    pub(crate) const fn right(&self) -> i32 {
        self.x + self.w
    }

    pub(crate) const fn bottom(&self) -> i32 {
        self.y + self.h
    }

    /// Larger by `by` on every side.
    pub(crate) const fn grown(&self, by: i32) -> Self {
        Self {
            x: self.x - by,
            y: self.y - by,
            w: self.w + 2 * by,
            h: self.h + 2 * by,
        }
    }

    /// Whether `other` lies within.
    pub(crate) const fn contains(&self, other: &Self) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }

    /// Whether the two share an area.
    pub(crate) const fn meets(&self, other: &Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    /// Where it is pierced by a line of the grid from `from` to `to`; a point on its border counts.
    pub(crate) fn touches(&self, from: Point, to: Point) -> bool {
        from.x.min(to.x) <= self.right()
            && from.x.max(to.x) >= self.x
            && from.y.min(to.y) <= self.bottom()
            && from.y.max(to.y) >= self.y
    }
}

/// A count as pixels or cells.
pub(crate) fn px(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Pixels or cells as an index; what lies outside is the first.
pub(crate) fn index(px: i32) -> usize {
    usize::try_from(px).unwrap_or_default()
}

/// Rounded up to the grid.
pub(crate) const fn snap(px: i32) -> i32 {
    (px + STEP - 1) / STEP * STEP
}

//! How a status looks. Each has a word and a sign beside its colour: pictures are printed in black
//! and white, and not everybody sees colours.

use crate::{EdgeKind, Status};

/// All, in the order of the legend.
pub(crate) const ALL: [Status; 7] = [
    Status::Live,
    Status::Pending,
    Status::Changed,
    Status::Missing,
    Status::Unexpected,
    Status::Outside,
    Status::Barred,
];

/// The looks of a status.
pub(crate) struct Look {
    pub(crate) word: &'static str,
    /// For forms of text.
    pub(crate) sign: &'static str,
    /// Border and sign; dark enough for white text on it.
    pub(crate) ink: &'static str,
    /// Background of the card.
    pub(crate) fill: &'static str,
    /// Border's dashes; empty is a solid line.
    pub(crate) dash: &'static str,
    /// The sign drawn within a circle of radius 7 around 0,0.
    pub(crate) stroke: &'static str,
}

/// How `status` looks.
pub(crate) const fn look(status: Status) -> Look {
    let (word, sign, ink, fill, dash, stroke) = match status {
        Status::Live => (
            "live",
            "✓",
            "#1b7f4b",
            "#ffffff",
            "",
            "M-3.4 .2L-1 2.7L3.5 -2.4",
        ),
        Status::Pending => (
            "pending",
            "…",
            "#54657a",
            "#f6f8fa",
            "2 3",
            "M0 -3.8V.4L2.6 2.2",
        ),
        Status::Changed => (
            "changed",
            "~",
            "#9a5b00",
            "#fff7e6",
            "",
            "M-3.8 .9C-2.6 -2.2 -1 -1.6 0 0S2.6 2.2 3.8 -.9",
        ),
        Status::Missing => (
            "missing",
            "✗",
            "#b3261e",
            "#fdf0ef",
            "7 4",
            "M-2.6 -2.6L2.6 2.6M-2.6 2.6L2.6 -2.6",
        ),
        Status::Unexpected => (
            "unexpected",
            "+",
            "#7b2fa0",
            "#f9f1fc",
            "",
            "M0 -3.6V3.6M-3.6 0H3.6",
        ),
        Status::Outside => (
            "outside",
            "○",
            "#3d4a57",
            "#eef1f4",
            "",
            "M-2 0A2 2 0 1 0 2 0A2 2 0 1 0 -2 0",
        ),
        Status::Barred => ("unreachable", "⊘", "#b3261e", "#f7f2f2", "7 4", "M-4 0H4"),
    };
    Look {
        word,
        sign,
        ink,
        fill,
        dash,
        stroke,
    }
}

/// Colour of an arrow.
pub(crate) const fn ink(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Needs => "#5b6b7b",
        EdgeKind::Reaches => "#1a5fb4",
        EdgeKind::Barred => "#b3261e",
    }
}

/// What an arrow says, between its two ends.
pub(crate) const fn verb(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Needs => "needs",
        EdgeKind::Reaches => "can reach",
        EdgeKind::Barred => "cannot reach",
    }
}

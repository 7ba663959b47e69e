//! The sign of a status: a circle with a mark in it, so that no font has to have it.

use crate::Status;
use crate::status::look;

/// The sign around `x`, `y`. What is there is a full circle, what is not an empty one.
pub(crate) fn draw(status: Status, x: i32, y: i32) -> String {
    let look = look(status);
    let full = matches!(status, Status::Live | Status::Changed | Status::Unexpected);
    let (fill, mark) = if full {
        (look.ink, "#ffffff")
    } else {
        ("#ffffff", look.ink)
    };
    let (ink, path) = (look.ink, look.stroke);
    format!(
        "<g transform=\"translate({x} {y})\" fill=\"none\" stroke=\"{mark}\" stroke-width=\"1.8\" \
         stroke-linecap=\"round\" stroke-linejoin=\"round\"><circle r=\"7\" fill=\"{fill}\" \
         stroke=\"{ink}\" stroke-width=\"1.4\"/><path d=\"{path}\"/></g>"
    )
}

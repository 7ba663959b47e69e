//! IAM policy documents, read whatever way they are spelled. What cannot be read is judged as the
//! worst there is: everything, allowed to everybody.

mod condition;
mod document;
mod passage;
#[cfg(test)]
mod tests;

pub(crate) use document::{Document, Principals, Statement};
pub use passage::{Passage, Request, is_unrestricted, passage};

/// Whether an element is nothing but wildcards.
pub(crate) fn is_wild(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(c, '*' | '?'))
}

/// Whether an element has a wildcard anywhere.
pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Account and resource of an ARN: its fifth and sixth part.
pub(crate) fn arn_parts(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':').skip(4);
    Some((parts.next()?, parts.next()?))
}

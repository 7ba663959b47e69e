//! Where an offset in bytes is, as editors count: found in a time that does not depend on how long
//! the text or its lines are.

/// One-based line and column.
pub type Place = (usize, usize);

/// Characters are counted up to every so many bytes.
const STEP: usize = 1024;

/// A text, with the places in it.
pub(crate) struct Lines<'t> {
    text: &'t str,
    /// Where each line begins.
    starts: Vec<usize>,
    /// How many characters begin before each multiple of `STEP`.
    counted: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(newlines.map(|(at, _)| at + 1));
        let mut counted = vec![0];
        for chunk in text.as_bytes().chunks(STEP) {
            let before = counted.last().copied().unwrap_or_default();
            counted.push(before + beginning(chunk));
        }
        Self {
            text,
            starts: starts.collect(),
            counted,
        }
    }

    /// The place of an offset; that of the end for one beyond it.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|line| self.starts.get(line));
        let start = start.copied().unwrap_or_default();
        (line, self.characters(offset) - self.characters(start) + 1)
    }

    fn characters(&self, offset: usize) -> usize {
        let whole = offset / STEP;
        let rest = self.text.as_bytes().get(whole * STEP..offset);
        self.counted.get(whole).copied().unwrap_or_default() + beginning(rest.unwrap_or_default())
    }
}

/// How many characters begin in a piece of UTF-8.
fn beginning(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .filter(|byte| byte.cast_signed() >= -64)
        .count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_place_is_what_counting_says(
            text in prop::collection::vec(prop::sample::select(vec!["ab", "\n", "日", "🦀"]), 0..2000),
            at in 0usize..6000,
        ) {
            let text = text.concat();
            let mut at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let before = &text[..at];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            prop_assert_eq!(Lines::of(&text).place(at), (line, column));
        }
    }
}

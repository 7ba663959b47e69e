//! How wide text is and how it is cut. Widths are those of wide fonts (Verdana and its like), so
//! that nothing overflows with the reader's own.

use unicode_width::UnicodeWidthChar;

/// A text of one line: control characters become spaces; marks that turn the direction of writing
/// are dropped, lest one text rearranges its neighbours.
pub(crate) fn clean(text: &str) -> String {
    let turns = |char: &char| matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let one = |char: char| match char {
        char if char.is_control() => ' ',
        '\u{2028}' | '\u{2029}' => ' ',
        '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        other => other,
    };
    text.chars().filter(|char| !turns(char)).map(one).collect()
}

/// Thousandths of the font's size.
fn advance(char: char) -> i64 {
    match (char, char.width().unwrap_or_default()) {
        (_, 0) => 0,
        ('i' | 'j' | 'l' | 'I' | '|' | '\'' | '.' | ',' | ':' | ';' | ' ', _) => 345,
        ('f' | 'r' | 't' | '-' | '/' | '\\' | '(' | ')' | '[' | ']' | '!', _) => 420,
        ('m' | 'M' | 'W' | '@' | '%', _) => 1000,
        ('w' | '&' | '#' | '+' | '<' | '=' | '>' | '~' | '^', _) => 840,
        ('A'..='Z', _) => 780,
        ('a' | 'c' | 'e' | 'k' | 's' | 'v' | 'x' | 'y' | 'z', _) => 615,
        (char, _) if char.is_ascii() => 650,
        ('\u{1f000}'.., _) => 1350,
        // CJK is as wide as it is high; of the rest a few are wider.
        (_, 2..) => 1010,
        _ => 1120,
    }
}

/// How text is set.
#[derive(Clone, Copy)]
pub(crate) struct Font {
    /// Pixels.
    pub(crate) size: i32,
    pub(crate) bold: bool,
}

impl Font {
    pub(crate) const fn plain(size: i32) -> Self {
        Self { size, bold: false }
    }

    pub(crate) const fn bold(size: i32) -> Self {
        Self { size, bold: true }
    }

    fn milli(self, text: &str) -> i64 {
        let sum: i64 = text.chars().map(advance).sum();
        if self.bold { sum * 11 / 10 } else { sum }
    }

    /// Pixels that `text` takes at most.
    pub(crate) fn width(self, text: &str) -> i32 {
        let pixels = (self.milli(text) * i64::from(self.size) + 999) / 1000;
        i32::try_from(pixels).unwrap_or(i32::MAX)
    }

    /// `text`, cut with an ellipsis to `width` pixels.
    pub(crate) fn fit(self, text: &str, width: i32) -> String {
        let text = clean(text);
        if self.width(&text) <= width {
            return text;
        }
        let mut head = String::new();
        for char in text.chars() {
            head.push(char);
            if self.width(&format!("{head}…")) > width {
                head.pop();
                break;
            }
        }
        format!("{}…", head.trim_end())
    }

    /// `text`, cut in its middle to `width` pixels: the ends of ids tell them apart.
    pub(crate) fn fit_middle(self, text: &str, width: i32) -> String {
        let text = clean(text);
        if self.width(&text) <= width {
            return text;
        }
        let head = self.fit(&text, width * 2 / 5);
        let mut tail: String = text.chars().rev().collect();
        tail = self.fit(&tail, width - self.width(&head) + self.width("…") - 1);
        let tail: String = tail.chars().rev().collect();
        format!("{head}{}", tail.trim_start_matches('…'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_fits_stays_and_what_does_not_is_cut(text in ".*", width in 20..300_i32) {
            let font = Font::bold(13);
            let fitted = font.fit(&text, width);
            prop_assert!(font.width(&fitted) <= width);
            let whole = clean(&text);
            if fitted != whole {
                prop_assert!(font.width(&whole) > width);
                let head = fitted.strip_suffix('…').unwrap();
                prop_assert!(whole.starts_with(head));
            }
        }
    }

    proptest! {
        #[test]
        fn both_ends_stay_when_the_middle_is_cut(text in "[ -~]{80,}", width in 60..300_i32) {
            let font = Font::plain(11);
            let cut = font.fit_middle(&text, width);
            prop_assert!(font.width(&cut) <= width);
            let (head, tail) = cut.split_once('…').unwrap();
            prop_assert!(text.starts_with(head) && text.ends_with(tail) && !tail.is_empty());
        }
    }

    #[test]
    fn cjk_is_twice_as_wide_as_latin() {
        let font = Font::plain(10);
        assert!(font.width("閉域網") > font.width("abcd"));
        assert_eq!(font.fit("閉域ネットワーク", 52), "閉域ネッ…");
    }
}

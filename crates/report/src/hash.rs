//! SHA-256 over parts: no two lists of parts are hashed as the same bytes.

use sha2::{Digest, Sha256};

/// The digest in lower-case hexadecimal, 64 characters.
pub(crate) fn sha256<P: AsRef<str>>(parts: impl IntoIterator<Item = P>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        let part = part.as_ref().as_bytes();
        // The length goes first, or `ab, c` would be `a, bc`.
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    let digits = b"0123456789abcdef";
    let nibbles = digest.finalize().into_iter().flat_map(|b| [b >> 4, b & 15]);
    nibbles
        .map(|nibble| char::from(digits[usize::from(nibble)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_part_ends_matters_and_nothing_is_as_the_standard_says() {
        assert_ne!(sha256(["ab", "c"]), sha256(["a", "bc"]));
        assert_ne!(sha256(["a"]), sha256(["a", ""]));
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256::<&str>([]), nothing);
    }
}

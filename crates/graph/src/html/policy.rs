//! Hashes of the page's style and script, so that the policy admits them and nothing else.

/// Of `page.css`.
pub(crate) const STYLE: &str = "sha256-6PQJHULddyjwWi+yfCiLBzeDd8bvoudfbcQ4PiXUZR8=";
/// Of `page.js`.
pub(crate) const SCRIPT: &str = "sha256-PjiQr5J9McKN/juvqaVCJmQusEvte6WONojNX6RrlJ8=";

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::super as page;

    /// As in a Content-Security-Policy.
    fn hash(text: &str) -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digest = Sha256::digest(text);
        let encoded = digest.chunks(3).map(|three| {
            let bytes = [0, 1, 2].map(|n| u32::from(three.get(n).copied().unwrap_or(0)));
            let bits = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
            let digit = |n: u32| char::from(DIGITS[usize::try_from(bits >> n & 63).unwrap()]);
            let all = [18, 12, 6, 0].map(digit);
            let kept: String = all[..=three.len()].iter().collect();
            format!("{kept:=<4}")
        });
        format!("sha256-{}", encoded.collect::<String>())
    }

    #[test]
    fn the_policy_admits_the_style_and_the_script_of_the_page() {
        assert_eq!(super::STYLE, hash(page::STYLE));
        assert_eq!(super::SCRIPT, hash(page::SCRIPT));
    }
}

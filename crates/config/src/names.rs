//! What an environment of GenU's is called here. GenU takes any text and puts it behind the names of
//! its stacks, so `-poc` and `Dev` are in use; here it is a part of names that AWS allows only
//! lower-case letters, digits and hyphens in.

/// Characters that the name of an environment may have: what AWS leaves of a load balancer's 32.
pub(crate) const MOST: usize = 16;

/// GenU's environment without a name.
const ANONYMOUS: &str = "default";

/// What is allowed.
pub(crate) const ALLOWED: &str = "an environment is named with lower-case letters, digits and hyphens, at most 16, not beginning with a hyphen";

/// Whether a name can be used as it is.
pub(crate) fn is_valid(name: &str) -> bool {
    name.len() <= MOST
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The name here of an environment of GenU's: always the same for the same name, and the name itself
/// when it can be used. `None` when nothing usable is left of it. Two names may come to the same one.
pub(crate) fn of_genu(written: &str) -> Option<String> {
    if written.is_empty() {
        return Some(ANONYMOUS.into());
    }
    let usable = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_lowercase() || c.is_ascii_digit() => c,
        _ => '-',
    };
    // Letters of other scripts have no place in it; hyphens in their stead would say nothing.
    if !written.is_ascii() {
        return None;
    }
    let name: String = written.chars().map(usable).collect();
    let name = name.trim_matches('-');
    is_valid(name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn genus_forms_are_taken_over() {
        let cases = [
            ("", Some("default")),
            ("priv", Some("priv")),
            ("Dev", Some("dev")),
            ("-poc", Some("poc")),
            ("PRD_2", Some("prd-2")),
            ("検証", None),
            ("---", None),
            ("a-name-that-is-too-long", None),
        ];
        for (written, ours) in cases {
            assert_eq!(of_genu(written).as_deref(), ours, "{written}");
        }
    }

    proptest! {
        #[test]
        fn a_name_here_is_usable_and_stays(written in "[ -~]{0,20}|\\PC{0,20}") {
            if let Some(name) = of_genu(&written) {
                prop_assert!(is_valid(&name));
                prop_assert_eq!(of_genu(&name), Some(name));
            }
            if is_valid(&written) && !written.ends_with('-') {
                prop_assert_eq!(of_genu(&written), Some(written));
            }
        }
    }
}

//! What has to be said before anything is called: no variable, no call.

/// Where a run starts unless it is told otherwise.
const REGION: &str = "ap-northeast-1";

const UNASKED: &str = "this makes a network in a real AWS account, which costs money: it runs only with \
    GENU_LIVE_TEST=1 and GENU_LIVE_ACCOUNT=<the 12 digits of the account>; nothing was called";

/// Leave to run in one account.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Permit {
    /// The only account in which anything is changed.
    pub(crate) account: String,
    pub(crate) region: String,
    /// Whether what a failed step leaves stays up, to be looked at.
    pub(crate) keep: bool,
}

impl Permit {
    /// What the variables permit; without a terminal, where nobody can be asked, one more is needed.
    pub(crate) fn of(
        variable: impl Fn(&str) -> Option<String>,
        terminal: bool,
    ) -> Result<Self, String> {
        let account = variable("GENU_LIVE_ACCOUNT").filter(|account| is_account(account));
        let (Some("1"), Some(account)) = (variable("GENU_LIVE_TEST").as_deref(), account) else {
            return Err(UNASKED.to_owned());
        };
        if !terminal && variable("GENU_LIVE_CONFIRM").as_deref() != Some(account.as_str()) {
            return Err(format!(
                "nobody is there to be asked: without a terminal GENU_LIVE_CONFIRM={account} has to be set as well; nothing was called"
            ));
        }
        let region = variable("GENU_LIVE_REGION").unwrap_or_else(|| REGION.to_owned());
        if !is_region(&region) {
            return Err(format!(
                "GENU_LIVE_REGION is {region:?}, which is no region's name; nothing was called"
            ));
        }
        Ok(Self {
            account,
            region,
            keep: variable("GENU_LIVE_KEEP").as_deref() == Some("1"),
        })
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Only what may stand in a name: it goes into a file.
fn is_region(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::Permit;

    const ALL: [(&str, &str); 3] = [
        ("GENU_LIVE_TEST", "1"),
        ("GENU_LIVE_ACCOUNT", "123456789012"),
        ("GENU_LIVE_CONFIRM", "123456789012"),
    ];

    fn of(variables: &[(&str, &str)], terminal: bool) -> Result<Permit, String> {
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        };
        Permit::of(get, terminal)
    }

    #[test]
    fn every_variable_is_needed() {
        assert!(of(&ALL, false).is_ok());
        for missing in 0..ALL.len() {
            let mut some = ALL.to_vec();
            some.remove(missing);
            assert!(of(&some, false).is_err(), "{some:?}");
        }
        assert!(of(&ALL[..2], true).is_ok(), "a terminal is asked instead");
        assert!(of(&ALL[..1], true).is_err() && of(&ALL[1..], true).is_err());
    }

    #[test]
    fn what_is_nearly_right_is_wrong() {
        for (at, value) in [
            (0, "true"),
            (0, ""),
            (1, "12345678901"),
            (1, "1234567890123"),
            (1, "12345678901x"),
            (2, "210987654321"),
        ] {
            let mut some = ALL;
            some[at].1 = value;
            assert!(of(&some, false).is_err(), "{some:?}");
        }
    }

    #[test]
    fn a_region_cannot_write_into_the_configuration() {
        for region in ["", "a\"\nclosedNetworkMode = false", "EU"] {
            let mut some = ALL.to_vec();
            some.push(("GENU_LIVE_REGION", region));
            assert!(of(&some, false).is_err(), "{region:?}");
        }
    }
}

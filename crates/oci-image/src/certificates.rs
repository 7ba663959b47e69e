//! The certificate authorities that the server trusts: those of the Mozilla root programme.
//!
//! They are compiled in, so that an image does not depend on the machine that builds it.

use pem::{EncodeConfig, LineEnding, Pem};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use crate::Error;

const TAG: &str = "CERTIFICATE";

/// The roots that Mozilla trusts for TLS servers, as a PEM bundle, in the order of the crate they
/// come from.
#[must_use]
pub fn certificates() -> String {
    let lf = EncodeConfig::new().set_line_ending(LineEnding::LF);
    TLS_SERVER_ROOT_CERTS
        .iter()
        .map(|der| pem::encode_config(&Pem::new(TAG, der.as_ref()), lf))
        .collect()
}

/// Refuses a bundle in which there is no certificate, or anything else: a private key that was
/// pasted along must not end up in an image.
pub(crate) fn check(bundle: &[u8]) -> Result<(), Error> {
    let blocks = pem::parse_many(bundle).map_err(|why| Error::Certificates(why.to_string()))?;
    if blocks.is_empty() {
        return Err(Error::Certificates("there is none in it".into()));
    }
    match blocks.iter().find(|block| block.tag() != TAG) {
        Some(other) => {
            let tag = other.tag();
            Err(Error::Certificates(format!("there is a {tag} in it")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_is_the_roots_and_nothing_else() {
        let bundle = certificates();
        let read = pem::parse_many(&bundle).unwrap();
        let read: Vec<&[u8]> = read.iter().map(Pem::contents).collect();
        let roots: Vec<&[u8]> = TLS_SERVER_ROOT_CERTS.iter().map(AsRef::as_ref).collect();
        assert_eq!(read, roots);
        assert!(
            roots.len() > 100,
            "Mozilla trusts more than {}",
            roots.len()
        );
        assert!(check(bundle.as_bytes()).is_ok());
        // Some readers know no other line end, and no longer line.
        assert!(!bundle.contains('\r') && bundle.ends_with("-----END CERTIFICATE-----\n"));
        assert!(bundle.lines().all(|line| line.len() <= 64));
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        let one = |tag| pem::encode(&Pem::new(tag, [1, 2, 3]));
        assert!(check(one(TAG).as_bytes()).is_ok());
        let mixed = one(TAG) + &one("PRIVATE KEY");
        for bundle in ["", "no PEM", mixed.as_str()] {
            let refused = check(bundle.as_bytes());
            assert!(matches!(refused, Err(Error::Certificates(_))), "{bundle}");
        }
        let why = check(mixed.as_bytes()).unwrap_err().to_string();
        assert!(why.ends_with("there is a PRIVATE KEY in it"), "{why}");
    }
}

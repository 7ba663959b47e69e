//! JSON with sorted keys. `oci-spec` keeps labels and ports in hash maps, whose order differs from
//! run to run.

use oci_spec::OciSpecError;
use serde::Serialize;

use crate::Error;

/// `document` in one line, the keys of every object in order.
pub(crate) fn sorted(document: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut value = serde_json::to_value(document).map_err(OciSpecError::from)?;
    // Needed where somebody else in the build turns on serde_json's `preserve_order`.
    value.sort_all_objects();
    Ok(serde_json::to_vec(&value).map_err(OciSpecError::from)?)
}

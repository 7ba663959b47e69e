//! Deleting objects: one request for many, and every key's own error in the answer.

use aws_sdk_s3::operation::delete_objects::DeleteObjectsOutput;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use reconciler::{Class, Fault};

const OPERATION: &str = "s3:DeleteObjects";

/// A request that is answered with failures alone. At most 1,000 objects (`DeleteObjects`).
pub(crate) fn of(objects: Vec<ObjectIdentifier>) -> Result<Delete, Fault> {
    let delete = Delete::builder().set_objects(Some(objects)).quiet(true);
    let delete = delete.build();
    delete.map_err(|e| Fault::new(Class::Refused, OPERATION, e.to_string()))
}

/// The first key that was refused, if one was.
pub(crate) fn complete(bucket: &str, answer: &DeleteObjectsOutput) -> Result<(), Fault> {
    let Some(error) = answer.errors().first() else {
        return Ok(());
    };
    let what = format!(
        "object {} of {bucket}: {}",
        error.key().unwrap_or_default(),
        error.message().unwrap_or_default()
    );
    let mut fault = Fault::new(Class::Refused, OPERATION, what);
    fault.code = error.code().map(ToOwned::to_owned);
    Err(fault)
}

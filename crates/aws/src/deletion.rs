//! Deleting objects: one request for many, and every key's own error in the answer.

use aws_sdk_s3::operation::delete_objects::DeleteObjectsOutput;
use aws_sdk_s3::types::{Delete, Error, ObjectIdentifier};
use reconciler::{Class, Fault};

use crate::classify::class_of;
use crate::hints::hint_for;

const OPERATION: &str = "s3:DeleteObjects";

/// A request that is answered with failures alone. At most 1,000 objects (`DeleteObjects`).
pub(crate) fn of(objects: Vec<ObjectIdentifier>) -> Result<Delete, Fault> {
    let delete = Delete::builder().set_objects(Some(objects)).quiet(true);
    let delete = delete.build();
    delete.map_err(|e| Fault::new(Class::Refused, OPERATION, e.to_string()))
}

/// The keys that were refused, if some were: each fails on its own inside an answer with HTTP 200
/// (`DeleteObjects`), and a passing failure (`InternalError`, `SlowDown`) is one to send again.
pub(crate) fn complete(bucket: &str, answer: &DeleteObjectsOutput) -> Result<(), Fault> {
    let class = |error: &Error| {
        let (code, message) = (error.code(), error.message());
        class_of(
            OPERATION,
            code.unwrap_or_default(),
            message.unwrap_or_default(),
            200,
        )
    };
    let errors = answer.errors();
    // One that does not pass decides: the others go the next time.
    let lasting = |error: &&Error| !matches!(class(error), Class::Throttled | Class::Ambiguous);
    let Some(error) = errors.iter().find(lasting).or(errors.first()) else {
        return Ok(());
    };
    let (code, message) = (
        error.code().unwrap_or_default(),
        error.message().unwrap_or_default(),
    );
    let others = match errors.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let key = error.key().unwrap_or_default();
    let what = format!("object {key} of {bucket}: {message}{others}");
    let mut fault = Fault::new(class(error), OPERATION, what);
    fault.hint = hint_for(OPERATION, code, message, fault.class);
    fault.code = Some(code.to_owned());
    Err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(codes: &[&str]) -> Option<Class> {
        let error = |code: &&str| Error::builder().key("k").code(*code).build();
        let errors = codes.iter().map(error).collect();
        let answer = DeleteObjectsOutput::builder().set_errors(Some(errors));
        complete("b", &answer.build())
            .err()
            .map(|fault| fault.class)
    }

    #[test]
    fn a_key_that_fails_inside_a_success_fails_as_a_call_would() {
        assert_eq!(answered(&[]), None);
        assert_eq!(answered(&["SlowDown"]), Some(Class::Throttled));
        assert_eq!(answered(&["InternalError"]), Some(Class::Ambiguous));
        assert_eq!(
            answered(&["InternalError", "AccessDenied"]),
            Some(Class::Denied)
        );
    }
}

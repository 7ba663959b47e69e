//! One call: its rate, its answer, its failure in our words.

use std::future::Future;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use reconciler::{Class, Fault};

use crate::classify::class_of;
use crate::denial;
use crate::hints::hint_for;
use crate::unreachable::{chain, hint};

/// Sends a request and says what its failure means. `operation` is `service:Operation` with the
/// service's IAM prefix.
pub(crate) async fn call<T, E>(
    operation: &'static str,
    sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<T, Fault>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match sent.await {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let mut fault = fault(operation, &error);
            if error.as_service_error().is_none() {
                fault.hint = Some(hint(&fault.message).await);
            }
            Err(fault)
        }
    }
}

/// The fault of a look that does not show what is there for certain, made or seen a moment ago: no work
/// can be derived from it.
pub(crate) fn unseen(operation: &'static str, what: &str) -> Fault {
    Fault::new(
        Class::NotVisible,
        operation,
        format!("{what} is not visible yet"),
    )
}

fn fault<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let Some(service) = error.as_service_error() else {
        let class = match error {
            SdkError::ConstructionFailure(_) => Class::Refused,
            // Time-outs, broken connections and unreadable answers: it may have been executed.
            _ => Class::Ambiguous,
        };
        return Fault::new(class, operation, chain(error));
    };
    let status = error.raw_response().map_or(0, |r| r.status().as_u16());
    let code = service.code().map(ToOwned::to_owned);
    let message = service.message().unwrap_or_default().to_owned();
    let class = class_of(
        operation,
        code.as_deref().unwrap_or_default(),
        &message,
        status,
    );
    Fault {
        class,
        operation: operation.to_owned(),
        hint: hint_for(
            operation,
            code.as_deref().unwrap_or_default(),
            &message,
            class,
        ),
        code,
        message: if message.is_empty() {
            format!("HTTP status {status}, no message")
        } else {
            denial::shortened(&message)
        },
        request_id: service.meta().request_id().map(ToOwned::to_owned),
    }
}

//! Ctrl-C and SIGTERM: the first stops dispatching and waits for calls in flight, the second leaves
//! at once. Both are safe: intents and identities are on disk before and after every call.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::exit::{Failure, INTERRUPTED};

/// A token that is cancelled by the first signal.
pub(crate) fn token() -> Result<CancellationToken, Failure> {
    let token = CancellationToken::new();
    let failed = |e: std::io::Error| Failure::new(format!("cannot listen for signals: {e}"));
    let mut int = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut term = signal(SignalKind::terminate()).map_err(failed)?;
    let first = token.clone();
    tokio::spawn(async move {
        for n in 0.. {
            tokio::select! {
                _ = int.recv() => {}
                _ = term.recv() => {}
            }
            if n > 0 {
                std::process::exit(INTERRUPTED.into());
            }
            first.cancel();
        }
    });
    Ok(token)
}

/// What `looking` yields, unless a signal comes first: for everything before the first change.
pub(crate) async fn unless<T>(
    cancel: &CancellationToken,
    looking: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Failure::interrupted()),
        found = looking => found,
    }
}

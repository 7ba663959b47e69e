//! Sending files: many at once, group after group, with a bar that knows bytes and the time left.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use aws::WebFiles;
use futures::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use site::Difference;
use tokio_util::sync::CancellationToken;

use crate::exit::Failure;

/// Requests at once: enough to hide S3's answer times, few enough for a slow line.
const AT_ONCE: usize = 16;

/// What arrived.
pub(super) struct Sent {
    pub files: usize,
    pub bytes: u64,
}

/// Sends what differs. Cancelled, it begins no further file and ends with those under way; a failure
/// leaves what comes after it unsent, the app's own page before all.
pub(super) async fn send(
    files: &WebFiles,
    found: &Difference,
    silent: bool,
    cancel: &CancellationToken,
) -> Result<Sent, Failure> {
    let bar = bar(found, silent);
    let (count, bytes) = (AtomicUsize::new(0), AtomicU64::new(0));
    for group in &found.send {
        let begun = stream::iter(group).take_until(cancel.cancelled());
        let sending = begun.map(|file| async {
            files.put(file, &|arrived| bar.inc(arrived)).await?;
            count.fetch_add(1, Ordering::Relaxed);
            bytes.fetch_add(file.size, Ordering::Relaxed);
            Ok::<(), Failure>(())
        });
        let ended = sending.buffer_unordered(AT_ONCE).try_collect::<()>().await;
        if let Err(failure) = ended {
            bar.finish_and_clear();
            let hint = "files that were sent stay; the same command goes on where this one stopped";
            return Err(match failure.hint {
                Some(_) => failure,
                None => failure.hint(hint),
            });
        }
        if cancel.is_cancelled() {
            break;
        }
    }
    bar.finish_and_clear();
    Ok(Sent {
        files: count.into_inner(),
        bytes: bytes.into_inner(),
    })
}

fn bar(found: &Difference, silent: bool) -> ProgressBar {
    if silent || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(found.files().map(|file| file.size).sum());
    let style =
        "{bar:30} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left";
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

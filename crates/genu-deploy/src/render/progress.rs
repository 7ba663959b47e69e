//! Progress: one live line a step on a terminal, plain lines without one, JSON lines for machines.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use owo_colors::OwoColorize;
use reconciler::{Action, Event, Id, Note};
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a plain log may stay silent while something is waited for.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Shows events until the last sender is gone; when `cancel` is, what is still waited for.
pub(crate) async fn progress(
    json: bool,
    quiet: bool,
    mut events: UnboundedReceiver<Event>,
    cancel: CancellationToken,
) {
    let mut view: Box<dyn View> = match () {
        () if json => Box::new(Json),
        () if quiet => Box::new(Quiet),
        () if std::io::stderr().is_terminal() => Box::new(Live::default()),
        () => Box::new(Plain::default()),
    };
    let mut beat = tokio::time::interval(HEARTBEAT);
    let mut running: BTreeMap<Id, String> = BTreeMap::new();
    let mut told = false;
    loop {
        tokio::select! {
            biased;
            event = events.recv() => match event {
                Some(event) => {
                    keep(&mut running, &event);
                    view.event(&event);
                }
                None => break,
            },
            () = cancel.cancelled(), if !told => {
                told = true;
                interrupted(&running);
            }
            _ = beat.tick() => view.beat(),
        }
    }
}

/// What is under way, with the last that was heard of it.
fn keep(running: &mut BTreeMap<Id, String>, event: &Event) {
    match &event.note {
        Note::Started => {
            running.insert(event.id.clone(), verb(event.action).to_owned());
        }
        Note::Progress(message) => {
            if let Some(what) = running.get_mut(&event.id) {
                what.clone_from(message);
            }
        }
        _ => {
            running.remove(&event.id);
        }
    }
}

/// Said at once, whatever the view.
fn interrupted(running: &BTreeMap<Id, String>) {
    anstream::eprintln!(
        "interrupted: nothing new is started, waiting for calls in flight; once more leaves at once (also safe)"
    );
    for (id, what) in running {
        anstream::eprintln!("  {id}: {what}");
    }
}

trait View: Send {
    fn event(&mut self, event: &Event);
    fn beat(&mut self) {}
}

/// Failures alone.
struct Quiet;

impl View for Quiet {
    fn event(&mut self, event: &Event) {
        if let Note::Failed(fault) = &event.note {
            anstream::eprintln!("{} {}: {fault}", "✗".red(), event.id);
        }
    }
}

/// One JSON object a line on stdout.
struct Json;

impl View for Json {
    fn event(&mut self, event: &Event) {
        let name = match &event.note {
            Note::Started => "started",
            Note::Progress(_) => "progress",
            Note::Done => "done",
            Note::Failed(_) => "failed",
            Note::Blocked { .. } => "blocked",
            Note::Interrupted => "interrupted",
        };
        let mut line = json!({
            "event": name,
            "id": event.id,
            "kind": event.kind,
            "action": event.action,
            "elapsed_ms": u64::try_from(event.elapsed.as_millis()).unwrap_or(u64::MAX),
        });
        match &event.note {
            Note::Progress(message) => line["message"] = json!(message),
            Note::Blocked { by } => line["by"] = json!(by),
            Note::Failed(fault) => {
                line["error"] = json!({
                    "operation": fault.operation,
                    "code": fault.code,
                    "message": fault.message,
                    "request_id": fault.request_id,
                    "hint": fault.hint,
                });
            }
            _ => {}
        }
        anstream::println!("{line}");
    }
}

/// A line when something ends, and a heartbeat while something is waited for.
#[derive(Default)]
struct Plain {
    waiting: BTreeMap<Id, (Instant, String)>,
}

impl View for Plain {
    fn event(&mut self, event: &Event) {
        match &event.note {
            Note::Started => {
                let what = verb(event.action).to_owned();
                self.waiting
                    .insert(event.id.clone(), (Instant::now(), what));
            }
            Note::Progress(message) => {
                if let Some((_, what)) = self.waiting.get_mut(&event.id) {
                    what.clone_from(message);
                }
            }
            _ => {
                let since = self
                    .waiting
                    .remove(&event.id)
                    .map(|(since, _)| since.elapsed());
                if let Some(line) = ended(event, since) {
                    anstream::eprintln!("{line}");
                }
            }
        }
    }

    fn beat(&mut self) {
        for (id, (since, what)) in &self.waiting {
            if since.elapsed() >= HEARTBEAT {
                anstream::eprintln!("… {id}: {what} ({} s)", since.elapsed().as_secs());
            }
        }
    }
}

/// A spinner a step in progress; ended steps scroll away above.
#[derive(Default)]
struct Live {
    bars: MultiProgress,
    running: BTreeMap<Id, (Instant, ProgressBar)>,
}

impl View for Live {
    fn event(&mut self, event: &Event) {
        match &event.note {
            Note::Started => {
                let bar = self.bars.add(ProgressBar::new_spinner());
                if let Ok(style) =
                    ProgressStyle::with_template("{spinner} {prefix} {elapsed:>4} {wide_msg:.dim}")
                {
                    bar.set_style(style);
                }
                bar.set_prefix(format!("{:<28}", event.id));
                bar.set_message(verb(event.action));
                bar.enable_steady_tick(Duration::from_millis(120));
                self.running.insert(event.id.clone(), (Instant::now(), bar));
            }
            Note::Progress(message) => {
                if let Some((_, bar)) = self.running.get(&event.id) {
                    bar.set_message(message.clone());
                }
            }
            _ => {
                let since = self.running.remove(&event.id).map(|(since, bar)| {
                    bar.finish_and_clear();
                    since.elapsed()
                });
                if let Some(line) = ended(event, since) {
                    let _ = self.bars.println(line);
                }
            }
        }
    }
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::Create => "creating",
        Action::Adopt => "adopting",
        Action::Update => "updating",
        Action::Replace => "replacing",
        Action::Delete => "deleting",
        Action::None => "waiting for it",
        Action::Blocked => "blocked",
    }
}

fn ended(event: &Event, since: Option<Duration>) -> Option<String> {
    let id = &event.id;
    let took = since.map_or(String::new(), |since| {
        format!(" ({:.1} s)", since.as_secs_f64())
    });
    Some(match &event.note {
        Note::Done => {
            let what = match event.action {
                Action::Create => "created",
                Action::Adopt => "adopted",
                Action::Update => "updated",
                Action::Replace => "replaced",
                Action::Delete => "deleted",
                Action::None | Action::Blocked => "ready",
            };
            format!("{} {id} {what}{took}", "✓".green())
        }
        Note::Failed(fault) => {
            let hint = fault
                .hint
                .as_ref()
                .map_or(String::new(), |h| format!("\n  hint: {h}"));
            format!("{} {id} failed{took}: {fault}{hint}", "✗".red())
        }
        Note::Blocked { by } => format!("{} {id} not started: {by} failed", "-".yellow()),
        Note::Interrupted => format!("{} {id} left at a safe point{took}", "-".yellow()),
        Note::Started | Note::Progress(_) => return None,
    })
}

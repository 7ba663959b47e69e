//! `web push`: makes the bucket what a build wrote.

use std::path::Path;
use std::sync::Arc;

use aws::{WebFiles, WebObject};
use serde_json::json;
use site::{Difference, Site};
use state::{State, Store};
use tokio_util::sync::CancellationToken;

use super::{Place, size, transfer};
use crate::cli::{Cli, WebPushArgs};
use crate::commands::recorded::outputs_of;
use crate::exit::{DONE, Failure, INTERRUPTED};
use crate::{generation, interrupt, render, session};

pub(super) async fn push(cli: &Cli, args: &WebPushArgs) -> Result<u8, Failure> {
    let cancel = interrupt::token()?;
    let site = read(&args.dir).await?;
    let (backend, name) = session::on_record(cli, args.env.as_deref()).await?;
    let reader = backend.reader(&name);
    if args.dry_run {
        let state = reader.load().await?;
        let place = Place::of(cli, &name, &state, &reader.place()).await?;
        let found = compared(args, &site, &place.files(None)).await?;
        told(cli, &name, &place, &site, &found);
        render::notes(cli, &fits(&site, &state).await?);
        result(cli, args, &place, &found, &Done::default());
        return Ok(DONE);
    }
    let home = backend.home(&name);
    // Two that push at once would leave a mixture, and a destroy in the middle a bucket.
    let (store, state) = session::lock_existing(cli, &home, "web push", &cancel).await?;
    let ended = async {
        render::notes(cli, &fits(&site, &state).await?);
        let at = home.place();
        let place = Place::of(cli, &name, &state, &at);
        let place = interrupt::unless(&cancel, place).await?;
        pushed(cli, args, &site, &name, &place, &store, &cancel).await
    };
    let ended = ended.await;
    session::release(&store).await;
    ended
}

/// What came of it.
#[derive(Default)]
struct Done {
    files: usize,
    bytes: u64,
    deleted: usize,
    interrupted: bool,
}

async fn pushed(
    cli: &Cli,
    args: &WebPushArgs,
    site: &Site,
    name: &str,
    place: &Place,
    store: &Arc<dyn Store>,
    cancel: &CancellationToken,
) -> Result<u8, Failure> {
    let files = place.files(Some(store));
    let looking = compared(args, site, &files);
    let found = interrupt::unless(cancel, looking).await?;
    told(cli, name, place, site, &found);
    let doomed = if args.delete { found.surplus.len() } else { 0 };
    if doomed > 0 {
        let question = format!(
            "{doomed} objects of {} that are not in {} would be deleted. Type the environment's name to go on:",
            place.bucket,
            args.dir.display()
        );
        session::agreed(args.yes, &question, name, cancel).await?;
    }
    let sent = transfer::send(&files, &found, cli.quiet || cli.json, cancel).await?;
    let mut done = Done {
        files: sent.files,
        bytes: sent.bytes,
        deleted: 0,
        interrupted: cancel.is_cancelled() && sent.files < found.files().count(),
    };
    // What is gone goes last: pages of before, still open somewhere, load it until then.
    if doomed > 0 && !done.interrupted {
        files.delete(&found.surplus).await?;
        done.deleted = doomed;
    }
    let code = if done.interrupted { INTERRUPTED } else { DONE };
    result(cli, args, place, &found, &done);
    Ok(code)
}

/// The folder, read on a thread of its own.
async fn read(dir: &Path) -> Result<Site, Failure> {
    let dir = dir.to_owned();
    let reading = tokio::task::spawn_blocking(move || Site::read(&dir));
    let read = reading.await;
    let read = read.map_err(|e| Failure::new(format!("reading the folder ended: {e}")))?;
    read.map_err(|e| {
        Failure::invalid(e.to_string())
            .hint("name the folder that the build wrote, such as packages/web/dist")
    })
}

/// Whether the app can sign in on this network; what it says where it cannot.
async fn fits(site: &Site, state: &State) -> Result<Vec<String>, Failure> {
    let (site, state) = (site.clone(), state.clone());
    let outputs = outputs_of(&state);
    let looking =
        tokio::task::spawn_blocking(move || generation::app_note(&site, &state, &outputs));
    let note = looking.await;
    let note = note.map_err(|e| Failure::new(format!("looking at the app ended: {e}")))?;
    Ok(note.into_iter().collect())
}

async fn compared(
    args: &WebPushArgs,
    site: &Site,
    files: &WebFiles,
) -> Result<Difference, Failure> {
    let objects = files.list().await?;
    let stored: Vec<_> = objects
        .into_iter()
        .map(|WebObject { stored, .. }| stored)
        .collect();
    let (site, everything) = (site.clone(), args.force);
    let comparing =
        tokio::task::spawn_blocking(move || site::difference(&site, &stored, everything));
    let compared = comparing.await;
    let compared = compared.map_err(|e| Failure::new(format!("comparing ended: {e}")))?;
    compared.map_err(|(file, e)| Failure::new(format!("cannot read {}: {e}", file.path.display())))
}

/// Where to and how much, before anything is sent.
fn told(cli: &Cli, name: &str, place: &Place, site: &Site, found: &Difference) {
    if cli.quiet || cli.json {
        return;
    }
    let Place { connection, bucket } = place;
    let (account, region) = (&connection.account, &connection.region);
    anstream::eprintln!("{name}: {bucket} in account {account}, region {region}");
    let send: u64 = found.files().map(|file| file.size).sum();
    anstream::eprintln!(
        "{} files, {}: {} to send ({}), {} unchanged, {} in the bucket alone",
        site.files.len(),
        size(site.size()),
        found.files().count(),
        size(send),
        found.unchanged,
        found.surplus.len()
    );
}

fn result(cli: &Cli, args: &WebPushArgs, place: &Place, found: &Difference, done: &Done) {
    let send: Vec<&str> = found.files().map(|file| file.key.as_str()).collect();
    let surplus = &found.surplus;
    if cli.json {
        let summary = json!({
            "format": "genu-deploy/web-push/1",
            "bucket": place.bucket,
            "dry_run": args.dry_run,
            "send": send,
            "unchanged": found.unchanged,
            "surplus": surplus,
            "sent": done.files,
            "sent_bytes": done.bytes,
            "deleted": done.deleted,
            "interrupted": done.interrupted,
        });
        anstream::println!("{summary}");
        return;
    }
    if args.dry_run {
        for key in send {
            anstream::println!("send {key}");
        }
        for key in surplus.iter().filter(|_| args.delete) {
            anstream::println!("delete {key}");
        }
        return;
    }
    if done.interrupted {
        anstream::eprintln!(
            "interrupted: {} of {} files sent; the same command goes on",
            done.files,
            send.len()
        );
    } else if !cli.quiet {
        let (sent, bytes) = (done.files, size(done.bytes));
        anstream::eprintln!("{sent} files sent ({bytes}), {} deleted", done.deleted);
        if done.deleted < surplus.len() {
            anstream::eprintln!(
                "{} objects are in the bucket alone; --delete removes them",
                surplus.len()
            );
        }
    }
}

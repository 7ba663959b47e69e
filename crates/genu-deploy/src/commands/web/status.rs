//! `web status`: what is deployed: the app's files, and the server's image.

use aws::WebObject;
use jiff::Timestamp;
use serde_json::json;

use super::{Place, size};
use crate::cli::Cli;
use crate::exit::{DONE, Failure};
use crate::session;

pub(super) async fn status(cli: &Cli, env: Option<&str>) -> Result<u8, Failure> {
    let (backend, name) = session::on_record(cli, env).await?;
    let reader = backend.reader(&name);
    let state = reader.load().await?;
    let place = Place::of(cli, &name, &state, &reader.place()).await?;
    let objects = place.files(None).list().await?;
    let bytes: u64 = objects.iter().map(|object| object.stored.size).sum();
    let index = objects
        .iter()
        .find(|object| object.stored.key == site::INDEX);
    let changed = objects.iter().map(at).max();
    let image = state.records.get(blueprint::ids::IMAGE);
    let image = image.and_then(|record| Some((record.out["digest"].as_str()?, record.at)));
    if cli.json {
        let status = json!({
            "format": "genu-deploy/web-status/1",
            "env": name,
            "bucket": place.bucket,
            "files": objects.len(),
            "bytes": bytes,
            "last_change": changed,
            "index": index.map(|index| json!({ "etag": index.stored.etag, "at": at(index) })),
            "image": image.map(|(digest, at)| json!({ "digest": digest, "at": at })),
        });
        anstream::println!("{status}");
        return Ok(DONE);
    }
    anstream::println!("{name}: {}", place.bucket);
    match (index, changed) {
        (Some(index), Some(changed)) => {
            anstream::println!(
                "  app     {} files, {}, last changed {changed}",
                objects.len(),
                size(bytes)
            );
            anstream::println!(
                "  page    {} of {}, tag {}",
                site::INDEX,
                at(index),
                index.stored.etag
            );
        }
        _ => anstream::println!(
            "  app     none: {} files and no {}; `web push DIR` brings one",
            objects.len(),
            site::INDEX
        ),
    }
    match image {
        Some((digest, at)) => anstream::println!("  server  {digest}, pushed {at:.0}"),
        None => anstream::println!("  server  an image of your own (closedNetworkWebImage)"),
    }
    Ok(DONE)
}

fn at(object: &WebObject) -> Timestamp {
    Timestamp::from_second(object.modified).unwrap_or_default()
}

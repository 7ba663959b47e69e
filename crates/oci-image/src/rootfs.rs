//! The files of the image, in two layers: what hardly ever changes below, the server on top, so
//! that a new server sends only itself.
//!
//! Everything belongs to root and nothing can be written by the server, so that a task may have
//! `readonlyRootFilesystem`. There is no shell, no library and no `/tmp`.

use crate::layer::{Entry, Layer};
use crate::{Error, Recipe};

/// Where OpenSSL, rustls-native-certs and Go look on Debian.
pub(crate) const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Both layers, the lower one first.
pub(crate) fn layers(recipe: &Recipe) -> Result<Vec<Layer>, Error> {
    Ok(vec![base(recipe)?, server(recipe)?])
}

fn base(recipe: &Recipe) -> Result<Layer, Error> {
    let Recipe { name, user, .. } = recipe;
    let group = format!("{name}:x:{user}:\n");
    let passwd = format!("{name}:x:{user}:{user}:{name}:/:/sbin/nologin\n");
    let certificates = CERTIFICATES.trim_start_matches('/');
    let entries = [
        Entry::directory("etc/"),
        Entry::file("etc/group", 0o444, group.as_bytes()),
        Entry::file("etc/passwd", 0o444, passwd.as_bytes()),
        Entry::directory("etc/ssl/"),
        Entry::directory("etc/ssl/certs/"),
        Entry::file(certificates, 0o444, &recipe.certificates),
    ];
    Layer::new(&entries, "CA certificates and the server's account".into())
}

fn server(recipe: &Recipe) -> Result<Layer, Error> {
    let Recipe { name, version, .. } = recipe;
    let entries = [Entry::file(name, 0o555, &recipe.binary)];
    Layer::new(&entries, format!("{name} {version}"))
}

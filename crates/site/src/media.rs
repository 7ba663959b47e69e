//! Media types by a file's name.

use mime_guess::MimeGuess;

/// The type that a file's extension stands for, without a charset.
#[must_use]
pub fn guess(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    // A source map, which the table takes for nothing.
    if extension.eq_ignore_ascii_case("map") {
        return Some("application/json");
    }
    MimeGuess::from_ext(extension).first_raw()
}

/// The `Content-Type` of the object `key`; text is UTF-8.
#[must_use]
pub fn media_type(key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or(key);
    match guess(name) {
        Some(text) if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        Some(other) => other.to_owned(),
        None => "application/octet-stream".to_owned(),
    }
}

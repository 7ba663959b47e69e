//! A configuration's file as text: a regular file of a sensible size, in UTF-8.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::Error;
use crate::document::whole;
use crate::lines::Lines;

/// Bytes that a configuration may have. GenU's own files have about 4 KB.
pub(crate) const MAX_BYTES: u64 = 1 << 20;

/// Reads the file, without the mark that editors on Windows put at its beginning (CDK does not see
/// it either).
///
/// # Errors
/// It is not there, is no regular file, is too large, or is not UTF-8.
pub(crate) fn read(file: &Path) -> Result<String, Error> {
    let wrong = |message: String| whole(file, None, message);
    let unreadable = |e: std::io::Error| {
        wrong(match e.kind() {
            ErrorKind::NotFound => "there is no such file; name one with --config or GENU_CONFIG, or copy config/genu.toml of the source".into(),
            _ => format!("cannot be read: {e}"),
        })
    };
    // Before it is opened: opening a pipe waits for somebody who writes.
    let found = std::fs::metadata(file).map_err(unreadable)?;
    if !found.is_file() {
        return Err(wrong(
            "is no regular file; name a file with --config".into(),
        ));
    }
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(unreadable)?;
    let read = opened.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    if read.map_err(unreadable)? as u64 > MAX_BYTES {
        return Err(wrong(format!(
            "has more than {} KB, which no configuration needs; is it the right file?",
            MAX_BYTES / 1024
        )));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(wrong("is in UTF-16; save it as UTF-8".into()));
    }
    let text = String::from_utf8(bytes).map_err(|e| {
        let valid = e.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&e.as_bytes()[..valid]).into_owned();
        let message = "is not in UTF-8 from here on, perhaps in Shift_JIS; save it as UTF-8";
        whole(file, Some(Lines::of(&before).place(valid)), message)
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cdk.json");
        std::fs::write(&file, bytes).unwrap();
        read(&file).map_err(|e| e.to_string())
    }

    #[test]
    fn marks_are_taken_off_and_other_encodings_named() {
        assert_eq!(written("\u{feff}{}".as_bytes()).unwrap(), "{}");
        // "// 閉域" in Shift_JIS, on the second line.
        let refused = written(b"{\n// \x95\xc2\x88\xe6\n}").unwrap_err();
        assert!(
            refused.contains("cdk.json:2:4: ") && refused.contains("Shift_JIS"),
            "{refused}"
        );
        assert!(refused.contains("save it as UTF-8"), "{refused}");
        let refused = written(b"\xff\xfe{\x00}\x00").unwrap_err();
        assert!(refused.contains("UTF-16; save it as UTF-8"), "{refused}");
    }

    #[test]
    fn what_is_no_file_or_too_large_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = read(folder.path()).unwrap_err().to_string();
        assert!(refused.contains("is no regular file"), "{refused}");
        #[cfg(unix)]
        {
            let refused = read(Path::new("/dev/zero")).unwrap_err().to_string();
            assert!(refused.contains("is no regular file"), "{refused}");
        }
        let refused = written(&vec![b' '; (1 << 20) + 1]).unwrap_err();
        assert!(refused.contains("more than 1024 KB"), "{refused}");
        assert!(written(&vec![b' '; 1 << 20]).is_ok());
    }
}

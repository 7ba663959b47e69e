//! `image build`: the web server's image as a file.

use std::io::{BufWriter, Write};
use std::path::Path;

use oci_image::Image;
use serde_json::json;

use crate::cli::{Cli, ImageCommand};
use crate::exit::{DONE, Failure};
use crate::web_image;

pub(crate) async fn image(cli: &Cli, command: &ImageCommand) -> Result<u8, Failure> {
    let ImageCommand::Build { out } = command;
    let binary = web_image::place(cli.web_binary.as_deref())?;
    let image = web_image::pack(&binary).await?;
    if let Some(file) = out {
        write(&image, file)?;
    }
    if cli.json {
        let described = json!({
            "format": "genu-deploy/image/1",
            "digest": image.digest(),
            "architecture": image.architecture.to_string(),
            "version": image.version,
            "bytes": image.compressed_size(),
            "binary": binary,
            "file": out,
        });
        anstream::println!("{described}");
        return Ok(DONE);
    }
    anstream::println!("{}", image.digest());
    if !cli.quiet {
        anstream::eprintln!(
            "{} for {}, {:.1} MB compressed, from {}",
            image.version,
            image.architecture,
            megabytes(image.compressed_size()),
            binary.display()
        );
        if let Some(file) = out {
            anstream::eprintln!("written to {}", file.display());
        }
    }
    Ok(DONE)
}

/// Beside its place first: whoever looks there sees a whole archive or the one of before.
fn write(image: &Image, file: &Path) -> Result<(), Failure> {
    let failed = |e: &dyn std::fmt::Display| {
        Failure::new(format!("cannot write the image to {}: {e}", file.display()))
    };
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let temporary = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
    let mut temporary = temporary.map_err(|e| failed(&e))?;
    let mut buffered = BufWriter::new(&mut temporary);
    image.write_archive(&mut buffered).map_err(|e| failed(&e))?;
    buffered.flush().map_err(|e| failed(&e))?;
    drop(buffered);
    temporary.persist(file).map_err(|e| failed(&e))?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "it is shown with one digit")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

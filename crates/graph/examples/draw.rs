//! Writes the example graphs in every form: `cargo run --example draw -- FOLDER`.

mod graphs;

use std::path::Path;
use std::{env, fs, io};

use graph::{Format, render};

fn main() -> io::Result<()> {
    let folder = env::args().nth(1).unwrap_or_else(|| ".".into());
    let graphs = [
        ("deployment", graphs::deployment(false)),
        ("live", graphs::deployment(true)),
        ("reachability", graphs::reachability()),
    ];
    let formats = [
        (Format::Mermaid, "mmd"),
        (Format::Dot, "dot"),
        (Format::Svg, "svg"),
        (Format::Html, "html"),
    ];
    for (name, graph) in &graphs {
        for (format, suffix) in formats {
            let path = Path::new(&folder).join(format!("{name}.{suffix}"));
            fs::write(path, render(graph, format))?;
        }
    }
    Ok(())
}

//! The text exposition format 0.0.4, gauges only. A series is there once: the textfile collector
//! refuses a file with one twice, and all that is in it.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

/// One metric with its series; without any it is not written.
pub(super) struct Gauge {
    name: &'static str,
    help: &'static str,
    samples: BTreeMap<String, String>,
}

impl Gauge {
    /// `help` is one line without backslashes.
    pub(super) fn new(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            samples: BTreeMap::new(),
        }
    }

    /// A series and its value; said again, the later value counts.
    pub(super) fn set(&mut self, labels: &[(&str, &str)], value: impl Display) {
        let labels = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)));
        let labels: Vec<String> = labels.collect();
        self.samples.insert(labels.join(","), value.to_string());
    }
}

impl Display for Gauge {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            help,
            samples,
        } = self;
        if samples.is_empty() {
            return Ok(());
        }
        writeln!(f, "# HELP {name} {help}")?;
        writeln!(f, "# TYPE {name} gauge")?;
        for (labels, value) in samples {
            writeln!(f, "{name}{{{labels}}} {value}")?;
        }
        Ok(())
    }
}

fn escaped(value: &str) -> String {
    // The backslash first, or those of the others would be escaped again.
    value
        .replace('\\', r"\\")
        .replace('"', "\\\"")
        .replace('\n', r"\n")
}

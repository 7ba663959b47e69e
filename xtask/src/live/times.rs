//! Steps with the time each took: said as they go, and once more as a table.

use std::time::{Duration, Instant};

use crate::Done;

/// What has been done so far.
#[derive(Default)]
pub(crate) struct Times {
    rows: Vec<(&'static str, Duration, bool)>,
}

impl Times {
    /// Does one step; whether it went well.
    pub(crate) fn step(&mut self, name: &'static str, run: impl FnOnce() -> Done) -> bool {
        println!("\n=== {name}");
        let started = Instant::now();
        let ended = run();
        let took = started.elapsed();
        match &ended {
            Ok(()) => println!("=== {name}: {:.1} s", took.as_secs_f64()),
            Err(error) => eprintln!(
                "=== {name} failed after {:.1} s: {error}",
                took.as_secs_f64()
            ),
        }
        self.rows.push((name, took, ended.is_ok()));
        ended.is_ok()
    }

    /// A line a step, then all of them together.
    pub(crate) fn table(&self) -> String {
        let all = self.rows.iter().map(|(_, took, _)| *took).sum();
        let row = |name: &str, took: Duration, well: bool| {
            let failed = if well { "" } else { "  failed" };
            format!("{:<44}{:>9.1} s{failed}\n", name, took.as_secs_f64())
        };
        let mut table = String::from("\n");
        for (name, took, well) in &self.rows {
            table.push_str(&row(name, *took, *well));
        }
        table + &row("together", all, true)
    }
}

#[cfg(test)]
mod tests {
    use super::Times;

    #[test]
    fn what_failed_is_in_the_table() {
        let mut times = Times::default();
        assert!(times.step("one", || Ok(())));
        assert!(!times.step("two", || Err("no".into())));
        let table = times.table();
        let failed: Vec<&str> = table.lines().filter(|l| l.ends_with("failed")).collect();
        assert!(failed.len() == 1 && failed[0].starts_with("two"), "{table}");
        assert_eq!(table.lines().count(), 4);
    }
}

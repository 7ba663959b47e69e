//! The whole crash matrix: prints survived/tried, goes on where an earlier run of the same binary
//! left off, works on as many emulators at once as there are cores.
//!
//! usage: `crash_matrix REPORT [POINT-PREFIX]`; `cargo xtask crash-matrix` starts it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use journeys::crash::{Ground, Point, Shape};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        eprintln!("usage: crash_matrix REPORT [POINT-PREFIX]");
        return ExitCode::FAILURE;
    };
    let only = arguments.next().unwrap_or_default();
    match run(&path, &only) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every entry survived.
fn run(path: &str, only: &str) -> std::io::Result<bool> {
    let known = known(&std::fs::read_to_string(path).unwrap_or_default());
    let report = Mutex::new(OpenOptions::new().create(true).append(true).open(path)?);
    let grounds = [Shape::Default, Shape::Imported].map(Ground::prepare);
    let points: Vec<(&Ground, Point)> = grounds
        .iter()
        .flat_map(|ground| {
            ground
                .points()
                .into_iter()
                .map(move |point| (ground, point))
        })
        .filter(|(_, point)| point.to_string().starts_with(only))
        .collect();
    let survived = AtomicUsize::new(0);
    let tried = AtomicUsize::new(0);
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    println!("{} entries, {} of them known", points.len(), known.len());
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some((ground, point)) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let started = Instant::now();
                    let fine = known.get(&point.to_string()) == Some(&true)
                        || tell(&report, point, &ground.survives(point), started);
                    survived.fetch_add(usize::from(fine), Ordering::Relaxed);
                    let tried = tried.fetch_add(1, Ordering::Relaxed) + 1;
                    if tried.is_multiple_of(50) {
                        println!("{tried} of {}", points.len());
                    }
                }
            });
        }
    });
    let (survived, tried) = (survived.into_inner(), tried.into_inner());
    println!("survived {survived} of {tried}");
    Ok(survived == tried)
}

/// What an earlier run found out, by entry.
fn known(report: &str) -> BTreeMap<String, bool> {
    let lines = report.lines().filter_map(|line| line.split_once(' '));
    lines
        .map(|(word, rest)| {
            let point = rest.split(": ").next().unwrap_or(rest);
            (point.to_owned(), word == "survived")
        })
        .collect()
}

fn tell(
    report: &Mutex<File>,
    point: &Point,
    result: &Result<(), String>,
    started: Instant,
) -> bool {
    let took = started.elapsed().as_secs_f64();
    let line = match result {
        Ok(()) => format!("survived {point}: {took:.1} s"),
        Err(why) => {
            println!("died {point}: {why}");
            format!("died {point}: {}", why.replace('\n', " / "))
        }
    };
    // A report that cannot be written is a report that is not resumed; the count stands.
    let _ = report.lock().map(|mut report| writeln!(report, "{line}"));
    result.is_ok()
}

//! A seeded sample of the crash matrix; `cargo xtask crash-matrix` tries all of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use journeys::crash::{Ground, Shape};
use journeys::needs;

const SAMPLE: usize = 40;

#[test]
fn a_sample_of_the_crash_matrix_survives() {
    needs!(Fork);
    let seed = std::env::var("GENU_CRASH_SEED").map_or(4, |seed| seed.parse().unwrap());
    let grounds = [Shape::Default, Shape::Imported].map(Ground::prepare);
    let mut points: Vec<_> = grounds
        .iter()
        .flat_map(|ground| {
            ground
                .points()
                .into_iter()
                .map(move |point| (ground, point))
        })
        .collect();
    assert!(points.len() > 500, "{} entries", points.len());
    fastrand::Rng::with_seed(seed).shuffle(&mut points);
    points.truncate(SAMPLE);
    let next = AtomicUsize::new(0);
    let died: Vec<String> = std::thread::scope(|scope| {
        let worker = || {
            let mut died = Vec::new();
            while let Some((ground, point)) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(why) = ground.survives(point) {
                    died.push(format!("{point}: {why}"));
                }
            }
            died
        };
        let workers = [(); 2].map(|()| scope.spawn(worker));
        workers
            .into_iter()
            .flat_map(|w| w.join().unwrap())
            .collect()
    });
    assert_eq!(died, Vec::<String>::new(), "seed {seed}");
}

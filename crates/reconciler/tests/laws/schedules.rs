//! A thousand schedules of faults, each by its seed: mishaps of calls, deaths of the process, and
//! signals, at widths 1, 2, 8. Whatever happens, plain runs afterwards make everything right.

use std::time::Duration;

use fastrand::Rng;
use tokio_util::sync::CancellationToken;

use crate::fake::{Deployment, Goal, network};
use crate::{WIDTHS, recovered, settle};

const SCHEDULES: u64 = 1_000;

/// A run in foul weather, which may die or be interrupted on its way; whether it arrived.
async fn foul(deployment: &Deployment, dice: &mut Rng, goal: Goal, width: usize) -> bool {
    let world = &deployment.world;
    *world.weather.lock().unwrap() = Some(dice.fork());
    *world.crash_at.lock().unwrap() = dice.bool().then(|| world.boundaries() + dice.usize(1..120));
    let cancel = CancellationToken::new();
    if dice.u8(0..4) == 0 {
        let (signal, after) = (cancel.clone(), dice.u64(0..40));
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(after)).await;
            signal.cancel();
        });
    }
    // Failed, interrupted or dead: what it left behind is what the next run has to do with.
    let outcome = deployment
        .run_cancellable(&network(3), goal, width, cancel)
        .await;
    *world.weather.lock().unwrap() = None;
    *world.crash_at.lock().unwrap() = None;
    if dice.bool() {
        settle().await;
    }
    outcome.is_some_and(|outcome| outcome.is_complete())
}

/// How many of its foul runs did not arrive.
async fn schedule(seed: u64) -> usize {
    let mut stranded = 0;
    let mut dice = Rng::with_seed(seed);
    let deployment = Deployment::new();
    let width = WIDTHS[dice.usize(0..WIDTHS.len())];
    for _ in 0..dice.u8(1..4) {
        stranded += usize::from(!foul(&deployment, &mut dice, Goal::Apply, width).await);
    }
    recovered(&deployment, Goal::Apply, width).await;
    for _ in 0..dice.u8(0..3) {
        stranded += usize::from(!foul(&deployment, &mut dice, Goal::Destroy, width).await);
    }
    recovered(&deployment, Goal::Destroy, width).await;
    stranded
}

#[tokio::test(start_paused = true)]
async fn a_thousand_schedules_of_faults_all_end_well() {
    let started = std::time::Instant::now();
    let mut stranded = 0;
    for seed in 0..SCHEDULES {
        let ended = tokio::spawn(schedule(seed)).await;
        stranded += ended.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    assert!(stranded > 700, "the weather was too fair: {stranded}");
    let took = started.elapsed();
    assert!(took < Duration::from_mins(1), "{took:?}");
}

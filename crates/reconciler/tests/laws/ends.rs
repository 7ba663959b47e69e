//! Laws of what ends: while it is waited for, between two looks, and while its name is still taken.

use std::time::Duration;

use reconciler::{Action, Desired, Tags};
use tokio::time::Instant;

use crate::fake::{DEATH, Deployment, FakeCloud, Goal, HELP, Service, network};
use crate::{WIDTHS, applied, settle};

/// One service beside a base.
fn served() -> Desired<FakeCloud> {
    let mut desired = Desired::default();
    let tags = || Tags::from([("Name".to_owned(), "x".to_owned())]);
    desired.add("a/base", (), crate::fake::Base { size: 3 }, tags());
    let name = "web".to_owned();
    desired.add("a/service", (), Service { name, size: 3 }, tags());
    desired
}

async fn serving(width: usize) -> Deployment {
    let deployment = Deployment::new();
    let outcome = deployment.run(&served(), Goal::Apply, width).await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    settle().await;
    deployment
}

/// What is not visible yet is waited for; what was seen and has ended is not, and says why.
#[tokio::test(start_paused = true)]
async fn what_ends_while_it_is_waited_for_fails_soon_and_with_the_reason() {
    for doomed in ["a/base", "a/join", "b/second"] {
        let deployment = Deployment::new();
        deployment.world.doom(Some(doomed));
        let started = Instant::now();
        let outcome = deployment.run(&network(3), Goal::Apply, 8).await.unwrap();
        let took = started.elapsed();
        assert!(took < Duration::from_mins(1), "{doomed}: {took:?}");
        let [(id, fault)] = &outcome.failed[..] else {
            panic!("{outcome:?}");
        };
        assert_eq!(id.as_str(), doomed);
        assert_eq!(fault.message, DEATH);
        assert_eq!(fault.hint.as_deref(), Some(HELP));
        // The cause is mended: the same again makes it anew.
        deployment.world.doom(None);
        settle().await;
        let outcome = deployment.run(&network(3), Goal::Apply, 8).await.unwrap();
        assert!(outcome.is_complete(), "{outcome:?}");
        settle().await;
        deployment.assert_right(&network(3)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_deletes_while_it_is_waited_for_is_not_waited_for_to_the_end() {
    let deployment = Deployment::new();
    let (world, started) = (std::sync::Arc::clone(&deployment.world), Instant::now());
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(4)).await;
        world.by_hand(|things| things.retain(|_, t| t.tags["genu-deploy:id"] != "a/base"));
    });
    let outcome = deployment.run(&network(3), Goal::Apply, 8).await.unwrap();
    assert!(started.elapsed() < Duration::from_mins(1));
    let failed: Vec<_> = outcome.failed.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(failed, ["a/base"]);
    let why = &outcome.failed[0].1.message;
    assert!(why.contains("somebody has deleted it"), "{why}");
}

/// Whatever goes between a list and the question for its details is not there at the next list.
#[tokio::test(start_paused = true)]
async fn what_vanishes_between_a_list_and_its_details_is_no_failure() {
    let deployment = applied(2).await;
    *deployment.world.vanishing.lock().unwrap() = 4;
    let (plan, _) = deployment.look(&network(3), Goal::Apply).await;
    assert!(plan.is_empty(), "{plan:?}");
    assert_eq!(*deployment.world.vanishing.lock().unwrap(), 0);
}

/// Killed anywhere in a destroy, both goals are reached by a plain run at once: what is still going
/// is waited for, neither forgotten nor made beside it.
#[tokio::test(start_paused = true)]
async fn what_is_still_going_is_waited_for_by_the_next_destroy_and_the_next_apply() {
    for width in WIDTHS {
        let deployment = serving(width).await;
        let before = deployment.world.boundaries();
        deployment
            .run(&served(), Goal::Destroy, width)
            .await
            .unwrap();
        let whole = deployment.world.boundaries() - before;
        for crash in 1..=whole {
            for goal in [Goal::Destroy, Goal::Apply] {
                let deployment = serving(width).await;
                let before = deployment.world.boundaries();
                *deployment.world.crash_at.lock().unwrap() = Some(before + crash);
                let outcome = deployment.run(&served(), Goal::Destroy, width).await;
                assert!(outcome.is_none(), "no crash at {crash} of {whole}");
                let outcome = deployment.run(&served(), goal, width).await.unwrap();
                assert!(outcome.is_complete(), "{crash}: {outcome:?}");
                settle().await;
                if goal == Goal::Apply {
                    deployment.assert_right(&served()).await;
                } else {
                    assert!(deployment.state().is_empty());
                }
                let left = usize::from(goal == Goal::Apply);
                deployment.world.by_hand(|things| {
                    let services = things.values().filter(|t| t.kind == "fake/service");
                    assert_eq!(services.filter(|t| !t.is_gone()).count(), left);
                });
            }
        }
    }
}

/// A token that made something before says nothing of what is to be made now.
#[tokio::test(start_paused = true)]
async fn a_token_whose_work_is_gone_is_replaced_by_a_fresh_one() {
    let deployment = Deployment::new();
    // Killed between the create and its answer: the intent stays, with its token.
    let boundaries = serving(1).await.world.boundaries();
    let mut tried = 0;
    for crash in 1..=boundaries {
        let deployment = Deployment::new();
        *deployment.world.crash_at.lock().unwrap() = Some(crash);
        assert!(deployment.run(&served(), Goal::Apply, 1).await.is_none());
        let log = deployment.world.log();
        if log.last().map(String::as_str) != Some("create a/service")
            || !deployment.state().intents.contains_key("a/service")
        {
            continue;
        }
        tried += 1;
        deployment
            .world
            .by_hand(|things| things.retain(|_, t| t.kind != "fake/service"));
        let outcome = deployment.run(&served(), Goal::Apply, 1).await.unwrap();
        assert!(outcome.is_complete(), "{outcome:?}");
        settle().await;
        deployment.assert_right(&served()).await;
    }
    assert!(tried > 0);
    drop(deployment);
}

/// Two of one kind, one on the other, and no record to say so.
#[tokio::test(start_paused = true)]
async fn without_records_what_is_seen_to_stand_on_another_of_its_kind_goes_first() {
    let mut desired = Desired::default();
    for (id, size) in [("a/first", 1), ("b/third", 3), ("c/second", 2)] {
        let name = id.to_owned();
        desired.add(id, (), Service { name, size }, Tags::new());
    }
    for width in WIDTHS {
        let mut deployment = Deployment::new();
        deployment.run(&desired, Goal::Apply, width).await.unwrap();
        settle().await;
        deployment.store.lose();
        deployment.consent.tags_alone = true;
        let (plan, _) = deployment.look(&desired, Goal::Destroy).await;
        assert!(plan.steps.iter().all(|step| step.action == Action::Delete));
        let outcome = deployment
            .run(&desired, Goal::Destroy, width)
            .await
            .unwrap();
        assert!(outcome.is_complete(), "{outcome:?}");
        assert_eq!(deployment.world.live_ids(), Vec::<String>::new());
    }
}

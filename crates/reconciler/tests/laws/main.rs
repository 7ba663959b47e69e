//! The engine's laws, against a cloud that loses answers and a process that dies anywhere.

#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "to panic is to fail the test; the fake cloud is a module of it"
)]

mod drift;
mod ends;
mod fake;
mod schedules;

use fake::{Deployment, Goal, network};
use reconciler::Action;
use tokio_util::sync::CancellationToken;

const WIDTHS: [usize; 3] = [1, 2, 8];

async fn applied(width: usize) -> Deployment {
    let deployment = Deployment::new();
    let outcome = deployment
        .run(&network(3), Goal::Apply, width)
        .await
        .unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    settle().await;
    deployment
}

/// Lets lists catch up.
async fn settle() {
    tokio::time::sleep(fake_lag()).await;
}

fn fake_lag() -> std::time::Duration {
    std::time::Duration::from_secs(10)
}

#[tokio::test(start_paused = true)]
async fn an_apply_is_right_a_second_one_is_empty_and_a_destroy_leaves_nothing() {
    for width in WIDTHS {
        let deployment = applied(width).await;
        deployment.assert_right(&network(3)).await;
        let calls = deployment.world.changing_calls();
        deployment
            .run(&network(3), Goal::Apply, width)
            .await
            .unwrap();
        assert_eq!(
            deployment.world.changing_calls(),
            calls,
            "not one changing call"
        );
        let outcome = deployment
            .run(&network(3), Goal::Destroy, width)
            .await
            .unwrap();
        assert!(outcome.is_complete(), "{outcome:?}");
        assert_eq!(deployment.world.live_ids(), Vec::<String>::new());
        assert!(deployment.state().is_empty());
    }
}

/// Runs until done; the fault is in the first run alone.
async fn recovered(deployment: &Deployment, goal: Goal, width: usize) {
    *deployment.world.crash_at.lock().unwrap() = None;
    *deployment.world.lose.lock().unwrap() = None;
    *deployment.world.weather.lock().unwrap() = None;
    let outcome = deployment.run(&network(3), goal, width).await.unwrap();
    assert!(
        outcome.is_complete(),
        "{outcome:?}\n{:#?}",
        deployment.world.log()
    );
    settle().await;
    // A create that came to light late leaves a twin for the next run to delete.
    let outcome = deployment.run(&network(3), goal, width).await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    settle().await;
    match goal {
        Goal::Apply => deployment.assert_right(&network(3)).await,
        Goal::Destroy => {
            assert_eq!(deployment.world.live_ids(), Vec::<String>::new());
            assert!(deployment.state().records.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn killed_at_every_boundary_of_an_apply_the_next_run_finishes_the_job() {
    for width in WIDTHS {
        let whole = applied(width).await.world.boundaries();
        assert!(whole > 60, "{whole} boundaries");
        for crash in 1..=whole {
            let deployment = Deployment::new();
            *deployment.world.crash_at.lock().unwrap() = Some(crash);
            let outcome = deployment.run(&network(3), Goal::Apply, width).await;
            assert!(
                outcome.is_none(),
                "width {width}: no crash at {crash} of {whole}"
            );
            recovered(&deployment, Goal::Apply, width).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn killed_at_every_boundary_of_a_destroy_the_next_run_finishes_the_job() {
    for width in WIDTHS {
        let deployment = applied(width).await;
        let before = deployment.world.boundaries();
        deployment
            .run(&network(3), Goal::Destroy, width)
            .await
            .unwrap();
        let whole = deployment.world.boundaries() - before;
        for crash in 1..=whole {
            let deployment = applied(width).await;
            let before = deployment.world.boundaries();
            *deployment.world.crash_at.lock().unwrap() = Some(before + crash);
            let outcome = deployment.run(&network(3), Goal::Destroy, width).await;
            assert!(
                outcome.is_none(),
                "width {width}: no crash at {crash} of {whole}"
            );
            recovered(&deployment, Goal::Destroy, width).await;
        }
    }
}

/// Every create is found or sent again, every update and delete is run twice.
#[tokio::test(start_paused = true)]
async fn with_every_answer_lost_once_nothing_is_made_twice_and_nothing_is_left() {
    for goal in [Goal::Apply, Goal::Destroy] {
        let probe = applied(8).await;
        let apply = probe.world.changing_calls();
        probe.run(&network(3), Goal::Destroy, 8).await.unwrap();
        let calls = match goal {
            Goal::Apply => 1..=apply,
            Goal::Destroy => apply + 1..=probe.world.changing_calls(),
        };
        for lost in calls {
            let deployment = Deployment::new();
            *deployment.world.lose.lock().unwrap() = Some(lost);
            let outcome = deployment.run(&network(3), Goal::Apply, 8).await.unwrap();
            assert!(outcome.is_complete(), "{lost}: {outcome:?}");
            settle().await;
            if goal == Goal::Destroy {
                deployment.run(&network(3), Goal::Destroy, 8).await.unwrap();
            }
            recovered(&deployment, goal, 8).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_blocks_what_needs_it_and_nothing_else() {
    let deployment = Deployment::new();
    *deployment.world.refuse.lock().unwrap() = Some("two");
    let outcome = deployment.run(&network(3), Goal::Apply, 8).await.unwrap();
    let failed: Vec<_> = outcome.failed.iter().map(|(id, _)| id.as_str()).collect();
    let mut blocked: Vec<_> = outcome
        .blocked
        .iter()
        .map(|(id, by)| (id.as_str(), by.as_str()))
        .collect();
    blocked.sort_unstable();
    assert_eq!(failed, ["a/two"]);
    assert_eq!(blocked, [("a/join", "a/two"), ("b/join", "a/two")]);
    assert_eq!(outcome.done.len(), 6);
    *deployment.world.refuse.lock().unwrap() = None;
    settle().await;
    recovered(&deployment, Goal::Apply, 8).await;
}

#[tokio::test(start_paused = true)]
async fn a_signal_stops_dispatching_and_the_next_run_goes_on() {
    for after in [0, 1, 3, 7, 12] {
        let deployment = Deployment::new();
        let cancel = CancellationToken::new();
        let signal = cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_secs(after)).await;
            signal.cancel();
        });
        let outcome = deployment
            .run_cancellable(&network(3), Goal::Apply, 2, cancel)
            .await
            .unwrap();
        assert!(outcome.interrupted, "after {after} s");
        settle().await;
        recovered(&deployment, Goal::Apply, 2).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_state_is_found_again_and_taken_over_only_with_consent() {
    let deployment = applied(8).await;
    deployment.store.lose();
    let (plan, _) = deployment.look(&network(3), Goal::Apply).await;
    assert!(plan.steps.iter().all(|step| step.action == Action::Adopt));
    let refused = plan.permitted(&reconciler::Consent::default());
    assert!(matches!(refused, Err(reconciler::Refusal::TagsAlone(ids)) if ids.len() == 9));
}

#[tokio::test(start_paused = true)]
async fn a_copied_tag_is_told_and_left_alone() {
    let deployment = applied(8).await;
    deployment.world.by_hand(|things| {
        let mut copy = things[&1].clone();
        copy.number = 99;
        things.insert(99, copy);
    });
    let (plan, seen) = deployment.look(&network(3), Goal::Apply).await;
    assert!(plan.is_empty());
    assert_eq!(seen.notes.len(), 1);
    deployment.run(&network(3), Goal::Destroy, 8).await.unwrap();
    assert_eq!(
        deployment.world.live_ids().len(),
        1,
        "the copy is not ours to delete"
    );
}

#[tokio::test(start_paused = true)]
async fn two_of_one_id_without_a_record_are_an_error_that_names_both() {
    let deployment = applied(8).await;
    deployment.store.lose();
    deployment.world.by_hand(|things| {
        let mut copy = things[&1].clone();
        copy.number = 99;
        things.insert(99, copy);
    });
    let (plan, _) = deployment.look(&network(3), Goal::Apply).await;
    let blocked = plan
        .steps
        .iter()
        .find(|step| step.action == Action::Blocked)
        .unwrap();
    assert!(blocked.why.contains("1 and 99"), "{}", blocked.why);
}

#[tokio::test(start_paused = true)]
async fn something_of_ours_in_name_only_is_refused() {
    let deployment = Deployment::new();
    let stranger = Deployment::new();
    stranger.run(&network(3), Goal::Apply, 8).await.unwrap();
    settle().await;
    let mut child = None;
    stranger.world.by_hand(|things| {
        child = things
            .values()
            .find(|t| t.name.as_deref() == Some("two"))
            .cloned();
    });
    let mut child = child.unwrap();
    child.tags.clear();
    deployment.world.by_hand(|things| {
        things.insert(50, child);
    });
    let (plan, _) = deployment.look(&network(3), Goal::Apply).await;
    let step = |id: &str| {
        plan.steps
            .iter()
            .find(|step| step.id.as_str() == id)
            .unwrap()
    };
    assert_eq!(step("a/two").action, Action::Blocked);
    assert_eq!(
        step("a/join").action,
        Action::Blocked,
        "and so is what needs it"
    );
    assert_eq!(step("a/one").action, Action::Create);
    assert!(plan.permitted(&reconciler::Consent::default()).is_err());
}

/// An intent says that we were about to make it, not that what bears its name is ours: a create
/// that tags leaves nothing untagged.
#[tokio::test(start_paused = true)]
async fn an_open_intent_is_no_licence_to_take_what_bears_the_name() {
    let deployment = applied(8).await;
    deployment.world.by_hand(|things| {
        let two = things
            .values_mut()
            .find(|t| t.name.as_deref() == Some("two"));
        two.unwrap().tags.clear();
    });
    deployment.store.lose();
    let intent = state::Intent {
        kind: "fake/child".into(),
        token: uuid::Uuid::nil(),
        at: jiff::Timestamp::now(),
        needs: vec![],
    };
    let id = "a/two".to_owned();
    let entry = state::Entry::Intend { id, intent };
    state::Store::append(&*deployment.store, 1, &entry)
        .await
        .unwrap();
    let (plan, _) = deployment.look(&network(3), Goal::Apply).await;
    let two = plan
        .steps
        .iter()
        .find(|step| step.id.as_str() == "a/two")
        .unwrap();
    assert_eq!(two.action, Action::Blocked, "{}", two.why);
}

/// A create that failed without leaving anything does not keep the state from ending.
#[tokio::test(start_paused = true)]
async fn what_was_lost_for_good_is_forgotten_with_the_rest() {
    let deployment = applied(8).await;
    for (serial, n) in [(1001, 1), (1002, 2)] {
        let intent = state::Intent {
            kind: "fake/base".into(),
            token: uuid::Uuid::from_u128(n),
            at: jiff::Timestamp::UNIX_EPOCH,
            needs: vec![],
        };
        let id = "a/base".to_owned();
        let entry = state::Entry::Intend { id, intent };
        state::Store::append(&*deployment.store, serial, &entry)
            .await
            .unwrap();
    }
    assert!(deployment.state().lost.contains_key("a/base"));
    deployment.run(&network(3), Goal::Destroy, 8).await.unwrap();
    assert!(deployment.state().is_empty(), "{:?}", deployment.state());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changed_or_deleted_by_hand_is_healed() {
    let deployment = applied(8).await;
    deployment.world.by_hand(|things| {
        let join = things
            .values()
            .find(|t| t.tags["genu-deploy:id"] == "b/join")
            .unwrap()
            .number;
        things.remove(&join);
        for thing in things.values_mut() {
            thing.size += 5;
        }
    });
    let (plan, _) = deployment.look(&network(3), Goal::Apply).await;
    assert_eq!((plan.summary().create, plan.summary().update), (1, 8));
    deployment.run(&network(3), Goal::Apply, 8).await.unwrap();
    settle().await;
    deployment.assert_right(&network(3)).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_longer_wanted_goes_and_the_rest_stays() {
    let deployment = applied(8).await;
    let mut smaller = reconciler::Desired::default();
    smaller.add(
        "a/base",
        (),
        fake::Base { size: 3 },
        reconciler::Tags::from([("Name".to_owned(), "x".to_owned())]),
    );
    let outcome = deployment.run(&smaller, Goal::Apply, 8).await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    deployment.assert_right(&smaller).await;
}

/// Tags that we put on go when they are no longer wanted; everybody else's stay.
#[tokio::test(start_paused = true)]
async fn a_tag_that_was_ours_goes_and_a_tag_of_others_stays() {
    let with = |tags: &[&str]| {
        let mut desired = reconciler::Desired::default();
        let tags = tags.iter().map(|key| ((*key).to_owned(), "x".to_owned()));
        desired.add("a/base", (), fake::Base { size: 3 }, tags.collect());
        desired
    };
    let deployment = Deployment::new();
    deployment
        .run(&with(&["Name", "Team"]), Goal::Apply, 1)
        .await
        .unwrap();
    settle().await;
    let keys = || {
        let mut keys = Vec::new();
        deployment.world.by_hand(|things| {
            let base = things.values_mut().next().unwrap();
            base.tags.insert("Theirs".into(), "y".into());
            keys.extend(base.tags.keys().filter(|key| !key.contains(':')).cloned());
        });
        keys
    };
    assert_eq!(keys(), ["Name", "Team", "Theirs"]);
    deployment
        .run(&with(&["Name"]), Goal::Apply, 1)
        .await
        .unwrap();
    assert_eq!(keys(), ["Name", "Theirs"]);
    let (plan, _) = deployment.look(&with(&["Name"]), Goal::Apply).await;
    assert!(plan.is_empty(), "{:?}", plan.steps);
}

/// What others own is built on, and neither changed, recorded nor deleted.
#[tokio::test(start_paused = true)]
async fn what_is_given_is_built_on_and_never_touched() {
    let others = Deployment::new();
    let mut alone = reconciler::Desired::default();
    alone.add(
        "x/base",
        (),
        fake::Base { size: 9 },
        reconciler::Tags::new(),
    );
    others.run(&alone, Goal::Apply, 1).await.unwrap();
    settle().await;
    let mut theirs = None;
    others.world.by_hand(|things| {
        let base = things.values_mut().next().unwrap();
        // Somebody else's: not a mark of ours is on it.
        base.tags.clear();
        theirs = Some(base.clone());
    });
    let theirs = theirs.unwrap();
    others.store.lose();
    let drawn = || {
        let mut desired = reconciler::Desired::default();
        let out = fake::Out {
            number: theirs.number,
            name: None,
        };
        let base = desired.given::<fake::Base>("external/base", out);
        let name = "one".to_owned();
        let child = fake::Child { name, size: 1 };
        desired.add("a/one", base, child, reconciler::Tags::new());
        desired
    };
    for width in WIDTHS {
        let outcome = others.run(&drawn(), Goal::Apply, width).await.unwrap();
        assert!(outcome.is_complete(), "{outcome:?}");
        settle().await;
        assert!(!others.state().records.contains_key("external/base"));
        let (plan, _) = others.look(&drawn(), Goal::Apply).await;
        assert!(plan.is_empty(), "{:?}", plan.steps);
        let step = &plan.steps[0];
        assert!(
            step.external && step.why.contains("never changed"),
            "{step:?}"
        );
        others.run(&drawn(), Goal::Destroy, width).await.unwrap();
        settle().await;
        others.world.by_hand(|things| {
            let left: Vec<u32> = things
                .values()
                .filter(|thing| !thing.is_gone())
                .map(|thing| thing.number)
                .collect();
            assert_eq!(left, [theirs.number], "only what was there before");
            assert_eq!(things[&theirs.number].size, 9);
        });
    }
}

fn break_the_base(deployment: &Deployment) {
    deployment.world.by_hand(|things| {
        let base = things
            .values_mut()
            .find(|t| t.tags["genu-deploy:id"] == "a/base")
            .unwrap();
        base.broken = true;
    });
}

/// What is tied to something that is replaced is replaced with it, in the order in which that can be
/// done; consent to the cause covers what follows, and nothing less does.
#[tokio::test(start_paused = true)]
async fn what_stands_on_something_that_is_replaced_goes_and_comes_with_it() {
    for width in WIDTHS {
        let deployment = applied(width).await;
        break_the_base(&deployment);
        let (plan, _) = deployment.look(&network(3), Goal::Apply).await;
        // The base, its three children, its join, and the two of the other base that stand on those.
        assert_eq!(plan.summary().replace, 7, "{:#?}", plan.steps);
        let refusal = plan.permitted(&reconciler::Consent::default()).unwrap_err();
        let reconciler::Refusal::Replace(causes) = refusal else {
            panic!("{refusal:?}")
        };
        let causes: Vec<&str> = causes.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(causes, ["a/base"]);
        let outcome = deployment
            .run(&network(3), Goal::Apply, width)
            .await
            .unwrap();
        assert!(
            outcome.is_complete(),
            "{outcome:?}\n{:#?}",
            deployment.world.log()
        );
        settle().await;
        deployment.assert_right(&network(3)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn killed_at_every_boundary_of_a_replacement_the_next_run_finishes_the_job() {
    for width in WIDTHS {
        let probe = applied(width).await;
        break_the_base(&probe);
        let before = probe.world.boundaries();
        probe.run(&network(3), Goal::Apply, width).await.unwrap();
        let whole = probe.world.boundaries() - before;
        assert!(whole > 60, "{whole} boundaries");
        for crash in 1..=whole {
            let deployment = applied(width).await;
            break_the_base(&deployment);
            let before = deployment.world.boundaries();
            *deployment.world.crash_at.lock().unwrap() = Some(before + crash);
            let outcome = deployment.run(&network(3), Goal::Apply, width).await;
            assert!(
                outcome.is_none(),
                "width {width}: no crash at {crash} of {whole}"
            );
            recovered(&deployment, Goal::Apply, width).await;
        }
    }
}

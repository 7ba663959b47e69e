//! Laws of what others changed: told from our own wishes, healed in part or whole, and never healed
//! by losing something unasked.

use std::collections::BTreeMap;

use reconciler::{Action, Consent, Id, Refusal, What, drift};

use crate::fake::{Deployment, Goal, network};
use crate::{applied, break_the_base, settle};

/// Live sizes by id.
fn sizes(deployment: &Deployment) -> BTreeMap<String, i64> {
    let mut sizes = BTreeMap::new();
    deployment.world.by_hand(|things| {
        let live = things.values().filter(|thing| !thing.is_gone());
        sizes.extend(live.map(|thing| (thing.tags["genu-deploy:id"].clone(), thing.size)));
    });
    sizes
}

fn change_all(deployment: &Deployment) {
    deployment
        .world
        .by_hand(|things| things.values_mut().for_each(|thing| thing.size = 99));
}

#[tokio::test(start_paused = true)]
async fn healing_a_part_leaves_the_rest_as_it_is() {
    let ids: Vec<Id> = network(3).ids().cloned().collect();
    for chosen in ids {
        let mut deployment = applied(2).await;
        change_all(&deployment);
        deployment.only = [chosen.clone()].into();
        let outcome = deployment.run(&network(3), Goal::Apply, 2).await.unwrap();
        assert!(outcome.is_complete(), "{outcome:?}");
        settle().await;
        let healed = sizes(&deployment)
            .into_iter()
            .filter(|(_, size)| *size != 99);
        let healed: Vec<String> = healed.map(|(id, _)| id).collect();
        assert_eq!(healed, [chosen.to_string()]);
        deployment.only.clear();
        deployment.run(&network(3), Goal::Apply, 2).await.unwrap();
        settle().await;
        deployment.assert_right(&network(3)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_takes_along_what_it_cannot_do_without() {
    let mut deployment = Deployment::new();
    deployment.only = [Id::new("a/one")].into();
    let outcome = deployment.run(&network(3), Goal::Apply, 2).await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    settle().await;
    assert_eq!(deployment.world.live_ids(), ["a/base", "a/one"]);
    // And a deletion what stands on it.
    deployment.only.clear();
    deployment.run(&network(3), Goal::Apply, 2).await.unwrap();
    settle().await;
    let mut less = reconciler::Desired::default();
    less.add(
        "b/base",
        (),
        crate::fake::Base { size: 1 },
        [("Name".into(), "x".into())].into(),
    );
    deployment.only = [Id::new("a/base")].into();
    let outcome = deployment.run(&less, Goal::Apply, 2).await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    settle().await;
    assert_eq!(deployment.world.live_ids(), ["b/base", "b/child"]);
}

#[tokio::test(start_paused = true)]
async fn what_others_changed_is_told_from_what_is_wanted_otherwise() {
    let deployment = applied(2).await;
    let whys = async |size: i64| {
        let (plan, _) = deployment.look(&network(size), Goal::Apply).await;
        let updates = plan
            .steps
            .into_iter()
            .filter(|s| s.action == Action::Update);
        let mut whys: Vec<String> = updates.map(|step| step.why).collect();
        whys.dedup();
        whys
    };
    assert_eq!(whys(4).await, ["differs in size"]);
    change_all(&deployment);
    assert_eq!(whys(3).await, ["undoes drift in size"]);
}

#[tokio::test(start_paused = true)]
async fn what_only_a_loss_heals_waits_to_be_allowed_by_name() {
    let mut deployment = applied(2).await;
    deployment.consent = Consent::default();
    break_the_base(&deployment);
    let calls = deployment.world.changing_calls();
    let (plan, _) = deployment.look(&network(3), Goal::Apply).await;
    let acting = plan.steps.iter().filter(|step| step.action != Action::None);
    let acting: Vec<(&str, Action)> = acting.map(|s| (s.id.as_str(), s.action)).collect();
    assert_eq!(
        acting,
        [("a/base", Action::Blocked)],
        "others stand on it as before"
    );
    let found = drift(&plan);
    assert_eq!((found.len(), found[0].what), (1, What::Changed));
    let Err(Refusal::Blocked(steps)) = plan.permitted(&deployment.consent) else {
        panic!("it is carried out");
    };
    assert!(steps[0].1.contains("--allow-replace a/base"), "{steps:?}");
    assert_eq!(deployment.world.changing_calls(), calls);
}

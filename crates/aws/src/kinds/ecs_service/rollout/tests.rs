//! Every answer that may follow an update, and what it proves.

use aws_sdk_ecs::primitives::DateTime;
use aws_sdk_ecs::types::ServiceEvent;

use super::*;

const OLD: &str = "task:7";
const NEW: &str = "task:8";

/// A deployment of a task definition, by its number: higher ones were begun later.
fn deployment(number: i64, status: &str, runs: &str, state: DeploymentRolloutState) -> Deployment {
    Deployment::builder()
        .id(format!("ecs-svc/{number}"))
        .created_at(DateTime::from_secs(number))
        .status(status)
        .task_definition(runs)
        .rollout_state(state)
        .build()
}

fn service(runs: &str, deployments: Vec<Deployment>) -> Live {
    Live::builder()
        .task_definition(runs)
        .set_deployments(Some(deployments))
        .desired_count(1)
        .running_count(1)
        .build()
}

/// A service that was told to run [`NEW`] by the deployment of number 2.
fn told() -> EcsServiceOut {
    EcsServiceOut {
        name: "web".into(),
        arn: "arn".into(),
        cluster: "c".into(),
        task: NEW.into(),
        made: None,
        rollout: Some(Begun {
            id: "ecs-svc/2".into(),
            at: 2000,
        }),
    }
}

use DeploymentRolloutState::{Completed, Failed, InProgress};

#[test]
fn an_answer_from_before_the_update_proves_nothing() {
    // Sound before: neither taken back, nor steady already.
    let before = service(OLD, vec![deployment(1, "PRIMARY", OLD, Completed)]);
    assert_eq!(course(&before, &told()), Course::Unseen);
    // Failed before: that was another rollout.
    let before = service(OLD, vec![deployment(1, "PRIMARY", OLD, Failed)]);
    assert_eq!(course(&before, &told()), Course::Unseen);
    // The same task definition before and after, as for a platform version.
    let before = service(NEW, vec![deployment(1, "PRIMARY", NEW, Completed)]);
    assert_eq!(course(&before, &told()), Course::Unseen);
}

#[test]
fn it_is_steady_when_the_deployment_that_was_begun_is_the_only_one_and_complete() {
    let ours = |state| deployment(2, "PRIMARY", NEW, state);
    let both = service(
        NEW,
        vec![ours(Completed), deployment(1, "ACTIVE", OLD, Completed)],
    );
    assert_eq!(course(&both, &told()), Course::Running);
    let alone = service(NEW, vec![ours(InProgress)]);
    assert_eq!(course(&alone, &told()), Course::Running);
    let done = service(NEW, vec![ours(Completed)]);
    assert_eq!(course(&done, &told()), Course::Steady);
}

#[test]
fn a_rollout_is_taken_back_by_a_younger_deployment_or_by_one_that_takes_its_place() {
    let back = |number| deployment(number, "PRIMARY", OLD, InProgress);
    let ours = deployment(2, "ACTIVE", NEW, Failed);
    let taken = Course::TakenBack(OLD.into());
    for lives in [
        vec![back(3)],
        vec![back(3), ours.clone()],
        // Whether ECS begins a new deployment or takes the old one up again is not documented.
        vec![back(1), ours],
    ] {
        assert_eq!(course(&service(OLD, lives), &told()), taken);
    }
    let mut gone = service(OLD, vec![deployment(1, "PRIMARY", OLD, Completed)]);
    let said = "(service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.";
    gone.events = Some(vec![ServiceEvent::builder().message(said).build()]);
    assert_eq!(course(&gone, &told()), taken);
}

#[test]
fn another_deployment_of_the_same_that_somebody_begins_meanwhile_is_waited_for() {
    let theirs = |state| service(NEW, vec![deployment(3, "PRIMARY", NEW, state)]);
    assert_eq!(course(&theirs(InProgress), &told()), Course::Running);
    assert_eq!(course(&theirs(Completed), &told()), Course::Steady);
}

#[test]
fn tasks_that_stop_again_and_again_end_the_wait() {
    let mut failing = deployment(2, "PRIMARY", NEW, InProgress);
    failing.failed_tasks = STOPS;
    let why = "its tasks stop again and again".to_owned();
    let live = service(NEW, vec![failing]);
    assert_eq!(course(&live, &told()), Course::Failed(why));
}

/// Records of versions before the one that wrote deployments down.
#[test]
fn without_a_deployment_on_record_the_primary_one_is_judged() {
    let told = EcsServiceOut {
        rollout: None,
        ..told()
    };
    let steady = service(NEW, vec![deployment(9, "PRIMARY", NEW, Completed)]);
    assert_eq!(course(&steady, &told), Course::Steady);
    let other = service(OLD, vec![deployment(9, "PRIMARY", OLD, Completed)]);
    assert_eq!(course(&other, &told), Course::TakenBack(OLD.into()));
}

#[test]
fn a_later_service_of_the_same_name_is_another_one() {
    let live = |made| {
        let live = Live::builder().service_arn("arn");
        live.created_at(DateTime::from_secs(made)).build()
    };
    let told = EcsServiceOut {
        made: Some(5000),
        ..told()
    };
    assert!(is(&live(5), &told));
    assert!(!is(&live(6), &told));
}

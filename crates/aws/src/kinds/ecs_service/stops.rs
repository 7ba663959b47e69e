//! Why tasks stopped.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{DesiredStatus, Task};

use super::EcsServiceOut;
use crate::Reads;
use crate::call::call;

/// What the stopped tasks of one deployment say, or of all where none is named; empty when nothing can
/// be found out. Tasks that older deployments were told to stop are listed as well, some of which
/// still run.
pub(super) async fn stopped_reasons(
    reads: &Reads,
    out: &EcsServiceOut,
    deployment: Option<&str>,
) -> String {
    let ecs = &reads.clients.ecs;
    let list = ecs
        .list_tasks()
        .cluster(&out.cluster)
        .service_name(&out.name);
    // DescribeTasks takes up to 100.
    let list = list.desired_status(DesiredStatus::Stopped).max_results(100);
    let Ok(listed) = call("ecs:ListTasks", list.send()).await else {
        return String::new();
    };
    let arns = listed.task_arns.filter(|arns| !arns.is_empty());
    let Some(arns) = arns else {
        return String::new();
    };
    let describe = ecs
        .describe_tasks()
        .cluster(&out.cluster)
        .set_tasks(Some(arns));
    let Ok(described) = call("ecs:DescribeTasks", describe.send()).await else {
        return String::new();
    };
    told(described.tasks(), deployment)
}

fn told(tasks: &[Task], deployment: Option<&str>) -> String {
    let theirs = tasks
        .iter()
        .filter(|task| deployment.is_none_or(|id| task.started_by() == Some(id)));
    let reasons: BTreeSet<&str> = theirs
        .flat_map(|task| {
            let containers = task.containers().iter();
            let containers = containers.filter_map(|container| container.reason());
            containers.chain(task.stopped_reason())
        })
        .collect();
    if reasons.is_empty() {
        return String::new();
    }
    let reasons: Vec<&str> = reasons.into_iter().collect();
    format!("; stopped tasks say: {}", reasons.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_that_another_deployment_stopped_say_nothing_of_this_one() {
        let task = |by: &str, why: &str| Task::builder().started_by(by).stopped_reason(why).build();
        // Texts as in ECS's "stopped tasks error codes".
        let tasks = [
            task(
                "ecs-svc/1",
                "Scaling activity initiated by deployment ecs-svc/2",
            ),
            task("ecs-svc/2", "CannotPullContainerError"),
        ];
        let said = told(&tasks, Some("ecs-svc/2"));
        assert_eq!(said, "; stopped tasks say: CannotPullContainerError");
        assert!(told(&tasks, None).contains("Scaling activity"));
        assert_eq!(told(&tasks, Some("ecs-svc/3")), "");
    }
}

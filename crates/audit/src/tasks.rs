//! Tasks of the web server: no way in but through the load balancer, nothing in them to steal.

use crate::{Evidence, Flaw, Rule, Service, Severity, ids};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "task-exec",
        severity: Severity::Warning,
        title: "no commands can be run in tasks (ECS Exec is off)",
        remedy: "switch off ECS Exec of the service",
        check: |e, _| of_service(e, exec),
    },
    Rule {
        id: "task-image-registry",
        severity: Severity::Warning,
        title: "images come from private registries of AWS",
        remedy: "push the image to the deployment's own repository and unset closedNetworkWebImage",
        check: |e, _| of_service(e, image_registry),
    },
    Rule {
        id: "task-privileged",
        severity: Severity::Error,
        title: "no container is privileged",
        remedy: "register a task definition without `privileged`; `genu-deploy apply` does",
        check: |e, _| of_service(e, privileged),
    },
    Rule {
        id: "task-public-address",
        severity: Severity::Error,
        title: "tasks have no public addresses",
        remedy: "set assignPublicIp of the service to DISABLED; `genu-deploy apply` does",
        check: |e, _| of_service(e, public_address),
    },
    Rule {
        id: "task-secrets",
        severity: Severity::Warning,
        title: "no environment variable of a container looks like a secret",
        remedy: "take the variable out of the task definition, and change the secret: whoever may describe task definitions reads it",
        check: |e, _| of_service(e, secrets),
    },
];

fn of_service(evidence: &Evidence, seen: fn(&Service) -> Vec<String>) -> Vec<Flaw> {
    let seen = evidence.service.iter().flat_map(seen);
    seen.map(|seen| Flaw::new(ids::SERVICE, seen)).collect()
}

fn exec(service: &Service) -> Vec<String> {
    let seen = || format!("{} has ECS Exec on", service.arn);
    service.exec.then(seen).into_iter().collect()
}

fn public_address(service: &Service) -> Vec<String> {
    let seen = || format!("{} gives its tasks public addresses", service.arn);
    service.public_addresses.then(seen).into_iter().collect()
}

fn privileged(service: &Service) -> Vec<String> {
    let privileged = service.containers.iter().filter(|(_, _, is)| *is);
    let task = &service.task_definition;
    privileged
        .map(|(name, _, _)| format!("{task}: container {name} is privileged"))
        .collect()
}

fn secrets(service: &Service) -> Vec<String> {
    let mut names: Vec<&str> = service.secret_looking.iter().map(String::as_str).collect();
    names.sort_unstable();
    let seen = || format!("{} has {}", service.task_definition, names.join(", "));
    (!names.is_empty()).then(seen).into_iter().collect()
}

fn image_registry(service: &Service) -> Vec<String> {
    let elsewhere = service.containers.iter();
    let elsewhere = elsewhere.filter(|(_, image, _)| !is_private_registry(image));
    let task = &service.task_definition;
    elsewhere
        .map(|(name, image, _)| format!("{task}: container {name} runs {image}"))
        .collect()
}

/// `111111111111.dkr.ecr.ap-northeast-1.amazonaws.com/…`, or a spelling of it for FIPS, IPv6, China.
fn is_private_registry(image: &str) -> bool {
    let Some((host, _)) = image.split_once('/') else {
        return false;
    };
    let Some((account, rest)) = host.split_once('.') else {
        return false;
    };
    let starts = ["dkr.ecr.", "dkr.ecr-fips.", "dkr-ecr.", "dkr-ecr-fips."];
    let ends = [
        ".amazonaws.com",
        ".amazonaws.com.cn",
        ".on.aws",
        ".on.amazonwebservices.com.cn",
    ];
    account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && starts.iter().any(|start| rest.starts_with(start))
        && ends.iter().any(|end| rest.ends_with(end))
}

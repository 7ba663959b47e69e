//! Looking and planning, as `plan`, `apply` and `destroy` all do first.

use std::collections::BTreeSet;
use std::path::Path;

use aws::{Aws, Connection, Import, Reads, Surroundings, Wishes};
use blueprint::Kept;
use config::Environment;
use preflight::{Subject, Verdict};
use reconciler::{Catalog, Desired, Id, Marks, Observation, Plan, observe, plan, plan_destroy};
use serde_json::{Value, json};
use state::State;
use uuid::Uuid;

use crate::cli::Cli;
use crate::exit::Failure;
use crate::pins::{self, Pinned};
use crate::web_image;

/// What was seen and what follows from it.
pub(crate) struct Look {
    pub catalog: Catalog<Aws>,
    pub desired: Desired<Aws>,
    pub observation: Observation,
    pub plan: Plan,
    pub marks: Marks,
    /// Values to pin, or to let go, before anything is changed.
    pub pins: Vec<(String, Option<String>)>,
    /// Whether the shape can stand where it is to stand.
    pub verdict: Verdict,
    /// Everything looked at that is not the deployment itself.
    pub around: Surroundings,
    /// Environments whose endpoints may be used.
    pub shared: Vec<String>,
    /// Steps that the user's choice leaves out.
    pub left_out: Vec<Id>,
}

/// What the user chose on the command line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Choices<'a> {
    /// The web server's binary; else the one beside this one.
    pub web_binary: Option<&'a Path>,
    /// Other environments whose endpoints may be used.
    pub shared: &'a [String],
    /// What may be replaced although others hold on to it: ids, and groups as `web/*`.
    pub allow_replace: &'a [String],
    /// The only ids, and groups, that are to be changed; everything when empty.
    pub only: &'a [String],
}

impl<'a> Choices<'a> {
    /// Nothing chosen but what goes for every command.
    pub(crate) fn none(cli: &'a Cli) -> Self {
        Self {
            web_binary: cli.web_binary.as_deref(),
            ..Self::default()
        }
    }

    /// The ids among `known` that `named` names; `web/*` stands for every one of a group.
    fn ids<'i>(named: &[String], known: impl Iterator<Item = &'i Id>) -> BTreeSet<Id> {
        let groups: Vec<&str> = named.iter().filter_map(|n| n.strip_suffix("/*")).collect();
        let is_named = |id: &&Id| {
            groups.contains(&id.group()) || named.iter().any(|named| named == id.as_str())
        };
        known.filter(is_named).cloned().collect()
    }
}

/// Looks at the environment and plans towards its configuration.
pub(crate) async fn towards(
    name: &str,
    environment: &Environment,
    connection: &Connection,
    state: &State,
    choices: Choices<'_>,
) -> Result<Look, Failure> {
    let reads = connection.reads();
    let pinned = Pinned(state);
    let wishes = wishes(name, environment, connection, &pinned);
    let looking = async { Ok(Surroundings::look(&reads, &wishes).await?) };
    let packing = web_image::packed(environment, choices.web_binary);
    let (around, packed) = tokio::try_join!(looking, packing)?;
    if let Some(imported) = &around.imported {
        let asked_for = environment.closed_network_subnet_ids.is_some();
        refused(&preflight::drawable(imported, asked_for))?;
    }
    let kept = pinned.kept();
    let desired = blueprint::draw(name, environment, &around, &kept, packed.as_ref());
    let catalog = aws::catalog();
    let observation = seen(&reads, &catalog, &desired, state, name, connection).await?;
    let marks = marks(name, connection, state, &observation)?;
    let allowed = Choices::ids(choices.allow_replace, desired.ids());
    let mut plan = plan(&desired, &catalog, &observation, state, &marks, &allowed);
    let left_out = leave_out(&mut plan, choices.only)?;
    let mut agreed = pinned.list(pins::SHARED).unwrap_or_default();
    agreed.extend(choices.shared.iter().cloned());
    agreed.sort();
    agreed.dedup();
    let mut look = Look {
        pins: Vec::new(),
        verdict: Verdict::default(),
        shared: agreed,
        left_out,
        catalog,
        desired,
        observation,
        plan,
        marks,
        around,
    };
    look.pins = pins::changes(&look, environment, &kept, state);
    look.verdict = preflight::shape(&reads, &look.subject(name, environment)).await;
    Ok(look)
}

/// Keeps to what was chosen, if anything was.
fn leave_out(plan: &mut Plan, only: &[String]) -> Result<Vec<Id>, Failure> {
    if only.is_empty() {
        return Ok(Vec::new());
    }
    let ids = || plan.steps.iter().map(|step| &step.id);
    for named in only {
        if Choices::ids(std::slice::from_ref(named), ids()).is_empty() {
            return Err(Failure::invalid(format!("there is no resource {named}"))
                .hint("`state list` shows the ids; a group is named as 'web/*'"));
        }
    }
    let chosen = Choices::ids(only, ids());
    Ok(plan.only(&chosen))
}

fn wishes(
    name: &str,
    environment: &Environment,
    connection: &Connection,
    pinned: &Pinned<'_>,
) -> Wishes {
    let import = environment
        .closed_network_vpc_id
        .as_ref()
        .map(|vpc| Import {
            vpc: vpc.clone(),
            subnets: environment.closed_network_subnet_ids.clone(),
        });
    Wishes {
        env: name.to_owned(),
        zones: pinned.list(pins::ZONES),
        services: blueprint::services(environment, &connection.region),
        // Chosen within one VPC, and worth nothing in another.
        subnets: pinned.list(pins::SUBNETS).filter(|_| {
            environment.closed_network_vpc_id.as_ref()
                == pinned.0.pins.get(blueprint::ids::EXTERNAL_VPC)
        }),
        import,
    }
}

impl Look {
    /// The replacements among `named` that the plan knows.
    pub(crate) fn agreed(&self, named: &[String]) -> BTreeSet<Id> {
        Choices::ids(named, self.plan.steps.iter().map(|step| &step.id))
    }

    /// What the preflight checks look at.
    pub(crate) fn subject<'a>(&'a self, name: &'a str, env: &'a Environment) -> Subject<'a> {
        let imported = self.around.imported.as_ref();
        Subject {
            name,
            env,
            around: &self.around,
            desired: &self.desired,
            plan: &self.plan,
            vpc: imported.map(|imported| imported.vpc.clone()).or_else(|| {
                self.observation
                    .identity(&self.catalog, blueprint::ids::VPC)
            }),
            zone: self
                .observation
                .identity(&self.catalog, blueprint::ids::ZONE),
            shared: &self.shared,
        }
    }
}

/// Turns refusals into words; nothing has been changed.
pub(crate) fn refused(verdict: &Verdict) -> Result<(), Failure> {
    match verdict.refusals.as_slice() {
        [] => Ok(()),
        [one] => Err(Failure::new(format!("{one}; nothing was changed"))),
        many => Err(Failure::new(format!(
            "this cannot work, so nothing was changed:\n  {}",
            many.join("\n  ")
        ))),
    }
}

/// Looks at the environment and plans its end.
pub(crate) async fn towards_nothing(
    name: &str,
    connection: &Connection,
    state: &State,
) -> Result<Look, Failure> {
    let reads = connection.reads();
    // Drawn for its names alone: they follow from environment, account and region, and are how
    // what has no searchable tags is found again after the state is lost.
    let around = Surroundings::look(&reads, &Wishes::default()).await?;
    let desired = blueprint::draw(
        name,
        &Environment::default(),
        &around,
        &Kept::default(),
        None,
    );
    let catalog = aws::catalog();
    let observation = seen(&reads, &catalog, &desired, state, name, connection).await?;
    let marks = marks(name, connection, state, &observation)?;
    let plan = plan_destroy(&catalog, &observation, state);
    Ok(Look {
        pins: Vec::new(),
        verdict: Verdict::default(),
        shared: Vec::new(),
        left_out: Vec::new(),
        around,
        catalog,
        desired,
        observation,
        plan,
        marks,
    })
}

async fn seen(
    reads: &Reads,
    catalog: &Catalog<Aws>,
    desired: &Desired<Aws>,
    state: &State,
    name: &str,
    connection: &Connection,
) -> Result<Observation, Failure> {
    Ok(observe(reads, catalog, desired, state, name, &connection.region).await?)
}

/// Whose resources these are: as on record, else as the tags that were found say, else new.
fn marks(
    name: &str,
    connection: &Connection,
    state: &State,
    observation: &Observation,
) -> Result<Marks, Failure> {
    let found = observation.deployments();
    let deployment = match (&state.header, found.len()) {
        (Some(header), _) => header.deployment,
        (None, 0) => Uuid::new_v4(),
        (None, 1) => found.into_iter().next().unwrap_or_default(),
        (None, _) => {
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            return Err(Failure::new(format!(
                "resources of {} deployments bear the tags of {name} in {}: {}",
                found.len(),
                connection.region,
                found.join(", ")
            ))
            .hint("use the state of one of them"));
        }
    };
    Ok(Marks {
        env: name.to_owned(),
        region: connection.region.clone(),
        deployment,
        once_ours: Pinned(state).tag_keys(),
    })
}

/// The plan in its fixed form.
pub(crate) fn plan_json(name: &str, connection: &Connection, plan: &Plan) -> Value {
    json!({
        "format": "genu-deploy/plan/1",
        "env": name,
        "account": connection.account,
        "region": connection.region,
        "summary": plan.summary(),
        "steps": plan,
    })
}

//! Looking and planning, as `plan`, `apply` and `destroy` all do first.

use aws::{Aws, Connection, Reads, Surroundings};
use blueprint::Kept;
use config::Environment;
use reconciler::{Catalog, Desired, Marks, Observation, Plan, observe, plan, plan_destroy};
use serde_json::{Value, json};
use state::State;
use uuid::Uuid;

use crate::exit::Failure;

/// Pins: values settled once and then kept.
pub(crate) const ZONES: &str = "availability-zones";
pub(crate) const RESOLVER_ADDRESSES: &str = "resolver-addresses";

/// What was seen and what follows from it.
pub(crate) struct Look {
    pub catalog: Catalog<Aws>,
    pub desired: Desired<Aws>,
    pub observation: Observation,
    pub plan: Plan,
    pub marks: Marks,
    /// Values to pin before anything is changed.
    pub pins: Vec<(&'static str, String)>,
}

/// Looks at the environment and plans towards its configuration.
pub(crate) async fn towards(
    name: &str,
    environment: &Environment,
    connection: &Connection,
    state: &State,
) -> Result<Look, Failure> {
    let reads = connection.reads();
    let split = |text: &String| text.split(',').map(ToOwned::to_owned).collect::<Vec<_>>();
    let zones = state.pins.get(ZONES).map(split);
    let around = Surroundings::look(&reads, zones).await?;
    let addresses = resolver_addresses(state);
    let kept = Kept {
        resolver_addresses: addresses.clone(),
    };
    let desired = blueprint::draw(name, environment, &around, &kept);
    let catalog = aws::catalog();
    let observation = seen(&reads, &catalog, &desired, state, name, connection).await?;
    let marks = marks(name, connection, state, &observation)?;
    let plan = plan(&desired, &catalog, &observation, state, &marks);
    let pins = [
        (ZONES, around.zones.join(",")),
        (RESOLVER_ADDRESSES, addresses.join(",")),
    ];
    let unknown =
        |(name, value): &(&str, String)| !value.is_empty() && state.pins.get(*name) != Some(value);
    Ok(Look {
        pins: pins.into_iter().filter(unknown).collect(),
        catalog,
        desired,
        observation,
        plan,
        marks,
    })
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
    let around = Surroundings::look(&reads, None).await?;
    let desired = blueprint::draw(name, &Environment::default(), &around, &Kept::default());
    let catalog = aws::catalog();
    let observation = seen(&reads, &catalog, &desired, state, name, connection).await?;
    let marks = marks(name, connection, state, &observation)?;
    let plan = plan_destroy(&catalog, &observation, state);
    Ok(Look {
        pins: Vec::new(),
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

/// Addresses that DNS servers on premises know: on record, else pinned when they were.
fn resolver_addresses(state: &State) -> Vec<String> {
    let on_record = state.records.get(blueprint::ids::RESOLVER);
    let on_record = on_record.and_then(|record| record.out["addresses"].as_array().cloned());
    let mut addresses: Vec<String> = on_record
        .unwrap_or_default()
        .iter()
        .filter_map(|pair| pair[1].as_str().map(ToOwned::to_owned))
        .collect();
    if addresses.is_empty() {
        let pinned = state.pins.get(RESOLVER_ADDRESSES);
        addresses = pinned
            .map(|p| p.split(',').map(ToOwned::to_owned).collect())
            .unwrap_or_default();
    }
    addresses
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

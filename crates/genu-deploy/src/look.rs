//! Looking and planning, as `plan`, `apply` and `destroy` all do first.

use std::collections::BTreeSet;

use aws::{Aws, Connection, Import, Imported, Reads, Surroundings, Wishes};
use blueprint::Kept;
use config::Environment;
use preflight::{Subject, Verdict};
use reconciler::{Catalog, Desired, Marks, Observation, Plan, observe, plan, plan_destroy};
use serde_json::{Value, json};
use state::State;
use uuid::Uuid;

use crate::exit::Failure;

/// Pins: values settled once and then kept.
pub(crate) const ZONES: &str = "availability-zones";
pub(crate) const SUBNETS: &str = "isolated-subnets";
pub(crate) const RESOLVER_ADDRESSES: &str = "resolver-addresses";
/// Environments of ours whose endpoints may be used.
pub(crate) const SHARED: &str = "endpoints-of";
/// Keys of the tags that the configuration put on everything, as a JSON array.
pub(crate) const TAG_KEYS: &str = "tag-keys";
/// What the pins of things that others own begin with.
const EXTERNAL: &str = "external/";

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
}

/// Looks at the environment and plans towards its configuration. `shared` are other environments
/// whose endpoints the user agrees to use.
pub(crate) async fn towards(
    name: &str,
    environment: &Environment,
    connection: &Connection,
    state: &State,
    shared: &[String],
) -> Result<Look, Failure> {
    let reads = connection.reads();
    let pinned = |pin: &str| {
        let text = state.pins.get(pin)?;
        Some(text.split(',').map(ToOwned::to_owned).collect::<Vec<_>>())
    };
    let wishes = wishes(name, environment, connection, &pinned);
    let around = Surroundings::look(&reads, &wishes).await?;
    if let Some(imported) = &around.imported {
        refused(&preflight::drawable(imported))?;
    }
    let addresses = resolver_addresses(state);
    let kept = Kept {
        resolver_addresses: addresses.clone(),
        instance_subnet: instance_subnet(state),
    };
    let desired = blueprint::draw(name, environment, &around, &kept);
    let catalog = aws::catalog();
    let observation = seen(&reads, &catalog, &desired, state, name, connection).await?;
    let marks = marks(name, connection, state, &observation)?;
    let plan = plan(&desired, &catalog, &observation, state, &marks);
    let mut agreed = pinned(SHARED).unwrap_or_default();
    agreed.extend(
        shared
            .iter()
            .filter(|s| !agreed.contains(s))
            .cloned()
            .collect::<Vec<_>>(),
    );
    let mut look = Look {
        pins: Vec::new(),
        verdict: Verdict::default(),
        shared: agreed,
        catalog,
        desired,
        observation,
        plan,
        marks,
        around,
    };
    look.pins = look.pins_from(&wishes, &addresses, state);
    // Until the last tag is off, its key is remembered.
    let mut keys = blueprint::tag_keys(environment);
    keys.extend(look.marks.once_ours.clone());
    if keys != look.marks.once_ours {
        look.pins
            .push((TAG_KEYS.to_owned(), Some(json!(keys).to_string())));
    }
    look.verdict = preflight::shape(&reads, &look.subject(name, environment)).await;
    Ok(look)
}

fn wishes(
    name: &str,
    environment: &Environment,
    connection: &Connection,
    pinned: &impl Fn(&str) -> Option<Vec<String>>,
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
        zones: pinned(ZONES),
        services: blueprint::services(environment, &connection.region),
        // Chosen within one VPC, and worth nothing in another.
        subnets: pinned(SUBNETS).filter(|_| {
            let vpc = pinned(blueprint::ids::EXTERNAL_VPC).unwrap_or_default();
            environment.closed_network_vpc_id.as_ref() == vpc.first()
        }),
        import,
    }
}

impl Look {
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

    fn pins_from(
        &self,
        wishes: &Wishes,
        addresses: &[(String, String)],
        state: &State,
    ) -> Vec<(String, Option<String>)> {
        let imported = self.around.imported.as_ref();
        let chosen = |imported: &Imported| {
            let ids: Vec<&str> = imported.subnets.iter().map(|s| s.id.as_str()).collect();
            ids.join(",")
        };
        let by_choice = wishes
            .import
            .as_ref()
            .is_some_and(|import| import.subnets.is_none());
        let addresses = addresses.iter();
        let addresses: Vec<String> = addresses
            .map(|(subnet, a)| format!("{subnet}={a}"))
            .collect();
        let mut pins = vec![
            (
                SUBNETS.to_owned(),
                imported.filter(|_| by_choice).map(chosen),
            ),
            (RESOLVER_ADDRESSES.to_owned(), Some(addresses.join(","))),
            (SHARED.to_owned(), Some(self.shared.join(","))),
        ];
        let givens = self.desired.givens();
        let givens = givens.map(|given| (given.id.to_string(), Some(given.identity.clone())));
        pins.extend(givens);
        let gone = state
            .pins
            .keys()
            .filter(|pin| pin.starts_with(EXTERNAL) && !pins.iter().any(|(name, _)| name == *pin));
        let gone: Vec<_> = gone.map(|pin| (pin.clone(), None)).collect();
        pins.extend(gone);
        // The zones of a VPC of our own are still its zones when it comes back.
        if imported.is_none() {
            pins.push((ZONES.to_owned(), Some(self.around.zones.join(","))));
        }
        // What is empty says nothing.
        for (_, value) in &mut pins {
            value.take_if(|value| value.is_empty());
        }
        pins.retain(|(name, value)| state.pins.get(name) != value.as_ref());
        // The addresses that DNS servers know outlive a resolver that was switched off.
        pins.retain(|(name, value)| name != RESOLVER_ADDRESSES || value.is_some());
        pins
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
    let desired = blueprint::draw(name, &Environment::default(), &around, &Kept::default());
    let catalog = aws::catalog();
    let observation = seen(&reads, &catalog, &desired, state, name, connection).await?;
    let marks = marks(name, connection, state, &observation)?;
    let plan = plan_destroy(&catalog, &observation, state);
    Ok(Look {
        pins: Vec::new(),
        verdict: Verdict::default(),
        shared: Vec::new(),
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

/// Addresses that DNS servers on premises know, with their subnets: on record, else pinned when they
/// were.
fn resolver_addresses(state: &State) -> Vec<(String, String)> {
    let pair = |subnet: &str, address: &str| (subnet.to_owned(), address.to_owned());
    if let Some(record) = state.records.get(blueprint::ids::RESOLVER) {
        let pairs = record.out["addresses"].as_array().into_iter().flatten();
        let pairs: Vec<_> = pairs
            .filter_map(|p| Some(pair(p[0].as_str()?, p[1].as_str()?)))
            .collect();
        if !pairs.is_empty() {
            return pairs;
        }
    }
    let pinned = state.pins.get(RESOLVER_ADDRESSES).into_iter();
    let pairs = pinned.flat_map(|pinned| pinned.split(','));
    pairs
        .map(|p| {
            p.split_once('=')
                .map_or_else(|| pair("", p), |(s, a)| pair(s, a))
        })
        .collect()
}

/// Id of the subnet that the Windows instance stands in.
fn instance_subnet(state: &State) -> Option<String> {
    let record = state.records.get(blueprint::ids::INSTANCE)?;
    let is_subnet = |id: &&String| {
        id.starts_with(blueprint::ids::EXTERNAL_SUBNET)
            || blueprint::ids::SUBNETS.contains(&id.as_str())
    };
    record.needs.iter().find(is_subnet).cloned()
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
        once_ours: pinned_keys(state),
    })
}

fn pinned_keys(state: &State) -> BTreeSet<String> {
    let text = state.pins.get(TAG_KEYS);
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
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

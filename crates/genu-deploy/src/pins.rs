//! Values settled once and then kept in the state.

use std::collections::BTreeSet;

use blueprint::{Kept, ids};
use config::Environment;
use serde_json::json;
use state::State;

use crate::look::Look;

/// Zones of a VPC of our own.
pub(crate) const ZONES: &str = "availability-zones";
/// Subnets chosen in a VPC of the user's own.
pub(crate) const SUBNETS: &str = "isolated-subnets";
/// Addresses of the resolver, `subnet=address` each.
const RESOLVER_ADDRESSES: &str = "resolver-addresses";
/// Environments of ours whose endpoints may be used.
pub(crate) const SHARED: &str = "endpoints-of";
/// Keys of the tags that the configuration put on everything, as a JSON array.
pub(crate) const TAG_KEYS: &str = "tag-keys";
/// What the pins of things that others own begin with.
const EXTERNAL: &str = "external/";

/// What earlier runs settled.
pub(crate) struct Pinned<'a>(pub &'a State);

impl Pinned<'_> {
    /// A pinned list.
    pub(crate) fn list(&self, pin: &str) -> Option<Vec<String>> {
        let text = self.0.pins.get(pin)?;
        Some(text.split(',').map(ToOwned::to_owned).collect())
    }

    /// Keys of tags that we once put on.
    pub(crate) fn tag_keys(&self) -> BTreeSet<String> {
        let text = self.0.pins.get(TAG_KEYS);
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// What the drawing keeps.
    pub(crate) fn kept(&self) -> Kept {
        Kept {
            resolver_addresses: self.resolver_addresses(),
            instance_subnet: self.instance_subnet(),
        }
    }

    /// Addresses that DNS servers on premises know, with their subnets: on record, else pinned when
    /// they were.
    fn resolver_addresses(&self) -> Vec<(String, String)> {
        let pair = |subnet: &str, address: &str| (subnet.to_owned(), address.to_owned());
        if let Some(record) = self.0.records.get(ids::RESOLVER) {
            let pairs = record.out["addresses"].as_array().into_iter().flatten();
            let pairs: Vec<_> = pairs
                .filter_map(|p| Some(pair(p[0].as_str()?, p[1].as_str()?)))
                .collect();
            if !pairs.is_empty() {
                return pairs;
            }
        }
        let pinned = self.list(RESOLVER_ADDRESSES).unwrap_or_default();
        let pairs = pinned.iter().filter_map(|p| p.split_once('='));
        pairs
            .map(|(subnet, address)| pair(subnet, address))
            .collect()
    }

    /// Id of the subnet that the Windows instance stands in.
    fn instance_subnet(&self) -> Option<String> {
        let record = self.0.records.get(ids::INSTANCE)?;
        let is_subnet = |id: &&String| {
            id.starts_with(ids::EXTERNAL_SUBNET) || ids::SUBNETS.contains(&id.as_str())
        };
        record.needs.iter().find(is_subnet).cloned()
    }
}

/// What has to be pinned, or let go, before `look`'s plan is carried out.
pub(crate) fn changes(
    look: &Look,
    environment: &Environment,
    kept: &Kept,
    state: &State,
) -> Vec<(String, Option<String>)> {
    let mut pins: Vec<(String, Option<String>)> = vec![(SHARED.to_owned(), text(&look.shared))];
    let chosen = environment.closed_network_subnet_ids.is_none();
    let imported = look.around.imported.as_ref();
    let subnets = imported.filter(|_| chosen).and_then(|imported| {
        let ids: Vec<String> = imported.subnets.iter().map(|s| s.id.clone()).collect();
        text(&ids)
    });
    pins.push((SUBNETS.to_owned(), subnets));
    // The zones of a VPC of our own are still its zones when it comes back.
    if imported.is_none() {
        pins.push((ZONES.to_owned(), text(&look.around.zones)));
    }
    // The addresses that DNS servers know outlive a resolver that was switched off.
    let addresses = kept.resolver_addresses.iter();
    let addresses: Vec<String> = addresses
        .map(|(subnet, a)| format!("{subnet}={a}"))
        .collect();
    pins.extend(text(&addresses).map(|text| (RESOLVER_ADDRESSES.to_owned(), Some(text))));
    // Until the last tag is off, its key is remembered.
    let mut keys = blueprint::tag_keys(environment);
    keys.extend(look.marks.once_ours.clone());
    if !keys.is_empty() {
        pins.push((TAG_KEYS.to_owned(), Some(json!(keys).to_string())));
    }
    let givens = look.desired.givens();
    pins.extend(givens.map(|given| (given.id.to_string(), Some(given.identity.clone()))));
    let external = state.pins.keys().filter(|pin| pin.starts_with(EXTERNAL));
    let gone: Vec<String> = external
        .filter(|pin| !pins.iter().any(|(name, _)| name == *pin))
        .cloned()
        .collect();
    pins.extend(gone.into_iter().map(|pin| (pin, None)));
    pins.retain(|(name, value)| state.pins.get(name) != value.as_ref());
    pins
}

/// A list as it is pinned; what is empty says nothing.
fn text(items: &[String]) -> Option<String> {
    (!items.is_empty()).then(|| items.join(","))
}

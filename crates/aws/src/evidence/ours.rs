//! What the deployment consists of, by the state's records: to tell ours from others'.

use reconciler::{Class, Fault, Kind};
use state::State;

use super::unread::Unread;
use crate::kinds::Vpc;

/// Pins of what others own and we build on.
const EXTERNAL_VPC: &str = "external/vpc";
const EXTERNAL_SUBNET: &str = "external/subnet-";

/// The records of a deployment.
pub(super) struct Ours<'a> {
    state: &'a State,
    /// `vpc-…`, ours or the user's.
    pub(super) vpc: String,
    /// Whether we made it.
    pub(super) made_vpc: bool,
    /// What was not understood on the way.
    pub(super) unread: Unread,
}

impl<'a> Ours<'a> {
    pub(super) fn of(state: &'a State) -> Result<Self, Fault> {
        let external = state.pins.get(EXTERNAL_VPC).cloned();
        let unread = Unread::default();
        let made = records::<Vpc>(state, &unread).next().map(|(_, out)| out.id);
        let Some(vpc) = external.clone().or(made) else {
            let what = "the state knows no VPC";
            return Err(Fault::new(Class::Refused, "audit", what)
                .hint("apply first; `state rebuild` writes a lost state anew"));
        };
        Ok(Self {
            made_vpc: external.is_none(),
            state,
            vpc,
            unread,
        })
    }

    /// Id and facts of every resource of one kind.
    pub(super) fn all<K: Kind>(&self) -> Vec<(String, K::Out)> {
        records::<K>(self.state, &self.unread).collect()
    }

    /// Facts of the only resource of one kind.
    pub(super) fn one<K: Kind>(&self) -> Option<K::Out> {
        records::<K>(self.state, &self.unread)
            .next()
            .map(|(_, out)| out)
    }

    /// The id in the deployment of what AWS calls `identity`.
    pub(super) fn id_of<K: Kind>(&self, identity: &str) -> Option<String> {
        let mut all = records::<K>(self.state, &self.unread);
        let found = all.find(|(_, out)| K::identity(out) == identity);
        found.map(|(id, _)| id)
    }

    /// Subnets of the user's own that are built in.
    pub(super) fn external_subnets(&self) -> impl Iterator<Item = &str> {
        let pins = self.state.pins.iter();
        pins.filter(|(pin, _)| pin.starts_with(EXTERNAL_SUBNET))
            .map(|(_, subnet)| subnet.as_str())
    }
}

fn records<K: Kind>(state: &State, unread: &Unread) -> impl Iterator<Item = (String, K::Out)> {
    let records = state.records.iter();
    records
        .filter(|(_, record)| record.kind == K::NAME)
        .filter_map(|(id, record)| {
            let out = serde_json::from_value(record.out.clone()).ok();
            let out = unread.member(out, &format!("the state's record of {id}"), "its facts")?;
            Some((id.clone(), out))
        })
}

//! Kinds without their types: what the engine works with.

use std::any::Any;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use serde_json::Value;

use crate::kind::{Candidate, Cloud, Kind, Pace, Phase, Resend, Scope, Settles};
use crate::{Attrs, Facts, Fault, Id, Impact, Needs, Tags};

/// A kind's `Out`, its type known to the kind alone.
pub type Fact = Arc<dyn Any + Send + Sync>;

/// A [`Kind`] behind a pointer.
#[async_trait::async_trait]
pub trait AnyKind<C: Cloud>: Send + Sync {
    /// `Kind::NAME`.
    fn name(&self) -> &'static str;
    /// `Kind::PACE`.
    fn pace(&self) -> Pace;
    /// `Kind::RESEND`.
    fn resend(&self) -> Resend;
    /// `Kind::SETTLES`.
    fn settles(&self) -> Settles;
    /// `Kind::DELETE_BATCH`.
    fn delete_batch(&self) -> usize;
    /// `Kind::HELD`.
    fn held(&self) -> bool;
    /// `Kind::UPDATE_MOVES`.
    fn update_moves(&self) -> bool;
    /// `Kind::TAGGABLE`.
    fn taggable(&self) -> bool;
    /// `Kind::TAGGED_AT_CREATE`.
    fn tagged_at_create(&self) -> bool;
    /// Names of the kinds it is built on.
    fn needs(&self) -> Vec<&'static str>;
    /// A recorded `Out` back to life; `None` when it does not parse.
    fn decode(&self, out: &Value) -> Option<Fact>;
    /// An `Out` for the record.
    fn encode(&self, fact: &Fact) -> Value;
    /// `Kind::identity`.
    fn identity(&self, fact: &Fact) -> String;
    /// `Kind::impact`.
    fn impact(&self, field: &str) -> Impact;
    /// `Kind::list`.
    async fn list(
        &self,
        reads: &C::Reads,
        env: &str,
        region: &str,
        recorded: &[Fact],
        wanted: &[(Id, Option<String>)],
        found: &Facts,
    ) -> Result<Vec<Candidate<Fact>>, Fault>;
    /// `Kind::phases`.
    async fn phases(&self, reads: &C::Reads, facts: &[Fact]) -> Vec<Result<Phase<Fact>, Fault>>;
    /// `Kind::tag`.
    async fn tag(&self, writes: &C::Writes, fact: &Fact, tags: &Tags) -> Result<(), Fault>;
    /// `Kind::untag`.
    async fn untag(&self, writes: &C::Writes, fact: &Fact, keys: &[String]) -> Result<(), Fault>;
    /// `Kind::stands_on`.
    fn stands_on(&self, one: &Attrs, other: &Attrs) -> bool;
    /// `Kind::delete`.
    async fn delete(&self, writes: &C::Writes, facts: &[Fact]) -> Vec<Result<(), Fault>>;
}

pub(crate) struct Erased<K>(PhantomData<fn() -> K>);

impl<K> Erased<K> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

fn typed<K: Kind>(fact: &Fact) -> Option<&K::Out> {
    fact.downcast_ref()
}

fn all_typed<K: Kind>(facts: &[Fact]) -> Vec<K::Out> {
    facts.iter().filter_map(typed::<K>).cloned().collect()
}

impl<Out: Send + Sync + 'static> Candidate<Out> {
    pub(crate) fn erase(self) -> Candidate<Fact> {
        Candidate {
            out: Arc::new(self.out),
            attrs: self.attrs,
            mark: self.mark,
            name: self.name,
            pristine: self.pristine,
            health: self.health,
            notes: self.notes,
        }
    }
}

impl<Out: Send + Sync + 'static> Phase<Out> {
    fn erase(self) -> Phase<Fact> {
        match self {
            Self::Ready(out) => Phase::Ready(Arc::new(out)),
            Self::Pending(what) => Phase::Pending(what),
            Self::Deleting(why) => Phase::Deleting(why),
            Self::Gone => Phase::Gone,
            Self::Ended(why) => Phase::Ended(why),
            Self::Failed(why) => Phase::Failed(why),
        }
    }
}

#[async_trait::async_trait]
impl<K: Kind> AnyKind<K::Cloud> for Erased<K> {
    fn name(&self) -> &'static str {
        K::NAME
    }
    fn pace(&self) -> Pace {
        K::PACE
    }
    fn resend(&self) -> Resend {
        K::RESEND
    }
    fn settles(&self) -> Settles {
        K::SETTLES
    }
    fn delete_batch(&self) -> usize {
        K::DELETE_BATCH
    }
    fn held(&self) -> bool {
        K::HELD
    }
    fn update_moves(&self) -> bool {
        K::UPDATE_MOVES
    }
    fn taggable(&self) -> bool {
        K::TAGGABLE
    }
    fn tagged_at_create(&self) -> bool {
        K::TAGGED_AT_CREATE
    }
    fn needs(&self) -> Vec<&'static str> {
        let mut kinds = Vec::new();
        K::Needs::kinds(&mut kinds);
        kinds.sort_unstable();
        kinds.dedup();
        // A kind may refer to others of itself; looking is one call for all of them.
        kinds.retain(|&kind| kind != K::NAME);
        kinds
    }
    fn decode(&self, out: &Value) -> Option<Fact> {
        let out: K::Out = serde_json::from_value(out.clone()).ok()?;
        Some(Arc::new(out))
    }
    fn encode(&self, fact: &Fact) -> Value {
        typed::<K>(fact)
            .and_then(|out| serde_json::to_value(out).ok())
            .unwrap_or_default()
    }
    fn identity(&self, fact: &Fact) -> String {
        typed::<K>(fact).map(K::identity).unwrap_or_default()
    }
    fn impact(&self, field: &str) -> Impact {
        K::impact(field)
    }
    async fn list(
        &self,
        reads: &<K::Cloud as Cloud>::Reads,
        env: &str,
        region: &str,
        recorded: &[Fact],
        wanted: &[(Id, Option<String>)],
        found: &Facts,
    ) -> Result<Vec<Candidate<Fact>>, Fault> {
        let scope = Scope {
            env,
            region,
            recorded: all_typed::<K>(recorded),
            wanted: wanted.to_vec(),
            found,
        };
        // One candidate an identity, however many of the queries below showed it.
        let mut by_identity = BTreeMap::new();
        for candidate in K::list(reads, &scope).await? {
            by_identity.insert(K::identity(&candidate.out), candidate.erase());
        }
        Ok(by_identity.into_values().collect())
    }
    async fn phases(
        &self,
        reads: &<K::Cloud as Cloud>::Reads,
        facts: &[Fact],
    ) -> Vec<Result<Phase<Fact>, Fault>> {
        let phases = K::phases(reads, &all_typed::<K>(facts)).await;
        let phases = phases.into_iter();
        phases.map(|phase| phase.map(Phase::erase)).collect()
    }
    async fn tag(
        &self,
        writes: &<K::Cloud as Cloud>::Writes,
        fact: &Fact,
        tags: &Tags,
    ) -> Result<(), Fault> {
        match typed::<K>(fact) {
            Some(out) => K::tag(writes, out, tags).await,
            None => Ok(()),
        }
    }
    async fn untag(
        &self,
        writes: &<K::Cloud as Cloud>::Writes,
        fact: &Fact,
        keys: &[String],
    ) -> Result<(), Fault> {
        match typed::<K>(fact) {
            Some(out) => K::untag(writes, out, keys).await,
            None => Ok(()),
        }
    }
    fn stands_on(&self, one: &Attrs, other: &Attrs) -> bool {
        K::stands_on(one, other)
    }
    async fn delete(
        &self,
        writes: &<K::Cloud as Cloud>::Writes,
        facts: &[Fact],
    ) -> Vec<Result<(), Fault>> {
        K::delete(writes, &all_typed::<K>(facts)).await
    }
}

/// Every kind a cloud has, needed kinds before those that need them.
pub struct Catalog<C: Cloud>(Vec<Arc<dyn AnyKind<C>>>);

impl<C: Cloud> Default for Catalog<C> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<C: Cloud> Catalog<C> {
    /// Adds a kind.
    ///
    /// # Panics
    /// When a kind it needs has not been added before: the order is that of looking and, in
    /// reverse, of deleting what is not on record.
    #[must_use]
    pub fn with<K: Kind<Cloud = C>>(mut self) -> Self {
        let kind = Arc::new(Erased::<K>::new());
        for needed in AnyKind::<C>::needs(&*kind) {
            assert!(self.get(needed).is_some(), "{} needs {needed}", K::NAME);
        }
        self.0.push(kind);
        self
    }

    /// A kind by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<dyn AnyKind<C>>> {
        self.0.iter().find(|kind| kind.name() == name)
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn AnyKind<C>>> {
        self.0.iter()
    }
}

//! The desired graph.

use std::sync::Arc;

use uuid::Uuid;

use crate::catalog::{AnyKind, Erased, Fact};
use crate::kind::{Cloud, Created, Kind};
use crate::{Attrs, Change, Facts, Fault, Id, Needs, Ref, Tags};

/// A desired resource without its type.
#[async_trait::async_trait]
pub(crate) trait AnyNode<C: Cloud>: Send + Sync {
    fn id(&self) -> &Id;
    fn kind(&self) -> Arc<dyn AnyKind<C>>;
    fn needs(&self) -> Vec<Id>;
    fn name(&self) -> Option<String>;
    /// Tags beside the ownership marks.
    fn tags(&self) -> &Tags;
    fn attrs(&self, facts: &Facts) -> Attrs;
    async fn create(
        &self,
        writes: &C::Writes,
        facts: &Facts,
        tags: &Tags,
        token: Uuid,
    ) -> Result<Created<Fact>, Fault>;
    async fn update(
        &self,
        writes: &C::Writes,
        facts: &Facts,
        live: &Fact,
        tags: &Tags,
        changes: &[Change],
    ) -> Result<Fact, Fault>;
}

struct Node<K: Kind> {
    id: Id,
    spec: K,
    needs: K::Needs,
    tags: Tags,
}

impl<K: Kind> Node<K> {
    fn known(&self, facts: &Facts) -> Result<<K::Needs as Needs>::Known, Fault> {
        self.needs.known(facts).ok_or_else(|| {
            let what = format!("{} was started before what it needs", self.id);
            Fault::new(crate::Class::Refused, "reconciler", what)
        })
    }
}

#[async_trait::async_trait]
impl<K: Kind> AnyNode<K::Cloud> for Node<K> {
    fn id(&self) -> &Id {
        &self.id
    }
    fn kind(&self) -> Arc<dyn AnyKind<K::Cloud>> {
        Arc::new(Erased::<K>::new())
    }
    fn needs(&self) -> Vec<Id> {
        let mut ids = Vec::new();
        self.needs.ids(&mut ids);
        ids.sort();
        ids.dedup();
        ids
    }
    fn name(&self) -> Option<String> {
        self.spec.name()
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
    fn attrs(&self, facts: &Facts) -> Attrs {
        self.spec.attrs(&self.needs.maybe(facts))
    }
    async fn create(
        &self,
        writes: &<K::Cloud as Cloud>::Writes,
        facts: &Facts,
        tags: &Tags,
        token: Uuid,
    ) -> Result<Created<Fact>, Fault> {
        let needs = self.known(facts)?;
        let created = self.spec.create(writes, &needs, tags, token).await?;
        Ok(Created {
            out: Arc::new(created.out),
            attrs: created.attrs,
            tagged: created.tagged,
        })
    }
    async fn update(
        &self,
        writes: &<K::Cloud as Cloud>::Writes,
        facts: &Facts,
        live: &Fact,
        tags: &Tags,
        changes: &[Change],
    ) -> Result<Fact, Fault> {
        let needs = self.known(facts)?;
        match live.downcast_ref::<K::Out>() {
            Some(out) => {
                let out = self.spec.update(writes, &needs, out, tags, changes).await?;
                Ok(Arc::new(out))
            }
            None => Ok(Arc::clone(live)),
        }
    }
}

/// Something that others own and the deployment is built on: known, and out of reach of every code
/// path that changes or deletes, because there is no node for it.
pub struct Given {
    /// Its id in needs and plans.
    pub id: Id,
    /// Kind name.
    pub kind: &'static str,
    /// What tells it apart for good.
    pub identity: String,
    pub(crate) fact: Fact,
}

/// Everything a deployment should consist of, what is needed before what needs it.
pub struct Desired<C: Cloud> {
    nodes: Vec<Arc<dyn AnyNode<C>>>,
    givens: Vec<Given>,
}

impl<C: Cloud> Default for Desired<C> {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            givens: Vec::new(),
        }
    }
}

impl<C: Cloud> Desired<C> {
    /// Adds a resource; `tags` come beside the ownership marks.
    ///
    /// # Panics
    /// When the id is taken.
    pub fn add<K: Kind<Cloud = C>>(
        &mut self,
        id: &str,
        needs: K::Needs,
        spec: K,
        tags: Tags,
    ) -> Ref<K> {
        let id = Id::new(id);
        assert!(self.get(&id).is_none(), "{id} is there already");
        let reference = Ref::new(id.clone());
        self.nodes.push(Arc::new(Node {
            id,
            spec,
            needs,
            tags,
        }));
        reference
    }

    /// Adds something that others own, to be built on and never touched.
    ///
    /// # Panics
    /// When the id is taken.
    pub fn given<K: Kind<Cloud = C>>(&mut self, id: &str, out: K::Out) -> Ref<K> {
        let id = Id::new(id);
        let taken = self.givens.iter().any(|given| given.id == id);
        assert!(!taken && self.get(&id).is_none(), "{id} is there already");
        self.givens.push(Given {
            id: id.clone(),
            kind: K::NAME,
            identity: K::identity(&out),
            fact: Arc::new(out),
        });
        Ref::new(id)
    }

    /// What others own and this is built on.
    pub fn givens(&self) -> impl Iterator<Item = &Given> {
        self.givens.iter()
    }

    /// The facts of what others own.
    pub(crate) fn given_facts(&self) -> Facts {
        let mut facts = Facts::default();
        for given in &self.givens {
            facts.insert(given.id.clone(), given.fact.clone());
        }
        facts
    }

    /// Ids in order.
    pub fn ids(&self) -> impl Iterator<Item = &Id> {
        self.nodes.iter().map(|node| node.id())
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Arc<dyn AnyNode<C>>> {
        self.nodes.iter()
    }

    pub(crate) fn get(&self, id: &Id) -> Option<&Arc<dyn AnyNode<C>>> {
        self.nodes.iter().find(|node| node.id() == id)
    }
}

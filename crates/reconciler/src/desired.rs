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

/// Everything a deployment should consist of, what is needed before what needs it.
pub struct Desired<C: Cloud> {
    nodes: Vec<Arc<dyn AnyNode<C>>>,
}

impl<C: Cloud> Default for Desired<C> {
    fn default() -> Self {
        Self { nodes: Vec::new() }
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

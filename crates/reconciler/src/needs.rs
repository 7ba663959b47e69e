//! Typed references: what one resource takes from others.
//!
//! A [`Ref`] exists only after its resource was added to the [`crate::Desired`] graph, so cycles
//! cannot be written down; a kind sees the facts of what is in its [`Needs`] and of nothing else.

use std::any::Any;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::{Id, Kind};

/// A reference to a resource of kind `K` in the same deployment.
pub struct Ref<K> {
    id: Id,
    kind: PhantomData<fn() -> K>,
}

impl<K> Ref<K> {
    pub(crate) fn new(id: Id) -> Self {
        Self {
            id,
            kind: PhantomData,
        }
    }

    /// The resource's id.
    #[must_use]
    pub fn id(&self) -> &Id {
        &self.id
    }
}

impl<K> Clone for Ref<K> {
    fn clone(&self) -> Self {
        Self::new(self.id.clone())
    }
}

/// What is known of live resources, by id; the types are the kinds' `Out`.
#[derive(Default, Clone)]
pub struct Facts(BTreeMap<Id, Arc<dyn Any + Send + Sync>>);

impl Facts {
    pub(crate) fn insert(&mut self, id: Id, out: Arc<dyn Any + Send + Sync>) {
        self.0.insert(id, out);
    }

    pub(crate) fn remove(&mut self, id: &Id) {
        self.0.remove(id);
    }

    fn get<T: Send + Sync + 'static>(&self, id: &Id) -> Option<Arc<T>> {
        Arc::clone(self.0.get(id)?).downcast().ok()
    }

    /// Every fact of one type.
    pub fn all<T: Send + Sync + 'static>(&self) -> impl Iterator<Item = Arc<T>> {
        self.0
            .values()
            .filter_map(|v| Arc::clone(v).downcast().ok())
    }
}

/// A set of references: `()`, a [`Ref`], an `Option` or `Vec` of sets, or a tuple of sets.
pub trait Needs: Clone + Send + Sync + 'static {
    /// The facts, all of them there.
    type Known: Send;
    /// The facts as far as they are known while planning.
    type Maybe: Send;

    /// Ids referred to.
    fn ids(&self, into: &mut Vec<Id>);
    /// Names of the kinds referred to.
    fn kinds(into: &mut Vec<&'static str>);
    /// Looks the facts up.
    fn maybe(&self, facts: &Facts) -> Self::Maybe;
    /// All facts, or `None` when one is missing.
    fn known(&self, facts: &Facts) -> Option<Self::Known>;
    /// Complete facts seen as facts while planning.
    fn certain(known: &Self::Known) -> Self::Maybe;
}

impl Needs for () {
    type Known = ();
    type Maybe = ();
    fn ids(&self, _: &mut Vec<Id>) {}
    fn kinds(_: &mut Vec<&'static str>) {}
    fn maybe(&self, _: &Facts) {}
    fn known(&self, _: &Facts) -> Option<()> {
        Some(())
    }
    fn certain((): &()) {}
}

impl<K: Kind> Needs for Ref<K> {
    type Known = Arc<K::Out>;
    type Maybe = Option<Arc<K::Out>>;
    fn ids(&self, into: &mut Vec<Id>) {
        into.push(self.id.clone());
    }
    fn kinds(into: &mut Vec<&'static str>) {
        into.push(K::NAME);
    }
    fn maybe(&self, facts: &Facts) -> Self::Maybe {
        facts.get(&self.id)
    }
    fn known(&self, facts: &Facts) -> Option<Self::Known> {
        facts.get(&self.id)
    }
    fn certain(known: &Self::Known) -> Self::Maybe {
        Some(Arc::clone(known))
    }
}

impl<N: Needs> Needs for Option<N> {
    type Known = Option<N::Known>;
    type Maybe = Option<N::Maybe>;
    fn ids(&self, into: &mut Vec<Id>) {
        if let Some(needs) = self {
            needs.ids(into);
        }
    }
    fn kinds(into: &mut Vec<&'static str>) {
        N::kinds(into);
    }
    fn maybe(&self, facts: &Facts) -> Self::Maybe {
        self.as_ref().map(|needs| needs.maybe(facts))
    }
    fn known(&self, facts: &Facts) -> Option<Self::Known> {
        match self {
            Some(needs) => needs.known(facts).map(Some),
            None => Some(None),
        }
    }
    fn certain(known: &Self::Known) -> Self::Maybe {
        known.as_ref().map(N::certain)
    }
}

impl<N: Needs> Needs for Vec<N> {
    type Known = Vec<N::Known>;
    type Maybe = Vec<N::Maybe>;
    fn ids(&self, into: &mut Vec<Id>) {
        for needs in self {
            needs.ids(into);
        }
    }
    fn kinds(into: &mut Vec<&'static str>) {
        N::kinds(into);
    }
    fn maybe(&self, facts: &Facts) -> Self::Maybe {
        self.iter().map(|needs| needs.maybe(facts)).collect()
    }
    fn known(&self, facts: &Facts) -> Option<Self::Known> {
        self.iter().map(|needs| needs.known(facts)).collect()
    }
    fn certain(known: &Self::Known) -> Self::Maybe {
        known.iter().map(N::certain).collect()
    }
}

macro_rules! tuple {
    ($($n:ident $i:tt),+) => {
        impl<$($n: Needs),+> Needs for ($($n,)+) {
            type Known = ($($n::Known,)+);
            type Maybe = ($($n::Maybe,)+);
            fn ids(&self, into: &mut Vec<Id>) {
                $(self.$i.ids(into);)+
            }
            fn kinds(into: &mut Vec<&'static str>) {
                $($n::kinds(into);)+
            }
            fn maybe(&self, facts: &Facts) -> Self::Maybe {
                ($(self.$i.maybe(facts),)+)
            }
            fn known(&self, facts: &Facts) -> Option<Self::Known> {
                Some(($(self.$i.known(facts)?,)+))
            }
            fn certain(known: &Self::Known) -> Self::Maybe {
                ($($n::certain(&known.$i),)+)
            }
        }
    };
}
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);

//! Three kinds with the three ways of finding a lost create again: tags alone, a unique name, a
//! token; and one whose name is not free until its deletion is over.

use std::sync::Arc;

use async_trait::async_trait;
use reconciler::{
    Attr, Attrs, Candidate, Catalog, Change, Class, Cloud, Created, Fault, Health, Impact, Kind,
    Mark, Needs, Pace, Phase, Ref, Resend, Scope, Settles, Tags, Trouble, settled,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::World;
use super::world::Thing;

pub enum FakeCloud {}

impl Cloud for FakeCloud {
    type Reads = World;
    type Writes = World;
}

pub fn catalog() -> Catalog<FakeCloud> {
    Catalog::default()
        .with::<Base>()
        .with::<Child>()
        .with::<Join>()
        .with::<Service>()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Out {
    pub number: u32,
    pub name: Option<String>,
}

fn candidate(thing: Thing) -> Candidate<Out> {
    Candidate {
        health: if thing.is_deleting() {
            Health::Leaving("its tasks are stopping".into())
        } else if thing.broken {
            Health::Broken("somebody broke it".into())
        } else if thing.is_ready() {
            Health::Ready
        } else {
            Health::Pending
        },
        attrs: Attrs::new()
            .with("size", thing.size)
            .with("on", on(&thing.parents)),
        mark: Mark::Tags(thing.tags),
        name: thing.name.clone(),
        out: Out {
            number: thing.number,
            name: thing.name,
        },
        pristine: true,
        notes: Vec::new(),
    }
}

/// What it stands on.
fn on(parents: &[u32]) -> Attr {
    Attr::set(parents.iter().map(ToString::to_string))
}

/// Why things die, and what helps.
pub const DEATH: &str = "Client.InvalidKMSKey.InvalidState";
pub const HELP: &str = "repair the key";

fn number(out: Option<&Arc<Out>>) -> Option<String> {
    out.map(|out| out.number.to_string())
}

fn phase(world: &World, out: &Out) -> Phase<Out> {
    match world.shown(out.number) {
        None => Phase::Gone,
        Some(thing) if thing.has_died() => Phase::Ended(Trouble::from(DEATH).hint(Some(HELP))),
        Some(thing) if thing.is_deleting() => Phase::Deleting("deleting".into()),
        Some(thing) if thing.is_ready() => Phase::Ready(out.clone()),
        Some(_) => Phase::Pending("pending".into()),
    }
}

macro_rules! kind {
    ($kind:ident, $name:literal, $needs:ty, $resend:ident, $settles:ident, $batch:literal,
     $physical:expr, $parents:expr, $on:expr, $token:expr, $stands_on:expr) => {
        #[async_trait]
        impl Kind for $kind {
            type Cloud = FakeCloud;
            type Needs = $needs;
            type Out = Out;
            const NAME: &'static str = $name;
            const PACE: Pace = Pace::seconds(1, 5, 5, 300);
            const RESEND: Resend = Resend::$resend;
            const SETTLES: Settles = Settles::$settles;
            const DELETE_BATCH: usize = $batch;
            const HELD: bool = true;
            const UPDATE_MOVES: bool = false;
            const TAGGABLE: bool = true;
            const TAGGED_AT_CREATE: bool = true;

            fn identity(out: &Out) -> String {
                out.number.to_string()
            }
            fn name(&self) -> Option<String> {
                ($physical)(self)
            }
            fn attrs(&self, needs: &<Self::Needs as Needs>::Maybe) -> Attrs {
                let on: Attr = ($on)(needs);
                Attrs::new().with("size", self.size).with("on", on)
            }
            fn impact(field: &str) -> Impact {
                match field {
                    "on" => Impact::Tied,
                    _ => Impact::InPlace,
                }
            }
            async fn list(
                world: &World,
                _: &Scope<'_, Self>,
            ) -> Result<Vec<Candidate<Out>>, Fault> {
                let listed = world.listed($name)?;
                Ok(listed.into_iter().map(candidate).collect())
            }
            async fn phases(world: &World, outs: &[Out]) -> Vec<Result<Phase<Out>, Fault>> {
                match Self::SETTLES {
                    Settles::AtOnce => settled(outs),
                    Settles::Later => outs.iter().map(|out| Ok(phase(world, out))).collect(),
                }
            }
            async fn create(
                &self,
                world: &World,
                needs: &<Self::Needs as Needs>::Known,
                tags: &Tags,
                token: Uuid,
            ) -> Result<Created<Out>, Fault> {
                let name = self.name();
                if name.is_some() && name.as_deref() == *world.refuse.lock().unwrap() {
                    return Err(Fault::new(Class::Refused, "create", "refused"));
                }
                let parents: Vec<u32> = ($parents)(needs);
                let made_on = parents.clone();
                let token: Option<String> = ($token)(token);
                let (size, named) = (self.size, name.clone());
                let number = world
                    .change(format!("create {}", tags["genu-deploy:id"]), |hands| {
                        hands.create($name, named.as_deref(), tags, size - 1, parents, token)
                    })
                    .await?;
                // One attribute is left for the update that follows every create.
                Ok(Created {
                    out: Out { number, name },
                    attrs: Attrs::new().with("size", size - 1).with("on", on(&made_on)),
                    tagged: true,
                })
            }
            async fn update(
                &self,
                world: &World,
                needs: &<Self::Needs as Needs>::Known,
                out: &Out,
                _: &Tags,
                _: &[Change],
            ) -> Result<Out, Fault> {
                let (number, size) = (out.number, self.size);
                let parents: Vec<u32> = ($parents)(needs);
                world
                    .change(format!("update {number}"), |hands| {
                        hands.resize(number, size)?;
                        hands.replant(number, parents)
                    })
                    .await?;
                Ok(out.clone())
            }
            async fn untag(world: &World, out: &Out, keys: &[String]) -> Result<(), Fault> {
                let number = out.number;
                world
                    .change(format!("untag {number}"), |hands| hands.untag(number, keys))
                    .await
            }
            async fn tag(world: &World, out: &Out, tags: &Tags) -> Result<(), Fault> {
                let number = out.number;
                world
                    .change(format!("tag {number}"), |hands| hands.retag(number, tags))
                    .await
            }
            fn stands_on(one: &Attrs, other: &Attrs) -> bool {
                ($stands_on)(one, other)
            }
            async fn delete(world: &World, outs: &[Out]) -> Vec<Result<(), Fault>> {
                let numbers: Vec<u32> = outs.iter().map(|out| out.number).collect();
                let answer = world
                    .change(format!("delete {numbers:?}"), |hands| {
                        Ok(numbers.iter().map(|n| hands.delete(*n)).collect::<Vec<_>>())
                    })
                    .await;
                match answer {
                    Ok(answers) => answers,
                    Err(fault) => outs.iter().map(|_| Err(fault.clone())).collect(),
                }
            }
        }
    };
}

/// Found by its tags alone, as a VPC.
#[derive(Debug, Clone)]
pub struct Base {
    pub size: i64,
}
/// Unique by name, as a role.
#[derive(Debug, Clone)]
pub struct Child {
    pub name: String,
    pub size: i64,
}
/// Created with a token and deleted in batches, as an endpoint.
#[derive(Debug, Clone)]
pub struct Join {
    pub size: i64,
}
/// Unique by a name that is free again only when its deletion is over; lists show it until then. As a
/// service of containers.
#[derive(Debug, Clone)]
pub struct Service {
    pub name: String,
    pub size: i64,
}

type JoinMaybe = (
    Option<Arc<Out>>,
    Vec<Option<Arc<Out>>>,
    Vec<Option<Arc<Out>>>,
);
type JoinKnown = (Arc<Out>, Vec<Arc<Out>>, Vec<Arc<Out>>);

kind!(
    Base,
    "fake/base",
    (),
    Never,
    Later,
    1,
    |_: &Base| None,
    |(): &()| vec![],
    |(): &()| Attr::set(Vec::<String>::new()),
    |_| None,
    |_: &Attrs, _: &Attrs| false
);
kind!(
    Child,
    "fake/child",
    Ref<Base>,
    Safe,
    AtOnce,
    1,
    |child: &Child| Some(child.name.clone()),
    |base: &Arc<Out>| vec![base.number],
    |base: &Option<Arc<Out>>| Attr::set_of([number(base.as_ref())]),
    |_| None,
    |_: &Attrs, _: &Attrs| false
);
kind!(
    Join,
    "fake/join",
    (Ref<Base>, Vec<Ref<Child>>, Vec<Ref<Join>>),
    Safe,
    Later,
    4,
    |_: &Join| None,
    |(base, children, joins): &JoinKnown| {
        let others = children.iter().chain(joins).map(|out| out.number);
        std::iter::once(base.number).chain(others).collect()
    },
    |(base, children, joins): &JoinMaybe| {
        let others = children.iter().chain(joins);
        let others = others.map(|out| number(out.as_ref()));
        Attr::set_of(std::iter::once(number(base.as_ref())).chain(others))
    },
    |token: Uuid| Some(token.to_string()),
    |_: &Attrs, _: &Attrs| false
);
kind!(
    Service,
    "fake/service",
    (),
    Safe,
    Later,
    4,
    |service: &Service| Some(service.name.clone()),
    |(): &()| vec![],
    |(): &()| Attr::set(Vec::<String>::new()),
    |token: Uuid| Some(token.to_string()),
    // The larger ones stand on the smaller ones, and nothing but their sizes says so.
    |one: &Attrs, other: &Attrs| size(one) > size(other)
);

fn size(attrs: &Attrs) -> Option<i64> {
    match attrs.get("size") {
        Some(Attr::Known(size)) => size.as_i64(),
        _ => None,
    }
}

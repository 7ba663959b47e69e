//! The world: live things, and the faults it has in store.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use reconciler::{Class, Fault, Tags};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Something live.
#[derive(Debug, Clone)]
pub struct Thing {
    pub number: u32,
    pub kind: &'static str,
    pub name: Option<String>,
    pub tags: Tags,
    pub size: i64,
    pub parents: Vec<u32>,
    /// Only a replacement helps.
    pub broken: bool,
    /// It ends before it is ready.
    pub doomed: bool,
    born: Instant,
    deleted: Option<Instant>,
}

#[derive(Default)]
struct Inner {
    things: BTreeMap<u32, Thing>,
    tokens: BTreeMap<String, u32>,
    next: u32,
    calls: usize,
    boundaries: usize,
    doomed: Option<String>,
    log: Vec<String>,
}

/// What can happen to a changing call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    AnswerLost,
    RequestLost,
    Throttled,
    NotVisible,
    Slow(u64),
}

impl Mishap {
    /// One call in four has one.
    fn roll(dice: &mut fastrand::Rng) -> Option<Self> {
        Some(match dice.u8(0..20) {
            0 => Self::AnswerLost,
            1 => Self::RequestLost,
            2 => Self::Throttled,
            3 => Self::NotVisible,
            4 => Self::Slow(dice.u64(1..20)),
            _ => return None,
        })
    }
}

/// Live things and coming faults.
#[derive(Default)]
pub struct World {
    inner: Mutex<Inner>,
    crash: Notify,
    /// The world stops at this boundary.
    pub crash_at: Mutex<Option<usize>>,
    /// The answer of this changing call is lost, after it was executed.
    pub lose: Mutex<Option<usize>>,
    /// Mishaps of changing calls, by seed.
    pub weather: Mutex<Option<fastrand::Rng>>,
    /// Changing calls on things of this name are refused for good.
    pub refuse: Mutex<Option<&'static str>>,
    /// So many lists ask for the details of something that has just gone.
    pub vanishing: Mutex<usize>,
}

/// Lists show things this long after their creation.
pub const LAG: Duration = Duration::from_secs(4);
const READY: Duration = Duration::from_secs(6);
const GONE: Duration = Duration::from_secs(5);
/// What names a thing does not know it this long after its creation.
const UNSEEN: Duration = Duration::from_secs(2);
/// What is doomed ends so long after its creation.
const DEATH: Duration = Duration::from_secs(3);
/// The kind whose name is free only when it is gone.
const SERVICE: &str = "fake/service";

impl AsRef<World> for World {
    fn as_ref(&self) -> &World {
        self
    }
}

impl World {
    /// Returns when the process has to die.
    pub async fn crashed(&self) {
        self.crash.notified().await;
    }

    /// A place between two things that happen: the process may die here.
    pub async fn boundary(&self) {
        let now = {
            let mut inner = self.inner.lock().unwrap();
            inner.boundaries += 1;
            inner.boundaries
        };
        let crash = *self.crash_at.lock().unwrap() == Some(now);
        if crash {
            self.crash.notify_one();
            std::future::pending::<()>().await;
        }
    }

    pub fn boundaries(&self) -> usize {
        self.inner.lock().unwrap().boundaries
    }

    pub fn changing_calls(&self) -> usize {
        self.inner.lock().unwrap().calls
    }

    pub fn log(&self) -> Vec<String> {
        self.inner.lock().unwrap().log.clone()
    }

    /// A changing call: executed between two boundaries; its answer may get lost.
    pub async fn change<T>(
        &self,
        what: String,
        effect: impl FnOnce(&mut Hands<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.boundary().await;
        let mishap = self.weather.lock().unwrap().as_mut().and_then(Mishap::roll);
        let not_executed = match mishap {
            Some(Mishap::Throttled) => Some((Class::Throttled, "slow down")),
            Some(Mishap::RequestLost) => Some((Class::Ambiguous, "connection refused")),
            // An update begins with a look, and a look says "gone".
            Some(Mishap::NotVisible) if what.starts_with("update") => {
                Some((Class::Gone, "not found"))
            }
            Some(Mishap::NotVisible) => Some((Class::NotVisible, "not found")),
            _ => None,
        };
        if let Some((class, why)) = not_executed {
            return Err(Fault::new(class, what, why));
        }
        let (answer, call) = {
            let mut inner = self.inner.lock().unwrap();
            inner.calls += 1;
            inner.log.push(what.clone());
            let call = inner.calls;
            (effect(&mut Hands(&mut inner)), call)
        };
        let takes = match mishap {
            Some(Mishap::Slow(seconds)) => Duration::from_secs(seconds),
            _ => Duration::from_millis(200),
        };
        tokio::time::sleep(takes).await;
        self.boundary().await;
        let lost = mishap == Some(Mishap::AnswerLost);
        if lost || *self.lose.lock().unwrap() == Some(call) {
            return Err(Fault::new(Class::Ambiguous, what, "connection reset"));
        }
        answer
    }

    /// What lists show now.
    pub fn listed(&self, kind: &str) -> Result<Vec<Thing>, Fault> {
        let mut vanishing = self.vanishing.lock().unwrap();
        if *vanishing > 0 {
            *vanishing -= 1;
            return Err(Fault::new(Class::Gone, "details", "not found"));
        }
        let inner = self.inner.lock().unwrap();
        let things = inner.things.values().filter(|t| t.kind == kind);
        let shown = things.filter(|t| t.born.elapsed() >= LAG && !t.is_gone() && !t.has_died());
        let shown = shown.filter(|t| t.kind == SERVICE || t.deleted.is_none());
        Ok(shown.cloned().collect())
    }

    /// One thing by number; `None` when it is gone for good, or not to be seen yet.
    pub fn shown(&self, number: u32) -> Option<Thing> {
        let inner = self.inner.lock().unwrap();
        let thing = inner.things.get(&number);
        thing
            .filter(|t| !t.is_gone() && t.born.elapsed() >= UNSEEN)
            .cloned()
    }

    /// The next thing of this id ends before it is ready.
    pub fn doom(&self, id: Option<&str>) {
        self.inner.lock().unwrap().doomed = id.map(ToOwned::to_owned);
    }

    /// Ids of all that is live, one entry a thing.
    pub fn live_ids(&self) -> Vec<String> {
        let inner = self.inner.lock().unwrap();
        let live = inner.things.values();
        let live = live.filter(|t| t.deleted.is_none() && !t.has_died());
        let mut ids: Vec<String> = live
            .map(|t| t.tags.get("genu-deploy:id").cloned().unwrap_or_default())
            .collect();
        ids.sort();
        ids
    }

    /// Behind everybody's back.
    pub fn by_hand(&self, change: impl FnOnce(&mut BTreeMap<u32, Thing>)) {
        change(&mut self.inner.lock().unwrap().things);
    }
}

impl Thing {
    pub fn is_ready(&self) -> bool {
        self.born.elapsed() >= READY
    }
    pub fn has_died(&self) -> bool {
        self.doomed && self.born.elapsed() >= DEATH
    }
    pub fn is_deleting(&self) -> bool {
        self.deleted.is_some()
    }
    pub fn is_gone(&self) -> bool {
        self.deleted.is_some_and(|at| at.elapsed() >= GONE)
    }
}

/// What a changing call may do.
pub struct Hands<'a>(&'a mut Inner);

impl Hands<'_> {
    pub fn create(
        &mut self,
        kind: &'static str,
        name: Option<&str>,
        tags: &Tags,
        size: i64,
        parents: Vec<u32>,
        token: Option<String>,
    ) -> Result<u32, Fault> {
        if let Some(number) = token.as_ref().and_then(|token| self.0.tokens.get(token)) {
            return match self.0.things.get(number) {
                Some(thing) if thing.deleted.is_none() => Ok(*number),
                _ => Err(Fault::new(
                    Class::TokenSpent,
                    "create",
                    "the token is stale",
                )),
            };
        }
        let mut leaving = self.0.things.values().filter(|t| !t.is_gone());
        if kind == SERVICE && leaving.any(|t| t.deleted.is_some() && t.name.as_deref() == name) {
            return Err(Fault::new(Class::Refused, "create", "it is still draining"));
        }
        let live = |t: &&Thing| t.deleted.is_none() && !t.has_died() && t.kind == kind;
        if name.is_some()
            && self
                .0
                .things
                .values()
                .filter(live)
                .any(|t| t.name.as_deref() == name)
        {
            return Err(Fault::new(Class::Exists, "create", "the name is taken"));
        }
        for parent in &parents {
            let there = self
                .0
                .things
                .get(parent)
                .is_some_and(|t| t.deleted.is_none());
            assert!(there, "{kind} was created on something that is not there");
        }
        let doomed = self.0.doomed.as_deref() == tags.get("genu-deploy:id").map(String::as_str);
        self.0.next += 1;
        let number = self.0.next;
        if let Some(token) = token {
            self.0.tokens.insert(token, number);
        }
        let thing = Thing {
            number,
            kind,
            name: name.map(ToOwned::to_owned),
            tags: tags.clone(),
            size,
            parents,
            broken: false,
            doomed,
            born: Instant::now(),
            deleted: None,
        };
        self.0.things.insert(number, thing);
        Ok(number)
    }

    pub fn resize(&mut self, number: u32, size: i64) -> Result<(), Fault> {
        let gone = || Fault::new(Class::NotVisible, "resize", "not found");
        self.0.things.get_mut(&number).ok_or_else(gone)?.size = size;
        Ok(())
    }

    /// Puts it on other parents.
    pub fn replant(&mut self, number: u32, parents: Vec<u32>) -> Result<(), Fault> {
        let gone = || Fault::new(Class::NotVisible, "replant", "not found");
        self.0.things.get_mut(&number).ok_or_else(gone)?.parents = parents;
        Ok(())
    }

    pub fn retag(&mut self, number: u32, tags: &Tags) -> Result<(), Fault> {
        let gone = || Fault::new(Class::NotVisible, "tag", "not found");
        let thing = self.0.things.get_mut(&number).ok_or_else(gone)?;
        thing.tags.extend(tags.clone());
        Ok(())
    }

    pub fn untag(&mut self, number: u32, keys: &[String]) -> Result<(), Fault> {
        let gone = || Fault::new(Class::NotVisible, "untag", "not found");
        let thing = self.0.things.get_mut(&number).ok_or_else(gone)?;
        thing.tags.retain(|key, _| !keys.contains(key));
        Ok(())
    }

    pub fn delete(&mut self, number: u32) -> Result<(), Fault> {
        let used = self
            .0
            .things
            .values()
            .any(|t| !t.is_gone() && t.parents.contains(&number));
        if used {
            return Err(Fault::new(Class::InUse, "delete", "something stands on it"));
        }
        let size = self.0.things.get(&number).map(|t| t.size);
        let mut services = self.0.things.values().filter(|t| t.kind == SERVICE);
        if services.any(|t| !t.is_gone() && t.number != number && Some(t.size) > size)
            && self
                .0
                .things
                .get(&number)
                .is_some_and(|t| t.kind == SERVICE)
        {
            return Err(Fault::new(Class::Refused, "delete", "a larger one stands"));
        }
        match self.0.things.get_mut(&number) {
            Some(thing) if thing.deleted.is_none() => {
                thing.deleted = Some(Instant::now());
                Ok(())
            }
            _ => Err(Fault::new(Class::Gone, "delete", "not found")),
        }
    }
}

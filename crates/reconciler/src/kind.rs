//! What a kind of resource has to say for itself.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{Attrs, Change, Facts, Fault, Id, Impact, Needs, Tags};

/// A cloud: clients that look, and clients that may also touch.
pub trait Cloud: Send + Sync + 'static {
    /// Read-only clients.
    type Reads: Send + Sync;
    /// Clients that may change things.
    type Writes: AsRef<Self::Reads> + Send + Sync;
}

/// The clients with which `K` looks.
pub type Reads<K> = <<K as Kind>::Cloud as Cloud>::Reads;
/// The clients with which `K` touches.
pub type Writes<K> = <<K as Kind>::Cloud as Cloud>::Writes;

/// What is being looked for.
pub struct Scope<'a, K: Kind> {
    /// Environment name.
    pub env: &'a str,
    /// Region name.
    pub region: &'a str,
    /// Identities on record.
    pub recorded: Vec<K::Out>,
    /// Ids wanted, with the physical name each would have.
    pub wanted: Vec<(Id, Option<String>)>,
    /// What was found of the kinds this one needs.
    pub found: &'a Facts,
}

impl<K: Kind> Scope<'_, K> {
    /// Physical names to look for: those wanted, and those on record by `of`.
    #[must_use]
    pub fn names(&self, of: impl Fn(&K::Out) -> &str) -> BTreeSet<String> {
        let wanted = self.wanted.iter().filter_map(|(_, name)| name.clone());
        let recorded = self.recorded.iter().map(|out| of(out).to_owned());
        wanted.chain(recorded).collect()
    }
}

/// How a candidate is marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// Its tags.
    Tags(Tags),
    /// It cannot carry tags and stands under a parent that is ours; the id follows from its name.
    Child(Id),
    /// It bears the name, and we may not look at it: never ours.
    OutOfReach,
}

/// Something live that may be ours.
#[derive(Debug, Clone)]
pub struct Candidate<Out> {
    /// Identity and facts.
    pub out: Out,
    /// Attributes as they are.
    pub attrs: Attrs,
    /// Its mark.
    pub mark: Mark,
    /// Physical name, when names are unique within the kind.
    pub name: Option<String>,
    /// Exactly as its create call left it, with nothing built on it: as a lost create's twin is.
    pub pristine: bool,
    /// Whether it can be used as it stands.
    pub health: Health,
    /// Things worth telling that change nothing.
    pub notes: Vec<String>,
}

/// Whether something live can be used as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It can.
    Ready,
    /// It will be by waiting.
    Pending,
    /// Its deletion has begun and cannot be taken back: what is left to do is to wait until it is
    /// gone. Until then its name is not free. AWS's words.
    Leaving(String),
    /// Its create never completed and nothing uses it: it is made again without asking.
    Unfinished(String),
    /// It will not be by waiting; only a replacement helps. AWS's words.
    Broken(String),
}

/// The answer to a create call.
#[derive(Debug, Clone)]
pub struct Created<Out> {
    /// Identity and facts; recorded before anything else happens.
    pub out: Out,
    /// Attributes as the call left them. What still differs is the update that follows.
    pub attrs: Attrs,
    /// Whether the call took the tags; if not, a call of its own follows.
    pub tagged: bool,
}

impl<Out> Created<Out> {
    /// A create whose call took attributes and tags alike: nothing is left to do.
    pub fn complete<K: Kind<Out = Out>>(
        spec: &K,
        needs: &<K::Needs as Needs>::Known,
        out: Out,
    ) -> Self {
        Self {
            out,
            attrs: spec.attrs(&K::Needs::certain(needs)),
            tagged: true,
        }
    }
}

/// Where a resource stands between states.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase<Out> {
    /// Usable; facts as they are now.
    Ready(Out),
    /// On its way; what is being waited for, in AWS's words.
    Pending(String),
    /// AWS shows it, on its way out.
    Deleting(Trouble),
    /// AWS does not show it: it is gone, or not visible yet. One look cannot tell the two apart.
    Gone,
    /// AWS shows it, and it has ended: it will never be usable again.
    Ended(Trouble),
    /// AWS shows it, and it will not become usable by waiting.
    Failed(Trouble),
}

/// Why something is not usable and will not be by waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The reason, in AWS's words where it gives one.
    pub why: String,
    /// What helps, when we know.
    pub hint: Option<String>,
}

impl<T: Into<String>> From<T> for Trouble {
    fn from(why: T) -> Self {
        Self {
            why: why.into(),
            hint: None,
        }
    }
}

impl Trouble {
    /// Adds what helps.
    #[must_use]
    pub fn hint(mut self, hint: Option<impl Into<String>>) -> Self {
        self.hint = hint.map(Into::into);
        self
    }
}

/// Whether a create whose answer was lost may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resend {
    /// Yes: a token or a unique name makes the second call find the first one's work.
    Safe,
    /// No: a second call makes a second one. Look for it first.
    Never,
}

/// When a change has taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settles {
    /// With the answer to the call.
    AtOnce,
    /// Some time after it: `Kind::phases` is polled.
    Later,
}

/// The phases of what settles at once: ready.
#[must_use]
pub fn settled<Out: Clone>(outs: &[Out]) -> Vec<Result<Phase<Out>, Fault>> {
    outs.iter()
        .cloned()
        .map(|out| Ok(Phase::Ready(out)))
        .collect()
}

/// A kind's times, from AWS's documentation and published measurements.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between two looks while waiting.
    pub poll: Duration,
    /// What a create typically takes; orders the queue.
    pub create: Duration,
    /// What a delete typically takes.
    pub delete: Duration,
    /// When a step that takes longer has failed.
    pub deadline: Duration,
}

impl Pace {
    /// Times in seconds: poll interval, typical create, typical delete, deadline.
    #[must_use]
    pub const fn seconds(poll: u64, create: u64, delete: u64, deadline: u64) -> Self {
        Self {
            poll: Duration::from_secs(poll),
            create: Duration::from_secs(create),
            delete: Duration::from_secs(delete),
            deadline: Duration::from_secs(deadline),
        }
    }
}

/// A kind of resource. A value of the type is one desired resource; functions without `self` work
/// from identities alone, since orphans have no configuration. Nothing but [`Self::stands_on`] is
/// defaulted, on purpose.
#[async_trait::async_trait]
pub trait Kind: Sized + Send + Sync + 'static {
    /// The cloud it lives in.
    type Cloud: Cloud;
    /// What it takes from other resources.
    type Needs: Needs;
    /// Identity and facts that others use. Persisted: no secrets.
    type Out: Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync + 'static;

    /// Name, `ec2/vpc`. Persisted.
    const NAME: &'static str;
    /// Times.
    const PACE: Pace;
    /// What to do about a create whose answer was lost.
    const RESEND: Resend;
    /// Whether there is something to wait for after creates and deletes.
    const SETTLES: Settles;
    /// How many identities one delete call takes.
    const DELETE_BATCH: usize;
    /// Others outside the deployment hold on to it: replacing one needs consent.
    const HELD: bool;
    /// An update gives it new facts, which those who need it have to follow.
    const UPDATE_MOVES: bool;
    /// Whether tags can be put on it.
    const TAGGABLE: bool;
    /// Whether the create call takes them. Where it does not, something untagged that bears a
    /// wanted name counts as ours while our own journal holds the intent to create it.
    const TAGGED_AT_CREATE: bool;

    /// What tells two of them apart for good: an id or ARN.
    fn identity(out: &Self::Out) -> String;
    /// The name it will have, when names are unique within the kind.
    fn name(&self) -> Option<String>;
    /// Attributes as desired, as far as `needs` are known.
    fn attrs(&self, needs: &<Self::Needs as Needs>::Maybe) -> Attrs;
    /// What changing a field takes.
    fn impact(field: &str) -> Impact;

    /// Everything live that may be ours: marked with our environment and region, recorded, or
    /// bearing a wanted name. Paginated and filtered; not one call a resource.
    async fn list(
        reads: &Reads<Self>,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<Self::Out>>, Fault>;
    /// Where each of them stands, in one call where AWS has one. Not called for kinds that settle
    /// at once.
    async fn phases(
        reads: &Reads<Self>,
        outs: &[Self::Out],
    ) -> Vec<Result<Phase<Self::Out>, Fault>>;

    /// The one call that makes it, with `tags` where AWS takes them at create. Sent once.
    async fn create(
        &self,
        writes: &Writes<Self>,
        needs: &<Self::Needs as Needs>::Known,
        tags: &Tags,
        token: Uuid,
    ) -> Result<Created<Self::Out>, Fault>;
    /// Makes `changes` happen. Safe to repeat at any point.
    async fn update(
        &self,
        writes: &Writes<Self>,
        needs: &<Self::Needs as Needs>::Known,
        out: &Self::Out,
        tags: &Tags,
        changes: &[Change],
    ) -> Result<Self::Out, Fault>;
    /// Puts tags on it.
    async fn tag(writes: &Writes<Self>, out: &Self::Out, tags: &Tags) -> Result<(), Fault>;
    /// Takes tags off it.
    async fn untag(writes: &Writes<Self>, out: &Self::Out, keys: &[String]) -> Result<(), Fault>;
    /// Whether `one` has to be deleted before `other`, which is of this kind as well, as far as
    /// their attributes show. Orders deletions of what no record orders. Most kinds have no such
    /// pairs, so this alone has a default.
    #[must_use]
    fn stands_on(one: &Attrs, other: &Attrs) -> bool {
        let _ = (one, other);
        false
    }
    /// Starts deleting up to [`Self::DELETE_BATCH`] of them.
    async fn delete(writes: &Writes<Self>, outs: &[Self::Out]) -> Vec<Result<(), Fault>>;
}

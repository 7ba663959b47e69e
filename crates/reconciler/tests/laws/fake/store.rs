//! A state store in memory, with a boundary before and after each write.

use std::sync::{Arc, Mutex};

use state::{Entry, Error, State, Store};

use super::World;

pub struct MemStore {
    world: Arc<World>,
    entries: Mutex<Vec<(u64, Entry)>>,
}

impl MemStore {
    pub fn new(world: Arc<World>) -> Self {
        Self {
            world,
            entries: Mutex::default(),
        }
    }

    /// What a new process reads.
    pub fn replay(&self) -> State {
        let mut state = State::default();
        for (serial, entry) in self.entries.lock().unwrap().iter() {
            state.apply(*serial, entry.clone());
        }
        state
    }

    /// The state file is lost.
    pub fn lose(&self) {
        self.entries.lock().unwrap().clear();
    }
}

#[async_trait::async_trait]
impl Store for MemStore {
    async fn append(&self, serial: u64, entry: &Entry) -> Result<(), Error> {
        self.world.boundary().await;
        self.entries.lock().unwrap().push((serial, entry.clone()));
        self.world.boundary().await;
        Ok(())
    }

    async fn compact(&self, _: &State) -> Result<(), Error> {
        Ok(())
    }

    async fn hold(&self) -> Result<(), Error> {
        Ok(())
    }

    async fn remove(&self) -> Result<(), Error> {
        Ok(())
    }

    async fn release(&self) -> Result<(), Error> {
        Ok(())
    }
}

//! Buffers that executors run in, lent for the time of one run.

use std::sync::{Arc, Mutex, PoisonError};

/// Buffers of `T` for as many runs as go on at once, each with whatever else (`S`) a run wants to keep the capacity of;
/// cheap to clone, and clones lend from the same ones. So the schemes of a network, run one after the other, need the
/// memory of one.
#[derive(Debug, Clone)]
pub struct Pool<T, S> {
    idle: Arc<Mutex<Vec<Memory<T, S>>>>,
}

/// Nothing in it outlives a run but its capacity.
#[derive(Debug, Default)]
struct Memory<T, S> {
    arena: Vec<T>,
    scratch: S,
}

impl<T, S> Default for Pool<T, S> {
    fn default() -> Self {
        Pool { idle: Arc::default() }
    }
}

impl<T: Copy + Default, S: Default> Pool<T, S> {
    /// Calls `run` with `elements` elements of any content.
    pub fn lend<R>(&self, elements: usize, run: impl FnOnce(&mut [T], &mut S) -> R) -> R {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = idle().pop().unwrap_or_default();
        if memory.arena.len() < elements {
            // Not grown: what the old one holds need not be copied.
            memory.arena = Vec::new();
            memory.arena = vec![T::default(); elements];
        }
        let result = run(&mut memory.arena[..elements], &mut memory.scratch);
        idle().push(memory);
        result
    }
}

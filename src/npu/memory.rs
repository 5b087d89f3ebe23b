//! Buffers that executors run in, lent for the time of one run.

use std::sync::{Arc, Mutex, PoisonError};

use super::kernels::conv::Scratch;

/// Buffers for as many runs as go on at once; cheap to clone, and clones lend from the same ones. So the schemes of a
/// network, run one after the other, need the memory of one.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    idle: Arc<Mutex<Vec<Memory>>>,
}

/// Nothing in it outlives a run but its capacity.
#[derive(Debug, Default)]
struct Memory {
    arena: Vec<u8>,
    scratch: Scratch,
}

impl Pool {
    /// Calls `run` with `bytes` bytes of any content.
    pub(super) fn lend<R>(&self, bytes: usize, run: impl FnOnce(&mut [u8], &mut Scratch) -> R) -> R {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = idle().pop().unwrap_or_default();
        if memory.arena.len() < bytes {
            // Not grown: what the old one holds need not be copied.
            memory.arena = Vec::new();
            memory.arena = vec![0; bytes];
        }
        let result = run(&mut memory.arena[..bytes], &mut memory.scratch);
        idle().push(memory);
        result
    }
}

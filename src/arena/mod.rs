//! Memory for the tensors of a run: where each lies ([`Plan`]), and buffers lent from run to run ([`Pool`]).

mod plan;
mod pool;

pub use plan::{Plan, lives};
pub use pool::Pool;

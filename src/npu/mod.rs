//! The integer executor: an NPU's datapath, bit for bit. No floating point anywhere (N1-N7, N10).
//!
//! [`IntegerGraph`] is the program, [`Executor`] runs it. `kernels/scalar` is the oracle, written to be obviously
//! right; the other kernels must give the same integers.

mod check;
mod executor;
mod graph;
pub mod kernels;
mod profile;
mod rescale;

pub use executor::{Events, Executor, Host, KernelChoice};
pub use graph::{
    Bounds, IntegerConv, IntegerGraph, IntegerOp, IntegerPad, IntegerTensor, LINEAR_BITS, LinearTap, Step, TensorId,
    Window,
};
pub use profile::{Overflow, Profile, Rounding};
pub use rescale::{Rescale, round_shift};

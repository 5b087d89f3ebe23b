//! The integer executor: a datapath, bit for bit (N5-N10). No floating point, but in `ort`, whose engine rescales in
//! float32.
//!
//! [`IntegerGraph`] is the program, [`Executor`] runs it. `kernels/scalar` is the oracle, written to be obviously
//! right; the other kernels must give the same integers.

mod check;
mod executor;
mod graph;
pub mod kernels;
mod ort;
mod profile;
mod rescale;
mod tflite;
mod trace;
mod verify;

pub use executor::{Events, Executor, Host, KernelChoice, Pool};
pub use graph::{
    AddRescale, Bounds, ConcatPart, IntegerConv, IntegerGraph, IntegerOp, IntegerPad, IntegerTensor, LinearRescale,
    LinearTap, MeanRescale, PreluRescale, Step, TensorId, Window,
};
pub use ort::FloatTrace;
pub use profile::{Datapath, Overflow, Profile, Rounding};
pub use rescale::{Rescale, round_shift};
pub use tflite::{ADD_LEFT_SHIFT, FixedPointTrace, add as tflite_add, hard_swish};
pub use trace::{RescaleTrace, ShiftTrace, Tap, Trace, trace};

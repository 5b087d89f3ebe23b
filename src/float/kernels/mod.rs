//! The arithmetic of each operator, on plain slices in NHWC order. Shapes have been checked by the caller
//! ([`super::check`]). Beside each kernel stands an oracle in its tests: nested loops that are obviously right.

pub mod broadcast;
pub mod concat;
pub mod conv;
pub mod depthwise;
pub mod elementwise;
pub mod gemm;
pub mod normalize;
pub mod pad;
pub mod pool;
pub mod resize;
pub mod softmax;
mod window;

pub use window::{Image, Phase, taps_inside};

/// Values computed side by side, each in its own lane, and so the width of a panel of weights.
pub const LANES: usize = 8;

/// How many products are added up before the partial sum joins the total: keeps the rounding error of a long sum near
/// that of a short one.
pub const SUM_BLOCK: usize = 256;

#[cfg(test)]
pub mod testing;

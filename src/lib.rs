//! Shiftwise
pub mod error;
pub mod graph;
pub mod limits;
pub mod manifest;
#[deny(clippy::float_arithmetic)]
pub mod npu;
pub mod quantize;
pub mod report;

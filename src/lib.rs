//! Shiftwise
pub mod error;
pub mod float;
pub mod graph;
pub mod host;
pub mod image;
pub mod limits;
pub mod manifest;
#[deny(clippy::float_arithmetic)]
pub mod npu;
pub mod onnx;
pub mod quantize;
pub mod report;

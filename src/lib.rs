//! Post-training quantization of small CNNs, executed bit for bit as an integer NPU would.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

#[cfg(not(target_arch = "wasm32"))]
pub mod bundled;
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
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

//! Reading ONNX: bytes -> [`crate::graph::Graph`].
//!
//! In the order in which a file passes through:
//!
//! - [`wire`] counts the parts of the file before anything is allocated;
//! - [`proto`] decodes it, weights staying where they are in the file;
//! - [`order`] finds the execution order, missing tensors and cycles;
//! - [`reader`] goes through the nodes: what is known is evaluated ([`fold`]), the rest becomes nodes of the graph
//!   ([`lower`]), which stores images channels-last and keeps account of where ONNX would have them otherwise;
//! - [`finish`] names the outputs and drops what is not used.
//!
//! A model is untrusted: whatever the bytes, the answer is a [`Model`] or an [`crate::error::Error`] that says what to
//! do.

mod attributes;
mod call;
mod finish;
mod fold;
mod literal;
mod lower;
mod order;
pub mod proto;
mod reader;
mod shapes;
mod strided;
mod tensors;
mod wire;

pub use reader::{Model, read};

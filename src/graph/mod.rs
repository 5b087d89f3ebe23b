//! The float graph: a static, single-assignment list of operators on NHWC tensors.
//!
//! [`crate::onnx`] produces it, [`passes`] simplify it, [`crate::float`] executes it and [`crate::quantize`] turns it
//! into an [`crate::npu::IntegerGraph`]. Every shape is known; every node has exactly one output.

#[cfg(test)]
pub(crate) mod build;
mod layout;
mod moments;
mod op;
pub mod passes;
mod resize;
mod tensor;

use std::sync::Arc;

pub use layout::Layout;
pub use moments::ChannelMoments;
pub use op::{Activation, AveragePool, BinaryKind, Clamp, Conv, GroupNorm, Op, PadMode, Pool};
pub use resize::{CoordinateMode, NearestMode, Resize, ResizeMode};
pub use tensor::{Tensor, TensorView};

/// Index into [`Graph::values`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub usize);

/// A tensor that flows along an edge, or a constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The ONNX tensor name.
    pub name: String,
    /// Shape as stored. Images are `[n, h, w, c]`.
    pub shape: Vec<usize>,
    /// How the stored axes relate to the axes of the ONNX tensor.
    pub layout: Layout,
    /// `Some` for a tensor known before execution.
    pub constant: Option<Arc<Tensor>>,
}

/// One operator application.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The ONNX node name (its first output's name when the node has none). Unique in the graph.
    pub name: String,
    /// ONNX operator types this node stands for, in order, such as `["Conv", "BatchNormalization", "Clip"]`.
    pub origin: Vec<String>,
    pub op: Op,
    /// Fused activation, applied to the output. Only on operators that [`Op::accepts_clamp`].
    pub clamp: Option<Clamp>,
    pub inputs: Vec<ValueId>,
    pub output: ValueId,
}

/// Nodes are in execution order: a node's inputs are graph inputs, constants or outputs of earlier nodes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Graph {
    pub name: String,
    pub values: Vec<Value>,
    pub nodes: Vec<Node>,
    pub inputs: Vec<ValueId>,
    pub outputs: Vec<ValueId>,
}

impl Graph {
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.0]
    }

    pub fn add_value(&mut self, value: Value) -> ValueId {
        self.values.push(value);
        ValueId(self.values.len() - 1)
    }

    /// For every value, the index of the node that computes it.
    pub fn producers(&self) -> Vec<Option<usize>> {
        let mut producers = vec![None; self.values.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            producers[node.output.0] = Some(index);
        }
        producers
    }

    /// For every value, the indices of the nodes that read it (a node that reads it twice is listed twice).
    pub fn consumers(&self) -> Vec<Vec<usize>> {
        let mut consumers = vec![Vec::new(); self.values.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            for input in &node.inputs {
                consumers[input.0].push(index);
            }
        }
        consumers
    }

    /// Parameters held by the graph: weights, biases and constant operands.
    pub fn parameters(&self) -> usize {
        let weights: usize = self
            .nodes
            .iter()
            .map(|node| match &node.op {
                Op::Conv(conv) => conv.weight.len() + conv.bias.as_ref().map_or(0, Vec::len),
                Op::GroupNorm(norm) => norm.scale.len() + norm.shift.len(),
                _ => 0,
            })
            .sum();
        let constants: usize = self.values.iter().filter_map(|value| value.constant.as_deref()).map(Tensor::len).sum();
        weights + constants
    }

    /// Multiply-accumulates of one execution of `node`, counted over weights actually applied (padding included, but not
    /// the zeros between the samples of a transposed convolution).
    pub fn macs(&self, node: &Node) -> u64 {
        let elements = |value: ValueId| self.value(value).shape.iter().map(|&d| d as u64).product::<u64>();
        match (&node.op, node.inputs.first()) {
            (Op::Conv(conv), Some(&input)) => {
                let taps = (conv.kernel[0] * conv.kernel[1]) as u64;
                if conv.is_transposed() {
                    elements(input) * taps * (conv.output_channels() / conv.groups.max(1)) as u64
                } else {
                    elements(node.output) * taps * conv.input_channels_per_group() as u64
                }
            }
            _ => 0,
        }
    }
}

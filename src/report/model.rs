//! The model as read: `shiftwise inspect` and the page's list of layers.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::error::Error;
use crate::graph::passes::PassNote;
use crate::manifest::{InputSpec, Task};
use crate::quantize::RunsOn;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ModelReport {
    /// The graph's name, or the manifest's title.
    pub title: String,
    pub task: Task,
    /// Whether `task` was guessed from the outputs' shapes rather than stated by a manifest or a person.
    pub task_guessed: bool,
    /// Why the outputs cannot be read as the task wants; predictions then have no result.
    pub task_problem: Option<Error>,
    pub opset: u32,
    pub producer: String,
    pub inputs: Vec<TensorInfo>,
    pub outputs: Vec<TensorInfo>,
    /// In execution order; other reports refer to a node by its index here.
    pub nodes: Vec<NodeReport>,
    /// Weights, biases and constants.
    pub parameters: u32,
    /// Multiply-accumulates of one image.
    pub macs: f64,
    /// What the graph passes did, in order.
    pub passes: Vec<PassNote>,
    /// One name per class; empty when none are known.
    pub labels: Vec<String>,
    pub input: InputSpec,
    /// Whether `input` was guessed from the model's shape rather than stated by a manifest or a person.
    pub input_guessed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct TensorInfo {
    pub name: String,
    /// In ONNX axis order.
    pub shape: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct NodeReport {
    pub index: u32,
    pub name: String,
    /// For people: `conv 3x3`, `depthwise 3x3`, `add`, ...
    pub label: String,
    /// The ONNX operators merged into this node.
    pub origin: Vec<String>,
    /// Fused activation, such as `ReLU6`.
    pub activation: Option<String>,
    /// Names of the input tensors, constants left out.
    pub inputs: Vec<String>,
    pub output: String,
    /// Of the output, as stored: `[n, h, w, c]`.
    pub shape: Vec<u32>,
    pub parameters: u32,
    pub macs: f64,
    /// Output channels of a node with weights; absent otherwise.
    pub channels: Option<u32>,
    pub runs_on: RunsOn,
}

//! The integers of every tensor for one picture: what a device's own run is compared with.

use serde::Serialize;

use super::files::{File, Files};
use super::npy::Elements;
use crate::error::Result;
use crate::graph::{Graph, Tensor};
use crate::host::{Activation, QuantizedNetwork};
use crate::npu::{Datapath, TensorId};
use crate::quantize::Scheme;

/// `tensors.json`.
#[derive(Serialize)]
struct Index<'a> {
    model: &'a str,
    profile: Datapath,
    scheme: Scheme,
    inputs: Vec<Integers>,
    /// The output of every step, in execution order.
    tensors: Vec<Integers>,
    /// Names of the integer outputs.
    outputs: Vec<&'a str>,
    /// What the network is given and what it answers, in ONNX's order of axes.
    float_inputs: Vec<Reals>,
    float_outputs: Vec<Reals>,
    /// Of the integer outputs (N11), in hexadecimal.
    hash: String,
    /// Additions that left the accumulator's range (N5).
    overflows: u64,
}

/// An integer tensor, as stored: channels last.
#[derive(Serialize)]
struct Integers {
    name: String,
    file: String,
    shape: Vec<usize>,
    /// Stored axis `i` is axis `layout[i]` of the ONNX tensor.
    layout: Vec<usize>,
    scale: f64,
    /// As in the file: of an int8 tensor it is signed.
    zero_point: i32,
}

#[derive(Serialize)]
struct Reals {
    name: String,
    file: String,
    shape: Vec<usize>,
}

/// Runs the network on `inputs` (in stored order, as [`QuantizedNetwork::run`] wants them) and returns `tensors.json`
/// and one `.npy` per tensor: int8 under profile `tflite`, otherwise uint8. `model` is a name for people.
///
/// # Errors
/// `ShapeMismatch` for inputs of the wrong shape.
pub fn golden(network: &QuantizedNetwork, model: &str, inputs: &[Tensor]) -> Result<Vec<File>> {
    let quantized = network.quantized();
    let program = &*quantized.program;
    let mut integers: Vec<Vec<u8>> = Vec::new();
    let run = network.run(inputs, &mut |_, activation| {
        if let Activation::Integers(bytes, _) = activation {
            integers.push(bytes.to_vec());
        }
    })?;
    let mut files = Files::default();
    let graph = network.graph();
    let written = program.inputs.iter().copied().chain(program.steps.iter().map(|step| step.output));
    let mut records = Vec::with_capacity(integers.len());
    for (id, bytes) in written.zip(&integers) {
        records.push(files.integers(network, id, bytes));
    }
    let tensors = records.split_off(program.inputs.len().min(records.len()));
    let reals = |files: &mut Files, values: &[crate::graph::ValueId], what: &str, tensors: &[Tensor]| {
        let pairs = values.iter().zip(tensors);
        pairs.map(|(&value, tensor)| files.reals(&graph.value(value).name, what, tensor)).collect::<Vec<_>>()
    };
    let given: Vec<Tensor> = onnx_order(graph, inputs);
    let index = Index {
        model,
        profile: program.profile.datapath,
        scheme: quantized.options.scheme,
        inputs: records,
        tensors,
        outputs: program.outputs.iter().map(|&id| program.tensor(id).name.as_str()).collect(),
        float_inputs: reals(&mut files, &graph.inputs, "given", &given),
        float_outputs: reals(&mut files, &graph.outputs, "answered", &run.outputs),
        hash: format!("{:016x}", run.hash),
        overflows: run.events.overflows,
    };
    files.listed_in("tensors.json", &index)
}

fn onnx_order(graph: &Graph, inputs: &[Tensor]) -> Vec<Tensor> {
    let pairs = graph.inputs.iter().zip(inputs);
    pairs.map(|(&value, tensor)| crate::host::to_onnx_order(tensor, &graph.value(value).layout)).collect()
}

impl Files {
    fn integers(&mut self, network: &QuantizedNetwork, id: TensorId, bytes: &[u8]) -> Integers {
        let quantized = network.quantized();
        let tensor = quantized.program.tensor(id);
        let (file, offset) = match quantized.program.profile.datapath {
            Datapath::Tflite => {
                // The byte less 128: the same bits but for the highest.
                let signed: Vec<i8> = bytes.iter().map(|&byte| (byte ^ 0x80) as i8).collect();
                (self.add(&tensor.name, &tensor.shape, Elements::Int8(&signed)), 128)
            }
            Datapath::Npu | Datapath::Ort => (self.add(&tensor.name, &tensor.shape, Elements::Uint8(bytes)), 0),
        };
        Integers {
            name: tensor.name.clone(),
            file,
            shape: tensor.shape.clone(),
            layout: network.graph().value(quantized.values[id.0]).layout.0.clone(),
            scale: quantized.scale(id).scale,
            zero_point: i32::from(tensor.zero_point) - offset,
        }
    }

    fn reals(&mut self, name: &str, what: &str, tensor: &Tensor) -> Reals {
        let file = self.add(&format!("{what}_{name}"), tensor.shape(), Elements::Float32(tensor.data()));
        Reals { name: name.to_owned(), file, shape: tensor.shape().to_vec() }
    }
}

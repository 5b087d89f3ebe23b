//! The integer graph as JSON: docs/integer-graph.md describes it, docs/integer-graph.schema.json defines it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::lines::Lines;
use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::npu::{IntegerGraph, IntegerTensor, Profile, Step, TensorId};
use crate::quantize::{Quantized, QuantizedLayer, Scheme};

const FORMAT: &str = "shiftwise-integer-graph";
/// Raised when a file written by this version could be misunderstood by a reader of an older one.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    format: Cow<'a, str>,
    version: u32,
    name: Cow<'a, str>,
    scheme: Scheme,
    profile: Cow<'a, Profile>,
    inputs: Cow<'a, [TensorId]>,
    outputs: Cow<'a, [TensorId]>,
    tensors: Vec<Tensor<'a>>,
    steps: Cow<'a, [Step]>,
    layers: Vec<Layer>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tensor<'a> {
    name: Cow<'a, str>,
    shape: Cow<'a, [usize]>,
    scale: f64,
    zero_point: u8,
    max: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    constant: Option<Cow<'a, [u8]>>,
}

/// What the weights of a step stand for.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layer {
    step: usize,
    /// S_w: one, or one per output channel.
    weight_scales: Vec<f64>,
}

impl Layer {
    fn new(layer: &QuantizedLayer, scheme: Scheme) -> Self {
        let count = if scheme == Scheme::ChannelWise { usize::MAX } else { 1 };
        Layer { step: layer.step, weight_scales: layer.weights.scales.iter().take(count).copied().collect() }
    }
}

/// The file of a quantized network.
///
/// # Errors
/// `Internal`, never for what the quantizer makes.
pub fn write(quantized: &Quantized) -> Result<Vec<u8>> {
    let program = &*quantized.program;
    let scheme = quantized.options.scheme;
    let document = Document {
        format: FORMAT.into(),
        version: VERSION,
        name: Cow::from(&program.name),
        scheme,
        profile: Cow::Borrowed(&program.profile),
        inputs: Cow::from(&program.inputs),
        outputs: Cow::from(&program.outputs),
        tensors: program.tensors.iter().zip(&quantized.scales).map(|(t, scale)| tensor(t, scale.scale)).collect(),
        steps: Cow::from(&program.steps),
        layers: quantized.layers.iter().map(|layer| Layer::new(layer, scheme)).collect(),
    };
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Lines::default());
    document.serialize(&mut serializer).map_err(|error| Error::internal(format!("no JSON: {error}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn tensor(tensor: &IntegerTensor, scale: f64) -> Tensor<'_> {
    Tensor {
        name: Cow::from(&tensor.name),
        shape: Cow::from(&tensor.shape),
        scale,
        zero_point: tensor.zero_point,
        max: tensor.max,
        constant: tensor.constant.as_deref().map(Cow::from),
    }
}

/// The integer graph of a file, checked so that it can be executed. What its integers mean stays in the file.
///
/// # Errors
/// `BadGraph` for a file that is not of this format and version; `TooLarge`; `ShapeMismatch` and `BadOption` for a graph
/// that contradicts itself ([`IntegerGraph::check`]).
pub fn read(json: &str, limits: &Limits) -> Result<IntegerGraph> {
    if json.len() > limits.model_bytes {
        let reason = format!("the file has {} bytes, more than {}", json.len(), limits.model_bytes);
        return Err(Error::new(Code::TooLarge, reason, "raise the limit on the size of models"));
    }
    let document: Document = serde_json::from_str(json).map_err(|error| malformed(error.to_string()))?;
    if document.format != FORMAT {
        return Err(malformed(format!("its format is '{}', not '{FORMAT}'", document.format)));
    }
    if document.version != VERSION {
        return Err(malformed(format!("its version is {}, not {VERSION}", document.version)));
    }
    for tensor in &document.tensors {
        limits.elements(&tensor.shape).map_err(|error| error.at(&*tensor.name))?;
    }
    let tensors = document.tensors.into_iter().map(|tensor| IntegerTensor {
        name: tensor.name.into_owned(),
        shape: tensor.shape.into_owned(),
        zero_point: tensor.zero_point,
        max: tensor.max,
        constant: tensor.constant.map(|bytes| bytes.into_owned().into()),
    });
    let graph = IntegerGraph {
        name: document.name.into_owned(),
        profile: document.profile.into_owned(),
        tensors: tensors.collect(),
        steps: document.steps.into_owned(),
        inputs: document.inputs.into_owned(),
        outputs: document.outputs.into_owned(),
    };
    graph.check()?;
    Ok(graph)
}

fn malformed(reason: String) -> Error {
    let hint = "docs/integer-graph.md describes the format";
    Error::new(Code::BadGraph, format!("this is no integer graph: {reason}"), hint)
}

//! The float network that was quantized, with everything that decides its integers: what an independent implementation
//! of docs/numerics.md starts from.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::files::{File, Files};
use super::npy::Elements;
use crate::calibrate::Calibration;
use crate::error::Result;
use crate::graph::{
    Activation, AveragePool, BinaryKind, Conv, Graph, NearestMode, Node, Op, PadMode, Pool, Resize, ResizeMode, ValueId,
};
use crate::quantize::QuantizeOptions;

/// `network.json`. Values are numbered; shapes and axes are those of the stored tensors, channels last.
#[derive(Serialize)]
struct Index<'a> {
    model: &'a str,
    options: &'a QuantizeOptions,
    inputs: Vec<usize>,
    outputs: Vec<usize>,
    values: Vec<Value<'a>>,
    nodes: Vec<Json>,
}

#[derive(Serialize)]
struct Value<'a> {
    name: &'a str,
    shape: &'a [usize],
    /// Of the calibration; `None` for a constant.
    range: Option<[f32; 2]>,
    /// The file of a constant.
    #[serde(skip_serializing_if = "Option::is_none")]
    constant: Option<String>,
}

/// `network.json` and one `.npy` for each weight, bias and constant. `model` is a name for people.
///
/// # Errors
/// `NotCalibrated` when bias correction is wanted and the mean inputs are not known.
pub fn network(graph: &Graph, calibration: &Calibration, options: &QuantizeOptions, model: &str) -> Result<Vec<File>> {
    let mut files = Files::default();
    let mut nodes = Vec::with_capacity(graph.nodes.len());
    for (index, node) in graph.nodes.iter().enumerate() {
        let mut record = operator(graph, node, &mut files);
        if matches!(node.op, Op::Conv(_))
            && let Some(means) = options.bias_correction.tap_means(calibration, index)?
        {
            record["tap_means"] = json!(means.values());
        }
        record["name"] = json!(node.name);
        record["inputs"] = json!(numbers(&node.inputs));
        record["output"] = json!(node.output.0);
        record["clamp"] = json!(node.clamp.map(|clamp| [clamp.min, clamp.max]));
        nodes.push(record);
    }
    let levels = usize::from(options.activation_max()) + 1;
    let mut values = Vec::with_capacity(graph.values.len());
    for (index, value) in graph.values.iter().enumerate() {
        let constant = value.constant.as_deref();
        let range = calibration.range(graph, ValueId(index), levels).ok().filter(|_| constant.is_none());
        values.push(Value {
            name: &value.name,
            shape: &value.shape,
            range: range.map(|range| [range.min, range.max]),
            constant: constant.map(|tensor| file(&mut files, &value.name, tensor.shape(), tensor.data())),
        });
    }
    let (inputs, outputs) = (numbers(&graph.inputs), numbers(&graph.outputs));
    files.listed_in("network.json", &Index { model, options, inputs, outputs, values, nodes })
}

fn numbers(ids: &[ValueId]) -> Vec<usize> {
    ids.iter().map(|id| id.0).collect()
}

fn file(files: &mut Files, name: &str, shape: &[usize], data: &[f32]) -> String {
    files.add(name, shape, Elements::Float32(data))
}

/// The operator and its attributes. JSON has no infinity: `null` is a bound that does not bind.
fn operator(graph: &Graph, node: &Node, files: &mut Files) -> Json {
    let shape = &graph.value(node.output).shape;
    match &node.op {
        Op::Conv(conv) => convolution(conv, &node.name, files),
        Op::Activation(activation) => self::activation(*activation),
        Op::Binary(kind) => json!({"op": binary(*kind)}),
        Op::MaxPool(pool) => window("max_pool", pool, shape),
        Op::AveragePool(AveragePool { pool, count_include_pad }) => {
            let mut record = window("average_pool", pool, shape);
            record["count_include_pad"] = json!(count_include_pad);
            record
        }
        Op::SpatialMean => json!({"op": "global_average_pool"}),
        Op::Concat { axis } => json!({"op": "concat", "axis": axis}),
        Op::Reshape => json!({"op": "reshape", "shape": shape}),
        Op::Transpose { permutation } => json!({"op": "transpose", "permutation": permutation}),
        Op::Pad { before, after, mode } => {
            let (mode, constant) = match mode {
                PadMode::Constant(value) => ("constant", *value),
                PadMode::Reflect => ("reflect", 0.0),
                PadMode::Edge => ("edge", 0.0),
                PadMode::Wrap => ("wrap", 0.0),
            };
            json!({"op": "pad", "before": before, "after": after, "mode": mode, "constant": constant})
        }
        Op::Resize(resize) => resizing(resize, shape),
        Op::Slice { start, step } => json!({"op": "slice", "start": start, "step": step, "size": shape}),
        Op::DepthToSpace { block, channel_major } => {
            json!({"op": "depth_to_space", "block": block, "mode": if *channel_major { "CRD" } else { "DCR" }})
        }
        Op::Softmax { axis } => json!({"op": "softmax", "axis": axis}),
        Op::LogSoftmax { axis } => json!({"op": "log_softmax", "axis": axis}),
        Op::GroupNorm(norm) => json!({
            "op": "group_norm",
            "groups": norm.groups,
            "epsilon": norm.epsilon,
            "scale": norm.scale,
            "shift": norm.shift,
        }),
    }
}

fn convolution(conv: &Conv, name: &str, files: &mut Files) -> Json {
    let bias = conv.bias.as_ref();
    json!({
        "op": "conv",
        "weight": file(files, &format!("{name}.weight"), conv.weight.shape(), conv.weight.data()),
        "bias": bias.map(|bias| file(files, &format!("{name}.bias"), &[bias.len()], bias)),
        "stride": conv.stride,
        "dilation": conv.dilation,
        "between": conv.upsample,
        "pads": conv.pads,
        "groups": conv.groups,
    })
}

fn activation(activation: Activation) -> Json {
    let mut record = match activation {
        Activation::Clamp(clamp) => json!({"kind": "clamp", "min": clamp.min, "max": clamp.max}),
        Activation::LeakyRelu { alpha } => json!({"kind": "leaky_relu", "alpha": alpha}),
        Activation::Sigmoid => json!({"kind": "sigmoid"}),
        Activation::HardSigmoid { alpha, beta } => json!({"kind": "hard_sigmoid", "alpha": alpha, "beta": beta}),
        Activation::HardSwish => json!({"kind": "hard_swish"}),
        Activation::Silu => json!({"kind": "silu"}),
        Activation::Tanh => json!({"kind": "tanh"}),
    };
    record["op"] = json!("activation");
    record
}

fn binary(kind: BinaryKind) -> &'static str {
    match kind {
        BinaryKind::Add => "add",
        BinaryKind::Sub => "sub",
        BinaryKind::Mul => "mul",
        BinaryKind::Div => "div",
        BinaryKind::Prelu => "prelu",
    }
}

fn window(op: &str, pool: &Pool, shape: &[usize]) -> Json {
    json!({
        "op": op,
        "kernel": pool.kernel,
        "stride": pool.stride,
        "dilation": pool.dilation,
        "pads": pool.pads,
        "out": height_and_width(shape),
    })
}

fn resizing(resize: &Resize, shape: &[usize]) -> Json {
    let (mode, nearest) = match resize.mode {
        ResizeMode::Bilinear => ("linear", NearestMode::RoundPreferFloor),
        ResizeMode::Nearest(nearest) => ("nearest", nearest),
    };
    json!({
        "op": "resize",
        "mode": mode,
        "nearest_mode": nearest.as_str(),
        "coordinates": resize.coordinates.as_str(),
        "scales": resize.scales,
        "out": height_and_width(shape),
    })
}

fn height_and_width(shape: &[usize]) -> &[usize] {
    shape.get(1..3).unwrap_or(&[])
}

//! The network as an ONNX file in QDQ form: every integer tensor of profile `ort` as `QuantizeLinear`, operators of
//! floats between `DequantizeLinear` and `QuantizeLinear`, which ONNX Runtime fuses to integer kernels.
//!
//! A drop-in replacement: inputs and outputs are the float model's, by name, shape and type. For a value `x` of the
//! float graph the file has `x/integers` (uint8), `x/dequantized` and, before rounding, `x/real`.

mod axes;
mod builder;
mod linear;
mod operators;
mod shapes;

use builder::{Builder, int};

use crate::error::{Error, Result};
use crate::graph::{BinaryKind, Graph, Node, Op, ValueId};
use crate::npu::{IntegerOp, MeanRescale, Step, TensorId};
use crate::quantize::Quantized;

/// A float tensor in the file and its stored shape.
#[derive(Debug, Clone)]
struct Real {
    name: String,
    shape: Vec<usize>,
}

struct Writer<'a> {
    graph: &'a Graph,
    quantized: &'a Quantized,
    builder: Builder,
    /// Per integer tensor, its name in the file once written.
    integers: Vec<Option<String>>,
    /// Per integer tensor, scale and zero point.
    scales: Vec<Option<[String; 2]>>,
    dequantized: Vec<Option<String>>,
    /// Per value that the host computes in float after the last integers.
    reals: Vec<Option<String>>,
}

/// The file of a network quantized for profile `ort`.
///
/// # Errors
/// `Internal`, never for what the quantizer makes.
pub fn write(graph: &Graph, quantized: &Quantized) -> Result<Vec<u8>> {
    let tensors = quantized.program.tensors.len();
    let mut writer = Writer {
        graph,
        quantized,
        builder: Builder::new(&graph.name),
        integers: vec![None; tensors],
        scales: vec![None; tensors],
        dequantized: vec![None; tensors],
        reals: vec![None; graph.values.len()],
    };
    writer.inputs();
    // The outputs' names are what other programs ask for.
    let outputs: Vec<String> =
        graph.outputs.iter().map(|&value| writer.builder.name(&graph.value(value).name)).collect();
    let mut steps = quantized.program.steps.iter().peekable();
    for (index, node) in graph.nodes.iter().enumerate() {
        let written = match steps.next_if(|step| step.node == index) {
            Some(step) => writer.step(node, step),
            None => writer.tail(node),
        };
        written.map_err(|error| error.at(&node.name))?;
    }
    for (&value, name) in graph.outputs.iter().zip(&outputs) {
        writer.output(value, name)?;
    }
    Ok(writer.builder.finish())
}

impl Writer<'_> {
    fn inputs(&mut self) {
        for &id in &self.quantized.program.inputs {
            let value = self.graph.value(self.quantized.values[id.0]);
            let name = self.builder.name(&value.name);
            self.builder.input(&name, &value.layout.to_onnx(&value.shape));
            let stored = axes::stored_axes(value.shape.len());
            let permutation: Vec<usize> = stored.iter().map(|&axis| value.layout.0[axis]).collect();
            let moved = self.moved(&name, &value.layout.to_onnx(&value.shape), &permutation, &value.name);
            self.quantize(&moved, id);
        }
    }

    /// The value as a float output of the file, axes in ONNX's order.
    fn output(&mut self, value: ValueId, name: &str) -> Result<()> {
        let source = self.graph.value(value);
        let real = match self.tensor_of(value) {
            // A node of its own, so that the fused kernels before it keep theirs.
            Some(id) if self.integers[id.0].is_some() => self.dequantize_once(id, &source.name)?,
            _ => self.real(value)?.name,
        };
        let shape = axes::to_file(&source.shape);
        let onnx = source.layout.to_onnx(&source.shape);
        let permutation: Vec<usize> = (0..onnx.len())
            .map(|axis| source.layout.stored_axis(axis).unwrap_or(axis))
            .map(|stored| axes::file_axis(shape.len(), stored))
            .collect();
        if permutation.is_sorted() {
            self.builder.node_named("Identity", &[&real], name, Vec::new());
        } else {
            self.builder.node_named("Transpose", &[&real], name, vec![builder::ints("perm", permutation)]);
        }
        self.builder.output(name, &onnx);
        Ok(())
    }

    /// One node of the integer graph.
    fn step(&mut self, node: &Node, step: &Step) -> Result<()> {
        let output = step.output;
        let shape = self.quantized.program.tensor(output).shape.clone();
        let rank = shape.len();
        let name = self.graph.value(node.output).name.clone();
        let real = match (&step.op, &node.op) {
            (IntegerOp::Conv(integer), Op::Conv(conv)) => return self.convolution(step, integer, conv),
            (IntegerOp::SpatialMean { .. }, _) => return self.spatial_mean(step),
            (IntegerOp::Add { .. } | IntegerOp::Mul { .. } | IntegerOp::Prelu { .. }, Op::Binary(kind)) => {
                let operands = step.inputs.iter().map(|&id| self.operand(id, rank)).collect::<Result<Vec<String>>>()?;
                let op = match (&step.op, kind) {
                    (IntegerOp::Mul { .. }, _) => "Mul",
                    (_, kind) => binary_name(*kind),
                };
                let names: Vec<&str> = operands.iter().map(String::as_str).collect();
                self.builder.node(op, &names, &format!("{name}/real"), Vec::new())
            }
            _ => {
                let inputs = step.inputs.iter().map(|&id| self.dequantize(id, rank)).collect::<Result<Vec<_>>>()?;
                let real = self.operator(node, &inputs, &shape, &format!("{name}/real"))?;
                if let IntegerOp::AveragePool { rescale: MeanRescale::Dequantized { .. }, .. } = step.op {
                    // A sum of one keeps ONNX Runtime from fusing.
                    let sum = self.builder.node("Sum", &[&real], &format!("{name}/sum"), Vec::new());
                    return self.finish(step, &sum);
                }
                if step.op == IntegerOp::Host { self.clamp_real(node, &real, &name) } else { real }
            }
        };
        self.finish(step, &real)
    }

    /// Quantizes a step's result and applies its bounds, where they are narrower than the type: on integers, so that
    /// the operator before is fused all the same.
    fn finish(&mut self, step: &Step, real: &str) -> Result<()> {
        let tensor = self.quantized.program.tensor(step.output);
        let clamp = self.graph.nodes.get(step.node).and_then(|node| node.clamp);
        let full = step.bounds.min == 0 && step.bounds.max == tensor.max;
        let Some(clamp) = clamp.filter(|_| !full) else {
            self.quantize(real, step.output);
            return Ok(());
        };
        let name = tensor.name.clone();
        let [scale, zero_point] = self.scale(step.output);
        let raw = self.quantize_to(real, [&scale, &zero_point], &format!("{name}/unclamped"));
        let raw =
            self.builder.node("DequantizeLinear", &[&raw, &scale, &zero_point], &format!("{raw}/dequantized"), vec![]);
        let clamped = self.clip(&raw, clamp, &format!("{name}/clamped"));
        self.quantize(&clamped, step.output);
        Ok(())
    }

    /// A node that the host runs in float after the last integers.
    fn tail(&mut self, node: &Node) -> Result<()> {
        let shape = self.graph.value(node.output).shape.clone();
        let name = self.graph.value(node.output).name.clone();
        let real = if let Op::Binary(kind) = node.op {
            let operands = node
                .inputs
                .iter()
                .map(|&input| {
                    let real = self.real(input)?;
                    self.broadcastable(real, shape.len())
                })
                .collect::<Result<Vec<String>>>()?;
            let names: Vec<&str> = operands.iter().map(String::as_str).collect();
            self.builder.node(binary_name(kind), &names, &format!("{name}/real"), Vec::new())
        } else {
            let inputs = node.inputs.iter().map(|&input| self.real(input)).collect::<Result<Vec<_>>>()?;
            self.operator(node, &inputs, &shape, &format!("{name}/real"))?
        };
        let real = self.clamp_real(node, &real, &name);
        self.reals[node.output.0] = Some(real);
        Ok(())
    }

    fn clamp_real(&mut self, node: &Node, real: &str, name: &str) -> String {
        match node.clamp {
            Some(clamp) => self.clip(real, clamp, &format!("{name}/clamped")),
            None => real.to_owned(),
        }
    }

    /// The integer tensor that stands for a value.
    fn tensor_of(&self, value: ValueId) -> Option<TensorId> {
        self.quantized.values.iter().position(|&of| of == value).map(TensorId)
    }

    /// A value as floats: of the tail, dequantized, or constant.
    fn real(&mut self, value: ValueId) -> Result<Real> {
        let source = self.graph.value(value);
        let name = match (&source.constant, &self.reals[value.0], self.tensor_of(value)) {
            (Some(constant), ..) => {
                let data = axes::data_to_file(&source.shape, constant.data());
                self.builder.floats(&source.name, &axes::to_file(&source.shape), &data)
            }
            (None, Some(name), _) => name.clone(),
            (None, None, Some(id)) => self.dequantize(id, source.shape.len())?.name,
            (None, None, None) => {
                return Err(Error::internal(format!("'{}' is read before it is written", source.name)));
            }
        };
        Ok(Real { name, shape: source.shape.clone() })
    }

    /// Initializers with the tensor's scale and zero point.
    fn scale(&mut self, id: TensorId) -> [String; 2] {
        if let Some(names) = &self.scales[id.0] {
            return names.clone();
        }
        let tensor = self.quantized.program.tensor(id);
        let scale =
            self.builder.floats(&format!("{}/scale", tensor.name), &[], &[self.quantized.scale(id).scale as f32]);
        let zero_point = self.builder.bytes(&format!("{}/zero_point", tensor.name), &[], vec![tensor.zero_point]);
        let names = [scale, zero_point];
        self.scales[id.0] = Some(names.clone());
        names
    }

    fn quantize(&mut self, real: &str, id: TensorId) {
        let [scale, zero_point] = self.scale(id);
        let name = format!("{}/integers", self.quantized.program.tensor(id).name);
        self.integers[id.0] = Some(self.quantize_to(real, [&scale, &zero_point], &name));
    }

    fn quantize_to(&mut self, real: &str, [scale, zero_point]: [&str; 2], name: &str) -> String {
        self.builder.node("QuantizeLinear", &[real, scale, zero_point], name, Vec::new())
    }

    /// An integer tensor as floats; a constant with as many axes as asked for.
    fn dequantize(&mut self, id: TensorId, rank: usize) -> Result<Real> {
        let tensor = self.quantized.program.tensor(id);
        if let Some(constant) = &tensor.constant {
            let shape = axes::padded(&tensor.shape, rank);
            let data = axes::data_to_file(&shape, constant);
            let integers = self.builder.bytes(&format!("{}/integers", tensor.name), &axes::to_file(&shape), data);
            let [scale, zero_point] = self.scale(id);
            let name = format!("{}/dequantized", tensor.name);
            let name = self.builder.node("DequantizeLinear", &[&integers, &scale, &zero_point], &name, Vec::new());
            return Ok(Real { name, shape });
        }
        let shape = tensor.shape.clone();
        if let Some(name) = &self.dequantized[id.0] {
            return Ok(Real { name: name.clone(), shape });
        }
        let name = self.dequantize_once(id, &tensor.name)?;
        self.dequantized[id.0] = Some(name.clone());
        Ok(Real { name, shape })
    }

    fn dequantize_once(&mut self, id: TensorId, name: &str) -> Result<String> {
        let integers = self.integers[id.0]
            .clone()
            .ok_or_else(|| Error::internal(format!("'{name}' is read before it is written")))?;
        let [scale, zero_point] = self.scale(id);
        let inputs = [integers.as_str(), &scale, &zero_point];
        Ok(self.builder.node("DequantizeLinear", &inputs, &format!("{name}/dequantized"), Vec::new()))
    }

    /// An operand of a broadcasting operator whose result has `rank` axes.
    fn operand(&mut self, id: TensorId, rank: usize) -> Result<String> {
        let real = self.dequantize(id, rank)?;
        if real.shape.len() == rank {
            return Ok(real.name);
        }
        // Between integers, as everything else.
        let name = self.quantized.program.tensor(id).name.clone();
        let reshaped = self.broadcastable(real, rank)?;
        Ok(self.requantized(&reshaped, id, &format!("{name}/reshaped")))
    }

    fn broadcastable(&mut self, real: Real, rank: usize) -> Result<String> {
        let shape = axes::padded(&real.shape, rank);
        let name = format!("{}/reshaped", real.name);
        self.reshaped(&real, &shape, &name)
    }

    /// Quantized and dequantized once more on the tensor's scale.
    fn requantized(&mut self, real: &str, like: TensorId, name: &str) -> String {
        let [scale, zero_point] = self.scale(like);
        let integers = self.quantize_to(real, [&scale, &zero_point], &format!("{name}/integers"));
        let inputs = [integers.as_str(), &scale, &zero_point];
        self.builder.node("DequantizeLinear", &inputs, &format!("{name}/dequantized"), Vec::new())
    }
}

fn binary_name(kind: BinaryKind) -> &'static str {
    match kind {
        BinaryKind::Add => "Add",
        BinaryKind::Sub => "Sub",
        BinaryKind::Mul => "Mul",
        BinaryKind::Div => "Div",
        BinaryKind::Prelu => "PRelu",
    }
}

/// The axis attribute.
fn axis(stored: usize, rank: usize) -> crate::onnx::proto::AttributeProto {
    int("axis", axes::file_axis(rank, stored) as i64)
}

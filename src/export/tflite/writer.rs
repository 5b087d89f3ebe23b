//! The file while it grows: tensors on demand, operators step by step.

use super::schema::{Builtin, ElementType, Fused, Options};
use super::serialize::{Model, Operator, Quantization, Tensor};
use crate::error::{Code, Error, Result};
use crate::graph::{Graph, Node};
use crate::npu::{Bounds, IntegerOp, Step, TensorId};
#[cfg(doc)]
use crate::quantize::RunsOn;
use crate::quantize::{ActivationScale, Quantized, fallbacks};

/// Writes a network of profile `tflite`. Tensors have the names of the float graph's values and are stored as int8,
/// channels last; scales are exact. The outputs are the last integer tensors: what the host computes from them
/// ([`RunsOn::HostTail`]) is left to whoever reads them. `graph` is the one that was quantized.
///
/// # Errors
/// `UnsupportedOperator` for what TensorFlow Lite cannot compute with these integers.
pub fn write(graph: &Graph, quantized: &Quantized) -> Result<Vec<u8>> {
    let program = &*quantized.program;
    let model = Model { name: program.name.clone(), ..Model::default() };
    let mut writer = Writer { graph, quantized, model, written: vec![None; program.tensors.len()] };
    for &input in &program.inputs {
        let tensor = writer.tensor(input)?;
        writer.model.inputs.push(tensor);
    }
    for step in &program.steps {
        writer.step(step).map_err(|error| error.at(&step.name))?;
    }
    for &output in &program.outputs {
        let tensor = writer.tensor(output)?;
        writer.model.outputs.push(tensor);
    }
    Ok(writer.model.to_bytes())
}

pub struct Writer<'a> {
    graph: &'a Graph,
    pub quantized: &'a Quantized,
    model: Model,
    /// Per integer tensor, its index in the file.
    written: Vec<Option<i32>>,
}

/// Where a step's last operator writes, and what it fuses.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub tensor: i32,
    pub fused: Fused,
}

impl<'a> Writer<'a> {
    fn step(&mut self, step: &Step) -> Result<()> {
        match &step.op {
            IntegerOp::Conv(conv) if conv.window.upsample != [1, 1] => self.transposed_convolution(step, conv),
            IntegerOp::Conv(conv) => self.convolution(step, conv),
            IntegerOp::Add { rescale, subtract } => self.add(step, *rescale, *subtract),
            IntegerOp::Mul { rescale } => self.multiply(step, *rescale),
            IntegerOp::Prelu { .. } => self.prelu(step),
            IntegerOp::MaxPool { window } => self.max_pool(step, window),
            IntegerOp::AveragePool { window, pads_end, count_include_pad, .. } => {
                self.average_pool(step, window, *pads_end, *count_include_pad)
            }
            IntegerOp::SpatialMean { .. } => self.spatial_mean(step),
            IntegerOp::Lookup { table } => self.activation(step, table),
            IntegerOp::Concat { axis, parts } => self.concat(step, *axis, parts),
            IntegerOp::Reshape => {
                let [input, output] = self.ends(step)?;
                self.reshape(input, output)
            }
            IntegerOp::Transpose { permutation } => self.transpose(step, permutation),
            IntegerOp::Pad { before, mode } => self.pad(step, before, *mode),
            IntegerOp::Slice { start, step: stride } => self.slice(step, start, stride),
            IntegerOp::DepthToSpace { block, channel_major } => self.depth_to_space(step, *block, *channel_major),
            IntegerOp::ResizeNearest { rows, columns } => self.resize_nearest(step, [rows, columns]),
            IntegerOp::ResizeBilinear { .. } => self.resize_bilinear(step),
            IntegerOp::Host => {
                let reasons = fallbacks(self.graph, &self.quantized.placement);
                let reason = reasons.filter(|(node, _)| *node == step.node).map(|(_, reason)| reason).next();
                Err(lacks(format!("integers for this operator: {}", reason.unwrap_or("it runs on the host"))))
            }
        }
    }

    /// The float node that a step executes.
    pub fn node(&self, step: &Step) -> Result<&'a Node> {
        self.graph.nodes.get(step.node).ok_or_else(|| Error::internal("a step without a node"))
    }

    pub fn scale(&self, tensor: TensorId) -> ActivationScale {
        self.quantized.scale(tensor)
    }

    pub fn shape(&self, tensor: TensorId) -> &'a [usize] {
        &self.quantized.program.tensor(tensor).shape
    }

    /// The only input of a step.
    pub fn input(&self, step: &Step) -> Result<TensorId> {
        step.inputs.first().copied().ok_or_else(|| Error::internal("a step without input"))
    }

    /// Only input and output of a step, in the file.
    pub fn ends(&mut self, step: &Step) -> Result<[i32; 2]> {
        let input = self.input(step)?;
        Ok([self.tensor(input)?, self.tensor(step.output)?])
    }

    /// An integer tensor's index in the file.
    pub fn tensor(&mut self, id: TensorId) -> Result<i32> {
        if let Some(index) = self.written.get(id.0).copied().flatten() {
            return Ok(index);
        }
        let tensor = self.quantized.program.tensor(id);
        let index = self.push_tensor(Tensor {
            name: tensor.name.clone(),
            shape: dimensions(&tensor.shape)?,
            element: ElementType::Int8,
            data: tensor.constant.as_ref().map(|bytes| bytes.iter().map(|&byte| signed(byte)).collect()),
            quantization: Some(per_tensor(self.scale(id))?),
        });
        self.written[id.0] = Some(index);
        Ok(index)
    }

    fn push_tensor(&mut self, tensor: Tensor) -> i32 {
        self.model.tensors.push(tensor);
        // Far below 2^31: a model has at most thousands of nodes.
        (self.model.tensors.len() - 1) as i32
    }

    pub fn name(&self, tensor: i32) -> &str {
        &self.model.tensors[tensor as usize].name
    }

    /// The name of a tensor that only one step uses.
    pub fn part(&self, step: &Step, what: &str) -> String {
        format!("{}/{what}", self.quantized.program.tensor(step.output).name)
    }

    /// A tensor between operators of one step.
    pub fn intermediate(&mut self, name: String, shape: Vec<i32>, scale: ActivationScale) -> Result<i32> {
        let quantization = Some(per_tensor(scale)?);
        Ok(self.push_tensor(Tensor { name, shape, element: ElementType::Int8, data: None, quantization }))
    }

    /// A tensor of another shape on the same scale.
    pub fn like(&mut self, tensor: i32, name: String, shape: Vec<i32>) -> i32 {
        let quantization = self.model.tensors[tensor as usize].quantization.clone();
        self.push_tensor(Tensor { name, shape, element: ElementType::Int8, data: None, quantization })
    }

    /// One integer on a scale.
    pub fn scalar(&mut self, name: String, integer: u8, scale: ActivationScale) -> Result<i32> {
        let quantization = Some(per_tensor(scale)?);
        let data = Some(vec![signed(integer)]);
        Ok(self.push_tensor(Tensor { name, shape: vec![1], element: ElementType::Int8, data, quantization }))
    }

    /// Weights, with one scale or one for each index of axis `dimension`.
    pub fn weights(&mut self, name: String, shape: Vec<i32>, integers: &[i8], scales: Vec<f32>, dimension: i32) -> i32 {
        let zero_point = vec![0; scales.len()];
        self.push_tensor(Tensor {
            name,
            shape,
            element: ElementType::Int8,
            data: Some(integers.iter().map(|&q| q as u8).collect()),
            quantization: Some(Quantization { scale: scales, zero_point, dimension }),
        })
    }

    /// Biases, with the scales of the products that they are added to.
    pub fn biases(&mut self, name: String, integers: &[i32], scales: Vec<f32>) -> Result<i32> {
        let zero_point = vec![0; scales.len()];
        let quantization = Some(Quantization { scale: scales, zero_point, dimension: 0 });
        self.integers(name, vec![dimension(integers.len())?], integers, quantization)
    }

    /// A list of integers that an operator takes as its setting.
    pub fn setting(&mut self, name: String, shape: &[usize], integers: &[i32]) -> Result<i32> {
        self.integers(name, dimensions(shape)?, integers, None)
    }

    fn integers(
        &mut self,
        name: String,
        shape: Vec<i32>,
        integers: &[i32],
        quantization: Option<Quantization>,
    ) -> Result<i32> {
        let data = Some(integers.iter().flat_map(|value| value.to_le_bytes()).collect());
        Ok(self.push_tensor(Tensor { name, shape, element: ElementType::Int32, data, quantization }))
    }

    pub fn push(&mut self, builtin: Builtin, inputs: Vec<i32>, output: i32, options: Options) {
        self.push_version(builtin, builtin.version(), inputs, output, options);
    }

    pub fn push_version(&mut self, builtin: Builtin, version: i32, inputs: Vec<i32>, output: i32, options: Options) {
        self.model.operators.push(Operator { builtin, version, inputs, output, options });
    }

    pub fn reshape(&mut self, input: i32, output: i32) -> Result<()> {
        let shape = self.model.tensors[output as usize].shape.clone();
        let name = format!("{}/shape", self.name(output));
        let setting = self.setting(name, &[shape.len()], &shape)?;
        self.push(Builtin::Reshape, vec![input, setting], output, Options::reshape());
        Ok(())
    }

    /// Where the last operator of a step writes. What it cannot fuse is left to [`Writer::clamp_to`].
    pub fn target(&mut self, step: &Step, can_fuse: bool) -> Result<Target> {
        let output = self.tensor(step.output)?;
        let scale = self.scale(step.output);
        let fused = if can_fuse { fused(step.bounds, scale) } else { (is_whole(step.bounds)).then_some(Fused::None) };
        if let Some(fused) = fused {
            return Ok(Target { tensor: output, fused });
        }
        let shape = dimensions(self.shape(step.output))?;
        Ok(Target { tensor: self.like(output, self.part(step, "unclamped"), shape), fused: Fused::None })
    }

    /// Brings what was written to `target` within the step's bounds, into its output.
    pub fn clamp_to(&mut self, step: &Step, target: Target) -> Result<()> {
        let output = self.tensor(step.output)?;
        if target.tensor == output { Ok(()) } else { self.clamp(target.tensor, output, step.bounds) }
    }

    /// A copy of the tensor within bounds, of which at least one is narrower than the type's.
    pub fn clamp(&mut self, from: i32, to: i32, bounds: Bounds) -> Result<()> {
        let mut from = from;
        let limits = [(Builtin::Maximum, bounds.min, 0), (Builtin::Minimum, bounds.max, u8::MAX)];
        let needed: Vec<_> = limits.into_iter().filter(|(_, limit, none)| limit != none).collect();
        for (index, &(builtin, limit, _)) in needed.iter().enumerate() {
            let bound = self.bound(to, builtin, limit);
            let output = if index + 1 == needed.len() {
                to
            } else {
                let shape = self.model.tensors[to as usize].shape.clone();
                self.like(to, format!("{}/from below", self.name(to)), shape)
            };
            self.push(builtin, vec![from, bound], output, Options::maximum_minimum());
            from = output;
        }
        Ok(())
    }

    /// One integer on the scale of a tensor.
    fn bound(&mut self, tensor: i32, builtin: Builtin, limit: u8) -> i32 {
        let side = if builtin == Builtin::Maximum { "lower bound" } else { "upper bound" };
        let bound = self.like(tensor, format!("{}/{side}", self.name(tensor)), vec![1]);
        self.model.tensors[bound as usize].data = Some(vec![signed(limit)]);
        bound
    }
}

/// The int8 that stands for a byte: the byte less 128.
fn signed(byte: u8) -> u8 {
    byte ^ 0x80
}

/// Zero point as int8.
fn per_tensor(scale: ActivationScale) -> Result<Quantization> {
    let zero_point = vec![i64::from(scale.zero_point) - 128];
    Ok(Quantization { scale: vec![exact(scale.scale)?], zero_point, dimension: 0 })
}

/// A scale as the file holds it; the profile makes all of them float32.
///
/// # Errors
/// `UnsupportedOperator` for one that a float32 cannot hold to the last bit.
pub fn exact(scale: f64) -> Result<f32> {
    let single = scale as f32;
    if single.is_normal() && f64::from(single) == scale {
        Ok(single)
    } else {
        Err(lacks(format!("scale of {scale:e}, beyond the range of float32")))
    }
}

fn is_whole(bounds: Bounds) -> bool {
    bounds == Bounds { min: 0, max: u8::MAX }
}

/// The activation whose bounds, as `CalculateActivationRangeQuantized` (tensorflow/lite/kernels/kernel_util.cc) finds
/// them, are these.
fn fused(bounds: Bounds, scale: ActivationScale) -> Option<Fused> {
    let quantize = |real: f32| {
        // Ties away from zero; the type's range bounds it.
        let steps = (real / scale.scale as f32).round();
        (steps + f32::from(scale.zero_point)).clamp(0.0, 255.0) as u8
    };
    let zero = scale.zero_point;
    [
        (Fused::None, 0, u8::MAX),
        (Fused::Relu, zero, u8::MAX),
        (Fused::Relu6, zero, quantize(6.0)),
        (Fused::ReluN1To1, quantize(-1.0), quantize(1.0)),
    ]
    .into_iter()
    .find(|&(_, min, max)| bounds == Bounds { min, max })
    .map(|(fused, ..)| fused)
}

/// TensorFlow Lite has nothing that computes these integers.
pub fn lacks(what: impl std::fmt::Display) -> Error {
    Error::new(
        Code::UnsupportedOperator,
        format!("TensorFlow Lite has no {what}"),
        "export to another format, or change the model",
    )
}

pub fn dimension(size: usize) -> Result<i32> {
    i32::try_from(size).map_err(|_| Error::new(Code::TooLarge, format!("{size} does not fit 32 bits"), ""))
}

pub fn dimensions(shape: &[usize]) -> Result<Vec<i32>> {
    shape.iter().map(|&size| dimension(size)).collect()
}

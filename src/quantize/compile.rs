//! Float graph + calibration + options -> integer graph.

use std::sync::Arc;

use super::activation::ActivationScale;
use super::lower;
use super::options::{QuantizeOptions, Scheme};
use super::placement::{RunsOn, host_reason, placement};
use super::weights::QuantizedWeights;
use crate::calibrate::{Calibration, Range, TapMeans};
use crate::error::{Code, Error, Result};
use crate::graph::{Graph, Node, ValueId};
use crate::npu::{Bounds, Datapath, IntegerGraph, IntegerOp, IntegerTensor, Step, TensorId};

/// A network under one scheme: the NPU's program, and what its integers mean.
#[derive(Debug, Clone)]
pub struct Quantized {
    pub options: QuantizeOptions,
    pub program: Arc<IntegerGraph>,
    /// Per integer tensor.
    pub scales: Vec<ActivationScale>,
    /// Per integer tensor, the float value it stands for.
    pub values: Vec<ValueId>,
    pub layers: Vec<QuantizedLayer>,
    /// The calibrated ranges that scales were made of.
    pub ranges: Vec<(ValueId, Range)>,
    /// Per node of the float graph.
    pub placement: Vec<RunsOn>,
}

/// A node with weights.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantizedLayer {
    /// Index of the float graph's node.
    pub node: usize,
    /// Index into the program's steps.
    pub step: usize,
    pub weights: QuantizedWeights,
}

impl Quantized {
    pub fn scale(&self, tensor: TensorId) -> ActivationScale {
        self.scales[tensor.0]
    }

    /// The integer that the host gives a real number, dividing as the profile's engine does.
    pub fn integer(&self, tensor: TensorId, real: f32) -> u8 {
        let scale = self.scale(tensor);
        match self.program.profile.datapath {
            Datapath::Npu | Datapath::Tflite => scale.quantize(f64::from(real)),
            Datapath::Ort => scale.quantize_single(real),
        }
    }

    /// [`Quantized::integer`] of a whole tensor.
    pub fn integers(&self, tensor: TensorId, reals: &[f32]) -> Vec<u8> {
        match self.program.profile.datapath {
            Datapath::Npu | Datapath::Tflite => self.scale(tensor).quantize_all(reals),
            Datapath::Ort => reals.iter().map(|&real| self.integer(tensor, real)).collect(),
        }
    }

    pub fn layer(&self, node: usize) -> Option<&QuantizedLayer> {
        self.layers.iter().find(|layer| layer.node == node)
    }
}

/// # Errors
/// `BadOption` for options out of range or scheme `float`; `NotCalibrated`; `NotFinite` in a weight; `ShapeMismatch`.
pub fn quantize(graph: &Graph, calibration: &Calibration, options: &QuantizeOptions) -> Result<Quantized> {
    options.check()?;
    if options.scheme == Scheme::Float {
        return Err(Error::new(Code::BadOption, "scheme 'float' is not quantized", "choose an integer scheme"));
    }
    options.shift_overrides.check(graph)?;
    let placement = placement(graph);
    let mut compiler = Compiler::new(graph, calibration, options);
    for &input in &graph.inputs {
        let tensor = compiler.new_tensor(input)?;
        compiler.inputs.push(tensor);
    }
    for (index, node) in graph.nodes.iter().enumerate() {
        let compiled = match placement[index] {
            RunsOn::HostTail => Ok(()),
            RunsOn::Npu => lower::node(&mut compiler, index, node),
            RunsOn::Fallback => compiler.host_step(index, node),
        };
        compiled.map_err(|error| error.at(&node.name))?;
    }
    compiler.finish(placement)
}

/// The integer graph while it grows.
pub(super) struct Compiler<'a> {
    pub graph: &'a Graph,
    pub options: &'a QuantizeOptions,
    calibration: &'a Calibration,
    tensors: Vec<IntegerTensor>,
    scales: Vec<ActivationScale>,
    values: Vec<ValueId>,
    by_value: Vec<Option<TensorId>>,
    steps: Vec<Step>,
    layers: Vec<QuantizedLayer>,
    ranges: Vec<(ValueId, Range)>,
    inputs: Vec<TensorId>,
}

impl<'a> Compiler<'a> {
    fn new(graph: &'a Graph, calibration: &'a Calibration, options: &'a QuantizeOptions) -> Self {
        Compiler {
            graph,
            options,
            calibration,
            tensors: Vec::new(),
            scales: Vec::new(),
            values: Vec::new(),
            by_value: vec![None; graph.values.len()],
            steps: Vec::new(),
            layers: Vec::new(),
            ranges: Vec::new(),
            inputs: Vec::new(),
        }
    }

    pub fn scale(&self, tensor: TensorId) -> ActivationScale {
        self.scales[tensor.0]
    }

    pub fn tensor(&self, tensor: TensorId) -> &IntegerTensor {
        &self.tensors[tensor.0]
    }

    fn add_tensor(&mut self, value: ValueId, scale: ActivationScale, constant: Option<Arc<[u8]>>) -> TensorId {
        let source = self.graph.value(value);
        self.tensors.push(IntegerTensor {
            name: source.name.clone(),
            shape: source.shape.clone(),
            zero_point: scale.zero_point,
            max: scale.max,
            constant,
        });
        self.scales.push(scale);
        self.values.push(value);
        TensorId(self.tensors.len() - 1)
    }

    /// A tensor on its own calibrated scale.
    pub fn new_tensor(&mut self, value: ValueId) -> Result<TensorId> {
        let levels = usize::from(self.options.activation_max()) + 1;
        let range = self.calibration.range(self.graph, value, levels)?;
        self.ranges.push((value, range));
        let scale = ActivationScale::from_range(range, self.options);
        Ok(self.remember(value, scale))
    }

    /// A tensor whose scale the engine prescribes.
    pub fn new_tensor_on(&mut self, value: ValueId, scale: ActivationScale) -> TensorId {
        self.remember(value, scale)
    }

    /// A tensor on the scale of another: operators that only move or compare integers.
    pub fn new_tensor_like(&mut self, value: ValueId, like: TensorId) -> TensorId {
        self.remember(value, self.scale(like))
    }

    /// A tensor that later readers of `value` are given.
    fn remember(&mut self, value: ValueId, scale: ActivationScale) -> TensorId {
        let id = self.add_tensor(value, scale, None);
        self.by_value[value.0] = Some(id);
        id
    }

    /// The integer tensor of an input: computed before, or a constant quantized on its own range.
    pub fn operand(&mut self, value: ValueId) -> Result<TensorId> {
        if let Some(tensor) = self.by_value[value.0] {
            return Ok(tensor);
        }
        let constant = self.graph.value(value).constant.clone().ok_or_else(|| {
            Error::internal(format!("tensor '{}' is read before it is written", self.graph.value(value).name))
        })?;
        let id = self.constant(value, constant.data().iter().map(|&x| f64::from(x)))?;
        self.by_value[value.0] = Some(id);
        Ok(id)
    }

    /// A constant operand given by its real values, for one reader (the reals need not be those of `value`).
    pub fn constant(&mut self, value: ValueId, reals: impl Iterator<Item = f64> + Clone) -> Result<TensorId> {
        let range = reals.clone().fold(Range::EMPTY, |range, x| range.union(Range { min: x as f32, max: x as f32 }));
        if !reals.clone().all(f64::is_finite) {
            return Err(Error::new(Code::NotFinite, "a constant operand is NaN or infinite", "repair the model"));
        }
        let scale = ActivationScale::from_range(range, self.options);
        let integers = reals.map(|x| scale.quantize(x)).collect();
        Ok(self.add_tensor(value, scale, Some(integers)))
    }

    /// What bias correction needs to know of a layer with weights; `None` without bias correction.
    pub fn tap_means(&self, node: usize) -> Result<Option<TapMeans>> {
        self.options.bias_correction.tap_means(self.calibration, node)
    }

    pub fn push_step(&mut self, index: usize, op: IntegerOp, bounds: Bounds, inputs: Vec<TensorId>, output: TensorId) {
        let name = self.graph.nodes[index].name.clone();
        self.steps.push(Step { name, node: index, op, bounds, inputs, output });
    }

    pub fn push_layer(&mut self, node: usize, weights: QuantizedWeights) {
        self.layers.push(QuantizedLayer { node, step: self.steps.len(), weights });
    }

    fn host_step(&mut self, index: usize, node: &Node) -> Result<()> {
        let inputs = node.inputs.iter().map(|&input| self.operand(input)).collect::<Result<_>>()?;
        let output = self.new_tensor(node.output)?;
        let bounds = self.scale(output).bounds(None);
        self.push_step(index, IntegerOp::Host, bounds, inputs, output);
        Ok(())
    }

    /// The program's outputs: integer tensors that the graph or the host's tail reads.
    fn finish(self, placement: Vec<RunsOn>) -> Result<Quantized> {
        let tail = self.graph.nodes.iter().zip(&placement).filter(|(_, place)| **place == RunsOn::HostTail);
        let wanted = tail.flat_map(|(node, _)| &node.inputs).chain(&self.graph.outputs);
        let mut outputs: Vec<TensorId> = Vec::new();
        for value in wanted {
            if let Some(tensor) = self.by_value[value.0]
                && !outputs.contains(&tensor)
            {
                outputs.push(tensor);
            }
        }
        let program = IntegerGraph {
            name: self.graph.name.clone(),
            profile: self.options.profile.clone(),
            tensors: self.tensors,
            steps: self.steps,
            inputs: self.inputs,
            outputs,
        };
        Ok(Quantized {
            options: self.options.clone(),
            program: Arc::new(program),
            scales: self.scales,
            values: self.values,
            layers: self.layers,
            ranges: self.ranges,
            placement,
        })
    }
}

/// The fallbacks of a placement: node index and reason.
pub fn fallbacks<'a>(graph: &'a Graph, placement: &'a [RunsOn]) -> impl Iterator<Item = (usize, &'static str)> + 'a {
    let reason = |index: usize| graph.nodes.get(index).and_then(|node| host_reason(graph, node)).unwrap_or("");
    placement.iter().enumerate().filter(|(_, place)| **place == RunsOn::Fallback).map(move |(i, _)| (i, reason(i)))
}

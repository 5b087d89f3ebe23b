//! Runs an [`IntegerGraph`], step by step.

use std::sync::Arc;

use super::check;
use super::graph::{IntegerGraph, IntegerOp, IntegerTensor, LinearRescale, Step, TensorId};
use super::kernels::conv::{PackedConv, Scratch, Surroundings};
use super::kernels::elementwise::{self, Binary};
use super::kernels::scalar::ConvContext;
use super::kernels::{Nhwc, movement, pool, resize, scalar};
use super::profile::Profile;
use crate::arena::{self, Plan, lives};
use crate::error::{Code, Error, Result};
use crate::strided;

/// Executes the operators that the NPU has not: the host processor beside it.
pub trait Host {
    /// Fills `output` with the integers of `step`'s output tensor, given those of its inputs.
    fn run(&self, step: &Step, inputs: &[&[u8]], output: &mut [u8]) -> Result<()>;
}

/// What happened during a run besides the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Events {
    /// Additions whose exact sum did not fit the accumulator (N5).
    pub overflows: u64,
}

/// Whether convolutions may use the fast kernels; the oracle gives the same integers, slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KernelChoice {
    #[default]
    Fast,
    Oracle,
}

/// Buffers for runs. Executors may share them.
pub type Pool = arena::Pool<u8, Scratch>;

/// An integer graph ready to run: checked, weights packed. Immutable, so it can be shared between threads.
#[derive(Debug, Clone)]
pub struct Executor {
    graph: Arc<IntegerGraph>,
    /// Per step; `None` where the oracle kernel runs or the step is no convolution.
    packed: Vec<Option<PackedConv>>,
    /// Where tensors lie that are no constants.
    plan: Plan,
    memory: Pool,
}

impl Executor {
    /// # Errors
    /// `ShapeMismatch` when a step's parameters do not fit its tensors.
    pub fn new(graph: Arc<IntegerGraph>, kernels: KernelChoice) -> Result<Self> {
        let mut packed = Vec::with_capacity(graph.steps.len());
        for step in &graph.steps {
            check::step(&graph, step)?;
            packed.push(match (&step.op, step.inputs.first()) {
                (IntegerOp::Conv(conv), Some(&input)) if conv.fits && kernels == KernelChoice::Fast => {
                    let input = graph.tensor(input);
                    let surroundings = Surroundings {
                        profile: &graph.profile,
                        input_zero_point: input.zero_point,
                        input_channels: input.shape.last().copied().unwrap_or(1),
                        output_zero_point: graph.tensor(step.output).zero_point,
                    };
                    Some(PackedConv::new(conv, surroundings))
                }
                _ => None,
            });
        }
        let plan = Plan::new(&lives(
            graph.tensors.len(),
            |tensor| graph.tensors[tensor].constant.is_none().then(|| graph.tensors[tensor].len()),
            graph.inputs.iter().map(|id| id.0),
            graph.steps.iter().map(|step| (step.inputs.iter().map(|id| id.0), step.output.0)),
            graph.outputs.iter().map(|id| id.0),
        ));
        Ok(Executor { graph, packed, plan, memory: Pool::default() })
    }

    /// The same, running in memory that other executors use as well.
    pub fn sharing(self, memory: &Pool) -> Self {
        Executor { memory: memory.clone(), ..self }
    }

    pub fn graph(&self) -> &Arc<IntegerGraph> {
        &self.graph
    }

    /// Runs one set of inputs (in the graph's order) and returns the outputs.
    ///
    /// `observe` is called with every input and every step's output, in execution order.
    ///
    /// # Errors
    /// `ShapeMismatch` for inputs of the wrong size; whatever `host` returns.
    pub fn run(
        &self,
        inputs: &[&[u8]],
        host: &dyn Host,
        observe: &mut dyn FnMut(TensorId, &[u8]),
    ) -> Result<(Vec<Vec<u8>>, Events)> {
        let graph = &*self.graph;
        if inputs.len() != graph.inputs.len() {
            return Err(wrong_input(format!("{} inputs were given, {} are needed", inputs.len(), graph.inputs.len())));
        }
        for (&id, bytes) in graph.inputs.iter().zip(inputs) {
            let tensor = graph.tensor(id);
            if bytes.len() != tensor.len() {
                return Err(wrong_input(format!("{} bytes for shape {:?}", bytes.len(), tensor.shape)).at(&tensor.name));
            }
        }
        self.memory.lend(self.plan.elements(), |arena, scratch| self.run_in(arena, scratch, inputs, host, observe))
    }

    fn run_in(
        &self,
        arena: &mut [u8],
        scratch: &mut Scratch,
        inputs: &[&[u8]],
        host: &dyn Host,
        observe: &mut dyn FnMut(TensorId, &[u8]),
    ) -> Result<(Vec<Vec<u8>>, Events)> {
        let graph = &*self.graph;
        for (&id, bytes) in graph.inputs.iter().zip(inputs) {
            observe(id, bytes);
            let (_, place) = self.plan.split(arena, id.0).ok_or_else(misplaced)?;
            place.copy_from_slice(bytes);
        }
        let mut events = Events::default();
        for (index, step) in graph.steps.iter().enumerate() {
            let (others, output) = self.plan.split(arena, step.output.0).ok_or_else(misplaced)?;
            let read = |id: &TensorId| graph.tensor(*id).constant.as_deref().or_else(|| others.get(&self.plan, id.0));
            let operands: Vec<&[u8]> = step.inputs.iter().map(read).collect::<Option<_>>().ok_or_else(misplaced)?;
            events.overflows += self.step(index, &operands, output, host, scratch)?;
            observe(step.output, output);
        }
        let read = |id: &TensorId| graph.tensor(*id).constant.as_deref().or_else(|| self.plan.get(arena, id.0));
        let outputs = graph.outputs.iter().map(|id| read(id).map(<[u8]>::to_vec));
        Ok((outputs.collect::<Option<_>>().ok_or_else(misplaced)?, events))
    }

    /// Computes the output of step `index`; returns the additions that overflowed.
    fn step(
        &self,
        index: usize,
        inputs: &[&[u8]],
        output: &mut [u8],
        host: &dyn Host,
        scratch: &mut Scratch,
    ) -> Result<u64> {
        let graph = &*self.graph;
        let step = &graph.steps[index];
        let profile = &graph.profile;
        let tensors: Vec<&IntegerTensor> = step.inputs.iter().map(|&id| graph.tensor(id)).collect();
        let out = graph.tensor(step.output);
        let shape = |tensor: &IntegerTensor| {
            Nhwc::of(&tensor.shape).ok_or_else(|| Error::internal("a shape without NHWC reading").at(&step.name))
        };
        let (Some(&tensor), Some(&input)) = (tensors.first(), inputs.first()) else {
            host.run(step, inputs, output)?;
            return Ok(0);
        };
        let average = pool::Average { profile, zero_points: [tensor.zero_point, out.zero_point], bounds: step.bounds };
        match &step.op {
            IntegerOp::Conv(conv) => {
                let context = ConvContext::new(conv, &graph.profile, tensor, out, step.bounds)
                    .ok_or_else(|| Error::internal("a convolution without NHWC reading").at(&step.name))?;
                match &self.packed[index] {
                    Some(packed) => packed.run(&context, input, output, scratch),
                    None => return Ok(scalar::conv(&context, input, output)),
                }
            }
            IntegerOp::Add { rescale, subtract } => {
                let (settings, operands) = binary(step, &tensors, inputs, out, profile)?;
                elementwise::add(settings, *rescale, *subtract, operands, output);
            }
            IntegerOp::Mul { rescale } => {
                let (settings, operands) = binary(step, &tensors, inputs, out, profile)?;
                elementwise::mul(settings, *rescale, operands, output);
            }
            IntegerOp::Prelu { rescale } => {
                let (settings, operands) = binary(step, &tensors, inputs, out, profile)?;
                elementwise::prelu(settings, *rescale, operands, output);
            }
            IntegerOp::MaxPool { window } => pool::max(*window, shape(tensor)?, shape(out)?, input, output),
            IntegerOp::AveragePool { window, pads_end, count_include_pad, rescale } => {
                let pool = pool::AverageWindow {
                    window: *window,
                    pads_end: *pads_end,
                    count_include_pad: *count_include_pad,
                    rescale,
                };
                pool::average(average, pool, shape(tensor)?, shape(out)?, input, output);
            }
            IntegerOp::SpatialMean { rescale } => {
                pool::spatial_mean(average, shape(tensor)?, *rescale, input, output);
            }
            IntegerOp::Lookup { table } => elementwise::lookup(table, input, output),
            IntegerOp::Concat { axis, parts } => {
                let parts: Vec<movement::Part> = tensors
                    .iter()
                    .zip(inputs)
                    .zip(parts)
                    .map(|((tensor, &bytes), part)| (&*tensor.shape, bytes, tensor.zero_point, part))
                    .collect();
                movement::concat(*axis, &parts, (out.zero_point, step.bounds, profile), output);
            }
            IntegerOp::Reshape => output.copy_from_slice(input),
            IntegerOp::Transpose { permutation } => {
                strided::transpose(permutation, input, &tensor.shape, output);
            }
            IntegerOp::Pad { before, mode } => {
                movement::pad((before, *mode), &tensor.shape, &out.shape, input, output);
            }
            IntegerOp::Slice { start, step } => {
                strided::slice((start, step), input, &tensor.shape, &out.shape, output);
            }
            IntegerOp::DepthToSpace { block, channel_major } => {
                let Nhwc { n, h, w, c } = shape(tensor)?;
                strided::depth_to_space((*block, *channel_major), input, [n, h, w, c], output);
            }
            IntegerOp::ResizeNearest { rows, columns } => {
                resize::nearest((rows, columns), shape(tensor)?, input, output);
            }
            IntegerOp::ResizeBilinear { rows, columns, bits, rescale } => {
                let taps = resize::Taps { rows, columns, bits: *bits };
                match rescale {
                    LinearRescale::Divide => resize::bilinear(taps, profile, shape(tensor)?, input, output),
                    LinearRescale::Float { scale } => {
                        resize::bilinear_float(taps, (*scale, tensor.zero_point), shape(tensor)?, input, output);
                    }
                }
            }
            IntegerOp::Host => host.run(step, inputs, output)?,
        }
        Ok(0)
    }
}

/// The two operands of an operator with broadcasting and what surrounds them.
fn binary<'a>(
    step: &Step,
    tensors: &[&'a IntegerTensor],
    inputs: &[&'a [u8]],
    out: &'a IntegerTensor,
    profile: &'a Profile,
) -> Result<(Binary<'a>, [&'a [u8]; 2])> {
    let (&[a, b], &[left, right]) = (tensors, inputs) else {
        return Err(Error::internal("an operator without two operands").at(&step.name));
    };
    let settings = Binary {
        shapes: [&a.shape, &b.shape],
        out: &out.shape,
        zero_points: [a.zero_point, b.zero_point, out.zero_point],
        bounds: step.bounds,
        profile,
    };
    Ok((settings, [left, right]))
}

fn wrong_input(reason: String) -> Error {
    Error::new(Code::ShapeMismatch, reason, "give one tensor per model input, in order")
}

fn misplaced() -> Error {
    Error::internal("a tensor has no place in the arena")
}

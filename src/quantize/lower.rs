//! One float node -> one integer step.

use super::compile::Compiler;
use super::factor;
use super::options::Scheme;
use super::weights::{self, InputSpan};
use super::{resize, tables, tflite};
use crate::error::{Error, Result};
use crate::graph::{AveragePool, BinaryKind, Conv, Node, Op, PadMode, Pool, ValueId};
use crate::npu::{ConcatPart, Datapath, IntegerConv, IntegerOp, IntegerPad, MeanRescale, Profile, TensorId, Window};

pub(super) fn node(compiler: &mut Compiler, index: usize, node: &Node) -> Result<()> {
    if let Op::Binary(kind) = node.op {
        return binary(compiler, index, node, kind);
    }
    if let Op::Concat { axis } = node.op {
        return concat(compiler, index, node, axis);
    }
    let &[input] = node.inputs.as_slice() else {
        return Err(Error::internal(format!("{} inputs where one is expected", node.inputs.len())));
    };
    let input = compiler.operand(input)?;
    match &node.op {
        Op::Conv(conv) => convolution(compiler, index, node, conv, input),
        Op::Activation(activation) => {
            let datapath = compiler.options.profile.datapath;
            let prescribed = (datapath == Datapath::Tflite).then(|| tflite::prescribed_scale(*activation)).flatten();
            let output = match prescribed {
                Some(scale) => compiler.new_tensor_on(node.output, scale),
                None => compiler.new_tensor(node.output)?,
            };
            let table = tables::table(*activation, compiler.scale(input), compiler.scale(output), datapath);
            push(compiler, index, node, IntegerOp::Lookup { table }, vec![input], output)
        }
        Op::AveragePool(pool) => average_pool(compiler, index, node, pool, input),
        Op::SpatialMean => {
            let output = compiler.new_tensor(node.output)?;
            let pixels = match compiler.tensor(input).shape.as_slice() {
                [_, space @ .., _] => space.iter().product(),
                _ => 1,
            };
            let (from, to) = (compiler.scale(input).scale, compiler.scale(output).scale);
            let profile = &compiler.options.profile;
            let rescale = factor::mean(profile, from, to, pixels);
            push(compiler, index, node, IntegerOp::SpatialMean { rescale }, vec![input], output)
        }
        Op::MaxPool(pool) => keep_scale(compiler, index, node, IntegerOp::MaxPool { window: window(pool) }, input),
        Op::Reshape => keep_scale(compiler, index, node, IntegerOp::Reshape, input),
        Op::Transpose { permutation } => {
            keep_scale(compiler, index, node, IntegerOp::Transpose { permutation: permutation.clone() }, input)
        }
        Op::Pad { before, mode, .. } => {
            let mode = match *mode {
                PadMode::Constant(value) => IntegerPad::Constant(compiler.scale(input).quantize(f64::from(value))),
                PadMode::Reflect => IntegerPad::Reflect,
                PadMode::Edge => IntegerPad::Edge,
                PadMode::Wrap => IntegerPad::Wrap,
            };
            keep_scale(compiler, index, node, IntegerOp::Pad { before: before.clone(), mode }, input)
        }
        Op::Slice { start, step } => {
            keep_scale(compiler, index, node, IntegerOp::Slice { start: start.clone(), step: step.clone() }, input)
        }
        Op::DepthToSpace { block, channel_major } => {
            let op = IntegerOp::DepthToSpace { block: *block, channel_major: *channel_major };
            keep_scale(compiler, index, node, op, input)
        }
        Op::Resize(settings) => {
            let from = compiler.tensor(input).shape.clone();
            let to = &compiler.graph.value(node.output).shape;
            let scale = compiler.scale(input).scale;
            let op = resize::lower(settings, &from, to, (compiler.options.profile.datapath, scale))?;
            keep_scale(compiler, index, node, op, input)
        }
        Op::Binary(_) | Op::Concat { .. } | Op::Softmax { .. } | Op::LogSoftmax { .. } | Op::GroupNorm(_) => {
            Err(Error::internal(format!("'{}' has no integer form", node.op.label())))
        }
    }
}

fn push(
    compiler: &mut Compiler,
    index: usize,
    node: &Node,
    op: IntegerOp,
    inputs: Vec<TensorId>,
    output: TensorId,
) -> Result<()> {
    let bounds = compiler.scale(output).bounds(node.clamp);
    compiler.push_step(index, op, bounds, inputs, output);
    Ok(())
}

/// An operator whose integers mean the same before and after.
fn keep_scale(compiler: &mut Compiler, index: usize, node: &Node, op: IntegerOp, input: TensorId) -> Result<()> {
    let output = compiler.new_tensor_like(node.output, input);
    push(compiler, index, node, op, vec![input], output)
}

fn convolution(compiler: &mut Compiler, index: usize, node: &Node, conv: &Conv, input: TensorId) -> Result<()> {
    let output = compiler.new_tensor(node.output)?;
    let (from, to) = (compiler.scale(input), compiler.scale(output));
    let zero_point = i64::from(from.zero_point);
    let span = InputSpan { low: -zero_point, high: i64::from(from.max) - zero_point };
    let options = compiler.options;
    let given = options.shift_overrides.of(index);
    let quantized = weights::quantize(conv, options, from.scale, span, compiler.tap_means(index)?.as_ref(), given)?;
    let profile = &compiler.options.profile;
    let factor = |&weight_scale: &f64| factor::product(profile, [from.scale, weight_scale], to.scale);
    let (low, high) = Profile::signed_range(profile.accumulator_bits);
    let channel_wise = compiler.options.scheme == Scheme::ChannelWise;
    let shift_wise = compiler.options.scheme == Scheme::ShiftWise;
    let integer = IntegerConv {
        window: Window {
            kernel: conv.kernel,
            stride: conv.stride,
            dilation: conv.dilation,
            upsample: conv.upsample,
            pads: [conv.pads[0], conv.pads[1]],
        },
        groups: conv.groups,
        weight: quantized.integers.clone(),
        bias: quantized.biases.clone(),
        rescale: quantized.scales.iter().take(if channel_wise { usize::MAX } else { 1 }).map(factor).collect(),
        shifts: if shift_wise { quantized.shifts.clone() } else { Vec::new() },
        fits: quantized.sum_range.0 >= low && quantized.sum_range.1 <= high,
    };
    compiler.push_layer(index, quantized);
    push(compiler, index, node, IntegerOp::Conv(integer), vec![input], output)
}

fn binary(compiler: &mut Compiler, index: usize, node: &Node, kind: BinaryKind) -> Result<()> {
    let &[a, b] = node.inputs.as_slice() else {
        return Err(Error::internal("an operator of two operands has another number"));
    };
    let mut left = compiler.operand(a)?;
    let mut right = match kind {
        BinaryKind::Div => reciprocal(compiler, b)?,
        _ => compiler.operand(b)?,
    };
    let smaller_first = compiler.tensor(left).len() < compiler.tensor(right).len();
    if kind == BinaryKind::Add && compiler.options.profile.datapath == Datapath::Ort && smaller_first {
        // The engine takes the operand that is repeated last, wherever it stands.
        std::mem::swap(&mut left, &mut right);
    }
    let output = compiler.new_tensor(node.output)?;
    let [from_a, from_b, to] = [left, right, output].map(|tensor| compiler.scale(tensor).scale);
    let profile = &compiler.options.profile;
    let op = match kind {
        BinaryKind::Add | BinaryKind::Sub => {
            let subtract = kind == BinaryKind::Sub;
            IntegerOp::Add { rescale: factor::sum(profile, [from_a, from_b], to, subtract), subtract }
        }
        BinaryKind::Mul | BinaryKind::Div => {
            IntegerOp::Mul { rescale: factor::elementwise(profile, &[from_a, from_b], to) }
        }
        BinaryKind::Prelu => IntegerOp::Prelu { rescale: factor::prelu(profile, [from_a, from_b], to) },
    };
    push(compiler, index, node, op, vec![left, right], output)
}

/// The constant divisor as a constant factor.
fn reciprocal(compiler: &mut Compiler, divisor: ValueId) -> Result<TensorId> {
    let graph = compiler.graph;
    let constant =
        graph.value(divisor).constant.as_ref().ok_or_else(|| Error::internal("the divisor is no constant"))?;
    compiler.constant(divisor, constant.data().iter().map(|&x| 1.0 / f64::from(x)))
}

fn concat(compiler: &mut Compiler, index: usize, node: &Node, axis: usize) -> Result<()> {
    let inputs = node.inputs.iter().map(|&input| compiler.operand(input)).collect::<Result<Vec<_>>>()?;
    let output = compiler.new_tensor(node.output)?;
    let to = compiler.scale(output);
    let profile = &compiler.options.profile;
    let parts = inputs
        .iter()
        .map(|&input| {
            let from = compiler.scale(input);
            match profile.datapath {
                _ if from == to => ConcatPart::Copy,
                Datapath::Ort => ConcatPart::Table(tables::requantization(from, to)),
                Datapath::Npu | Datapath::Tflite => {
                    ConcatPart::Rescale(factor::quotient(profile, from.scale, to.scale))
                }
            }
        })
        .collect();
    push(compiler, index, node, IntegerOp::Concat { axis, parts }, inputs, output)
}

fn average_pool(
    compiler: &mut Compiler,
    index: usize,
    node: &Node,
    average: &AveragePool,
    input: TensorId,
) -> Result<()> {
    let datapath = compiler.options.profile.datapath;
    let output = match datapath {
        // The engine demands it.
        Datapath::Tflite => compiler.new_tensor_like(node.output, input),
        Datapath::Npu | Datapath::Ort => compiler.new_tensor(node.output)?,
    };
    let pool = &average.pool;
    let scale = |tensor| factor::exact(compiler.scale(tensor).scale as f32);
    let rescale = match datapath {
        Datapath::Npu => {
            let counts = 1..=pool.kernel[0] * pool.kernel[1];
            let [from, to] = [input, output].map(|tensor| compiler.scale(tensor).scale);
            MeanRescale::ByCount(counts.map(|count| factor::mean(&compiler.options.profile, from, to, count)).collect())
        }
        Datapath::Tflite => MeanRescale::Divide,
        Datapath::Ort => {
            let (input_shape, output_shape) = (&compiler.tensor(input).shape, &compiler.tensor(output).shape);
            let (input, output) = (scale(input), scale(output));
            // The engine's quantized kernel knows no dilation, and counts positions beyond the padding.
            let beyond = average.count_include_pad && pool.rounds_up(input_shape, output_shape);
            if beyond || pool.dilation != [1, 1] {
                MeanRescale::Dequantized { input, output }
            } else {
                MeanRescale::Float { input, output }
            }
        }
    };
    let op = IntegerOp::AveragePool {
        window: window(pool),
        pads_end: [pool.pads[2], pool.pads[3]],
        count_include_pad: average.count_include_pad,
        rescale,
    };
    push(compiler, index, node, op, vec![input], output)
}

fn window(pool: &Pool) -> Window {
    Window {
        kernel: pool.kernel,
        stride: pool.stride,
        dilation: pool.dilation,
        upsample: [1, 1],
        pads: [pool.pads[0], pool.pads[1]],
    }
}

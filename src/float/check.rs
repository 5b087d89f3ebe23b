//! Whether operator, input shapes and output shape of a node fit together. The kernels index without further checks of
//! their own, and a graph may have come from an untrusted model through several passes: so nothing is taken on trust.

use super::kernels::Image;
use crate::error::{Code, Error, Result};
use crate::graph::{BinaryKind, Conv, Node, Op, PadMode, Pool};

/// Strides, paddings and the like; keeps every position well inside an `i64`.
const LARGEST_ATTRIBUTE: usize = 1 << 31;

pub(super) fn check(node: &Node, inputs: &[&[usize]], output: &[usize]) -> Result<()> {
    let count = match node.op {
        Op::Binary(_) => inputs.len() == 2,
        Op::Concat { .. } => !inputs.is_empty(),
        _ => inputs.len() == 1,
    };
    let fits = count
        && inputs.iter().chain([&output]).all(|shape| elements(shape).is_some())
        && fits(&node.op, inputs, output);
    if fits {
        return Ok(());
    }
    Err(Error::new(
        Code::ShapeMismatch,
        format!("{} of inputs of shape {inputs:?} does not give shape {output:?}", node.op.label()),
        "check the attributes of this node and the shapes of its inputs",
    ))
}

fn elements(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim))
}

fn fits(op: &Op, inputs: &[&[usize]], output: &[usize]) -> bool {
    let input = inputs[0];
    let (from, to) = (Image::of(input), Image::of(output));
    let same_rank = input.len() == output.len();
    let image = same_rank && (2..=4).contains(&input.len());
    match op {
        Op::Conv(conv) => image && conv_fits(conv, from, to),
        Op::Activation(_) => input == output,
        Op::Binary(kind) => {
            let reach = |input: &[usize]| {
                let missing = output.len() - input.len();
                input.iter().zip(&output[missing..]).all(|(&len, &out)| len == out || len == 1)
            };
            let rank = inputs.iter().map(|input| input.len()).max().unwrap_or(0);
            // Some input has every extent of the output.
            let covered = |axis: usize| {
                let extent = |input: &&[usize]| input.iter().rev().nth(output.len() - 1 - axis).copied().unwrap_or(1);
                inputs.iter().any(|input| extent(input) == output[axis])
            };
            let keeps_first = *kind != BinaryKind::Prelu || input == output;
            rank == output.len()
                && inputs.iter().all(|input| reach(input))
                && (0..output.len()).all(covered)
                && keeps_first
        }
        Op::MaxPool(pool) => image && pool_fits(pool, from, to),
        Op::AveragePool(average) => image && pool_fits(&average.pool, from, to),
        Op::SpatialMean => {
            let channels = input.len().saturating_sub(1);
            let reduced = |(axis, &out): (usize, &usize)| {
                if axis == 0 || axis == channels { out == input[axis] } else { out == 1 && input[axis] > 0 }
            };
            input.len() >= 2 && same_rank && output.iter().enumerate().all(reduced)
        }
        Op::Concat { axis } => {
            let alike = |input: &&[usize]| {
                input.len() == output.len() && (0..output.len()).all(|i| i == *axis || input[i] == output[i])
            };
            *axis < output.len()
                && inputs.iter().all(alike)
                && inputs.iter().map(|input| input[*axis]).sum::<usize>() == output[*axis]
        }
        Op::Reshape => elements(input) == elements(output),
        Op::Transpose { permutation } => {
            let mut axes = permutation.clone();
            axes.sort_unstable();
            same_rank
                && axes.iter().copied().eq(0..input.len())
                && permutation.iter().zip(output).all(|(&axis, &out)| input[axis] == out)
        }
        Op::Pad { before, after, mode } => {
            let axis = |i: usize| {
                let kept = input[i] as i128 + before[i].min(0) as i128 + after[i].min(0) as i128;
                let continued = matches!(mode, PadMode::Constant(_)) || kept > 0 || output[i] == 0;
                kept >= 0 && continued && input[i] as i128 + before[i] as i128 + after[i] as i128 == output[i] as i128
            };
            same_rank && before.len() == input.len() && after.len() == input.len() && (0..input.len()).all(axis)
        }
        Op::Resize(resize) => {
            let seen = (from.h > 0 && from.w > 0) || elements(output) == Some(0);
            input.len() == 4
                && same_rank
                && seen
                && from.n == to.n
                && from.c == to.c
                && resize.scales.iter().all(|&s| s > 0.0)
        }
        Op::Slice { start, step } => {
            let axis = |i: usize| {
                let last = start[i] as i128 + output[i].saturating_sub(1) as i128 * step[i] as i128;
                output[i] == 0 || (start[i] < input[i] && (0..input[i] as i128).contains(&last))
            };
            same_rank && start.len() == input.len() && step.len() == input.len() && (0..input.len()).all(axis)
        }
        Op::DepthToSpace { block, .. } => {
            let grown = |len: usize| len.checked_mul(*block);
            input.len() == 4
                && same_rank
                && from.n == to.n
                && grown(from.h) == Some(to.h)
                && grown(from.w) == Some(to.w)
                && grown(to.c).and_then(|c| c.checked_mul(*block)) == Some(from.c)
        }
        Op::Softmax { axis } | Op::LogSoftmax { axis } => input == output && *axis < input.len(),
        Op::GroupNorm(norm) => {
            let channels = norm.scale.len();
            input == output
                && input.len() >= 2
                && input.last() == Some(&channels)
                && norm.shift.len() == channels
                && norm.groups > 0
                && channels.is_multiple_of(norm.groups)
        }
    }
}

fn conv_fits(conv: &Conv, from: Image, to: Image) -> bool {
    let [kh, kw] = conv.kernel;
    let (o, i) = (conv.output_channels(), conv.input_channels_per_group());
    let size = |axis: usize, len: usize| {
        let window = (conv.kernel[axis] - 1) * conv.dilation[axis] + 1;
        let spread = len.saturating_sub(1).checked_mul(conv.upsample[axis])? + len.min(1);
        let room = spread.checked_add(conv.pads[axis] + conv.pads[axis + 2])?.checked_sub(window)?;
        Some(room / conv.stride[axis] + 1)
    };
    geometry_fits(conv.kernel, conv.stride, conv.dilation, conv.pads)
        && conv.upsample.iter().all(|&step| (1..LARGEST_ATTRIBUTE).contains(&step))
        && (!conv.is_transposed() || conv.stride == [1, 1])
        && conv.weight.shape() == [o, kh, kw, i]
        && conv.bias.as_ref().is_none_or(|bias| bias.len() == o)
        && conv.groups > 0
        && o % conv.groups == 0
        && i.checked_mul(conv.groups) == Some(from.c)
        && (from.n, o) == (to.n, to.c)
        && size(0, from.h).unwrap_or(0) == to.h
        && size(1, from.w).unwrap_or(0) == to.w
}

fn pool_fits(pool: &Pool, from: Image, to: Image) -> bool {
    geometry_fits(pool.kernel, pool.stride, pool.dilation, pool.pads) && (from.n, from.c) == (to.n, to.c)
}

fn geometry_fits(kernel: [usize; 2], stride: [usize; 2], dilation: [usize; 2], pads: [usize; 4]) -> bool {
    let [kh, kw] = kernel;
    // On a 32-bit machine a window may be too large for its addresses.
    let spans =
        kernel.iter().zip(dilation).all(|(&k, d)| k.checked_mul(d).is_some_and(|span| span < LARGEST_ATTRIBUTE));
    kernel.iter().chain(&stride).chain(&dilation).all(|&value| (1..LARGEST_ATTRIBUTE).contains(&value))
        && pads.iter().all(|&pad| pad < LARGEST_ATTRIBUTE / 4)
        && spans
        && kh.checked_mul(kw).is_some()
}

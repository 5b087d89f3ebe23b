//! Whether a step's shapes and parameters belong together: the kernels index without asking again.

use super::graph::{ConcatPart, IntegerConv, IntegerGraph, IntegerOp, IntegerTensor, LinearRescale, Step, Window};
use super::kernels::Nhwc;
use crate::error::{Code, Error, Result};

/// # Errors
/// `ShapeMismatch`, at the step's name.
pub(super) fn step(graph: &IntegerGraph, step: &Step) -> Result<()> {
    let known = |id: &super::TensorId| id.0 < graph.tensors.len();
    if !step.inputs.iter().all(known) || !known(&step.output) {
        return Err(mismatch("refers to a tensor that does not exist").at(&step.name));
    }
    let inputs: Vec<&IntegerTensor> = step.inputs.iter().map(|&id| graph.tensor(id)).collect();
    operator(&step.op, &inputs, graph.tensor(step.output)).map_err(|error| error.at(&step.name))
}

fn mismatch(what: impl std::fmt::Display) -> Error {
    Error::new(Code::ShapeMismatch, format!("the integer operator {what}"), "")
}

fn ensure(condition: bool, what: &str) -> Result<()> {
    if condition { Ok(()) } else { Err(mismatch(what)) }
}

fn operator(op: &IntegerOp, inputs: &[&IntegerTensor], out: &IntegerTensor) -> Result<()> {
    let wanted = match op {
        IntegerOp::Host => return Ok(()),
        IntegerOp::Concat { parts, .. } => parts.len(),
        IntegerOp::Add { .. } | IntegerOp::Mul { .. } | IntegerOp::Prelu { .. } => 2,
        _ => 1,
    };
    ensure(inputs.len() == wanted && wanted > 0, "has the wrong number of inputs")?;
    let input = inputs[0];
    let rank = input.shape.len();
    let same_rank = |lengths: &[usize]| lengths.iter().all(|&length| length == rank) && out.shape.len() == rank;
    match op {
        IntegerOp::Conv(conv) => convolution(conv, input, out),
        IntegerOp::MaxPool { window } | IntegerOp::AveragePool { window, .. } => pool(window, input, out),
        IntegerOp::SpatialMean { .. } => {
            let (from, to) = (nhwc(input)?, nhwc(out)?);
            ensure((from.n, from.c, to.h * to.w) == (to.n, to.c, 1), "has an output of the wrong shape")
        }
        IntegerOp::Lookup { table } => {
            ensure(table.len() == 256, "has a table without 256 entries")?;
            ensure(input.len() == out.len(), "changes the number of elements")
        }
        IntegerOp::Reshape => ensure(input.len() == out.len(), "changes the number of elements"),
        IntegerOp::Add { .. } | IntegerOp::Mul { .. } | IntegerOp::Prelu { .. } => {
            ensure(inputs.iter().all(|i| broadcasts(&i.shape, &out.shape)), "has operands that do not broadcast")
        }
        IntegerOp::Concat { axis, parts } => {
            let whole = |part: &ConcatPart| !matches!(part, ConcatPart::Table(table) if table.len() != 256);
            ensure(parts.iter().all(whole), "has a table without 256 entries")?;
            let fits = inputs.iter().all(|i| {
                i.shape.len() == out.shape.len()
                    && i.shape.iter().zip(&out.shape).enumerate().all(|(at, (a, b))| at == *axis || a == b)
            });
            let sum: usize = inputs.iter().filter_map(|i| i.shape.get(*axis)).sum();
            ensure(fits && out.shape.get(*axis) == Some(&sum), "joins shapes that do not fit")
        }
        IntegerOp::Transpose { permutation } => {
            let moved = permutation.iter().map(|&axis| input.shape.get(axis).copied());
            let mut sorted = permutation.clone();
            sorted.sort_unstable();
            let is_permutation = sorted.iter().enumerate().all(|(at, &axis)| at == axis);
            ensure(is_permutation && moved.eq(out.shape.iter().map(|&d| Some(d))), "permutes to another shape")
        }
        IntegerOp::Pad { before, .. } => ensure(same_rank(&[before.len()]), "pads the wrong number of axes"),
        IntegerOp::Slice { start, step } => {
            ensure(same_rank(&[start.len(), step.len()]), "slices the wrong number of axes")?;
            let inside = (0..rank).all(|axis| {
                let last =
                    (out.shape[axis] as isize - 1).saturating_mul(step[axis]).saturating_add(start[axis] as isize);
                start[axis] < input.shape[axis] && (0..input.shape[axis] as isize).contains(&last)
            });
            ensure(inside, "slices beyond its input")
        }
        IntegerOp::DepthToSpace { block, .. } => {
            let (from, to) = (nhwc(input)?, nhwc(out)?);
            let channels = from.c / block.saturating_mul(*block).max(1);
            let expected =
                Nhwc { n: from.n, h: from.h.saturating_mul(*block), w: from.w.saturating_mul(*block), c: channels };
            ensure(to == expected && from.len() == to.len() && rank == 4, "has an output of the wrong shape")
        }
        IntegerOp::ResizeNearest { rows, columns } => {
            let (from, to) = (nhwc(input)?, nhwc(out)?);
            let inside = rows.iter().all(|&row| row < from.h) && columns.iter().all(|&column| column < from.w);
            ensure(inside && (to.h, to.w) == (rows.len(), columns.len()), "resizes beyond its input")
        }
        IntegerOp::ResizeBilinear { rows, columns, bits, rescale } => {
            let (from, to) = (nhwc(input)?, nhwc(out)?);
            let most = match rescale {
                // 2 * 12 fraction bits and 8 of an activation fill 32.
                LinearRescale::Divide => 12,
                LinearRescale::Float { .. } => 31,
            };
            ensure((1..=most).contains(bits), "resizes with weights of the wrong width")?;
            let inside = |taps: &[super::LinearTap], size: usize| {
                taps.iter().all(|&(a, b, weight)| a < size && b < size && weight <= 1 << bits)
            };
            ensure(
                inside(rows, from.h) && inside(columns, from.w) && (to.h, to.w) == (rows.len(), columns.len()),
                "resizes beyond its input",
            )
        }
        IntegerOp::Host => Ok(()),
    }
}

fn nhwc(tensor: &IntegerTensor) -> Result<Nhwc> {
    Nhwc::of(&tensor.shape).filter(|shape| !shape.is_empty()).ok_or_else(|| mismatch("needs a tensor of rank 1 to 4"))
}

fn broadcasts(shape: &[usize], out: &[usize]) -> bool {
    shape.len() <= out.len()
        && shape.iter().rev().zip(out.iter().rev()).all(|(&dim, &target)| dim == 1 || dim == target)
}

fn pool(window: &Window, input: &IntegerTensor, out: &IntegerTensor) -> Result<()> {
    let (from, to) = (nhwc(input)?, nhwc(out)?);
    ensure(window.stride.iter().all(|&stride| stride > 0), "has a stride of 0")?;
    ensure((from.n, from.c) == (to.n, to.c), "has an output of the wrong shape")
}

fn convolution(conv: &IntegerConv, input: &IntegerTensor, out: &IntegerTensor) -> Result<()> {
    let (from, to) = (nhwc(input)?, nhwc(out)?);
    let channels = conv.output_channels();
    let steps = conv.window.stride.iter().chain(&conv.window.upsample);
    ensure(steps.into_iter().all(|&step| step > 0), "has a stride of 0")?;
    let one_of_both = (0..2).all(|axis| conv.window.stride[axis] == 1 || conv.window.upsample == [1, 1]);
    ensure(one_of_both, "has both a stride and an upsampling")?;
    ensure(
        from.c.is_multiple_of(conv.groups) && channels.is_multiple_of(conv.groups) && conv.groups > 0,
        "has channels that its groups do not divide",
    )?;
    let [rows, columns] = conv.window.kernel;
    let taps = rows.saturating_mul(columns).saturating_mul(from.c / conv.groups);
    ensure(taps > 0 && conv.weight.len() == channels.saturating_mul(taps), "has the wrong number of weights")?;
    ensure(conv.rescale.len() == 1 || conv.rescale.len() == channels, "has the wrong number of multipliers")?;
    ensure(conv.shifts.is_empty() || conv.shifts.len() == channels, "has the wrong number of shifts")?;
    ensure((from.n, channels) == (to.n, to.c), "has an output of the wrong shape")
}

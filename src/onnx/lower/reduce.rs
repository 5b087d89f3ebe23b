//! `ReduceMean` and `GlobalAveragePool`: means over axes other than the batch.

use super::builder::{Builder, Naming};
use crate::error::{Code, Error, Result};
use crate::graph::{Layout, Op};
use crate::onnx::call::{Call, Operand};
use crate::onnx::shapes;

pub fn global_average_pool(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.data(call, 0)?;
    let rank = input.layout.rank();
    mean(builder, call, input, (2..rank).collect(), true)
}

pub fn reduce_mean(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let keep = call.attributes.int_or("keepdims", 1)? != 0;
    let noop = call.attributes.flag("noop_with_empty_axes")?;
    let input = builder.data(call, 0)?;
    let rank = input.layout.rank();
    let axes = match call.ints("axes", 1)? {
        Some(values) if !values.is_empty() => shapes::axes(&values, rank)?,
        _ if noop => return Ok(input),
        _ => (0..rank).collect(),
    };
    mean(builder, call, input, axes, keep)
}

fn mean(builder: &mut Builder, call: &Call, input: Operand, axes: Vec<usize>, keep: bool) -> Result<Operand> {
    let shape = builder.shape(&input);
    let rank = shape.len();
    let kept_ones: Vec<usize> = (0..rank).map(|axis| if axes.contains(&axis) { 1 } else { shape[axis] }).collect();
    let result: Vec<usize> = if keep {
        kept_ones.clone()
    } else {
        (0..rank).filter(|axis| !axes.contains(axis)).map(|axis| shape[axis]).collect()
    };
    // The mean over an axis of length 1 changes nothing.
    let reduced: Vec<usize> = axes.iter().copied().filter(|&axis| shape[axis] != 1).collect();
    if reduced.is_empty() {
        return builder.reshaped(call, Naming::Output, input, &result);
    }
    if reduced.contains(&0) {
        return Err(Error::new(
            Code::UnsupportedOperator,
            format!("{} over the batch is not supported", call.op),
            "Shiftwise runs one picture at a time; export the model with a batch of 1",
        ));
    }
    // Over space the other axis is the channel; `[n, h, w, c]` is what the operator wants.
    let space: Vec<usize> = axes.iter().copied().filter(|&axis| axis != 0).collect();
    if rank == 4 && space.len() == 2 {
        let (a, b) = (space[0].min(space[1]), space[0].max(space[1]));
        let layout = Layout(vec![0, a, b, 6 - a - b]);
        let input = builder.arranged(call, input, &layout)?;
        let naming = if result == kept_ones { Naming::Output } else { Naming::Step("mean") };
        let mean = builder.emit(call, naming, Op::SpatialMean, vec![input.id], &kept_ones, layout)?;
        return builder.reshaped(call, Naming::Output, mean, &result);
    }
    // Anything else is brought into that form: `[n, reduced, 1, kept]`.
    let kept: Vec<usize> = (1..rank).filter(|axis| !reduced.contains(axis)).collect();
    let layout = Layout([0].iter().chain(&reduced).chain(&kept).copied().collect());
    let count = |axes: &[usize]| axes.iter().map(|&axis| shape[axis]).product::<usize>();
    let (n, pixels, channels) = (shape[0], count(&reduced), count(&kept));
    let input = builder.arranged(call, input, &layout)?;
    let four = Layout::identity(4);
    let flat = [n, pixels, 1, channels];
    let flat = builder.emit(call, Naming::Step("flat"), Op::Reshape, vec![input.id], &flat, four.clone())?;
    let mean = [n, 1, 1, channels];
    let mean = builder.emit(call, Naming::Step("mean"), Op::SpatialMean, vec![flat.id], &mean, four)?;
    builder.emit(call, Naming::Output, Op::Reshape, vec![mean.id], &result, Layout::identity(result.len()))
}

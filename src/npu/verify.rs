//! Whether a graph from elsewhere can be executed. The quantizer's own graphs hold all this by construction; of those
//! only what kernels index by is checked ([`super::check`]).

use super::check;
use super::graph::{
    AddRescale, ConcatPart, IntegerConv, IntegerGraph, IntegerOp, IntegerTensor, LinearRescale, MeanRescale,
    PreluRescale, Step, TensorId, Window,
};
use super::profile::{Datapath, Profile};
use super::rescale::Rescale;
use crate::error::{Code, Error, Result};

/// Largest kernel, stride, dilation, padding of a window; far beyond what networks have.
const MOST: usize = 1 << 15;
/// Largest magnitude of a rescale's shift; beyond it nothing is left, or nothing fits.
const MOST_SHIFT: u32 = 1 << 10;

/// # Errors
/// As [`IntegerGraph::check`].
pub(super) fn graph(graph: &IntegerGraph) -> Result<()> {
    graph.profile.check()?;
    for tensor in &graph.tensors {
        check_tensor(tensor).map_err(|error| error.at(&tensor.name))?;
    }
    let mut written: Vec<bool> = graph.tensors.iter().map(|tensor| tensor.constant.is_some()).collect();
    let mut write = |id: TensorId| match written.get_mut(id.0) {
        Some(written) if !*written => {
            *written = true;
            Ok(())
        }
        Some(_) => Err(wrong("a tensor is written twice")),
        None => Err(wrong("a tensor does not exist")),
    };
    graph.inputs.iter().try_for_each(|&id| write(id))?;
    // Written before read: the steps' order is that of execution.
    let mut readable: Vec<bool> = graph.tensors.iter().map(|tensor| tensor.constant.is_some()).collect();
    graph.inputs.iter().for_each(|id| readable[id.0] = true);
    for step in &graph.steps {
        let located = |error: Error| error.at(&step.name);
        if !step.inputs.iter().all(|id| readable.get(id.0) == Some(&true)) {
            return Err(located(wrong("a tensor is read before it is written")));
        }
        write(step.output).map_err(located)?;
        readable[step.output.0] = true;
        check_parameters(graph, step).map_err(located)?;
        check::step(graph, step)?;
        check_values(graph, step).map_err(located)?;
    }
    if !graph.outputs.iter().all(|id| readable.get(id.0) == Some(&true)) {
        return Err(wrong("an output is never written"));
    }
    Ok(())
}

fn wrong(what: &str) -> Error {
    Error::new(Code::ShapeMismatch, what, "correct the integer graph, or export it again")
}

fn ensure(condition: bool, what: &str) -> Result<()> {
    if condition { Ok(()) } else { Err(wrong(what)) }
}

fn check_tensor(tensor: &IntegerTensor) -> Result<()> {
    let elements = tensor.shape.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim));
    let elements = elements.filter(|&elements| elements > 0 && elements <= isize::MAX as usize);
    let elements = elements.ok_or_else(|| wrong("the tensor is empty or too large"))?;
    ensure(tensor.zero_point <= tensor.max, "the zero point lies above the largest integer")?;
    if let Some(constant) = &tensor.constant {
        ensure(constant.len() == elements, "the constant does not fill its shape")?;
        ensure(constant.iter().all(|&byte| byte <= tensor.max), "the constant has integers above the largest")?;
    }
    Ok(())
}

/// What needs no knowledge of shapes, and what arithmetic on shapes relies on.
fn check_parameters(graph: &IntegerGraph, step: &Step) -> Result<()> {
    let bounds = step.bounds;
    let output = graph.tensor(step.output);
    ensure(bounds.min <= bounds.max && bounds.max <= output.max, "the bounds are reversed or too wide")?;
    let shift_fits = |rescale: &Rescale| rescale.shift.unsigned_abs() <= MOST_SHIFT;
    ensure(rescales(&step.op).iter().all(shift_fits), "a rescale's shift is out of range")?;
    ensure(belongs(&step.op, graph.profile.datapath), "the rescale is another profile's")?;
    match &step.op {
        IntegerOp::Conv(IntegerConv { window, .. }) | IntegerOp::MaxPool { window } => check_window(window),
        IntegerOp::AveragePool { window, pads_end, .. } => {
            check_window(window)?;
            ensure(pads_end.iter().all(|&pad| pad <= MOST), "the padding is too wide")
        }
        IntegerOp::Pad { before, .. } => {
            ensure(before.iter().all(|pad| pad.unsigned_abs() <= MOST), "the padding is too wide")
        }
        IntegerOp::Concat { axis, .. } => ensure(*axis < output.shape.len(), "there is no such axis"),
        _ => Ok(()),
    }
}

fn check_window(window: &Window) -> Result<()> {
    let positive = [window.kernel, window.stride, window.dilation, window.upsample];
    let fits = positive.iter().flatten().all(|size| (1..=MOST).contains(size));
    ensure(fits && window.pads.iter().all(|&pad| pad <= MOST), "the window's geometry is out of range")
}

/// What shapes that fit make it possible to check.
fn check_values(graph: &IntegerGraph, step: &Step) -> Result<()> {
    let output = graph.tensor(step.output);
    let Some(input) = step.inputs.first().map(|&id| graph.tensor(id)) else { return Ok(()) };
    let window = match &step.op {
        IntegerOp::Conv(conv) => Some(&conv.window),
        IntegerOp::MaxPool { window } | IntegerOp::AveragePool { window, .. } => Some(window),
        _ => None,
    };
    if let Some(window) = window {
        // Positions of taps are computed without asking for overflow.
        let last = output.shape.iter().try_fold(0usize, |most, &dim| Some(most.max(dim)));
        let span = |axis: usize| {
            let reach = last?.checked_mul(window.stride[axis])?;
            reach.checked_add(window.kernel[axis].checked_mul(window.dilation[axis])?)
        };
        ensure(span(0).is_some() && span(1).is_some(), "the window reaches too far")?;
    }
    match &step.op {
        IntegerOp::Conv(conv) => {
            ensure(conv.weight.iter().all(|&weight| weight >= -i8::MAX), "a weight is -128")?;
            ensure(!conv.fits || sums_fit(conv, input, &graph.profile), "sums that should fit the accumulator do not")
        }
        // Operators without a clamp pass integers on.
        IntegerOp::Lookup { table } => {
            ensure(table.iter().all(|&byte| byte <= output.max), "the table has integers above the largest")
        }
        _ => Ok(()),
    }
}

/// N5: every partial sum lies between the sum of the negative terms and that of the positive ones.
fn sums_fit(conv: &IntegerConv, input: &IntegerTensor, profile: &Profile) -> bool {
    let (low, high) = Profile::signed_range(profile.accumulator_bits);
    let [below, above] = [-i64::from(input.zero_point), i64::from(input.max) - i64::from(input.zero_point)];
    let taps = (conv.weight.len() / conv.bias.len().max(1)).max(1);
    conv.weight.chunks(taps).zip(&conv.bias).all(|(weights, &bias)| {
        let bias = i64::from(bias);
        let sums = weights.iter().map(|&weight| i64::from(weight)).fold((bias.min(0), bias.max(0)), |(min, max), q| {
            let (a, b) = (q * below, q * above);
            (min + a.min(b).min(0), max + a.max(b).max(0))
        });
        sums.0 >= low && sums.1 <= high
    })
}

/// Every rescale of an operator.
fn rescales(op: &IntegerOp) -> Vec<Rescale> {
    match op {
        IntegerOp::Conv(conv) => conv.rescale.clone(),
        IntegerOp::Add { rescale, .. } => match *rescale {
            AddRescale::Shared { shift, .. } => vec![Rescale { multiplier: 1, shift }],
            AddRescale::Staged { operands: [a, b], sum } => vec![a, b, sum],
            AddRescale::Float { factors } => factors.to_vec(),
            AddRescale::Dequantized { operands: [a, b], output } => vec![a, b, output],
        },
        IntegerOp::Mul { rescale } | IntegerOp::SpatialMean { rescale } => vec![*rescale],
        IntegerOp::Prelu { rescale } => match *rescale {
            PreluRescale::Split { positive, negative } => vec![positive, negative],
            PreluRescale::Float { input, slope, output } => vec![input, slope, output],
        },
        IntegerOp::AveragePool { rescale, .. } => match rescale {
            MeanRescale::ByCount(by_count) => by_count.clone(),
            MeanRescale::Divide => Vec::new(),
            MeanRescale::Float { input, output } | MeanRescale::Dequantized { input, output } => vec![*input, *output],
        },
        IntegerOp::Concat { parts, .. } => {
            let each = parts.iter().filter_map(|part| match part {
                ConcatPart::Rescale(rescale) => Some(*rescale),
                ConcatPart::Copy | ConcatPart::Table(_) => None,
            });
            each.collect()
        }
        IntegerOp::ResizeBilinear { rescale: LinearRescale::Float { scale }, .. } => vec![*scale],
        _ => Vec::new(),
    }
}

/// Whether an operator's form is the one that the datapath has.
fn belongs(op: &IntegerOp, datapath: Datapath) -> bool {
    match op {
        IntegerOp::Add { rescale, subtract } => matches!(
            (rescale, datapath, subtract),
            (AddRescale::Shared { .. }, Datapath::Npu, _)
                | (AddRescale::Staged { .. }, Datapath::Tflite, _)
                | (AddRescale::Float { .. }, Datapath::Ort, false)
                | (AddRescale::Dequantized { .. }, Datapath::Ort, true)
        ),
        IntegerOp::AveragePool { rescale, .. } => matches!(
            (rescale, datapath),
            (MeanRescale::ByCount(_), Datapath::Npu)
                | (MeanRescale::Divide, Datapath::Tflite)
                | (MeanRescale::Float { .. } | MeanRescale::Dequantized { .. }, Datapath::Ort)
        ),
        IntegerOp::Prelu { rescale } => matches!(rescale, PreluRescale::Float { .. }) == (datapath == Datapath::Ort),
        IntegerOp::ResizeBilinear { rescale, .. } => {
            matches!(rescale, LinearRescale::Float { .. }) == (datapath == Datapath::Ort)
        }
        _ => true,
    }
}

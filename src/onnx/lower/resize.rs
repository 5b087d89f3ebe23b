//! `Resize`, its predecessor `Upsample`, and `Expand` of single pixels.

use super::builder::{Builder, Naming};
use crate::error::{Code, Error, Result};
use crate::graph::{CoordinateMode, Layout, NearestMode, Op, Resize, ResizeMode};
use crate::onnx::attributes::unsupported;
use crate::onnx::call::{Call, Operand};
use crate::onnx::shapes::{self, mismatch};
use crate::onnx::strided::broadcast;

/// Per axis: the scale, and the size of the result.
struct Target {
    scales: Vec<f32>,
    sizes: Vec<usize>,
}

/// Opset 10 has scales only and always reads pixels at `x / scale`; opset 11 brought all the modes.
pub fn resize(builder: &mut Builder, call: &Call) -> Result<Operand> {
    if call.opset < 11 {
        return upsample(builder, call);
    }
    let attributes = &call.attributes;
    if attributes.flag("antialias")? {
        return Err(unsupported("antialias", 1, "export the resizing without antialiasing"));
    }
    let policy = attributes.string_or("keep_aspect_ratio_policy", "stretch")?;
    if policy != "stretch" {
        return Err(unsupported("keep_aspect_ratio_policy", policy, "export the model with fixed scales"));
    }
    // They concern cubic interpolation and cropping.
    attributes.ignore(&["cubic_coeff_a", "exclude_outside", "extrapolation_value"]);
    let input = builder.data(call, 0)?;
    let from = builder.shape(&input);
    let target = target(call, &from)?;
    let coordinates = attributes.string_or("coordinate_transformation_mode", "half_pixel")?;
    let coordinates = CoordinateMode::ALL.into_iter().find(|mode| mode.as_str() == coordinates).ok_or_else(|| {
        unsupported("coordinate_transformation_mode", &coordinates, "use half_pixel or align_corners")
    })?;
    let nearest = attributes.string_or("nearest_mode", "round_prefer_floor")?;
    let nearest = NearestMode::ALL
        .into_iter()
        .find(|mode| mode.as_str() == nearest)
        .ok_or_else(|| unsupported("nearest_mode", &nearest, "use one that the ONNX standard names"))?;
    let mode = mode(call, nearest)?;
    emit(builder, call, input, &from, target, mode, coordinates)
}

/// Pixels repeated along height and width, which is a resizing; what only adds axes of length 1 is a reshape.
pub fn expand(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.data(call, 0)?;
    let shape = builder.shape(&input);
    let target =
        call.required_literal(1)?.as_ints()?.iter().map(|&dim| shapes::size(dim)).collect::<Result<Vec<_>>>()?;
    let sizes = broadcast(&shape, &target)
        .ok_or_else(|| mismatch(format!("shape {shape:?} cannot be expanded to {target:?}")))?;
    let mut ranked = vec![1; sizes.len() - shape.len()];
    ranked.extend(&shape);
    let repeats = sizes != ranked;
    let naming = if repeats { Naming::Step("ranked") } else { Naming::Output };
    let input = builder.reshaped(call, naming, input, &ranked)?;
    if !repeats {
        return Ok(input);
    }
    let scales = sizes.iter().zip(&ranked).map(|(&to, &from)| to as f32 / from as f32).collect();
    let (mode, coordinates) = (ResizeMode::Nearest(NearestMode::Floor), CoordinateMode::Asymmetric);
    emit(builder, call, input, &ranked, Target { scales, sizes }, mode, coordinates)
}

fn mode(call: &Call, nearest: NearestMode) -> Result<ResizeMode> {
    match call.attributes.string_or("mode", "nearest")?.as_str() {
        "nearest" => Ok(ResizeMode::Nearest(nearest)),
        "linear" | "bilinear" => Ok(ResizeMode::Bilinear),
        other => Err(unsupported("mode", other, "use nearest or linear interpolation")),
    }
}

pub fn upsample(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.data(call, 0)?;
    let from = builder.shape(&input);
    let scales = match call.attributes.floats("scales")? {
        Some(values) => values.to_vec(),
        None => call.required_literal(1)?.as_weights()?.to_vec(),
    };
    let target = scaled(scales, &from)?;
    // As ONNX Runtime does: an enlarged axis rounds down, a reduced one up.
    let reduced = target.scales.iter().any(|&scale| scale < 1.0);
    let enlarged = target.scales.iter().any(|&scale| scale > 1.0);
    let mode = mode(call, if reduced { NearestMode::Ceil } else { NearestMode::Floor })?;
    if reduced && enlarged && mode != ResizeMode::Bilinear {
        let scales = format!("{:?}", target.scales);
        return Err(unsupported("scales", scales, "export the model with opset 11 or newer"));
    }
    emit(builder, call, input, &from, target, mode, CoordinateMode::Asymmetric)
}

/// `scales` (input 2) or `sizes` (input 3), for all axes or for those named. An empty tensor counts as left out.
fn target(call: &Call, from: &[usize]) -> Result<Target> {
    let axes = match call.attributes.ints("axes")? {
        Some(values) => shapes::axes(values, from.len())?,
        None => (0..from.len()).collect(),
    };
    let given = |index| Ok(call.literal(index)?.filter(|literal| literal.len() > 0));
    let wrong = |len: usize| mismatch(format!("{len} scales or sizes do not fit {} axes", axes.len()));
    if let Some(literal) = given(2)? {
        let values = literal.as_weights()?;
        let mut scales = vec![1.0; from.len()];
        if values.len() != axes.len() {
            return Err(wrong(values.len()));
        }
        for (&axis, &value) in axes.iter().zip(values) {
            scales[axis] = value;
        }
        return scaled(scales, from);
    }
    let literal = given(3)?.ok_or_else(|| mismatch("Resize has neither scales nor sizes"))?;
    let values = literal.as_ints()?;
    if values.len() != axes.len() {
        return Err(wrong(values.len()));
    }
    let mut sizes = from.to_vec();
    for (&axis, &value) in axes.iter().zip(values) {
        sizes[axis] = shapes::size(value)?;
    }
    let scales = sizes.iter().zip(from).map(|(&to, &from)| to as f32 / from as f32).collect();
    Ok(Target { scales, sizes })
}

fn scaled(scales: Vec<f32>, from: &[usize]) -> Result<Target> {
    if scales.len() != from.len() || scales.iter().any(|&scale| scale <= 0.0) {
        return Err(mismatch(format!("the scales {scales:?} do not fit a tensor of shape {from:?}")));
    }
    // A float-to-integer conversion saturates, and the limits on elements catch what is too large.
    let sizes = from.iter().zip(&scales).map(|(&dim, &scale)| (dim as f32 * scale).floor() as usize).collect();
    Ok(Target { scales, sizes })
}

fn emit(
    builder: &mut Builder,
    call: &Call,
    input: Operand,
    from: &[usize],
    target: Target,
    mode: ResizeMode,
    coordinates: CoordinateMode,
) -> Result<Operand> {
    let changed: Vec<usize> =
        (0..from.len()).filter(|&axis| target.scales[axis] != 1.0 || target.sizes[axis] != from[axis]).collect();
    // Height and width as ONNX has them, or, after a transpose, one axis earlier.
    let layout = match () {
        () if from.len() != 4 => None,
        () if changed.iter().all(|axis| [2, 3].contains(axis)) => Some(Layout::channels_last(4)),
        () if changed.iter().all(|axis| [1, 2].contains(axis)) => Some(Layout::identity(4)),
        () => None,
    };
    let Some(layout) = layout else {
        return Err(Error::new(
            Code::UnsupportedOperator,
            format!("{} of shape {from:?} to {:?} is not supported", call.op, target.sizes),
            "Shiftwise resizes the height and width of images",
        ));
    };
    let input = builder.arranged(call, input, &layout)?;
    let scales = [target.scales[layout.0[1]], target.scales[layout.0[2]]];
    let op = Op::Resize(Resize { mode, coordinates, scales });
    builder.emit(call, Naming::Output, op, vec![input.id], &target.sizes, layout)
}

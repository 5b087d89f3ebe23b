//! `Conv` and `ConvTranspose`.

use std::sync::Arc;

use super::builder::{Builder, Naming};
use super::restructure;
use super::window::{transposed, window};
use crate::error::{Error, Result};
use crate::graph::{Conv, Layout, Op, Tensor};
use crate::onnx::call::{Call, Operand};
use crate::onnx::literal::Literal;
use crate::onnx::shapes::{Section, mismatch};

pub fn conv(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let weight = call.required_literal(1)?;
    let input = builder.image(call, 0)?;
    let [n, c, h, w] = image_shape(builder, &input)?;
    let [o, i, kh, kw] = weight_shape(call, weight, "[out, in, height, width]")?;
    let kernel = [kh, kw];
    let groups = groups(call, c, i, o)?;
    let window = window(call, kernel, [h, w], false)?;
    let bias = bias(call, 2, o)?;
    builder.charge(weight.len())?;
    let data = Tensor::new(weight.shape.clone(), weight.as_weights()?.to_vec())?.transposed(&[0, 2, 3, 1]);
    let conv = Conv {
        weight: Arc::new(data),
        bias,
        kernel,
        stride: window.pool.stride,
        dilation: window.pool.dilation,
        upsample: [1, 1],
        pads: window.pool.pads,
        groups,
        moments: None,
    };
    let shape = [n, o, window.output[0], window.output[1]];
    builder.emit(call, Naming::Output, Op::Conv(conv), vec![input.id], &shape, Layout::channels_last(4))
}

/// An ordinary convolution of the picture with zeros put between its samples: see [`Conv`].
pub fn conv_transpose(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let weight = call.required_literal(1)?;
    let input = builder.image(call, 0)?;
    let [n, c, h, w] = image_shape(builder, &input)?;
    let [i, per_group, kh, kw] = weight_shape(call, weight, "[in, out, height, width]")?;
    let kernel = [kh, kw];
    let given = call.attributes.int_or("group", 1)?;
    let groups = usize::try_from(given).unwrap_or(0);
    if groups == 0 || i != c || !c.is_multiple_of(groups) {
        return Err(mismatch(format!(
            "{c} input channels in {given} groups do not fit a weight for {i} input channels"
        )));
    }
    let outputs = per_group.saturating_mul(groups);
    let window = transposed(call, kernel, [h, w])?;
    let bias = bias(call, 2, outputs)?;
    builder.charge(weight.len())?;
    let weights = weight.as_weights()?;
    let group_inputs = c / groups;
    let mut data = Vec::with_capacity(weights.len());
    for o in 0..outputs {
        let first = o / per_group * group_inputs;
        for tap in (0..kh * kw).rev() {
            data.extend(
                (first..first + group_inputs).map(|i| weights[(i * per_group + o % per_group) * kh * kw + tap]),
            );
        }
    }
    let conv = Conv {
        weight: Arc::new(Tensor::new([outputs, kh, kw, group_inputs], data)?),
        bias,
        kernel,
        stride: [1, 1],
        dilation: window.dilation,
        upsample: window.upsample,
        pads: window.pads,
        groups,
        moments: None,
    };
    let cropped = window.whole != window.output;
    let naming = if cropped { Naming::Step("uncropped") } else { Naming::Output };
    let shape = [n, outputs, window.whole[0], window.whole[1]];
    let whole = builder.emit(call, naming, Op::Conv(conv), vec![input.id], &shape, Layout::channels_last(4))?;
    let part = |axis: usize| Section { start: window.crop[axis], step: 1, len: window.output[axis] };
    let sections = [Section::whole(n), Section::whole(outputs), part(0), part(1)];
    restructure::cut(builder, call, Naming::Output, whole, &sections)
}

/// The four dimensions of a weight that has elements and agrees with `kernel_shape`; `axes` says what they are.
fn weight_shape(call: &Call, weight: &Literal, axes: &str) -> Result<[usize; 4]> {
    let &[first, second, kh, kw] = weight.shape.as_slice() else {
        return Err(mismatch(format!("the weight has shape {:?}, not {axes}", weight.shape)));
    };
    if weight.len() == 0 {
        return Err(mismatch(format!("the weight has shape {:?} and so no elements", weight.shape)));
    }
    if let Some(given) = call.attributes.ints("kernel_shape")?
        && given != [kh, kw].map(|size| size as i64)
    {
        return Err(mismatch(format!("kernel_shape is {given:?}, but the weight has shape {:?}", weight.shape)));
    }
    Ok([first, second, kh, kw])
}

/// The ONNX shape `[n, c, h, w]` of an image.
pub fn image_shape(builder: &Builder, image: &Operand) -> Result<[usize; 4]> {
    builder.shape(image).try_into().map_err(|_| Error::internal("an image without four dimensions"))
}

fn groups(call: &Call, channels: usize, per_group: usize, outputs: usize) -> Result<usize> {
    let given = call.attributes.int_or("group", 1)?;
    let groups = usize::try_from(given).unwrap_or(0);
    if groups == 0 || per_group.checked_mul(groups) != Some(channels) || !outputs.is_multiple_of(groups) {
        return Err(mismatch(format!(
            "{channels} input and {outputs} output channels in {given} groups do not fit a weight with {per_group} \
             input channels a group"
        )));
    }
    Ok(groups)
}

/// An optional bias of `channels` numbers.
fn bias(call: &Call, index: usize, channels: usize) -> Result<Option<Vec<f32>>> {
    let Some(literal) = call.literal(index)? else {
        return Ok(None);
    };
    let data = literal.as_weights()?;
    if data.len() != channels {
        return Err(mismatch(format!("the bias has {} elements for {channels} channels", data.len())));
    }
    Ok(Some(data.to_vec()))
}

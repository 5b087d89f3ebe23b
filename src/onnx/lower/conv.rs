//! `Conv`.

use std::sync::Arc;

use super::builder::{Builder, Naming};
use super::window::window;
use crate::error::{Error, Result};
use crate::graph::{Conv, Layout, Op, Tensor};
use crate::onnx::call::{Call, Operand};
use crate::onnx::shapes::mismatch;

pub fn conv(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let weight = call.required_literal(1)?;
    let input = builder.image(call, 0)?;
    let [n, c, h, w] = image_shape(builder, &input)?;
    let &[o, i, kh, kw] = weight.shape.as_slice() else {
        return Err(mismatch(format!("the weight has shape {:?}, not [out, in, height, width]", weight.shape)));
    };
    if weight.len() == 0 {
        return Err(mismatch(format!("the weight has shape {:?} and so no elements", weight.shape)));
    }
    let kernel = [kh, kw];
    if let Some(given) = call.attributes.ints("kernel_shape")?
        && given != kernel.map(|size| size as i64)
    {
        return Err(mismatch(format!("kernel_shape is {given:?}, but the weight has shape {:?}", weight.shape)));
    }
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
        pads: window.pool.pads,
        groups,
    };
    let shape = [n, o, window.output[0], window.output[1]];
    builder.emit(call, Naming::Output, Op::Conv(conv), vec![input.id], &shape, Layout::channels_last(4))
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

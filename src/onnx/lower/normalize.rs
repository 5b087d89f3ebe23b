//! `BatchNormalization`, `InstanceNormalization`, `GroupNormalization`, `Softmax` and `LogSoftmax`.

use std::sync::Arc;

use super::builder::{Builder, Naming};
use crate::error::Result;
use crate::graph::{ChannelMoments, Conv, GroupNorm, Layout, Op, Tensor};
use crate::onnx::attributes::unsupported;
use crate::onnx::call::{Call, Operand};
use crate::onnx::shapes::{self, mismatch};

/// Inference only: a depthwise 1x1 convolution, which the passes then try to fold into a neighbour.
pub fn batch_normalization(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let attributes = &call.attributes;
    let epsilon = f64::from(attributes.float_or("epsilon", 1e-5)?);
    attributes.ignore(&["momentum"]);
    if attributes.flag("training_mode")? {
        return Err(unsupported("training_mode", 1, "export the model in inference mode (model.eval())"));
    }
    if attributes.int_or("spatial", 1)? == 0 {
        return Err(unsupported("spatial", 0, "export the model with opset 9 or newer"));
    }
    let input = builder.data(call, 0)?;
    let rank = input.layout.rank();
    if !(2..=4).contains(&rank) {
        return Err(mismatch(format!("BatchNormalization of a tensor of {rank} dimensions is not supported")));
    }
    let input = builder.arranged(call, input, &Layout::channels_last(rank))?;
    let shape = builder.shape(&input);
    let channels = shape[1];
    let mut parameters = [[].as_slice(); 4];
    for (index, values) in parameters.iter_mut().enumerate() {
        let literal = call.required_literal(index + 1)?;
        *values = literal.as_weights()?;
        if values.len() != channels {
            return Err(mismatch(format!("'{}' has {} elements for {channels} channels", literal.name, values.len())));
        }
    }
    let [scale, offset, mean, variance] = parameters;
    let mut weight = Vec::with_capacity(channels);
    let mut bias = Vec::with_capacity(channels);
    let mut moments = ChannelMoments { mean: Vec::with_capacity(channels), std: Vec::with_capacity(channels) };
    for c in 0..channels {
        let [scale, offset, mean, variance] = [scale[c], offset[c], mean[c], variance[c]].map(f64::from);
        let factor = scale / (variance + epsilon).sqrt();
        if !factor.is_finite() {
            return Err(mismatch(format!("channel {c} has the impossible variance {variance}")));
        }
        weight.push(factor as f32);
        bias.push((offset - mean * factor) as f32);
        moments.mean.push(offset);
        // Nothing is known of a variance that rounding made negative, but that it is small.
        moments.std.push(factor.abs() * variance.max(0.0).sqrt());
    }
    builder.charge(channels)?;
    let weight = Arc::new(Tensor::new([channels, 1, 1, 1], weight)?);
    let moments = Some(Arc::new(moments));
    let conv = Conv { groups: channels, moments, ..Conv::pointwise(weight, Some(bias)) };
    builder.emit(call, Naming::Output, Op::Conv(conv), vec![input.id], &shape, input.layout)
}

/// `InstanceNormalization` (a group for each channel) and `GroupNormalization`, whose parameters are given per group before
/// opset 21 and per channel since.
pub fn group_normalization(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let epsilon = call.attributes.float_or("epsilon", 1e-5)?;
    // The precision of the computation; ours is float64.
    call.attributes.ignore(&["stash_type"]);
    let input = builder.data(call, 0)?;
    let rank = input.layout.rank();
    if !(3..=4).contains(&rank) {
        return Err(mismatch(format!("{} of a tensor of {rank} dimensions is not supported", call.op)));
    }
    let input = builder.arranged(call, input, &Layout::channels_last(rank))?;
    let shape = builder.shape(&input);
    let channels = shape[1];
    let is_instance = call.op == "InstanceNormalization";
    let given = if is_instance { channels as i64 } else { call.attributes.int_or("num_groups", 0)? };
    let groups = usize::try_from(given).unwrap_or(0);
    if groups == 0 || !channels.is_multiple_of(groups) {
        return Err(mismatch(format!("{channels} channels cannot be divided into {given} groups")));
    }
    if epsilon < 0.0 {
        return Err(unsupported("epsilon", epsilon, "give a number that is not negative"));
    }
    let wanted = if !is_instance && call.opset < 21 { groups } else { channels };
    let mut parameters = [Vec::new(), Vec::new()];
    for (index, values) in parameters.iter_mut().enumerate() {
        let literal = call.required_literal(index + 1)?;
        let given = literal.as_weights()?;
        if given.len() != wanted {
            return Err(mismatch(format!("'{}' has {} elements, not {wanted}", literal.name, given.len())));
        }
        *values = (0..channels).map(|c| given[c * wanted / channels]).collect();
    }
    let [scale, shift] = parameters;
    builder.charge(2 * channels)?;
    let op = Op::GroupNorm(GroupNorm { groups, epsilon, scale, shift });
    builder.emit(call, Naming::Output, op, vec![input.id], &shape, input.layout)
}

/// Before opset 13 the axis splits the tensor into a matrix whose rows are normalized; since then it is one axis.
pub fn softmax(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.data(call, 0)?;
    let shape = builder.shape(&input);
    let rows = call.opset < 13;
    let axis = shapes::axis(call.attributes.int_or("axis", if rows { 1 } else { -1 })?, shape.len())?;
    let op = |axis| if call.op == "Softmax" { Op::Softmax { axis } } else { Op::LogSoftmax { axis } };
    if rows && shape[axis + 1..].iter().any(|&dim| dim != 1) {
        let matrix = [shape[..axis].iter().product(), shape[axis..].iter().product()];
        let matrix_input = builder.reshaped(call, Naming::Step("rows"), input, &matrix)?;
        let layout = matrix_input.layout;
        let stored = layout.stored_axis(1).unwrap_or(1);
        let result =
            builder.emit(call, Naming::Step("normalized"), op(stored), vec![matrix_input.id], &matrix, layout)?;
        return builder.reshaped(call, Naming::Output, result, &shape);
    }
    let stored = input.layout.stored_axis(axis).unwrap_or(axis);
    builder.emit(call, Naming::Output, op(stored), vec![input.id], &shape, input.layout)
}

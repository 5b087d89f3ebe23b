//! `BatchNormalization`, `Softmax` and `LogSoftmax`.

use std::sync::Arc;

use super::builder::{Builder, Naming};
use crate::error::Result;
use crate::graph::{Conv, Layout, Op, Tensor};
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
    for c in 0..channels {
        let [scale, offset, mean, variance] = [scale[c], offset[c], mean[c], variance[c]].map(f64::from);
        let factor = scale / (variance + epsilon).sqrt();
        if !factor.is_finite() {
            return Err(mismatch(format!("channel {c} has the impossible variance {variance}")));
        }
        weight.push(factor as f32);
        bias.push((offset - mean * factor) as f32);
    }
    builder.charge(channels)?;
    let weight = Arc::new(Tensor::new([channels, 1, 1, 1], weight)?);
    let conv = Conv { groups: channels, ..Conv::pointwise(weight, Some(bias)) };
    builder.emit(call, Naming::Output, Op::Conv(conv), vec![input.id], &shape, input.layout)
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

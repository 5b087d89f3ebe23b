//! Activations: functions of one element, and `PRelu`, whose slope may differ from channel to channel.

use super::binary::aligned;
use super::builder::{Builder, Naming};
use crate::error::{Code, Error, Result};
use crate::graph::{Activation, BinaryKind, Clamp, Op};
use crate::onnx::attributes::unsupported;
use crate::onnx::call::{Binding, Call, Operand};
use crate::onnx::shapes::mismatch;
use crate::onnx::strided::broadcast;

pub fn activation(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let attributes = &call.attributes;
    let activation = match call.op {
        "Relu" => Activation::Clamp(Clamp::RELU),
        "Clip" => Activation::Clamp(Clamp { min: bound(call, "min", 1)?, max: bound(call, "max", 2)? }),
        "LeakyRelu" => Activation::LeakyRelu { alpha: attributes.float_or("alpha", 0.01)? },
        "Sigmoid" => Activation::Sigmoid,
        "HardSigmoid" => Activation::HardSigmoid {
            alpha: attributes.float_or("alpha", 0.2)?,
            beta: attributes.float_or("beta", 0.5)?,
        },
        "HardSwish" => Activation::HardSwish,
        "Swish" => {
            let alpha = attributes.float_or("alpha", 1.0)?;
            if alpha != 1.0 {
                return Err(unsupported("alpha", alpha, "Shiftwise knows Swish with alpha = 1 (SiLU) only"));
            }
            Activation::Silu
        }
        _ => Activation::Tanh,
    };
    let input = builder.data(call, 0)?;
    emit(builder, call, activation, input)
}

fn emit(builder: &mut Builder, call: &Call, activation: Activation, input: Operand) -> Result<Operand> {
    let shape = builder.shape(&input);
    builder.emit(call, Naming::Output, Op::Activation(activation), vec![input.id], &shape, input.layout)
}

/// With a single slope it is a leaky ReLU.
pub fn prelu(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let slope = call.required_literal(1)?;
    if slope.len() == 1 {
        let input = builder.data(call, 0)?;
        return emit(builder, call, Activation::LeakyRelu { alpha: slope.as_scalar()? }, input);
    }
    let bindings = [call.required(0)?, call.required(1)?];
    let shape = builder.shape_of(bindings[0]);
    if broadcast(&shape, &slope.shape).as_deref() != Some(&shape) {
        return Err(mismatch(format!("slopes of shape {:?} do not go with a tensor of shape {shape:?}", slope.shape)));
    }
    let (inputs, layout) = aligned(builder, call, &bindings, shape.len())?;
    builder.emit(call, Naming::Output, Op::Binary(BinaryKind::Prelu), inputs, &shape, layout)
}

/// `Max` and `Min` of a tensor and a number: a clamp with one bound.
pub fn bounded(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let (operand, literal) = match call.inputs.as_slice() {
        [Some(Binding::Data(operand)), Some(Binding::Constant(literal))]
        | [Some(Binding::Constant(literal)), Some(Binding::Data(operand))] => (operand.clone(), literal),
        _ => return Err(two_tensors(call)),
    };
    let data = literal.as_weights()?;
    let (Some(&bound), true) = (data.first(), data.iter().all(|value| Some(value) == data.first())) else {
        return Err(two_tensors(call));
    };
    let shape = builder.shape(&operand);
    if broadcast(&shape, &literal.shape).as_deref() != Some(&shape) {
        return Err(mismatch(format!("shapes {shape:?} and {:?} do not go together", literal.shape)));
    }
    let none = Clamp { min: f32::NEG_INFINITY, max: f32::INFINITY };
    let clamp = if call.op == "Max" { Clamp { min: bound, ..none } } else { Clamp { max: bound, ..none } };
    emit(builder, call, Activation::Clamp(clamp), operand)
}

fn two_tensors(call: &Call) -> Error {
    Error::new(
        Code::UnsupportedOperator,
        format!("{} of anything but a tensor and one number is not supported", call.op),
        "Shiftwise runs Max and Min as bounds of an activation; replace this operator before exporting",
    )
}

/// A bound of `Clip`: an attribute before opset 11, an input since. Exporters write "no bound" as the largest float.
fn bound(call: &Call, name: &str, index: usize) -> Result<f32> {
    let given = match call.attributes.float(name)? {
        Some(value) => Some(value),
        None => call.literal(index)?.map(|literal| literal.as_scalar()).transpose()?,
    };
    let value = given.unwrap_or(if name == "min" { f32::NEG_INFINITY } else { f32::INFINITY });
    if value.is_nan() {
        return Err(Error::new(Code::NotFinite, format!("the bound {name} is not a number"), "export the model again"));
    }
    Ok(if value <= f32::MIN {
        f32::NEG_INFINITY
    } else if value >= f32::MAX {
        f32::INFINITY
    } else {
        value
    })
}

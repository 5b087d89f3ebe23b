//! Activations: functions of one element.

use super::builder::{Builder, Naming};
use crate::error::{Code, Error, Result};
use crate::graph::{Activation, Clamp, Op};
use crate::onnx::attributes::unsupported;
use crate::onnx::call::{Call, Operand};

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
    let shape = builder.shape(&input);
    builder.emit(call, Naming::Output, Op::Activation(activation), vec![input.id], &shape, input.layout)
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

//! ONNX nodes -> nodes of the float graph, one function per operator.
//!
//! Each function takes a [`Call`] and gives what its outputs stand for. The graph is built by [`Builder`], which also
//! keeps the layouts; [`crate::graph::Layout`] says why there are any.

mod activation;
mod binary;
mod builder;
mod conv;
mod layouts;
mod linear;
mod normalize;
mod pad;
mod pool;
mod reduce;
mod resize;
mod restructure;
mod unsupported;
mod window;

pub use builder::Builder;
pub use unsupported::domain as foreign;

use super::call::{Binding, Call};
use super::fold;
use crate::error::Result;

/// What the outputs of one node stand for. Outputs beyond those returned are not available.
pub fn node(builder: &mut Builder, call: &Call) -> Result<Vec<Binding>> {
    let bindings = if call.op == "Constant" {
        vec![builder.constant(fold::constant(call, &builder.remaining())?)?]
    } else if matches!(call.op, "Shape" | "Size") {
        let shape = builder.shape_of(call.required(0)?);
        vec![builder.constant(fold::shape_of(call, &shape, builder.limits)?)?]
    } else {
        let folded = if fold::is_known(call) { fold::evaluate(call, &builder.remaining())? } else { None };
        match folded {
            Some(literals) => literals.into_iter().map(|literal| builder.constant(literal)).collect::<Result<_>>()?,
            None => operator(builder, call)?,
        }
    };
    call.attributes.finish()?;
    Ok(bindings)
}

fn operator(builder: &mut Builder, call: &Call) -> Result<Vec<Binding>> {
    let single = match call.op {
        "Conv" => conv::conv(builder, call)?,
        "ConvTranspose" => conv::conv_transpose(builder, call)?,
        "Gemm" => linear::gemm(builder, call)?,
        "MatMul" => linear::matmul(builder, call)?,
        "BatchNormalization" => normalize::batch_normalization(builder, call)?,
        "InstanceNormalization" | "GroupNormalization" => normalize::group_normalization(builder, call)?,
        "Relu" | "Clip" | "LeakyRelu" | "Sigmoid" | "HardSigmoid" | "HardSwish" | "Swish" | "Tanh" => {
            activation::activation(builder, call)?
        }
        "PRelu" => activation::prelu(builder, call)?,
        "Max" | "Min" => activation::bounded(builder, call)?,
        "Softmax" | "LogSoftmax" => normalize::softmax(builder, call)?,
        "Add" | "Sub" | "Mul" | "Div" => binary::binary(builder, call)?,
        "Sum" => binary::sum(builder, call)?,
        "Neg" => binary::negate(builder, call)?,
        "MaxPool" => pool::max_pool(builder, call)?,
        "AveragePool" => pool::average_pool(builder, call)?,
        "GlobalAveragePool" => reduce::global_average_pool(builder, call)?,
        "GlobalMaxPool" => pool::global_max_pool(builder, call)?,
        "ReduceMean" => reduce::reduce_mean(builder, call)?,
        "Concat" => restructure::concat(builder, call)?,
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => restructure::reshape(builder, call)?,
        "Transpose" => restructure::transpose(builder, call)?,
        "Slice" => restructure::slice(builder, call)?,
        "Split" => return restructure::split(builder, call),
        "Gather" => restructure::gather(builder, call)?,
        "DepthToSpace" => restructure::depth_to_space(builder, call)?,
        "Pad" => pad::pad(builder, call)?,
        "Resize" => resize::resize(builder, call)?,
        "Upsample" => resize::upsample(builder, call)?,
        "Expand" => resize::expand(builder, call)?,
        "Identity" | "Dropout" | "Cast" => restructure::pass_through(builder, call)?,
        _ => return Err(unsupported::operator(call)),
    };
    Ok(vec![Binding::Data(single)])
}

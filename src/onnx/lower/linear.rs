//! `Gemm` and `MatMul` with constant weights: pointwise convolutions.

use std::sync::Arc;

use super::builder::{Builder, Naming};
use crate::error::{Code, Error, Result};
use crate::graph::{BinaryKind, Conv, Layout, Op, Tensor};
use crate::onnx::attributes::unsupported;
use crate::onnx::call::{Binding, Call, Operand};
use crate::onnx::literal::Literal;
use crate::onnx::shapes::mismatch;
use crate::onnx::strided::{Walk, broadcast, broadcast_strides};

/// `alpha * A * B + beta * C`, where B is constant and C a bias or anything that broadcasts to the result.
pub fn gemm(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let alpha = call.attributes.float_or("alpha", 1.0)?;
    let beta = call.attributes.float_or("beta", 1.0)?;
    let rows = builder.data(call, 0)?;
    if rows.layout.rank() != 2 {
        return Err(mismatch(format!("Gemm of a tensor of {} dimensions", rows.layout.rank())));
    }
    let rows = if call.attributes.flag("transA")? { relabelled(rows) } else { rows };
    let weight = weights(call, 1)?;
    let weight = matrix(weight, !call.attributes.flag("transB")?, alpha)?;
    let outputs = weight.shape()[0];
    let shape = [builder.shape(&rows)[0], outputs];
    let Some(addend) = call.input(2) else {
        return linear(builder, call, Naming::Output, rows, weight, None);
    };
    match addend {
        Binding::Constant(literal) => {
            let scaled: Vec<f32> = literal.as_weights()?.iter().map(|value| value * beta).collect();
            if broadcast(&literal.shape, &shape).as_deref() != Some(&shape) {
                return Err(mismatch(format!("C has shape {:?}, the product {shape:?}", literal.shape)));
            }
            let row = [1, outputs];
            if broadcast(&literal.shape, &row).as_deref() == Some(&row) {
                let walk = Walk::new(&row, &broadcast_strides(&literal.shape, &row), 0);
                let bias = walk.filter_map(|index| scaled.get(index).copied()).collect();
                return linear(builder, call, Naming::Output, rows, weight, Some(bias));
            }
            let product = linear(builder, call, Naming::Step("product"), rows, weight, None)?;
            builder.charge(scaled.len())?;
            let mut addend_shape = vec![1; 2 - literal.shape.len()];
            addend_shape.extend(&literal.shape);
            let tensor = Tensor::new(addend_shape, scaled)?;
            let addend = builder.embed_tensor(&literal.name, tensor, Layout::identity(2));
            let inputs = vec![product.id, addend];
            builder.emit(call, Naming::Output, Op::Binary(BinaryKind::Add), inputs, &shape, Layout::identity(2))
        }
        Binding::Data(addend) => {
            if beta != 1.0 {
                return Err(unsupported("beta", beta, "with a computed C, Shiftwise needs beta to be 1"));
            }
            let addend_shape = builder.shape(addend);
            if broadcast(&addend_shape, &shape).as_deref() != Some(&shape) {
                return Err(mismatch(format!("C has shape {addend_shape:?}, the product {shape:?}")));
            }
            let addend = super::binary::with_rank(builder, call, addend.clone(), 2)?;
            let addend = builder.arranged(call, addend, &Layout::identity(2))?;
            let product = linear(builder, call, Naming::Step("product"), rows, weight, None)?;
            let inputs = vec![product.id, addend.id];
            builder.emit(call, Naming::Output, Op::Binary(BinaryKind::Add), inputs, &shape, Layout::identity(2))
        }
    }
}

/// A matrix product with a constant on either side.
pub fn matmul(builder: &mut Builder, call: &Call) -> Result<Operand> {
    if let (Binding::Constant(left), Binding::Data(right)) = (call.required(0)?, call.required(1)?) {
        // A X = (X' A')': the columns of X are the rows of a linear layer.
        if right.layout.rank() != 2 {
            return Err(mismatch("MatMul of a constant with a tensor that is not a matrix is not supported"));
        }
        let weight = matrix(left, false, 1.0)?;
        let product = linear(builder, call, Naming::Output, relabelled(right.clone()), weight, None)?;
        let transposed = relabelled(product);
        builder.graph.values[transposed.id.0].layout = transposed.layout.clone();
        return Ok(transposed);
    }
    let weight = matrix(weights(call, 1)?, true, 1.0)?;
    let rows = builder.data(call, 0)?;
    linear(builder, call, Naming::Output, rows, weight, None)
}

/// The transpose of a matrix, whose data stays where it is.
fn relabelled(operand: Operand) -> Operand {
    Operand { id: operand.id, layout: Layout(operand.layout.0.iter().map(|axis| 1 - axis).collect()) }
}

fn weights<'c>(call: &'c Call, index: usize) -> Result<&'c Literal> {
    match call.required(index)? {
        Binding::Constant(literal) => Ok(literal),
        Binding::Data(_) => Err(Error::new(
            Code::UnsupportedOperator,
            format!("{} of two computed tensors (as in attention) is not supported", call.op),
            "Shiftwise runs convolutional networks, whose weights are constants",
        )),
    }
}

/// A constant matrix as the weight `[out, 1, 1, in]`; `columns_are_outputs` says that it comes as `[in, out]`.
fn matrix(literal: &Literal, columns_are_outputs: bool, scale: f32) -> Result<Tensor> {
    let data = literal.as_weights()?;
    let (Some(&[rows, columns]), false) = (last_two(&literal.shape), data.is_empty()) else {
        return Err(mismatch(format!("the constant has shape {:?}, which is not a matrix", literal.shape)));
    };
    let data = if scale == 1.0 { data.to_vec() } else { data.iter().map(|value| value * scale).collect() };
    let tensor = Tensor::new([rows, columns], data)?;
    let tensor = if columns_are_outputs { tensor.transposed(&[1, 0]) } else { tensor };
    let &[outputs, inputs] = tensor.shape() else {
        return Err(Error::internal("a matrix without two dimensions"));
    };
    tensor.reshaped([outputs, 1, 1, inputs])
}

/// The shape without leading axes of length 1, which batches of matrices may have.
fn last_two(shape: &[usize]) -> Option<&[usize; 2]> {
    let (batch, matrix) = shape.split_last_chunk::<2>()?;
    batch.iter().all(|&dim| dim == 1).then_some(matrix)
}

/// `weight` applied to the last axis of a tensor of two to four dimensions.
fn linear(
    builder: &mut Builder,
    call: &Call,
    naming: Naming,
    rows: Operand,
    weight: Tensor,
    bias: Option<Vec<f32>>,
) -> Result<Operand> {
    let rank = rows.layout.rank();
    if !(2..=4).contains(&rank) {
        return Err(mismatch(format!("{} of a tensor of {rank} dimensions is not supported", call.op)));
    }
    // The convolution works on the last stored axis; the order of the others is of no concern.
    let rows = match rows.layout.0.last() {
        Some(&axis) if axis + 1 == rank => rows,
        _ => builder.arranged(call, rows, &Layout::identity(rank))?,
    };
    let mut shape = builder.shape(&rows);
    let (outputs, inputs) = (weight.shape()[0], weight.shape()[3]);
    if shape[rank - 1] != inputs {
        return Err(mismatch(format!("a tensor of shape {shape:?} meets a weight for {inputs} inputs")));
    }
    shape[rank - 1] = outputs;
    builder.charge(weight.len())?;
    let op = Op::Conv(Conv::pointwise(Arc::new(weight), bias));
    builder.emit(call, naming, op, vec![rows.id], &shape, rows.layout)
}

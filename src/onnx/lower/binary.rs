//! `Add`, `Sub`, `Mul`, `Div`, `Sum` and `Neg`: operands are brought to one rank and one layout.

use super::builder::{Builder, Naming};
use crate::error::Result;
use crate::graph::{BinaryKind, Layout, Op, Tensor, ValueId};
use crate::onnx::call::{Binding, Call, Operand};
use crate::onnx::shapes::mismatch;
use crate::onnx::strided::broadcast;

pub fn binary(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let kind = match call.op {
        "Add" => BinaryKind::Add,
        "Sub" => BinaryKind::Sub,
        "Mul" => BinaryKind::Mul,
        _ => BinaryKind::Div,
    };
    let bindings = [call.required(0)?, call.required(1)?];
    let [a, b] = bindings.map(|binding| builder.shape_of(binding));
    let shape = broadcast(&a, &b).ok_or_else(|| mismatch(format!("shapes {a:?} and {b:?} do not go together")))?;
    let (inputs, layout) = aligned(builder, call, &bindings, shape.len())?;
    builder.emit(call, Naming::Output, Op::Binary(kind), inputs, &shape, layout)
}

/// Any number of addends, added one after the other.
pub fn sum(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let mut total = builder.data(call, 0)?;
    for index in 1..call.inputs.len() {
        let addend = call.required(index)?.clone();
        let [a, b] = [builder.shape(&total), builder.shape_of(&addend)];
        let shape = broadcast(&a, &b).ok_or_else(|| mismatch(format!("shapes {a:?} and {b:?} do not go together")))?;
        let (inputs, layout) = aligned(builder, call, &[&Binding::Data(total), &addend], shape.len())?;
        let last = index + 1 == call.inputs.len();
        let naming = if last { Naming::Output } else { Naming::Step("sum") };
        total = builder.emit(call, naming, Op::Binary(BinaryKind::Add), inputs, &shape, layout)?;
    }
    Ok(total)
}

/// `-x` as `x * -1`.
pub fn negate(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.data(call, 0)?;
    let shape = builder.shape(&input);
    builder.charge(1)?;
    let ones = vec![1; shape.len()];
    let minus_one = builder.embed_tensor("", Tensor::new(ones, vec![-1.0])?, input.layout.clone());
    let inputs = vec![input.id, minus_one];
    builder.emit(call, Naming::Output, Op::Binary(BinaryKind::Mul), inputs, &shape, input.layout)
}

/// The operands as values of one rank and one layout: channels-last if any image has it, else that of the largest
/// computed operand. Constants are rearranged here and now.
pub fn aligned(
    builder: &mut Builder,
    call: &Call,
    bindings: &[&Binding],
    rank: usize,
) -> Result<(Vec<ValueId>, Layout)> {
    let mut computed = Vec::new();
    for binding in bindings {
        computed.push(match binding {
            Binding::Data(operand) => Some(with_rank(builder, call, operand.clone(), rank)?),
            Binding::Constant(_) => None,
        });
    }
    let layout = common_layout(builder, computed.iter().flatten(), rank);
    let mut ids = Vec::with_capacity(bindings.len());
    for (binding, computed) in bindings.iter().zip(computed) {
        let operand = match (binding, computed) {
            (Binding::Constant(literal), _) => builder.embed(literal, &leading_ones(&literal.shape, rank), &layout)?,
            (Binding::Data(operand), computed) => {
                builder.arranged(call, computed.unwrap_or(operand.clone()), &layout)?
            }
        };
        ids.push(operand.id);
    }
    Ok((ids, layout))
}

fn common_layout<'o>(builder: &Builder, operands: impl Iterator<Item = &'o Operand> + Clone, rank: usize) -> Layout {
    let channels_last = Layout::channels_last(4);
    if operands.clone().any(|operand| operand.layout == channels_last) {
        return channels_last;
    }
    let mut largest: Option<(usize, &Operand)> = None;
    for operand in operands {
        let size = builder.graph.value(operand.id).shape.iter().product();
        if largest.is_none_or(|(most, _)| size > most) {
            largest = Some((size, operand));
        }
    }
    largest.map_or_else(|| Layout::identity(rank), |(_, operand)| operand.layout.clone())
}

/// The tensor with axes of length 1 put before its own, up to `rank`: broadcasting aligns to the right.
pub fn with_rank(builder: &mut Builder, call: &Call, operand: Operand, rank: usize) -> Result<Operand> {
    let shape = builder.shape(&operand);
    builder.reshaped(call, Naming::Step("broadcast"), operand, &leading_ones(&shape, rank))
}

fn leading_ones(shape: &[usize], rank: usize) -> Vec<usize> {
    let mut result = vec![1; rank.saturating_sub(shape.len())];
    result.extend(shape);
    result
}

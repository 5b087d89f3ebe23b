//! Products, sums and extremes of constants along axes.

use super::arithmetic::{Number, checked};
use crate::error::Result;
use crate::onnx::call::Call;
use crate::onnx::literal::{Elements, Literal};
use crate::onnx::shapes::{self, mismatch};
use crate::onnx::strided::{Walk, strides};

pub fn reduce(call: &Call) -> Result<Literal> {
    let source = call.required_literal(0)?;
    let rank = source.shape.len();
    let keep = call.attributes.int_or("keepdims", 1)? != 0;
    let noop = call.attributes.flag("noop_with_empty_axes")?;
    let reduced = match call.ints("axes", 1)? {
        Some(values) if !values.is_empty() => shapes::axes(&values, rank)?,
        _ if noop => Vec::new(),
        _ => (0..rank).collect(),
    };
    let kept: Vec<usize> = (0..rank).filter(|axis| !reduced.contains(axis)).collect();
    let all = strides(&source.shape);
    let of = |axes: &[usize]| -> (Vec<usize>, Vec<isize>) {
        (axes.iter().map(|&axis| source.shape[axis]).collect(), axes.iter().map(|&axis| all[axis]).collect())
    };
    let ((kept_shape, kept_strides), (reduced_shape, reduced_strides)) = (of(&kept), of(&reduced));
    let starts = Walk::new(&kept_shape, &kept_strides, 0);
    let groups = starts.map(|start| Walk::new(&reduced_shape, &reduced_strides, start as isize));
    let elements = match &source.elements {
        Elements::F32(data) => Elements::F32(fold_groups(call.op, data, groups)?),
        Elements::F64(data) => Elements::F64(fold_groups(call.op, data, groups)?),
        Elements::Int(data) => Elements::Int(fold_groups(call.op, data, groups)?),
    };
    let shape = if keep {
        (0..rank).map(|axis| if reduced.contains(&axis) { 1 } else { source.shape[axis] }).collect()
    } else {
        kept_shape
    };
    checked(Literal { name: call.output().to_owned(), element_type: source.element_type, shape, elements })
}

fn fold_groups<T: Number>(op: &str, data: &[T], groups: impl Iterator<Item = Walk>) -> Result<Vec<T>> {
    let combine = match op {
        "ReduceProd" => T::multiply,
        "ReduceSum" => T::add,
        "ReduceMin" => |a: T, b: T| Ok(if b < a { b } else { a }),
        _ => |a: T, b: T| Ok(if b > a { b } else { a }),
    };
    groups
        .map(|group| {
            let mut values = group.filter_map(|index| data.get(index).copied());
            match values.next() {
                Some(first) => values.try_fold(first, combine),
                None if op == "ReduceProd" => Ok(T::ONE),
                None if op == "ReduceSum" => Ok(T::ZERO),
                None => Err(mismatch(format!("{op} of no elements"))),
            }
        })
        .collect()
}

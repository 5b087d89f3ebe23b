//! Constants out of nothing, out of shapes, and out of other element types.

use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::onnx::call::Call;
use crate::onnx::literal::{ElementType, Elements, Literal};
use crate::onnx::shapes::{self, mismatch};
use crate::onnx::tensors;

/// `Constant`, in all the forms that numbers can take.
pub fn constant(call: &Call, limits: &Limits) -> Result<Literal> {
    let attributes = &call.attributes;
    let name = call.output();
    if let Some(tensor) = attributes.tensor("value")? {
        return tensors::decode(tensor, name, limits);
    }
    if let Some(value) = attributes.float("value_float")? {
        return Ok(Literal::floats(name, Vec::new(), vec![value]));
    }
    if let Some(values) = attributes.floats("value_floats")? {
        return Ok(Literal::floats(name, vec![values.len()], values.to_vec()));
    }
    if let Some(value) = attributes.int("value_int")? {
        return Ok(Literal::ints(name, Vec::new(), vec![value]));
    }
    if let Some(values) = attributes.ints("value_ints")? {
        return Ok(Literal::ints(name, vec![values.len()], values.to_vec()));
    }
    Err(Error::new(
        Code::UnsupportedType,
        "the constant holds no dense tensor of numbers",
        "strings and sparse tensors are not supported; export the network with dense float32 constants",
    ))
}

/// `Shape` of a tensor of shape `shape`, or `Size`.
pub fn shape_of(call: &Call, shape: &[usize], limits: &Limits) -> Result<Literal> {
    if call.op == "Size" {
        return Ok(Literal::ints(call.output(), Vec::new(), vec![limits.elements(shape)? as i64]));
    }
    let rank = shape.len() as i64;
    let position = |value: i64| if value < 0 { value.saturating_add(rank) } else { value }.clamp(0, rank) as usize;
    let start = position(call.attributes.int_or("start", 0)?);
    let end = position(call.attributes.int_or("end", rank)?).max(start);
    let dims: Vec<i64> = shape[start..end].iter().map(|&dim| dim as i64).collect();
    Ok(Literal::ints(call.output(), vec![dims.len()], dims))
}

pub fn constant_of_shape(call: &Call, limits: &Limits) -> Result<Literal> {
    let dims = call.required_literal(0)?.as_ints()?;
    let shape = dims.iter().map(|&dim| shapes::size(dim)).collect::<Result<Vec<_>>>()?;
    let count = limits.elements(&shape)?;
    let value = match call.attributes.tensor("value")? {
        Some(tensor) => tensors::decode(tensor, call.output(), limits)?,
        None => Literal::floats(call.output(), vec![1], vec![0.0]),
    };
    if value.len() != 1 {
        return Err(mismatch("ConstantOfShape repeats one value, not a tensor"));
    }
    Ok(Literal { shape, elements: value.elements.gather((0..count).map(|_| 0)), ..value })
}

pub fn range(call: &Call, limits: &Limits) -> Result<Literal> {
    let values = [0, 1, 2].map(|index| call.required_literal(index));
    let [start, limit, delta] = values;
    let (start, limit, delta) = (start?, limit?, delta?);
    let single = || mismatch("Range needs a single start, limit and step");
    if start.element_type != limit.element_type || start.element_type != delta.element_type {
        return Err(mismatch("Range mixes element types"));
    }
    if start.element_type == ElementType::Float {
        let (start, limit, delta) = (start.as_scalar()?, limit.as_scalar()?, delta.as_scalar()?);
        let count = ((f64::from(limit) - f64::from(start)) / f64::from(delta)).ceil().max(0.0);
        // A quotient that is not a number, or huge, fails here.
        let count = if count <= limits.tensor_elements as f64 { count as usize } else { usize::MAX };
        limits.elements(&[count])?;
        let data = (0..count).map(|i| start + i as f32 * delta).collect();
        return Ok(Literal::floats(call.output(), vec![count], data));
    }
    let (&[start_at], &[end], &[step]) = (start.as_ints()?, limit.as_ints()?, delta.as_ints()?) else {
        return Err(single());
    };
    if step == 0 {
        return Err(mismatch("Range has a step of 0"));
    }
    let distance = i128::from(end) - i128::from(start_at);
    let count = if distance.signum() == i128::from(step.signum()) {
        distance.unsigned_abs().div_ceil(u128::from(step.unsigned_abs()))
    } else {
        0
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    limits.elements(&[count])?;
    // Every element lies between start and limit, so nothing can overflow.
    let data = (0..count).map(|i| start_at.wrapping_add((i as i64).wrapping_mul(step))).collect();
    Ok(Literal { element_type: start.element_type, ..Literal::ints(call.output(), vec![count], data) })
}

pub fn cast(call: &Call) -> Result<Literal> {
    call.attributes.ignore(&["saturate", "round_mode"]);
    let source = call.required_literal(0)?;
    let to = call.attributes.int_or("to", 0)?;
    let element_type = ElementType::from_onnx(i32::try_from(to).unwrap_or(0))?;
    let elements = match (&source.elements, element_type) {
        (Elements::F32(data), ElementType::Float) => Elements::F32(data.clone()),
        (Elements::F64(data), ElementType::Float) => Elements::F32(data.iter().map(|&v| v as f32).collect()),
        (Elements::Int(data), ElementType::Float) => Elements::F32(data.iter().map(|&v| v as f32).collect()),
        (Elements::F32(data), ElementType::Double) => Elements::F64(data.iter().map(|&v| v.into()).collect()),
        (Elements::F64(data), ElementType::Double) => Elements::F64(data.clone()),
        (Elements::Int(data), ElementType::Double) => Elements::F64(data.iter().map(|&v| v as f64).collect()),
        (Elements::F32(data), _) => integers(data.iter().map(|&v| v.into()), element_type)?,
        (Elements::F64(data), _) => integers(data.iter().copied(), element_type)?,
        (Elements::Int(data), ElementType::Bool) => Elements::Int(data.iter().map(|&v| (v != 0).into()).collect()),
        (Elements::Int(data), _) => {
            let values: Vec<Option<i64>> = data.iter().map(|&v| in_range(v, element_type)).collect();
            Elements::Int(values.into_iter().collect::<Option<_>>().ok_or_else(|| does_not_fit(source, element_type))?)
        }
    };
    Ok(Literal { name: call.output().to_owned(), element_type, shape: source.shape.clone(), elements })
}

fn in_range(value: i64, element_type: ElementType) -> Option<i64> {
    element_type.range().filter(|range| range.contains(&value)).map(|_| value)
}

fn does_not_fit(source: &Literal, element_type: ElementType) -> Error {
    mismatch(format!("a value of '{}' does not fit {}", source.name, element_type.label()))
}

/// Floating point to integer, towards zero.
fn integers(values: impl Iterator<Item = f64>, element_type: ElementType) -> Result<Elements> {
    let convert = |value: f64| {
        if element_type == ElementType::Bool {
            return Some((value != 0.0).into());
        }
        // 2^63 is the first value that i64 cannot hold; the comparison also refuses NaN.
        let fits = value.abs() < 9_223_372_036_854_775_808.0;
        fits.then_some(value as i64).and_then(|value| in_range(value, element_type))
    };
    let values: Vec<Option<i64>> = values.map(convert).collect();
    let all: Option<Vec<i64>> = values.into_iter().collect();
    all.map(Elements::Int).ok_or_else(|| mismatch(format!("a value does not fit {}", element_type.label())))
}

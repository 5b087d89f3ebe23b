//! ONNX's shape rules, shared by the evaluation of constants and the lowering of the network.
//!
//! Everything here speaks of ONNX shapes and axes; layouts come in later.

use super::call::Call;
use crate::error::{Code, Error, Result};
use crate::limits::Limits;

/// The error for a tensor whose shape does not fit its use.
pub fn mismatch(reason: impl Into<String>) -> Error {
    Error::new(Code::ShapeMismatch, reason, "check the model with onnx.checker and onnx.shape_inference")
}

/// An axis counted from the front (`0..rank`) or, negative, from the back.
pub fn axis(value: i64, rank: usize) -> Result<usize> {
    let signed = rank as i64;
    let axis = if value < 0 { value.checked_add(signed) } else { Some(value) };
    axis.and_then(|axis| usize::try_from(axis).ok())
        .filter(|&axis| axis < rank)
        .ok_or_else(|| mismatch(format!("axis {value} does not exist in a tensor of {rank} dimensions")))
}

pub fn axes(values: &[i64], rank: usize) -> Result<Vec<usize>> {
    let axes = values.iter().map(|&value| axis(value, rank)).collect::<Result<Vec<_>>>()?;
    match axes.iter().enumerate().find(|(i, axis)| axes[..*i].contains(axis)) {
        None => Ok(axes),
        Some((_, axis)) => Err(mismatch(format!("axis {axis} is given twice"))),
    }
}

/// A size given as an integer.
pub fn size(value: i64) -> Result<usize> {
    usize::try_from(value).map_err(|_| mismatch(format!("{value} is not a possible size")))
}

/// The result's shape of `Reshape`, `Flatten`, `Squeeze` and `Unsqueeze` of a tensor of shape `from`.
pub fn reshaped(call: &Call, from: &[usize], limits: &Limits) -> Result<Vec<usize>> {
    let to = match call.op {
        "Reshape" => reshape(call, from, limits)?,
        "Flatten" => {
            let value = call.attributes.int_or("axis", 1)?;
            // Unlike other axes, it may equal the rank.
            let axis = if value == from.len() as i64 { from.len() } else { axis(value, from.len())? };
            vec![limits.elements(&from[..axis])?, limits.elements(&from[axis..])?]
        }
        "Squeeze" => squeeze(call, from)?,
        _ => unsqueeze(call, from)?,
    };
    if limits.elements(&to)? != limits.elements(from)? {
        return Err(mismatch(format!("shape {from:?} cannot become {to:?}")));
    }
    Ok(to)
}

fn reshape(call: &Call, from: &[usize], limits: &Limits) -> Result<Vec<usize>> {
    let keep_zeros = call.attributes.flag("allowzero")?;
    let target = call.required_literal(1)?.as_ints()?;
    let mut unknown = None;
    let mut to = Vec::with_capacity(target.len());
    for (index, &dim) in target.iter().enumerate() {
        to.push(match dim {
            0 if !keep_zeros => *from.get(index).ok_or_else(|| {
                mismatch(format!("the target shape {target:?} keeps dimension {index}, but the input is {from:?}"))
            })?,
            -1 if unknown.replace(index).is_none() => 1,
            -1 => return Err(mismatch(format!("the target shape {target:?} leaves two dimensions open"))),
            _ => size(dim)?,
        });
    }
    if let Some(index) = unknown {
        let (elements, known) = (limits.elements(from)?, limits.elements(&to)?);
        if known == 0 || elements % known != 0 {
            return Err(mismatch(format!("shape {from:?} cannot become {target:?}")));
        }
        to[index] = elements / known;
    }
    Ok(to)
}

fn squeeze(call: &Call, from: &[usize]) -> Result<Vec<usize>> {
    let removed = match call.ints("axes", 1)? {
        Some(values) => axes(&values, from.len())?,
        None => (0..from.len()).filter(|&axis| from[axis] == 1).collect(),
    };
    if let Some(axis) = removed.iter().find(|&&axis| from[axis] != 1) {
        return Err(mismatch(format!("axis {axis} of {from:?} cannot be squeezed: it is not 1 long")));
    }
    Ok((0..from.len()).filter(|axis| !removed.contains(axis)).map(|axis| from[axis]).collect())
}

fn unsqueeze(call: &Call, from: &[usize]) -> Result<Vec<usize>> {
    let values = call.ints("axes", 1)?.ok_or_else(|| mismatch("Unsqueeze lacks its axes"))?;
    let rank = from.len() + values.len();
    let added = axes(&values, rank)?;
    let mut rest = from.iter();
    Ok((0..rank).map(|axis| if added.contains(&axis) { 1 } else { rest.next().copied().unwrap_or(1) }).collect())
}

/// `perm` of a `Transpose`: axis `i` of the result is axis `perm[i]` of the input.
pub fn permutation(call: &Call, rank: usize) -> Result<Vec<usize>> {
    let Some(values) = call.attributes.ints("perm")? else {
        return Ok((0..rank).rev().collect());
    };
    let permutation = axes(values, rank)?;
    if permutation.len() != rank {
        return Err(mismatch(format!("the permutation {values:?} does not fit a tensor of {rank} dimensions")));
    }
    Ok(permutation)
}

/// The part of one axis that a `Slice` keeps: elements `start + i * step` for `i` in `0..len`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    pub start: usize,
    pub step: isize,
    pub len: usize,
}

impl Section {
    pub fn whole(len: usize) -> Self {
        Section { start: 0, step: 1, len }
    }
}

/// What a `Slice` keeps, per axis.
pub fn slice(call: &Call, from: &[usize]) -> Result<Vec<Section>> {
    let lacks = |what: &str| mismatch(format!("Slice lacks its {what}"));
    let starts = call.ints("starts", 1)?.ok_or_else(|| lacks("starts"))?;
    let ends = call.ints("ends", 2)?.ok_or_else(|| lacks("ends"))?;
    let axes = match call.ints("axes", 3)? {
        Some(values) => axes(&values, from.len())?,
        None => (0..starts.len().min(from.len())).collect(),
    };
    let steps = match call.literal(4)? {
        Some(literal) => literal.as_ints()?.to_vec(),
        None => vec![1; axes.len()],
    };
    if [starts.len(), ends.len(), steps.len()] != [axes.len(); 3] {
        return Err(mismatch("Slice has starts, ends, axes and steps of different lengths"));
    }
    let mut sections: Vec<Section> = from.iter().map(|&len| Section::whole(len)).collect();
    for (i, &axis) in axes.iter().enumerate() {
        sections[axis] = section(starts[i], ends[i], steps[i], from[axis])?;
    }
    Ok(sections)
}

/// NumPy's rules: negative positions count from the end, and positions beyond either end are moved there.
fn section(start: i64, end: i64, step: i64, len: usize) -> Result<Section> {
    if step == 0 {
        return Err(mismatch("Slice has a step of 0"));
    }
    let dim = len as i64;
    let from_front = |position: i64| if position < 0 { position.saturating_add(dim) } else { position };
    let (low, high) = if step > 0 { (0, dim) } else { (-1, dim - 1) };
    let first = from_front(start).clamp(0, high.max(0));
    let last = from_front(end).clamp(low, high.max(low));
    // Distance and step share their sign where anything is kept at all.
    let distance = last - first;
    let kept = if dim == 0 || distance.signum() != step.signum() {
        0
    } else {
        distance.unsigned_abs().div_ceil(step.unsigned_abs())
    };
    let step = step.clamp(-(dim.max(1)), dim.max(1));
    Ok(Section { start: first.max(0) as usize, step: step as isize, len: kept as usize })
}

/// Axis and sizes of the parts of a `Split`.
pub fn split(call: &Call, from: &[usize]) -> Result<(usize, Vec<usize>)> {
    let axis = axis(call.attributes.int_or("axis", 0)?, from.len())?;
    let parts = call.outputs.len();
    call.attributes.ignore(&["num_outputs"]);
    let sizes = match call.ints("split", 1)? {
        Some(values) => values.iter().map(|&value| size(value)).collect::<Result<Vec<_>>>()?,
        None => {
            // Equal parts, a smaller one last.
            let part = from[axis].div_ceil(parts.max(1));
            (0..parts).map(|i| part.min(from[axis].saturating_sub(i.saturating_mul(part)))).collect()
        }
    };
    let total = sizes.iter().try_fold(0usize, |sum, &size| sum.checked_add(size));
    if sizes.len() != parts || total != Some(from[axis]) {
        return Err(mismatch(format!("Split cannot cut {} elements into {parts} parts {sizes:?}", from[axis])));
    }
    Ok((axis, sizes))
}

/// The shape of tensors joined along `axis`.
pub fn concatenated(shapes: &[Vec<usize>], axis: usize) -> Result<Vec<usize>> {
    let mut result = shapes.first().cloned().unwrap_or_default();
    for shape in shapes.iter().skip(1) {
        let fits = shape.len() == result.len() && (0..shape.len()).all(|i| i == axis || shape[i] == result[i]);
        if !fits {
            return Err(mismatch(format!("shapes {result:?} and {shape:?} cannot be joined along axis {axis}")));
        }
        result[axis] = result[axis].saturating_add(shape[axis]);
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_follow_numpy() {
        let cases = [
            ((0, i64::MAX, 1, 5), (0, 1, 5)),
            ((1, -1, 2, 6), (1, 2, 2)),
            ((-2, i64::MAX, 1, 5), (3, 1, 2)),
            ((-1, i64::MIN, -1, 4), (3, -1, 4)),
            ((i64::MAX, i64::MIN, -3, 7), (6, -3, 3)),
            ((3, 1, 1, 5), (3, 1, 0)),
            ((10, 20, 1, 5), (5, 1, 0)),
            ((0, 5, i64::MAX, 5), (0, 5, 1)),
        ];
        for ((start, end, step, len), (first, stride, kept)) in cases {
            let expected = Section { start: first, step: stride, len: kept };
            assert_eq!(section(start, end, step, len).unwrap(), expected, "{start}:{end}:{step} of {len}");
        }
        assert!(section(0, 1, 0, 5).is_err());
    }

    #[test]
    fn axes_count_from_both_ends() {
        assert_eq!(axis(-1, 4).unwrap(), 3);
        assert_eq!(axes(&[0, -1], 3).unwrap(), [0, 2]);
        assert!(axis(4, 4).is_err() && axis(-5, 4).is_err() && axis(i64::MIN, 4).is_err());
        assert!(axes(&[1, -2], 3).is_err());
    }
}

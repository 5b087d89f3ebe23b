//! Moving the elements of constants: nothing is computed, so one function serves all element types.

use crate::error::Result;
use crate::limits::Limits;
use crate::onnx::call::Call;
use crate::onnx::literal::{Elements, Literal};
use crate::onnx::shapes::{self, Section, mismatch};
use crate::onnx::strided::{Walk, broadcast, broadcast_strides, strides};

fn derived(call: &Call, source: &Literal, shape: Vec<usize>, elements: Elements) -> Literal {
    Literal { name: call.output().to_owned(), element_type: source.element_type, shape, elements }
}

pub fn reshape(call: &Call, limits: &Limits) -> Result<Literal> {
    let source = call.required_literal(0)?;
    let shape = shapes::reshaped(call, &source.shape, limits)?;
    Ok(derived(call, source, shape, source.elements.clone()))
}

pub fn transpose(call: &Call) -> Result<Literal> {
    let source = call.required_literal(0)?;
    let permutation = shapes::permutation(call, source.shape.len())?;
    Ok(transposed(source, call.output(), &permutation))
}

/// Axis `i` of the result is axis `permutation[i]` of `source`.
fn transposed(source: &Literal, name: &str, permutation: &[usize]) -> Literal {
    let all = strides(&source.shape);
    let shape: Vec<usize> = permutation.iter().map(|&axis| source.shape[axis]).collect();
    let moved: Vec<isize> = permutation.iter().map(|&axis| all[axis]).collect();
    let elements = source.elements.gather(Walk::new(&shape, &moved, 0));
    Literal { name: name.to_owned(), element_type: source.element_type, shape, elements }
}

pub fn slice(call: &Call, limits: &Limits) -> Result<Literal> {
    let source = call.required_literal(0)?;
    let sections = shapes::slice(call, &source.shape)?;
    let result = sliced(source, call.output(), &sections);
    limits.elements(&result.shape)?;
    Ok(result)
}

fn sliced(source: &Literal, name: &str, sections: &[Section]) -> Literal {
    let all = strides(&source.shape);
    let shape: Vec<usize> = sections.iter().map(|section| section.len).collect();
    let steps: Vec<isize> = sections.iter().zip(&all).map(|(section, stride)| section.step * stride).collect();
    let offset = sections.iter().zip(&all).map(|(section, stride)| section.start as isize * stride).sum();
    let elements = source.elements.gather(Walk::new(&shape, &steps, offset));
    Literal { name: name.to_owned(), element_type: source.element_type, shape, elements }
}

pub fn split(call: &Call) -> Result<Vec<Literal>> {
    let source = call.required_literal(0)?;
    let (axis, sizes) = shapes::split(call, &source.shape)?;
    let mut sections: Vec<Section> = source.shape.iter().map(|&len| Section::whole(len)).collect();
    let mut start = 0;
    Ok(sizes
        .iter()
        .zip(call.outputs)
        .map(|(&len, name)| {
            sections[axis] = Section { start, step: 1, len };
            start += len;
            sliced(source, name, &sections)
        })
        .collect())
}

pub fn concat(call: &Call, limits: &Limits) -> Result<Literal> {
    let sources = super::literals(call)?;
    let first = *sources.first().ok_or_else(|| mismatch("Concat has no inputs"))?;
    let axis = shapes::axis(call.attributes.int_or("axis", 0)?, first.shape.len())?;
    let shapes: Vec<Vec<usize>> = sources.iter().map(|source| source.shape.clone()).collect();
    let shape = shapes::concatenated(&shapes, axis)?;
    limits.elements(&shape)?;
    if sources.iter().any(|source| source.element_type != first.element_type) {
        return Err(mismatch("Concat joins tensors of different element types"));
    }
    let outer: usize = shape[..axis].iter().product();
    // Elements of one input that lie together in the result.
    let runs: Vec<usize> = sources.iter().map(|source| source.len().checked_div(outer).unwrap_or(0)).collect();
    let elements = match &first.elements {
        Elements::F32(_) => Elements::F32(interleave(outer, &runs, sources.iter().map(|s| s.as_floats()))?),
        Elements::Int(_) => Elements::Int(interleave(outer, &runs, sources.iter().map(|s| s.as_ints()))?),
        Elements::F64(_) => return Err(mismatch("Concat of float64 constants is not supported")),
    };
    Ok(derived(call, first, shape, elements))
}

fn interleave<'s, T: Copy + 's>(
    outer: usize,
    runs: &[usize],
    sources: impl Iterator<Item = Result<&'s [T]>>,
) -> Result<Vec<T>> {
    let sources = sources.collect::<Result<Vec<_>>>()?;
    let mut result = Vec::with_capacity(sources.iter().map(|source| source.len()).sum());
    for row in 0..outer {
        for (source, &run) in sources.iter().zip(runs) {
            result.extend_from_slice(&source[row * run..(row + 1) * run]);
        }
    }
    Ok(result)
}

pub fn gather(call: &Call, limits: &Limits) -> Result<Literal> {
    let (source, indices) = (call.required_literal(0)?, call.required_literal(1)?);
    let axis = shapes::axis(call.attributes.int_or("axis", 0)?, source.shape.len())?;
    let len = source.shape[axis];
    let positions = indices
        .as_ints()?
        .iter()
        .map(|&index| {
            shapes::axis(index, len).map_err(|_| mismatch(format!("Gather asks for element {index} of {len}")))
        })
        .collect::<Result<Vec<_>>>()?;
    let mut shape = source.shape[..axis].to_vec();
    shape.extend(&indices.shape);
    shape.extend(&source.shape[axis + 1..]);
    limits.elements(&shape)?;
    let outer: usize = source.shape[..axis].iter().product();
    let inner: usize = source.shape[axis + 1..].iter().product();
    let positions = &positions;
    let walk = (0..outer).flat_map(move |row| {
        positions.iter().flat_map(move |position| {
            let start = (row * len + position) * inner;
            start..start + inner
        })
    });
    Ok(derived(call, source, shape, source.elements.gather(walk)))
}

pub fn expand(call: &Call, limits: &Limits) -> Result<Literal> {
    let source = call.required_literal(0)?;
    let target =
        call.required_literal(1)?.as_ints()?.iter().map(|&dim| shapes::size(dim)).collect::<Result<Vec<_>>>()?;
    let shape = broadcast(&source.shape, &target)
        .ok_or_else(|| mismatch(format!("shape {:?} cannot be expanded to {target:?}", source.shape)))?;
    limits.elements(&shape)?;
    let elements = source.elements.gather(Walk::new(&shape, &broadcast_strides(&source.shape, &shape), 0));
    Ok(derived(call, source, shape, elements))
}

pub fn tile(call: &Call, limits: &Limits) -> Result<Literal> {
    let source = call.required_literal(0)?;
    let repeats = call.required_literal(1)?.as_ints()?.iter().map(|&n| shapes::size(n)).collect::<Result<Vec<_>>>()?;
    if repeats.len() != source.shape.len() {
        return Err(mismatch("Tile needs one number of repeats for each axis"));
    }
    let shape: Vec<usize> = source.shape.iter().zip(&repeats).map(|(dim, n)| dim.saturating_mul(*n)).collect();
    limits.elements(&shape)?;
    // Axis by axis `[repeat, dim]`, where the repeat has stride 0.
    let doubled: Vec<usize> = repeats.iter().zip(&source.shape).flat_map(|(&n, &dim)| [n, dim]).collect();
    let steps: Vec<isize> = strides(&source.shape).iter().flat_map(|&stride| [0, stride]).collect();
    Ok(derived(call, source, shape, source.elements.gather(Walk::new(&doubled, &steps, 0))))
}

//! Operators that only move, join, cut or rename.

use super::binary::aligned;
use super::builder::{Builder, Naming};
use super::conv::image_shape;
use crate::error::{Code, Error, Result};
use crate::graph::{Layout, Op};
use crate::onnx::attributes::unsupported;
use crate::onnx::call::{Binding, Call, Operand};
use crate::onnx::literal::ElementType;
use crate::onnx::shapes::{self, Section, mismatch};

pub fn reshape(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.data(call, 0)?;
    let to = shapes::reshaped(call, &builder.shape(&input), builder.limits)?;
    builder.reshaped(call, Naming::Output, input, &to)
}

/// Nothing moves: the axes get other names.
pub fn transpose(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.data(call, 0)?;
    let permutation = shapes::permutation(call, input.layout.rank())?;
    let renamed = |axis: &usize| permutation.iter().position(|old| old == axis).unwrap_or(*axis);
    Ok(Operand { id: input.id, layout: Layout(input.layout.0.iter().map(renamed).collect()) })
}

/// `Identity`, `Dropout` when it infers, and `Cast` of float32 to float32.
pub fn pass_through(builder: &mut Builder, call: &Call) -> Result<Operand> {
    match call.op {
        "Dropout" => {
            call.attributes.ignore(&["ratio", "seed", "is_test"]);
            if let Some(training) = call.literal(2)?
                && training.as_ints()?.contains(&1)
            {
                return Err(unsupported("training_mode", "true", "export the model in inference mode (model.eval())"));
            }
        }
        "Cast" => {
            call.attributes.ignore(&["saturate", "round_mode"]);
            let to = i32::try_from(call.attributes.int_or("to", 0)?).unwrap_or(0);
            let to = ElementType::from_onnx(to)?;
            if to != ElementType::Float {
                return Err(Error::new(
                    Code::UnsupportedType,
                    format!("the network's data is cast to {}", to.label()),
                    "Shiftwise runs float32 networks; export the network without this conversion",
                ));
            }
        }
        _ => {}
    }
    builder.data(call, 0)
}

pub fn concat(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let bindings = (0..call.inputs.len()).map(|index| call.required(index)).collect::<Result<Vec<_>>>()?;
    let shapes: Vec<Vec<usize>> = bindings.iter().map(|binding| builder.shape_of(binding)).collect();
    let rank = shapes.first().map_or(0, Vec::len);
    let axis = shapes::axis(call.attributes.int_or("axis", 1)?, rank)?;
    let shape = shapes::concatenated(&shapes, axis)?;
    if bindings.len() == 1 {
        return builder.data(call, 0);
    }
    let (inputs, layout) = aligned(builder, call, &bindings, rank)?;
    let stored = layout.stored_axis(axis).unwrap_or(axis);
    builder.emit(call, Naming::Output, Op::Concat { axis: stored }, inputs, &shape, layout)
}

pub fn slice(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.data(call, 0)?;
    let sections = shapes::slice(call, &builder.shape(&input))?;
    cut(builder, call, Naming::Output, input, &sections)
}

/// The part of a tensor that `sections` (one for each ONNX axis) keep.
pub fn cut(
    builder: &mut Builder,
    call: &Call,
    naming: Naming,
    input: Operand,
    sections: &[Section],
) -> Result<Operand> {
    let whole: Vec<Section> = builder.shape(&input).iter().map(|&len| Section::whole(len)).collect();
    if sections == whole {
        return Ok(input);
    }
    let shape: Vec<usize> = sections.iter().map(|section| section.len).collect();
    let stored: Vec<&Section> = input.layout.0.iter().map(|&axis| &sections[axis]).collect();
    let start = stored.iter().map(|section| section.start).collect();
    let step = stored.iter().map(|section| section.step).collect();
    builder.emit(call, naming, Op::Slice { start, step }, vec![input.id], &shape, input.layout)
}

/// `Gather` with constant indices at equal distances, as exporters write `x[:, 0]` and `x[:, ::2]`: a slice.
pub fn gather(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.data(call, 0)?;
    let shape = builder.shape(&input);
    let axis = shapes::axis(call.attributes.int_or("axis", 0)?, shape.len())?;
    let indices = call.required_literal(1)?;
    let positions = indices
        .as_ints()?
        .iter()
        .map(|&index| {
            let missing = |_| mismatch(format!("Gather asks for element {index} of {}", shape[axis]));
            shapes::axis(index, shape[axis]).map_err(missing)
        })
        .collect::<Result<Vec<_>>>()?;
    let step = match *positions.as_slice() {
        [first, second, ..] => second as isize - first as isize,
        _ => 1,
    };
    let even = positions.windows(2).all(|pair| pair[1] as isize - pair[0] as isize == step && step != 0);
    let (Some(&start), true, true) = (positions.first(), even, indices.shape.len() < 2) else {
        return Err(Error::new(
            Code::UnsupportedOperator,
            format!("Gather of the elements {positions:?} is not supported"),
            "Shiftwise gathers one element of an axis, or elements at equal distances",
        ));
    };
    let mut sections: Vec<Section> = shape.iter().map(|&len| Section::whole(len)).collect();
    sections[axis] = Section { start, step, len: positions.len() };
    if !indices.shape.is_empty() {
        return cut(builder, call, Naming::Output, input, &sections);
    }
    let element = cut(builder, call, Naming::Step("element"), input, &sections)?;
    let mut to = shape;
    to.remove(axis);
    builder.reshaped(call, Naming::Output, element, &to)
}

/// One slice for each output.
pub fn split(builder: &mut Builder, call: &Call) -> Result<Vec<Binding>> {
    let input = builder.data(call, 0)?;
    let shape = builder.shape(&input);
    let (axis, sizes) = shapes::split(call, &shape)?;
    let mut sections: Vec<Section> = shape.iter().map(|&len| Section::whole(len)).collect();
    let mut start = 0;
    let mut parts = Vec::with_capacity(sizes.len());
    for (index, &len) in sizes.iter().enumerate() {
        sections[axis] = Section { start, step: 1, len };
        start += len;
        // Each part is a node of its own, completed under its own output's name.
        let part = Call {
            name: if index == 0 { call.name.clone() } else { builder.node_name(&call.outputs[index]) },
            op: call.op,
            opset: call.opset,
            attributes: call.attributes.clone(),
            inputs: Vec::new(),
            input_names: &[],
            outputs: &call.outputs[index..],
        };
        parts.push(Binding::Data(cut(builder, &part, Naming::Output, input.clone(), &sections)?));
    }
    Ok(parts)
}

pub fn depth_to_space(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.image(call, 0)?;
    let [n, c, h, w] = image_shape(builder, &input)?;
    let channel_major = match call.attributes.string_or("mode", "DCR")?.as_str() {
        "DCR" => false,
        "CRD" => true,
        other => return Err(unsupported("mode", other, "use DCR or CRD")),
    };
    let block = shapes::size(call.attributes.int_or("blocksize", 0)?)?;
    let area = block.checked_mul(block).filter(|&area| area > 0 && c.is_multiple_of(area));
    let Some(area) = area else {
        return Err(mismatch(format!("{c} channels cannot become blocks of {block} x {block}")));
    };
    let shape = [n, c / area, h.saturating_mul(block), w.saturating_mul(block)];
    let op = Op::DepthToSpace { block, channel_major };
    builder.emit(call, Naming::Output, op, vec![input.id], &shape, Layout::channels_last(4))
}

//! `Pad`, in whatever layout the tensor is.

use super::builder::{Builder, Naming};
use crate::error::{Code, Error, Result};
use crate::graph::{Op, PadMode};
use crate::onnx::attributes::unsupported;
use crate::onnx::call::{Call, Operand};
use crate::onnx::shapes::{self, mismatch};

pub fn pad(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.data(call, 0)?;
    let from = builder.shape(&input);
    let pads = call.ints("pads", 1)?.ok_or_else(|| mismatch("Pad lacks its pads"))?;
    let axes = match call.literal(3)? {
        Some(literal) => shapes::axes(literal.as_ints()?, from.len())?,
        None => (0..from.len()).collect(),
    };
    if pads.len() != 2 * axes.len() {
        return Err(mismatch(format!("{} pads do not fit {} axes", pads.len(), axes.len())));
    }
    let mode = mode(call)?;
    let (mut before, mut after) = (vec![0isize; from.len()], vec![0isize; from.len()]);
    let mut shape = from.clone();
    for (i, &axis) in axes.iter().enumerate() {
        let (front, back) = (pads[i], pads[i + axes.len()]);
        check(mode, front, back, from[axis])?;
        let size = front.checked_add(back).and_then(|sum| sum.checked_add(from[axis] as i64));
        shape[axis] = shapes::size(size.ok_or_else(|| too_large(&pads))?)?;
        before[axis] = isize::try_from(front).map_err(|_| too_large(&pads))?;
        after[axis] = isize::try_from(back).map_err(|_| too_large(&pads))?;
    }
    if before.iter().chain(&after).all(|&pad| pad == 0) {
        return Ok(input);
    }
    let stored = |values: Vec<isize>| input.layout.0.iter().map(|&axis| values[axis]).collect();
    let op = Op::Pad { before: stored(before), after: stored(after), mode };
    builder.emit(call, Naming::Output, op, vec![input.id], &shape, input.layout)
}

fn mode(call: &Call) -> Result<PadMode> {
    let name = call.attributes.string_or("mode", "constant")?;
    let attribute = call.attributes.float_or("value", 0.0)?;
    Ok(match name.as_str() {
        "constant" => match call.literal(2)? {
            Some(literal) => {
                let value = *literal.as_weights()?.first().unwrap_or(&0.0);
                PadMode::Constant(value)
            }
            None => PadMode::Constant(attribute),
        },
        "reflect" => PadMode::Reflect,
        "edge" => PadMode::Edge,
        "wrap" => PadMode::Wrap,
        other => return Err(unsupported("mode", other, "use constant, reflect, edge or wrap")),
    })
}

/// Whether the mode can make up that many elements from an axis of `len`.
fn check(mode: PadMode, front: i64, back: i64, len: usize) -> Result<()> {
    let least = front.min(back);
    let most = front.max(back);
    let len = len as i64;
    let fits = match mode {
        PadMode::Constant(_) => front.min(0).saturating_add(back.min(0)).saturating_add(len) >= 0,
        PadMode::Edge => least >= 0,
        PadMode::Reflect => least >= 0 && most < len,
        PadMode::Wrap => least >= 0 && most <= len,
    };
    if fits {
        return Ok(());
    }
    Err(Error::new(
        Code::UnsupportedAttribute,
        format!("pads of {front} and {back} around {len} elements are not supported in this mode"),
        "no pads take away more elements than there are; reflect adds fewer than that, wrap at most as many, and neither they \
         nor edge take any away",
    ))
}

fn too_large(pads: &[i64]) -> Error {
    Error::new(Code::TooLarge, format!("the pads {pads:?} are absurd"), "check the model")
}

//! The integers of one step, under the names that the cases give them (tests/oracle/network.py).

use serde_json::{Map, Value as Json, json};
use shiftwise::npu::{AddRescale, ConcatPart, IntegerConv, IntegerOp, MeanRescale, PreluRescale, Rescale, Step};
use shiftwise::quantize::Quantized;

/// One entry per output channel or operand; `M` multipliers and `n` shifts (N6), `k` shifts of channels (N2).
pub fn of(quantized: &Quantized, step: &Step) -> Json {
    match &step.op {
        IntegerOp::Conv(conv) => convolution(quantized, step, conv),
        IntegerOp::Add { rescale: AddRescale::Shared { multipliers: [a, b], shift }, subtract } => {
            let sign = if *subtract { -1 } else { 1 };
            json!({"M": [i64::from(*a), sign * i64::from(*b)], "n": [shift]})
        }
        IntegerOp::Mul { rescale } => pairs(&[*rescale]),
        IntegerOp::Prelu { rescale: PreluRescale::Split { positive, negative } } => pairs(&[*positive, *negative]),
        IntegerOp::Lookup { table } => {
            json!({"table": super::hash_of(table)})
        }
        IntegerOp::Concat { parts, .. } => {
            let rescales: Vec<Option<Rescale>> = parts.iter().map(rescale_of_part).collect();
            let multipliers: Vec<_> =
                rescales.iter().map(|rescale| rescale.map(|rescale| rescale.multiplier)).collect();
            let shifts: Vec<_> = rescales.iter().map(|rescale| rescale.map(|rescale| rescale.shift)).collect();
            json!({"M": multipliers, "n": shifts})
        }
        IntegerOp::AveragePool { rescale: MeanRescale::ByCount(rescales), .. } => {
            let entry = |(index, rescale): (usize, &Rescale)| ((index + 1).to_string(), pair(*rescale));
            Json::Object(rescales.iter().enumerate().map(entry).collect::<Map<_, _>>())
        }
        IntegerOp::SpatialMean { rescale } => {
            let shape = &quantized.program.tensor(step.inputs[0]).shape;
            let pixels: usize = shape[1..shape.len() - 1].iter().product();
            Json::Object(Map::from_iter([(pixels.to_string(), pair(*rescale))]))
        }
        _ => Json::Null,
    }
}

fn convolution(quantized: &Quantized, step: &Step, conv: &IntegerConv) -> Json {
    let layer = quantized.layers.iter().find(|layer| layer.node == step.node).unwrap();
    assert_eq!(conv.weight, layer.weights.integers);
    json!({
        "weight": conv.weight.iter().map(|weight| format!("{weight:02x}")).collect::<String>(),
        "bias": conv.bias,
        "k": layer.weights.shifts,
        "M": conv.rescale.iter().map(|rescale| rescale.multiplier).collect::<Vec<_>>(),
        "n": conv.rescale.iter().map(|rescale| rescale.shift).collect::<Vec<_>>(),
        "lo": step.bounds.min,
        "hi": step.bounds.max,
        "fits": conv.fits,
        "lowered": layer.weights.lowered,
        "saturated": layer.weights.saturated,
    })
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn rescale_of_part(part: &ConcatPart) -> Option<Rescale> {
    match part {
        ConcatPart::Rescale(rescale) => Some(*rescale),
        ConcatPart::Copy | ConcatPart::Table(_) => None,
    }
}

fn pair(rescale: Rescale) -> Json {
    json!([rescale.multiplier, rescale.shift])
}

fn pairs(rescales: &[Rescale]) -> Json {
    json!({
        "M": rescales.iter().map(|rescale| rescale.multiplier).collect::<Vec<_>>(),
        "n": rescales.iter().map(|rescale| rescale.shift).collect::<Vec<_>>(),
    })
}

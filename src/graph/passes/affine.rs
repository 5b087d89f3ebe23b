//! Arithmetic with constants, per channel or with one number, becomes a depthwise 1x1 convolution: a batch
//! normalization by another name, which then folds into its neighbours or runs on the NPU as it is.

use std::sync::Arc;

use super::PassNote;
use super::edit::{Uses, describe, note, rewrite_all};
use crate::error::Result;
use crate::graph::{BinaryKind, Conv, Graph, Op, Tensor, ValueId};

pub fn run(graph: &mut Graph, notes: &mut Vec<PassNote>) -> Result<()> {
    rewrite_all(graph, notes, convert);
    Ok(())
}

fn convert(graph: &mut Graph, index: usize, uses: &Uses) -> Option<PassNote> {
    let node = &graph.nodes[index];
    let Op::Binary(kind) = node.op else { return None };
    let &[a, b] = node.inputs.as_slice() else { return None };
    let shape = &graph.value(node.output).shape;
    let channels = *shape.last().filter(|&&channels| channels > 0)?;
    let (input, constant, constant_first) = match (per_channel(graph, a, channels), per_channel(graph, b, channels)) {
        (None, Some(constant)) => (a, constant, false),
        (Some(constant), None) => (b, constant, true),
        _ => return None,
    };
    // Pictures always; vectors only beside a layer that could take the arithmetic in.
    let worthwhile = shape.len() == 4 || (matches!(shape.len(), 2 | 3) && beside_conv(graph, index, input, uses));
    if graph.value(input).shape != *shape || !worthwhile {
        return None;
    }
    let (weight, bias): (Vec<f32>, Vec<f32>) = constant
        .iter()
        .map(|&c| {
            let (scale, shift) = scale_and_shift(kind, f64::from(c), constant_first)?;
            let (scale, shift) = (scale as f32, shift as f32);
            (scale.is_finite() && shift.is_finite()).then_some((scale, shift))
        })
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .unzip();
    let note = note("affine", node, format!("{} is a scale and a shift per channel", describe(node)));
    let weight = Arc::new(Tensor::new([channels, 1, 1, 1], weight).ok()?);
    let node = &mut graph.nodes[index];
    node.op = Op::Conv(Conv { groups: channels, ..Conv::pointwise(weight, Some(bias)) });
    node.inputs = vec![input];
    Some(note)
}

/// The constant's value for each channel, if it is one number or varies along the last axis alone.
fn per_channel(graph: &Graph, value: ValueId, channels: usize) -> Option<Vec<f32>> {
    let constant = graph.value(value).constant.as_deref()?;
    let (&last, leading) = constant.shape().split_last().unwrap_or((&1, &[]));
    match (leading.iter().all(|&len| len == 1), constant.data()) {
        (true, &[number]) => Some(vec![number; channels]),
        (true, data) if last == channels => Some(data.to_vec()),
        _ => None,
    }
}

fn beside_conv(graph: &Graph, index: usize, input: ValueId, uses: &Uses) -> bool {
    let is_conv = |node: usize| matches!(graph.nodes[node].op, Op::Conv(_));
    uses.private_producer(input).is_some_and(is_conv)
        || uses.only_reader(graph.nodes[index].output).is_some_and(is_conv)
}

/// `x kind c` (or `c kind x`) as `x * scale + shift`.
fn scale_and_shift(kind: BinaryKind, c: f64, constant_first: bool) -> Option<(f64, f64)> {
    Some(match (kind, constant_first) {
        (BinaryKind::Add, _) => (1.0, c),
        (BinaryKind::Sub, false) => (1.0, -c),
        (BinaryKind::Sub, true) => (-1.0, c),
        (BinaryKind::Mul, _) => (c, 0.0),
        (BinaryKind::Div, false) => (1.0 / c, 0.0),
        (BinaryKind::Div, true) | (BinaryKind::Prelu, _) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::edit::is_affine;
    use super::super::testing::after_pass;
    use super::*;
    use crate::graph::build::Builder;

    fn converted(shape: &[usize], constant: &[usize], kind: BinaryKind, constant_first: bool) -> bool {
        let mut b = Builder::new(1);
        let x = b.input("x", shape);
        let data: Vec<f32> = (0..constant.iter().product::<usize>()).map(|i| i as f32 + 1.0).collect();
        let c = b.constant("c", constant, &data);
        let (left, right) = if constant_first { (c, x) } else { (x, c) };
        let y = b.binary(kind, "arithmetic", left, right);
        let (after, notes) = after_pass(run, &b.finish(&[y]));
        let converted = matches!(&after.nodes[0].op, Op::Conv(conv) if is_affine(conv));
        assert_eq!(notes.len(), usize::from(converted));
        converted
    }

    #[test]
    fn per_channel_and_scalar_constants_on_either_side() {
        let picture = [1, 2, 3, 4];
        for kind in [BinaryKind::Add, BinaryKind::Sub, BinaryKind::Mul, BinaryKind::Div] {
            for constant in [&[][..], &[1], &[4], &[1, 1, 1, 4]] {
                assert!(converted(&picture, constant, kind, false));
                assert_eq!(converted(&picture, constant, kind, true), kind != BinaryKind::Div);
            }
        }
    }

    #[test]
    fn other_constants_and_lone_vectors_stay() {
        for constant in [&[3, 1][..], &[3, 4], &[1, 2, 3, 4], &[1, 1, 3, 1]] {
            assert!(!converted(&[1, 2, 3, 4], constant, BinaryKind::Mul, false));
        }
        assert!(!converted(&[1, 3, 4], &[4], BinaryKind::Mul, false));
        // Broadcasts the other operand too.
        assert!(!converted(&[1, 1, 1, 1], &[1, 1, 3, 4], BinaryKind::Mul, false));
    }

    #[test]
    fn a_vector_beside_a_fully_connected_layer_is_converted() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[2, 3]);
        let weight = Arc::new(Tensor::new([5, 1, 1, 3], b.random(15)).unwrap());
        let y = b.node("MatMul", "fc", Op::Conv(Conv::pointwise(weight, None)), &[x], &[2, 5]);
        let data = b.random(5);
        let c = b.constant("c", &[5], &data);
        let y = b.binary(BinaryKind::Add, "bias", y, c);
        let (after, notes) = after_pass(run, &b.finish(&[y]));
        assert!(matches!(&after.nodes[1].op, Op::Conv(conv) if is_affine(conv)));
        assert_eq!(notes, ["addition 'bias' is a scale and a shift per channel"]);
    }

    #[test]
    fn division_by_zero_stays_a_division() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 1, 1, 2]);
        let c = b.constant("c", &[2], &[1.0, 0.0]);
        b.binary(BinaryKind::Div, "div", x, c);
        let mut graph = b.finish(&[x]);
        let mut notes = Vec::new();
        run(&mut graph, &mut notes).unwrap();
        assert!(notes.is_empty());
    }
}

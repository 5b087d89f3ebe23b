//! Batch normalization (and any scale and shift per channel) goes into the weights of the convolution before it, or
//! else of the one behind it. The products are computed in f64 and rounded once.

use std::sync::Arc;

use super::PassNote;
use super::edit::{Uses, describe, is_affine, merge_into_first, merge_into_last, note, rewrite_all};
use crate::error::Result;
use crate::graph::{Conv, Graph, Op, Tensor};

const PASS: &str = "batch-norm folding";

pub fn run(graph: &mut Graph, notes: &mut Vec<PassNote>) -> Result<()> {
    rewrite_all(graph, notes, |graph, index, uses| {
        fold_back(graph, index, uses).or_else(|| fold_forward(graph, index, uses))
    });
    Ok(())
}

/// `scale * (w x + b) + shift`: into the convolution before.
fn fold_back(graph: &mut Graph, index: usize, uses: &Uses) -> Option<PassNote> {
    let node = &graph.nodes[index];
    let affine = affine(&node.op)?;
    let first = uses.private_producer(*node.inputs.first()?)?;
    let before = &graph.nodes[first];
    let Op::Conv(conv) = &before.op else { return None };
    if before.clamp.is_some() {
        return None;
    }
    let merged = scaled(conv, |o, _| scale(affine, o), |o, bias| bias * scale(affine, o) + shift(affine, o))?;
    let known = conv.moments.as_ref().map(|known| Arc::new(known.affine(|o| scale(affine, o), |o| shift(affine, o))));
    let merged = Conv { moments: affine.moments.clone().or(known), ..merged };
    let note = note(PASS, before, format!("{} folded into '{}'", describe(node), before.name));
    merge_into_first(graph, first, index, Op::Conv(merged));
    Some(note)
}

/// `w (scale * x + shift) + b`: into the convolution behind. Its padding (and what a transposed one has between its
/// samples) is zeros, not `shift`, so a shift goes only into a convolution that has none.
fn fold_forward(graph: &mut Graph, index: usize, uses: &Uses) -> Option<PassNote> {
    let node = &graph.nodes[index];
    let affine = affine(&node.op).filter(|_| node.clamp.is_none())?;
    let last = uses.only_reader(node.output)?;
    let behind = &graph.nodes[last];
    let Op::Conv(conv) = &behind.op else { return None };
    let shifts = (0..affine.output_channels()).any(|c| shift(affine, c) != 0.0);
    if shifts && (conv.pads != [0; 4] || conv.is_transposed()) {
        return None;
    }
    let (group_inputs, group_outputs) = (conv.input_channels_per_group(), conv.output_channels() / conv.groups);
    let first_input = |o: usize| o / group_outputs * group_inputs;
    let shifted = |o: usize, bias: f64| {
        let taps = conv.channel(o).iter().enumerate();
        let products = taps.map(|(k, &w)| f64::from(w) * shift(affine, first_input(o) + k % group_inputs));
        bias + products.sum::<f64>()
    };
    let merged = scaled(conv, |o, i| scale(affine, first_input(o) + i), shifted)?;
    let note = note(PASS, behind, format!("{} folded into '{}'", describe(node), behind.name));
    merge_into_last(graph, index, last, Op::Conv(merged));
    Some(note)
}

fn affine(op: &Op) -> Option<&Conv> {
    match op {
        Op::Conv(conv) if is_affine(conv) => Some(conv),
        _ => None,
    }
}

fn scale(affine: &Conv, channel: usize) -> f64 {
    affine.weight.data().get(channel).copied().map_or(1.0, f64::from)
}

fn shift(affine: &Conv, channel: usize) -> f64 {
    affine.bias.as_ref().and_then(|bias| bias.get(channel)).copied().map_or(0.0, f64::from)
}

/// `conv` with weight `(o, .., i)` multiplied by `factor(o, i)` and bias `b` replaced by `bias(o, b)`; `None` if a number
/// would leave the range of f32.
fn scaled(conv: &Conv, factor: impl Fn(usize, usize) -> f64, bias: impl Fn(usize, f64) -> f64) -> Option<Conv> {
    let inputs = conv.input_channels_per_group();
    let narrow = |value: f64| Some(value as f32).filter(|value| value.is_finite());
    let mut weight = Vec::with_capacity(conv.weight.len());
    for o in 0..conv.output_channels() {
        for (k, &w) in conv.channel(o).iter().enumerate() {
            weight.push(narrow(f64::from(w) * factor(o, k % inputs))?);
        }
    }
    let biases = (0..conv.output_channels()).map(|o| narrow(bias(o, shift(conv, o)))).collect::<Option<Vec<_>>>()?;
    let weight = Arc::new(Tensor::new(conv.weight.shape(), weight).ok()?);
    let bias = (conv.bias.is_some() || biases.iter().any(|&bias| bias != 0.0)).then_some(biases);
    Some(Conv { weight, bias, ..conv.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::testing::after_pass;
    use super::*;
    use crate::graph::build::Builder;
    use crate::graph::{BinaryKind, ChannelMoments, Clamp, ValueId};

    fn names(graph: &Graph) -> Vec<&str> {
        graph.nodes.iter().map(|node| node.name.as_str()).collect()
    }

    fn set_shift_to_zero(graph: &mut Graph, node: &str) {
        let node = graph.nodes.iter_mut().find(|n| n.name == node).unwrap();
        let Op::Conv(conv) = &mut node.op else { panic!() };
        conv.bias = None;
    }

    #[test]
    fn into_the_convolution_before_of_any_kind() {
        for (channels, kernel, groups) in [(6, 3, 1), (4, 3, 4), (8, 1, 2), (8, 3, 4)] {
            let mut b = Builder::new(1);
            let x = b.input("x", &[2, 5, 5, 4]);
            let y = b.conv("conv", x, channels, kernel, |conv| (conv.groups, conv.pads) = (groups, [1, 0, 0, 1]));
            let y = b.batch_norm("bn", y);
            let (after, notes) = after_pass(run, &b.finish(&[y]));
            assert_eq!(after.nodes.len(), 1);
            assert_eq!(
                (after.nodes[0].name.as_str(), after.value(after.nodes[0].output).name.as_str()),
                ("conv", "bn.out")
            );
            assert_eq!(after.nodes[0].origin, ["Conv", "BatchNormalization"]);
            assert_eq!(notes, ["batch normalization 'bn' folded into 'conv'"]);
        }
    }

    #[test]
    fn into_the_convolution_behind_of_any_kind() {
        for (channels, kernel, groups) in [(6, 3, 1), (4, 3, 4), (8, 1, 2), (8, 3, 4)] {
            let mut b = Builder::new(1);
            let x = b.input("x", &[2, 5, 5, 4]);
            let y = b.batch_norm("bn", x);
            let y = b.conv("conv", y, channels, kernel, |conv| conv.groups = groups);
            let (after, notes) = after_pass(run, &b.finish(&[y]));
            assert_eq!(names(&after), ["conv"]);
            assert_eq!(after.nodes[0].origin, ["BatchNormalization", "Conv"]);
            assert_eq!(notes, ["batch normalization 'bn' folded into 'conv'"]);
        }
    }

    #[test]
    fn a_shift_does_not_go_into_a_convolution_that_pads() {
        for (shift, expected) in [(true, &["bn", "conv"][..]), (false, &["conv"])] {
            let mut b = Builder::new(1);
            let x = b.input("x", &[1, 5, 5, 2]);
            let y = b.batch_norm("bn", x);
            let y = b.conv("conv", y, 3, 3, |conv| conv.pads = [1; 4]);
            let mut graph = b.finish(&[y]);
            if !shift {
                set_shift_to_zero(&mut graph, "bn");
            }
            let (after, _) = after_pass(run, &graph);
            assert_eq!(names(&after), expected);
        }
    }

    #[test]
    fn a_transposed_convolution_takes_in_what_does_not_disturb_its_zeros() {
        for (shift, expected) in [(true, &["before", "conv"][..]), (false, &["conv"])] {
            let mut b = Builder::new(1);
            let x = b.input("x", &[1, 4, 3, 4]);
            let y = b.batch_norm("before", x);
            let y = b.conv("conv", y, 6, 3, |conv| (conv.upsample, conv.groups) = ([2, 3], 2));
            let y = b.batch_norm("after", y);
            let mut graph = b.finish(&[y]);
            if !shift {
                set_shift_to_zero(&mut graph, "before");
            }
            let (after, _) = after_pass(run, &graph);
            assert_eq!(names(&after), expected);
        }
    }

    /// Of a normalization those it learned; arithmetic behind it moves and stretches them; one folded forward says
    /// nothing about the layer behind.
    #[test]
    fn moments_are_those_of_the_last_result() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 5, 5, 2]);
        let y = b.batch_norm("before", x);
        let y = b.conv("conv", y, 3, 3, |_| ());
        let y = b.batch_norm("bn", y);
        let c = b.constant("c", &[], &[-2.0]);
        let y = b.binary(BinaryKind::Mul, "double", y, c);
        let mut graph = b.finish(&[y]);
        for (node, mean, std) in
            [("before", vec![9.0; 2], vec![9.0; 2]), ("bn", vec![1.0, 2.0, 3.0], vec![0.5, 0.25, 0.0])]
        {
            let node = graph.nodes.iter_mut().find(|n| n.name == node).unwrap();
            let Op::Conv(conv) = &mut node.op else { panic!() };
            conv.moments = Some(Arc::new(ChannelMoments { mean, std }));
        }
        super::super::simplify(&mut graph).unwrap();
        let Op::Conv(conv) = &graph.nodes[0].op else { panic!() };
        let expected = ChannelMoments { mean: vec![-2.0, -4.0, -6.0], std: vec![1.0, 0.5, 0.0] };
        assert_eq!((graph.nodes.len(), conv.moments.as_deref()), (1, Some(&expected)));
    }

    #[test]
    fn a_chain_folds_into_one() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 5, 5, 2]);
        let y = b.batch_norm("bn1", x);
        let y = b.conv("conv", y, 3, 3, |_| ());
        let y = b.batch_norm("bn2", y);
        let y = b.batch_norm("bn3", y);
        let (after, notes) = after_pass(run, &b.finish(&[y]));
        assert_eq!((names(&after), notes.len()), (vec!["conv"], 3));
        assert_eq!(after.nodes[0].origin, ["BatchNormalization", "Conv", "BatchNormalization", "BatchNormalization"]);
    }

    #[test]
    fn a_shared_returned_or_clamped_result_is_left_alone() {
        type Outputs = fn(&mut Builder, ValueId, ValueId) -> Vec<ValueId>;
        let shared: Outputs = |b, conv, bn| vec![b.binary(BinaryKind::Add, "add", conv, bn)];
        let returned: Outputs = |_, conv, bn| vec![conv, bn];
        let clamped: Outputs = |_, _, bn| vec![bn];
        for (outputs, clamp) in [(shared, None), (returned, None), (clamped, Some(Clamp::RELU))] {
            let mut b = Builder::new(1);
            let x = b.input("x", &[1, 5, 5, 2]);
            let conv = b.conv("conv", x, 3, 3, |_| ());
            let bn = b.batch_norm("bn", conv);
            let outputs = outputs(&mut b, conv, bn);
            let mut graph = b.finish(&outputs);
            graph.nodes[0].clamp = clamp;
            let (after, notes) = after_pass(run, &graph);
            assert_eq!((after.nodes.len(), notes.len()), (graph.nodes.len(), 0));
        }
    }

    #[test]
    fn a_clamp_of_the_normalization_survives_folding_back_and_prevents_folding_forward() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 5, 5, 2]);
        let y = b.conv("conv1", x, 2, 3, |_| ());
        let y = b.batch_norm("bn1", y);
        let y = b.relu("relu", y);
        let y = b.batch_norm("bn2", y);
        let y = b.conv("conv2", y, 2, 1, |_| ());
        let mut graph = b.finish(&[y]);
        graph.nodes[1].clamp = Some(Clamp { min: -1.0, max: 1.0 });
        graph.nodes[3].clamp = Some(Clamp::RELU);
        let (after, _) = after_pass(run, &graph);
        assert_eq!(names(&after), ["conv1", "relu", "bn2", "conv2"]);
        assert_eq!(after.nodes[0].clamp, Some(Clamp { min: -1.0, max: 1.0 }));
    }
}

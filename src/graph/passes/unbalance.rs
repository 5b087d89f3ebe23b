//! Evens out or spreads the channels of neighbouring layers without changing what the network computes.
//!
//! A ReLU lets every positive factor pass. So output channel c of a layer can be multiplied by 2^e and what the next
//! layer reads from it by 2^-e: each product of a weight and an activation stays the same bits, since powers of two only
//! move exponents (as long as no number leaves float32's normal range). Even is where channel c is as wide in the first
//! layer as in what the second reads of it, to the nearest power of two: cross-layer equalization as in Nagel et al.,
//! "Data-Free Quantization Through Weight Equalization and Bias Correction", arXiv:1906.04721, section 4.1.

use std::sync::Arc;

use super::edit::Uses;
use crate::graph::{Clamp, Conv, Graph, Op};

/// Each sweep evens all pairs once, which disturbs their neighbours. Chains of pairs are short, and settle before this; what
/// has not settled by then is as exact a factor, only a little less even.
const MOST_SWEEPS: usize = 10;
/// No channel is moved further than this many doublings.
const MOST_DOUBLINGS: i32 = 24;
/// A channel narrower than this is dead: there is nothing to even out.
const DEAD: f64 = 1e-30;

/// Where factors pass, and how far from even the channels are there.
#[derive(Debug, Clone, PartialEq)]
pub struct Unbalance {
    pairs: Vec<Pair>,
}

/// Two layers with weights, the second reading what the first computes, with at most a ReLU between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Indices of nodes.
    pub first: usize,
    pub second: usize,
    /// For each channel between them: the power of two by which the first layer's would have to grow to make both even.
    pub doublings: Vec<i32>,
}

impl Unbalance {
    pub fn of(graph: &Graph) -> Self {
        let uses = Uses::of(graph);
        let pair = |(first, node): (usize, &crate::graph::Node)| {
            let (Op::Conv(conv), None | Some(Clamp::RELU)) = (&node.op, node.clamp) else { return None };
            let second = uses.only_reader(node.output)?;
            let channels = conv.output_channels();
            let behind = as_conv(graph, second)?;
            let fits = behind.input_channels_per_group() * behind.groups == channels;
            fits.then(|| Pair { first, second, doublings: vec![0; channels] })
        };
        let mut unbalance = Unbalance { pairs: graph.nodes.iter().enumerate().filter_map(pair).collect() };
        for _ in 0..MOST_SWEEPS {
            if !unbalance.sweep(graph) {
                break;
            }
        }
        unbalance
    }

    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// `graph` with its channels evened out (`amount` 0), as they are (1), as far again from even (2), or in between.
    pub fn apply(&self, graph: &Graph, amount: f64) -> Graph {
        let mut after = graph.clone();
        let part = |doublings: &[i32]| -> Vec<f32> {
            doublings.iter().map(|&e| power_of_two((f64::from(e) * (1.0 - amount)).round() as i32) as f32).collect()
        };
        for pair in &self.pairs {
            let factors = part(&pair.doublings);
            if let Some(Op::Conv(conv)) = after.nodes.get_mut(pair.first).map(|node| &mut node.op) {
                multiply(conv, |o, _| factor(&factors, o));
                for (bias, factor) in conv.bias.iter_mut().flatten().zip(&factors) {
                    *bias *= factor;
                }
                let scale = |o: usize| f64::from(factor(&factors, o));
                conv.moments = conv.moments.as_ref().map(|moments| Arc::new(moments.affine(scale, |_| 0.0)));
            }
            if let Some(Op::Conv(conv)) = after.nodes.get_mut(pair.second).map(|node| &mut node.op) {
                multiply(conv, |_, i| 1.0 / factor(&factors, i));
            }
        }
        after
    }

    /// Evens every pair once; whether anything moved.
    fn sweep(&mut self, graph: &Graph) -> bool {
        let mut moved = false;
        for index in 0..self.pairs.len() {
            let Pair { first, second, .. } = self.pairs[index];
            let (written, read) = (self.ranges(graph, first, false), self.ranges(graph, second, true));
            for (doublings, (written, read)) in self.pairs[index].doublings.iter_mut().zip(written.iter().zip(read)) {
                if *written < DEAD || read < DEAD {
                    continue;
                }
                let wanted = (*doublings + half_log2(read / written)).clamp(-MOST_DOUBLINGS, MOST_DOUBLINGS);
                moved |= wanted != *doublings;
                *doublings = wanted;
            }
        }
        moved
    }

    /// Ranges of what a node writes (or reads, `of_inputs`), with the doublings found so far.
    fn ranges(&self, graph: &Graph, node: usize, of_inputs: bool) -> Vec<f64> {
        let before = self.pairs.iter().find(|pair| pair.second == node);
        let behind = self.pairs.iter().find(|pair| pair.first == node);
        let doublings = |pair: Option<&Pair>, channel: usize| {
            pair.and_then(|pair| pair.doublings.get(channel)).copied().unwrap_or(0)
        };
        let moved = |o, i| power_of_two(doublings(behind, o) - doublings(before, i));
        as_conv(graph, node).map(|conv| ranges(conv, of_inputs, moved)).unwrap_or_default()
    }
}

impl Pair {
    /// Largest magnitude of the weights that write each channel between the layers, and of those that read it.
    pub fn ranges(&self, graph: &Graph) -> [Vec<f64>; 2] {
        [(self.first, false), (self.second, true)].map(|(node, of_inputs)| {
            as_conv(graph, node).map(|conv| ranges(conv, of_inputs, |_, _| 1.0)).unwrap_or_default()
        })
    }
}

/// Largest magnitude of the weights, each times its factor, that write each output channel or read each input channel.
fn ranges(conv: &Conv, of_inputs: bool, factor: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let inputs = conv.input_channels_per_group() * conv.groups;
    let mut ranges = vec![0.0f64; if of_inputs { inputs } else { conv.output_channels() }];
    for ((o, i), w) in channels(conv).zip(conv.weight.data()) {
        if let Some(range) = ranges.get_mut(if of_inputs { i } else { o }) {
            *range = range.max(f64::from(w.abs()) * factor(o, i));
        }
    }
    ranges
}

fn as_conv(graph: &Graph, node: usize) -> Option<&Conv> {
    match &graph.nodes.get(node)?.op {
        Op::Conv(conv) => Some(conv),
        _ => None,
    }
}

fn factor(factors: &[f32], channel: usize) -> f32 {
    factors.get(channel).copied().unwrap_or(1.0)
}

/// Number of the output channel and of the input channel (among those of all groups) of each weight, in stored order.
fn channels(conv: &Conv) -> impl Iterator<Item = (usize, usize)> + use<> {
    let (inputs, taps) = (conv.input_channels_per_group(), conv.kernel[0] * conv.kernel[1]);
    let group = (conv.output_channels() / conv.groups.max(1)).max(1);
    (0..conv.output_channels())
        .flat_map(move |o| (0..taps).flat_map(move |_| (0..inputs).map(move |i| (o, o / group * inputs + i))))
}

fn multiply(conv: &mut Conv, factor: impl Fn(usize, usize) -> f32) {
    let places = channels(conv);
    let weight = Arc::make_mut(&mut conv.weight);
    places.zip(weight.data_mut()).for_each(|((o, i), w)| *w *= factor(o, i));
}

/// `log2(x) / 2`, rounded to the nearest integer: `floor((log2(x) + 1) / 2)`, in which the logarithm may be rounded down
/// first. No logarithm is taken, so that every machine finds the same.
fn half_log2(x: f64) -> i32 {
    let floor_of_log2 = ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023;
    (floor_of_log2 + 1).div_euclid(2)
}

/// For exponents within f64's normal range.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent.clamp(-1022, 1023) + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::Executor;
    use crate::graph::build::{Builder, inputs_of};
    use crate::graph::{BinaryKind, Tensor};

    /// Convolution, depthwise convolution, pointwise convolution, a residual add, and one more.
    fn network() -> Graph {
        let mut b = Builder::new(5);
        let x = b.input("x", &[1, 6, 6, 3]);
        let y = b.conv("stem", x, 8, 3, |conv| conv.pads = [1; 4]);
        b.last().clamp = Some(Clamp::RELU);
        let y = b.conv("depthwise", y, 8, 3, |conv| (conv.groups, conv.pads) = (8, [1; 4]));
        b.last().clamp = Some(Clamp::RELU);
        let y = b.conv("pointwise", y, 3, 1, |_| ());
        let y = b.binary(BinaryKind::Add, "add", x, y);
        let y = b.conv("last", y, 4, 1, |_| ());
        b.finish(&[y])
    }

    fn outputs(graph: &Graph) -> Vec<Tensor> {
        Executor::new(Arc::new(graph.clone())).unwrap().run(&inputs_of(graph, 9), &mut |_, _| ()).unwrap()
    }

    /// Largest over smallest range of a node's output channels.
    fn unevenness(graph: &Graph, node: usize) -> f64 {
        let ranges = Unbalance { pairs: Vec::new() }.ranges(graph, node, false);
        let max = ranges.iter().copied().fold(0.0, f64::max);
        max / ranges.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Channels of the stem narrower by up to 2^7, and the depthwise filters wider.
    fn spread(graph: &Graph) -> Graph {
        let doublings = vec![0, 1, 2, 3, 4, 5, 6, 7];
        Unbalance { pairs: vec![Pair { first: 0, second: 1, doublings }] }.apply(graph, 2.0)
    }

    #[test]
    fn factors_pass_where_one_layer_alone_reads_another_through_a_relu_or_nothing() {
        let pairs: Vec<_> = Unbalance::of(&network()).pairs().iter().map(|pair| (pair.first, pair.second)).collect();
        assert_eq!(pairs, [(0, 1), (1, 2)]);

        let mut clipped = network();
        clipped.nodes[0].clamp = Some(Clamp { min: 0.0, max: 6.0 });
        assert_eq!(Unbalance::of(&clipped).pairs().len(), 1);
        let mut returned = network();
        returned.outputs.push(returned.nodes[1].output);
        assert_eq!(Unbalance::of(&returned).pairs().len(), 1);
    }

    #[test]
    fn the_network_computes_the_same_bits_however_spread_it_is() {
        let graph = network();
        let spread = spread(&graph);
        assert_ne!(spread, graph);
        let unbalance = Unbalance::of(&spread);
        for amount in [0.0, 0.3, 1.0, 1.5, 2.0] {
            assert_eq!(outputs(&unbalance.apply(&spread, amount)), outputs(&graph), "amount {amount}");
        }
        assert_eq!(unbalance.apply(&spread, 1.0), spread);
    }

    #[test]
    fn at_0_the_spread_is_gone_and_beyond_1_it_grows() {
        let spread = spread(&network());
        let unbalance = Unbalance::of(&spread);
        let at = |amount| [0, 1].map(|node| unevenness(&unbalance.apply(&spread, amount), node));
        for (node, even) in at(0.0).into_iter().enumerate() {
            assert!(even < 4.0, "layer {node}: {even}");
            assert!(at(1.0)[node] > 40.0 && at(1.5)[node] > 2.0 * at(1.0)[node], "{:?}", at(1.0));
        }
        // Evening out what is even finds next to nothing to do.
        let even = unbalance.apply(&spread, 0.0);
        assert!(Unbalance::of(&even).pairs().iter().flat_map(|pair| &pair.doublings).all(|&e| e.abs() <= 1));
    }

    #[test]
    fn dead_channels_stay_and_groups_are_told_apart() {
        let mut b = Builder::new(5);
        let x = b.input("x", &[1, 4, 4, 2]);
        let y = b.conv("first", x, 6, 1, |_| ());
        let y = b.conv("second", y, 4, 3, |conv| conv.groups = 2);
        let mut graph = b.finish(&[y]);
        if let Op::Conv(conv) = &mut graph.nodes[0].op {
            Arc::make_mut(&mut conv.weight).data_mut()[2..4].fill(0.0);
        }
        let unbalance = Unbalance::of(&graph);
        assert_eq!(unbalance.pairs()[0].doublings[1], 0);
        assert_eq!(outputs(&unbalance.apply(&graph, 0.0)), outputs(&graph));
        assert_eq!(outputs(&spread(&graph)), outputs(&graph));
    }

    #[test]
    fn halves_of_logarithms_are_rounded() {
        let at = [0.124, 0.126, 0.499, 0.501, 1.0, 1.99, 2.0, 7.99, 8.0].map(half_log2);
        assert_eq!(at, [-2, -1, -1, 0, 0, 0, 1, 1, 2]);
    }
}

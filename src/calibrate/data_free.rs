//! Calibration without pictures: mean and standard deviation of every activation, propagated through the graph from what
//! batch normalizations learned. After Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias
//! Correction", arXiv:1906.04721.
//!
//! Where nothing was learned, elements are taken to be independent of one another, but for those that a pool or a
//! bilinear resize mixes: neighbouring positions are much alike, and are taken to be equal.

use std::sync::Arc;

use super::expectation::{Expectation, UNBOUNDED};
use super::normal::Normal;
use super::range::Range;
use super::taps::{TapMeans, TapSums};
use crate::error::{Code, Error, Result};
use crate::float::{self, kernels::elementwise};
use crate::graph::{Activation, BinaryKind, Conv, Graph, Node, Op, PadMode, Tensor, ValueId};

/// What is expected of a graph's activations.
#[derive(Debug, Clone, PartialEq)]
pub struct DataFree {
    /// Of each value; `None` where nothing can be said.
    ranges: Vec<Option<Range>>,
    /// Of each node with weights.
    tap_means: Vec<Option<TapMeans>>,
}

impl DataFree {
    /// `channels` are the ranges of the graph's inputs, channel by channel, within which every value is equally likely.
    ///
    /// # Errors
    /// `NotCalibrated` when no layer kept batch-normalization statistics.
    pub fn of(graph: &Graph, channels: &[Range]) -> Result<Self> {
        let learned = |node: &Node| matches!(&node.op, Op::Conv(Conv { moments: Some(_), .. }) | Op::GroupNorm(_));
        if !graph.nodes.iter().any(|node| matches!(&node.op, Op::Conv(conv) if conv.moments.is_some())) {
            return Err(Error::new(
                Code::NotCalibrated,
                "the model keeps no batch-normalization statistics to calibrate without pictures",
                "calibrate with pictures, or export the model before its batch normalizations are folded",
            ));
        }
        let mut known: Vec<Option<Expectation>> = vec![None; graph.values.len()];
        for (slot, value) in known.iter_mut().zip(&graph.values) {
            *slot = value.constant.as_deref().map(Expectation::constant);
        }
        for &input in &graph.inputs {
            known[input.0] = Some(uniform(&graph.value(input).shape, channels)?);
        }
        let mut found = DataFree { ranges: vec![None; graph.values.len()], tap_means: vec![None; graph.nodes.len()] };
        let mut unread = vec![0usize; graph.values.len()];
        graph.nodes.iter().flat_map(|node| &node.inputs).for_each(|input| unread[input.0] += 1);
        for (index, node) in graph.nodes.iter().enumerate() {
            let shape = &graph.value(node.output).shape;
            let inputs: Option<Vec<&Expectation>> = node.inputs.iter().map(|input| known[input.0].as_ref()).collect();
            if let (Op::Conv(conv), Some([input])) = (&node.op, inputs.as_deref()) {
                let mut sums = TapSums::new(conv, input.mean.shape(), shape);
                sums.observe(input.mean.data());
                found.tap_means[index] = sums.means();
            }
            let output = match inputs {
                Some(inputs) => propagate(node, &inputs, shape).map_err(|error| error.at(&node.name))?,
                None if learned(node) => propagate(node, &[], shape).map_err(|error| error.at(&node.name))?,
                None => None,
            };
            known[node.output.0] = match (output, node.clamp) {
                (Some(output), Some(clamp)) => Some(output.clamped(clamp)?),
                (output, _) => output,
            };
            found.ranges[node.output.0] = known[node.output.0].as_ref().map(|output| output.range);
            for input in &node.inputs {
                unread[input.0] -= 1;
                if unread[input.0] == 0 {
                    // Tensors are large.
                    known[input.0] = None;
                }
            }
        }
        for &input in &graph.inputs {
            found.ranges[input.0] = channels.iter().copied().reduce(Range::union);
        }
        Ok(found)
    }

    pub fn range(&self, value: ValueId) -> Option<Range> {
        self.ranges.get(value.0).copied().flatten()
    }

    /// What the taps of a node with weights are expected to see on average.
    pub fn tap_means(&self, node: usize) -> Option<&TapMeans> {
        self.tap_means.get(node)?.as_ref()
    }
}

/// An input each of whose channels is distributed evenly over its range.
fn uniform(shape: &[usize], channels: &[Range]) -> Result<Expectation> {
    let ends = || channels.iter().map(|range| [f64::from(range.min), f64::from(range.max)]);
    let mean: Vec<f64> = ends().map(|[min, max]| (min + max) / 2.0).collect();
    let std: Vec<f64> = ends().map(|[min, max]| (max - min) / 12f64.sqrt()).collect();
    let bound = channels.iter().copied().reduce(Range::union).unwrap_or(UNBOUNDED);
    Expectation::of_channels(shape, bound, &mean, &std)
}

/// What a node makes of its inputs, before its clamp; `None` where nothing can be said.
fn propagate(node: &Node, inputs: &[&Expectation], shape: &[usize]) -> Result<Option<Expectation>> {
    let run = |op: &Op, tensors: &[&Tensor]| {
        float::evaluate(&Node { op: op.clone(), clamp: None, ..node.clone() }, tensors, shape)
    };
    match (&node.op, inputs) {
        (Op::Conv(Conv { moments: Some(learned), .. }), _) => {
            Expectation::of_channels(shape, UNBOUNDED, &learned.mean, &learned.std).map(Some)
        }
        (Op::Conv(conv), [input]) => {
            let mean = run(&node.op, &[&input.mean])?;
            let weight = Arc::new(squared(&conv.weight));
            let variance = run(&Op::Conv(Conv { weight, bias: None, ..conv.clone() }), &[&squared(&input.std)])?;
            Ok(Some(Expectation::within(UNBOUNDED, mean, mapped(&variance, f32::sqrt))))
        }
        (Op::GroupNorm(norm), _) => {
            let [mean, std] =
                [&norm.shift, &norm.scale].map(|values| values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>());
            let std: Vec<f64> = std.iter().map(|scale| scale.abs()).collect();
            Expectation::of_channels(shape, UNBOUNDED, &mean, &std).map(Some)
        }
        (Op::Activation(activation), [input]) => {
            input.map(image(*activation, input.range), |normal| normal.through(*activation)).map(Some)
        }
        (Op::Binary(kind), [a, b]) => binary(*kind, [a, b], run),
        (Op::MaxPool(_) | Op::AveragePool(_) | Op::SpatialMean | Op::Resize(_), [input]) => {
            // Padding may count as zeros.
            let bound = input.range.union(Range { min: 0.0, max: 0.0 });
            Ok(Some(Expectation::within(bound, run(&node.op, &[&input.mean])?, run(&node.op, &[&input.std])?)))
        }
        (Op::Pad { before, after, mode: PadMode::Constant(value) }, [input]) => {
            let zeros = Op::Pad { before: before.clone(), after: after.clone(), mode: PadMode::Constant(0.0) };
            let range = input.range.union(Range { min: *value, max: *value });
            Ok(Some(Expectation { mean: run(&node.op, &[&input.mean])?, std: run(&zeros, &[&input.std])?, range }))
        }
        (
            Op::Concat { .. }
            | Op::Reshape
            | Op::Transpose { .. }
            | Op::Pad { .. }
            | Op::Slice { .. }
            | Op::DepthToSpace { .. },
            inputs,
        ) => {
            let all = |part: fn(&Expectation) -> &Tensor| inputs.iter().map(|input| part(input)).collect::<Vec<_>>();
            let range = inputs.iter().map(|input| input.range).fold(Range::EMPTY, Range::union);
            let (mean, std) = (run(&node.op, &all(|input| &input.mean))?, run(&node.op, &all(|input| &input.std))?);
            Ok(Some(Expectation { mean, std, range }))
        }
        _ => Ok(None),
    }
}

/// Two independent operands.
fn binary(
    kind: BinaryKind,
    [a, b]: [&Expectation; 2],
    run: impl Fn(&Op, &[&Tensor]) -> Result<Tensor>,
) -> Result<Option<Expectation>> {
    let of = |kind, a: &Tensor, b: &Tensor| run(&Op::Binary(kind), &[a, b]);
    let ends = |f: fn(f32, f32) -> f32| {
        let all = [
            (a.range.min, b.range.min),
            (a.range.min, b.range.max),
            (a.range.max, b.range.min),
            (a.range.max, b.range.max),
        ];
        // 0 times infinity is no bound.
        let all = all.map(|(a, b)| f(a, b));
        if all.iter().any(|end| end.is_nan()) { UNBOUNDED } else { Range::of(&all) }
    };
    let is_constant = b.std.max_abs() == 0.0;
    Ok(Some(match kind {
        BinaryKind::Add | BinaryKind::Sub => {
            let variance = of(BinaryKind::Add, &squared(&a.std), &squared(&b.std))?;
            let bound = if kind == BinaryKind::Add { ends(|a, b| a + b) } else { ends(|a, b| a - b) };
            Expectation::within(bound, of(kind, &a.mean, &b.mean)?, mapped(&variance, f32::sqrt))
        }
        BinaryKind::Mul => {
            // E(a^2) E(b^2) - (E(a) E(b))^2.
            let [squares_a, squares_b] = [a, b].map(mean_squares);
            let mean = of(kind, &a.mean, &b.mean)?;
            let variance = zipped(&of(kind, &squares_a, &squares_b)?, &mean, |squares, mean| squares - mean * mean);
            Expectation::within(ends(|a, b| a * b), mean, mapped(&variance, |v| v.max(0.0).sqrt()))
        }
        BinaryKind::Div if is_constant => {
            let std = mapped(&of(kind, &a.std, &b.mean)?, f32::abs);
            Expectation::within(UNBOUNDED, of(kind, &a.mean, &b.mean)?, std)
        }
        BinaryKind::Prelu if is_constant => {
            // x = r + (x - r) with r the ReLU of x, and only the second part is scaled: their product is always 0.
            let relu = a.clamped(crate::graph::Clamp::RELU)?;
            let rest = zipped(&a.mean, &relu.mean, |x, r| x - r);
            let rest_squares = zipped(&mean_squares(a), &mean_squares(&relu), |x, r| x - r);
            let mean = of(BinaryKind::Add, &relu.mean, &of(BinaryKind::Mul, &rest, &b.mean)?)?;
            let scaled = of(BinaryKind::Mul, &rest_squares, &squared(&b.mean))?;
            let squares = of(BinaryKind::Add, &mean_squares(&relu), &scaled)?;
            let std = zipped(&squares, &mean, |squares, mean| (squares - mean * mean).max(0.0).sqrt());
            let negative = Range { min: a.range.min.min(0.0), max: a.range.max.min(0.0) };
            let negative = [negative.min * b.range.min, negative.min * b.range.max, negative.max];
            let positive = Range { min: a.range.min.max(0.0), max: a.range.max.max(0.0) };
            Expectation::within(Range::of(&negative).union(positive), mean, std)
        }
        BinaryKind::Div | BinaryKind::Prelu => return Ok(None),
    }))
}

/// The image of a range, from its values at many points.
fn image(activation: Activation, range: Range) -> Range {
    const POINTS: u16 = 256;
    let (min, width) = (f64::from(range.min), f64::from(range.max) - f64::from(range.min));
    let mut points: Vec<f32> = (0..=POINTS).map(|i| (min + width * f64::from(i) / f64::from(POINTS)) as f32).collect();
    points.extend([range.min, range.max]);
    let mut images = vec![0.0; points.len()];
    elementwise::activation(activation, &points, &mut images);
    Range::of(&images)
}

fn mapped(tensor: &Tensor, function: impl Fn(f32) -> f32) -> Tensor {
    let mut result = tensor.clone();
    result.data_mut().iter_mut().for_each(|value| *value = function(*value));
    result
}

/// Two tensors of the same shape, element by element.
fn zipped(a: &Tensor, b: &Tensor, function: impl Fn(f32, f32) -> f32) -> Tensor {
    let mut result = a.clone();
    result.data_mut().iter_mut().zip(b.data()).for_each(|(a, &b)| *a = function(*a, b));
    result
}

fn squared(tensor: &Tensor) -> Tensor {
    mapped(tensor, |value| value * value)
}

/// E(x^2) of every element.
fn mean_squares(x: &Expectation) -> Tensor {
    zipped(&x.mean, &x.std, |mean, std| Normal { mean: f64::from(mean), std: f64::from(std) }.mean_square() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::build::Builder;
    use crate::graph::{AveragePool, ChannelMoments, Clamp, Pool};

    const UNIT: Range = Range { min: -1.0, max: 1.0 };

    fn set_moments(b: &mut Builder, mean: Vec<f64>, std: Vec<f64>) {
        let Op::Conv(conv) = &mut b.last().op else { panic!() };
        conv.moments = Some(Arc::new(ChannelMoments { mean, std }));
    }

    /// The input, and a layer of two channels that knows its moments, with a ReLU6.
    fn layer(b: &mut Builder) -> ValueId {
        let x = b.input("x", &[1, 4, 4, 3]);
        let y = b.conv("conv", x, 2, 1, |_| ());
        set_moments(b, vec![1.0, -0.5], vec![2.0, 0.1]);
        b.last().clamp = Some(Clamp { min: 0.0, max: 6.0 });
        y
    }

    /// What is expected of the last value, by the same steps as [`DataFree::of`].
    fn ranges_of(b: Builder, output: ValueId) -> Range {
        DataFree::of(&b.finish(&[output]), &[UNIT]).unwrap().range(output).unwrap()
    }

    fn assert_near(actual: Range, expected: [f64; 2]) {
        let off = (f64::from(actual.min) - expected[0]).abs().max((f64::from(actual.max) - expected[1]).abs());
        assert!(off < 1e-5, "{actual:?} instead of {expected:?}");
    }

    #[test]
    fn learned_moments_give_six_standard_deviations_within_the_clamp() {
        let mut b = Builder::new(1);
        let y = layer(&mut b);
        assert_near(ranges_of(b, y), [0.0, 6.0]);
        let mut b = Builder::new(1);
        let y = layer(&mut b);
        b.last().clamp = None;
        assert_near(ranges_of(b, y), [1.0 - 12.0, 1.0 + 12.0]);
        let mut b = Builder::new(1);
        let y = layer(&mut b);
        set_moments(&mut b, vec![1.0, -0.5], vec![0.5, 0.1]);
        assert_near(ranges_of(b, y), [0.0, 4.0]);
    }

    #[test]
    fn the_input_is_what_preprocessing_makes_of_any_picture() {
        let mut b = Builder::new(1);
        let y = layer(&mut b);
        let graph = b.finish(&[y]);
        let channels = [UNIT, Range { min: -2.0, max: 1.5 }, UNIT];
        let found = DataFree::of(&graph, &channels).unwrap();
        assert_eq!(found.range(graph.inputs[0]), Some(Range { min: -2.0, max: 1.5 }));
        assert_eq!(found.tap_means(0).unwrap().of_channel(1).collect::<Vec<_>>(), [0.0, -0.25, 0.0]);
    }

    #[test]
    fn sums_products_and_activations_behind_it() {
        let [a, c] = [Normal { mean: 1.0, std: 2.0 }, Normal { mean: -0.5, std: 0.1 }]
            .map(|normal| normal.clamped(Clamp { min: 0.0, max: 6.0 }));
        let ends = |of: &dyn Fn(Normal) -> Normal| {
            let [a, c] = [of(a), of(c)];
            [(a.mean - 6.0 * a.std).min(c.mean - 6.0 * c.std), (a.mean + 6.0 * a.std).max(c.mean + 6.0 * c.std)]
        };
        let mut b = Builder::new(1);
        let y = layer(&mut b);
        let y = b.binary(BinaryKind::Add, "add", y, y);
        let sum = |x: Normal| Normal { mean: 2.0 * x.mean, std: (2.0 * x.std * x.std).sqrt() };
        // No sum of two numbers of 0..6 is negative.
        assert_near(ranges_of(b, y), [0.0, ends(&sum)[1].min(12.0)]);

        let mut b = Builder::new(1);
        let y = layer(&mut b);
        let factor = b.constant("factor", &[2], &[-2.0, 5.0]);
        let y = b.binary(BinaryKind::Mul, "mul", y, factor);
        assert_near(
            ranges_of(b, y),
            [-2.0 * (a.mean + 6.0 * a.std).min(6.0), ((c.mean + 6.0 * c.std) * 5.0).max(-2.0 * (a.mean - 6.0 * a.std))],
        );

        let mut b = Builder::new(1);
        let y = layer(&mut b);
        let y = b.activation("hard swish", Activation::HardSwish, y);
        assert_near(ranges_of(b, y), [0.0, 6.0]);

        let mut b = Builder::new(1);
        let y = layer(&mut b);
        let pool = Pool { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], pads: [0; 4] };
        let pool = Op::AveragePool(AveragePool { pool, count_include_pad: false });
        let y = b.node("AveragePool", "pool", pool, &[y], &[1, 2, 2, 2]);
        assert_near(ranges_of(b, y), [0.0, 6.0]);
    }

    /// A layer without statistics, behind the one with, against sampling.
    #[test]
    fn a_layer_that_learned_nothing_is_computed_from_its_weights() {
        let mut b = Builder::new(1);
        let y = layer(&mut b);
        let y = b.conv("second", y, 3, 3, |conv| conv.pads = [1; 4]);
        let graph = b.finish(&[y]);
        let Op::Conv(conv) = &graph.nodes[1].op else { panic!() };
        let found = DataFree::of(&graph, &[UNIT]).unwrap();
        let inputs = [Normal { mean: 1.0, std: 2.0 }, Normal { mean: -0.5, std: 0.1 }]
            .map(|normal| normal.clamped(Clamp { min: 0.0, max: 6.0 }));
        let mut expected = [f64::INFINITY, f64::NEG_INFINITY];
        // At the corner, at the edges and inside, the padding leaves out other taps.
        for (y, x) in (0..4).flat_map(|y| (0..4).map(move |x| (y, x))) {
            for o in 0..3 {
                let (mut mean, mut variance) = (f64::from(conv.bias.as_ref().unwrap()[o]), 0.0);
                for (tap, &w) in conv.channel(o).iter().enumerate() {
                    let (ky, kx, input) = (tap / 6, tap / 2 % 3, inputs[tap % 2]);
                    if (1..5).contains(&(y + ky)) && (1..5).contains(&(x + kx)) {
                        mean += f64::from(w) * input.mean;
                        variance += f64::from(w) * f64::from(w) * input.std * input.std;
                    }
                }
                expected =
                    [expected[0].min(mean - 6.0 * variance.sqrt()), expected[1].max(mean + 6.0 * variance.sqrt())];
            }
        }
        assert_near(found.range(y).unwrap(), expected);
        // Taps in the corner of the kernel see the padding in 7 of 16 positions.
        let means: Vec<f64> = found.tap_means(1).unwrap().of_channel(0).collect();
        assert!((means[0] - inputs[0].mean * 9.0 / 16.0).abs() < 1e-6);
        assert!((means[8] - inputs[0].mean).abs() < 1e-6);
    }

    #[test]
    fn prelu_by_its_definition() {
        let mut b = Builder::new(1);
        let y = layer(&mut b);
        b.last().clamp = None;
        let slope = b.constant("slope", &[2], &[0.25, -2.0]);
        let z = b.binary(BinaryKind::Prelu, "prelu", y, slope);
        let last = b.conv("last", z, 1, 1, |_| ());
        let graph = b.finish(&[last]);
        let found = DataFree::of(&graph, &[UNIT]).unwrap();
        let means: Vec<f64> = found.tap_means(2).unwrap().of_channel(0).collect();
        let leaky = |normal: Normal, alpha| normal.through(Activation::LeakyRelu { alpha });
        let expected = [leaky(Normal { mean: 1.0, std: 2.0 }, 0.25), leaky(Normal { mean: -0.5, std: 0.1 }, -2.0)];
        for (mean, expected) in means.iter().zip(expected) {
            assert!((mean - expected.mean).abs() < 1e-3, "{mean} instead of {}", expected.mean);
        }
        let highest = expected.map(|normal| normal.mean + 6.0 * normal.std).into_iter().fold(0.0, f64::max);
        let range = found.range(z).unwrap();
        assert!(range.min == -11.0 * 0.25 && (f64::from(range.max) - highest).abs() < 1e-2, "{range:?}, not {highest}");
    }

    #[test]
    fn where_nothing_is_known() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 4, 4, 3]);
        let y = b.conv("conv", x, 2, 1, |_| ());
        let error = DataFree::of(&b.finish(&[y]), &[UNIT]).unwrap_err();
        assert_eq!(error.code, Code::NotCalibrated);
        // A division by data loses track; the next layer that learned its moments finds it again.
        let mut b = Builder::new(1);
        let y = layer(&mut b);
        let lost = b.binary(BinaryKind::Div, "div", y, y);
        let found = b.conv("last", lost, 2, 1, |_| ());
        set_moments(&mut b, vec![0.0; 2], vec![1.0; 2]);
        let graph = b.finish(&[found]);
        let data_free = DataFree::of(&graph, &[UNIT]).unwrap();
        assert_eq!((data_free.range(lost), data_free.tap_means(2)), (None, None));
        assert_near(data_free.range(found).unwrap(), [-6.0, 6.0]);
    }
}

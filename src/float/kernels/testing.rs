//! What the kernels' tests share: repeatable random data and the measure of error.

/// `len` values in -1..1 that depend on `seed` alone.
pub fn random(len: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xd1b5_4a32_d192_ed03;
    (0..len)
        .map(|_| {
            // splitmix64
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 40) as f32 / (1u32 << 23) as f32 - 1.0
        })
        .collect()
}

/// The largest deviation, relative to the largest expected magnitude (or to 1 if that is smaller).
pub fn relative_error(actual: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(actual.len(), expected.len());
    let scale = expected.iter().fold(1.0f64, |max, value| value.abs().max(max));
    let deviation = actual.iter().zip(expected).map(|(&a, e)| (f64::from(a) - e).abs());
    deviation.fold(0.0, |max, value| if value > max || value.is_nan() { value } else { max }) / scale
}

/// `bias + a . b` in f32 in the order that the kernels promise: sequential partial sums of [`SUM_BLOCK`] products, added
/// to the bias one after the other. Kernels must give these very bits (N11).
pub fn dot_in_blocks(products: impl Iterator<Item = (f32, f32)>, bias: f32) -> f32 {
    let products: Vec<f32> = products.map(|(a, b)| a * b).collect();
    products.chunks(SUM_BLOCK).fold(bias, |total, block| total + block.iter().fold(0.0, |sum, product| sum + product))
}

use super::{Image, SUM_BLOCK};
use crate::graph::{Conv, Tensor};
use proptest::prelude::*;
use std::sync::Arc;

/// A random convolution with its input.
#[derive(Debug, Clone)]
pub struct ConvCase {
    pub conv: Conv,
    pub input: Vec<f32>,
    pub from: Image,
    pub to: Image,
}

impl ConvCase {
    pub fn strategy() -> impl Strategy<Value = Self> {
        let channels = (1usize..4, 1usize..12, 1usize..12);
        (channels, geometry()).prop_map(|((groups, i, o), geometry)| Self::new(groups, i, o, geometry))
    }

    pub fn depthwise() -> impl Strategy<Value = Self> {
        (1usize..21, geometry()).prop_map(|(groups, geometry)| Self::new(groups, 1, 1, geometry))
    }

    /// `groups` groups of `i` input and `o` output channels.
    fn new(groups: usize, i: usize, o: usize, geometry: Geometry) -> Self {
        let Geometry { n, kernel, stride, dilation, upsample, pads, output, slack, bias, seed } = geometry;
        // Just large enough for the wanted output size: what the last window needs beyond the padding, plus slack.
        let extent = |axis: usize| {
            let window = (output[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1;
            let len = window.saturating_sub(pads[axis] + pads[axis + 2]).max(1) + slack[axis].min(stride[axis] - 1);
            (len - 1).div_ceil(upsample[axis]) + 1
        };
        let from = Image { n, h: extent(0), w: extent(1), c: groups * i };
        let size = |axis: usize, len: usize| {
            ((len - 1) * upsample[axis] + 1 + pads[axis] + pads[axis + 2] - (kernel[axis] - 1) * dilation[axis] - 1)
                / stride[axis]
                + 1
        };
        let to = Image { n, h: size(0, from.h), w: size(1, from.w), c: groups * o };
        let shape = vec![to.c, kernel[0], kernel[1], i];
        let weight = Tensor::new(shape.clone(), random(shape.iter().product(), seed)).unwrap();
        let bias = bias.then(|| random(to.c, seed + 1));
        let conv =
            Conv { weight: Arc::new(weight), bias, kernel, stride, dilation, upsample, pads, groups, moments: None };
        ConvCase { conv, input: random(from.pixels() * from.c, seed + 2), from, to }
    }

    /// The definition of convolution; no case has more than [`SUM_BLOCK`] taps, so padded ones may be left out.
    pub fn expected(&self) -> Vec<f32> {
        let (conv, from, to) = (&self.conv, self.from, self.to);
        let (i, o) = (from.c / conv.groups, to.c / conv.groups);
        let mut output = Vec::new();
        for n in 0..to.n {
            for y in 0..to.h {
                for x in 0..to.w {
                    for oc in 0..to.c {
                        let mut products = Vec::new();
                        for ky in 0..conv.kernel[0] {
                            for kx in 0..conv.kernel[1] {
                                let iy = (y * conv.stride[0] + ky * conv.dilation[0]).wrapping_sub(conv.pads[0]);
                                let ix = (x * conv.stride[1] + kx * conv.dilation[1]).wrapping_sub(conv.pads[1]);
                                let [up, across] = conv.upsample;
                                if !iy.is_multiple_of(up) || !ix.is_multiple_of(across) {
                                    continue;
                                }
                                let (iy, ix) = (iy / up, ix / across);
                                if iy >= from.h || ix >= from.w {
                                    continue;
                                }
                                for ic in 0..i {
                                    let channel = oc / o * i + ic;
                                    let value = self.input[((n * from.h + iy) * from.w + ix) * from.c + channel];
                                    let weight = conv.channel(oc)[(ky * conv.kernel[1] + kx) * i + ic];
                                    products.push((value, weight));
                                }
                            }
                        }
                        let bias = conv.bias.as_ref().map_or(0.0, |bias| bias[oc]);
                        output.push(dot_in_blocks(products.into_iter(), bias));
                    }
                }
            }
        }
        output
    }
}

#[derive(Debug, Clone)]
struct Geometry {
    n: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    upsample: [usize; 2],
    pads: [usize; 4],
    output: [usize; 2],
    slack: [usize; 2],
    bias: bool,
    seed: u64,
}

prop_compose! {
    fn geometry()(
        n in 1usize..3,
        kernel in prop_oneof![Just([1usize, 1]), Just([3, 3]), Just([1, 5]), Just([2, 4])],
        (stride, upsample) in prop_oneof![
            ([1usize..3, 1..4], Just([1usize, 1])),
            (Just([1usize, 1]), [1usize..4, 1..4]),
        ],
        dilation in [1usize..3, 1..3],
        pads in prop_oneof![Just([0usize; 4]), [0usize..3, 0..3, 0..3, 0..3]],
        output in [1usize..6, 1..10],
        slack in [0usize..3, 0..3],
        bias in any::<bool>(),
        seed in 0u64..1000,
    ) -> Geometry {
        Geometry { n, kernel, stride, dilation, upsample, pads, output, slack, bias, seed }
    }
}

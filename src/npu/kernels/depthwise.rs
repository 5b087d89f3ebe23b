//! Depthwise convolution: eight channels at a time, two taps an instruction.

use wide::{i16x8, i32x4, u8x16};

use super::conv::Surroundings;
use super::lanes::{LANES, Lanes};
use super::pixel_position;
use super::scalar::ConvContext;
use crate::npu::graph::IntegerConv;

#[derive(Debug, Clone)]
pub struct Depthwise {
    lanes: Lanes,
    /// Per panel of eight channels, per pair of taps: four channels' two taps each, twice.
    weights: Vec<[i16x8; 2]>,
    pairs: usize,
}

impl Depthwise {
    pub fn new(conv: &IntegerConv, surroundings: Surroundings) -> Self {
        let taps = conv.window.kernel[0] * conv.window.kernel[1];
        let pairs = taps.div_ceil(2);
        let lanes = Lanes::new(conv, 1, surroundings, |_| true);
        let weight = |o: usize, tap: usize| match conv.weight.get(o * taps + tap) {
            Some(&weight) if tap < taps => i16::from(weight),
            _ => 0,
        };
        let four = |first: usize, pair: usize| {
            i16x8::new(std::array::from_fn(|lane| weight(first + lane / 2, pair * 2 + lane % 2)))
        };
        let weights = (0..lanes.panels())
            .flat_map(|panel| (0..pairs).map(move |pair| (panel * LANES, pair)))
            .map(|(first, pair)| [four(first, pair), four(first + LANES / 2, pair)])
            .collect();
        Depthwise { lanes, weights, pairs }
    }

    pub fn run(&self, context: &ConvContext, input: &[u8], output: &mut [u8]) {
        let ConvContext { conv, input: shape, output: out, .. } = context;
        let (window, channels) = (conv.window, out.c);
        let padding = vec![context.input_zero_point; channels + 2 * LANES];
        let mut taps: Vec<&[u8]> = Vec::with_capacity(self.pairs * 2);
        for (pixel, destination) in output.chunks_exact_mut(channels).enumerate() {
            let (n, y, x) = pixel_position(*out, pixel);
            taps.clear();
            for ky in 0..window.kernel[0] {
                let iy = window.input_index(0, y, ky, shape.h);
                for kx in 0..window.kernel[1] {
                    taps.push(match (iy, window.input_index(1, x, kx, shape.w)) {
                        // To the end of the input, so that whole vectors can be read.
                        (Some(iy), Some(ix)) => &input[((n * shape.h + iy) * shape.w + ix) * channels..],
                        _ => &padding,
                    });
                }
            }
            // The weight of an odd last tap's partner is 0.
            taps.resize(self.pairs * 2, &padding);
            let taps = taps.as_chunks::<2>().0;
            for (two, weights) in self.weights.chunks(2 * self.pairs).enumerate() {
                let (left, right) = weights.split_at(self.pairs);
                let mut sums = [[i32x4::ZERO; 2]; 2];
                for (pair, &[first, second]) in taps.iter().enumerate() {
                    let (first, second) = (sixteen(first, two), sixteen(second, two));
                    add(&mut sums[0], u8x16::unpack_low(first, second), &left[pair]);
                    if let Some(weights) = right.get(pair) {
                        add(&mut sums[1], u8x16::unpack_high(first, second), weights);
                    }
                }
                self.lanes.finish(context, 2 * two, sums[0], destination);
                if !right.is_empty() {
                    self.lanes.finish(context, 2 * two + 1, sums[1], destination);
                }
            }
        }
    }
}

/// Adds the products of eight channels' two taps, interleaved.
#[inline(always)]
fn add(sums: &mut [i32x4; 2], activations: u8x16, [low, high]: &[i16x8; 2]) {
    sums[0] += i16x8::from_u8x16_low(activations).dot(*low);
    sums[1] += i16x8::from_u8x16_high(activations).dot(*high);
}

/// The channels of two panels of one input pixel; what lies beyond the last belongs to another and is not used.
#[inline(always)]
fn sixteen(pixel: &[u8], two: usize) -> u8x16 {
    let rest = &pixel[two * 2 * LANES..];
    u8x16::new(rest.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; 2 * LANES];
        bytes[..rest.len()].copy_from_slice(rest);
        bytes
    }))
}

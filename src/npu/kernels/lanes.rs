//! From eight channels' sums to their output bytes: rescale, zero point and clamp (N6, N7), in vectors.

use bytemuck::cast;
use wide::{i8x16, i16x8, i32x4, u8x16};

use super::conv::Surroundings;
use super::scalar::ConvContext;
use super::scale::{SIGN, Scale, centred};
use crate::npu::graph::{Bounds, IntegerConv};
use crate::npu::rescale::Rescale;

/// Output channels of a panel.
pub const LANES: usize = 8;

/// Two vectors of four sums each: those of a panel.
pub type Sums = [i32x4; 2];

/// A layer's output channels in panels of eight; a group's last panel may be part empty.
#[derive(Debug, Clone)]
pub struct Lanes {
    panels: Vec<Panel>,
    /// Per output channel, k[o] included.
    rescale: Vec<Rescale>,
}

#[derive(Debug, Clone, Copy)]
pub struct Panel {
    /// The first channel, and how many there are.
    pub first: usize,
    pub channels: usize,
    /// What sums start from: the bias less the zero point's share.
    pub bias: Sums,
    /// Powers of two that weights and bias have been multiplied with. All 0 but with [`Scale::Near`] and [`Scale::Twice`].
    pub raised: [u8; LANES],
    pub scale: Scale,
}

/// What an output byte still needs. Outputs come less 128, as signed bytes: LLVM knows that a 16-bit number shifted by
/// seven bits is no more than 255, and gives up the narrowing instruction to unsigned bytes for three others.
#[derive(Debug, Clone, Copy)]
pub struct Clamp {
    min: i8x16,
    max: i8x16,
}

impl Clamp {
    pub fn new(bounds: Bounds) -> Self {
        let centred = |bound: u8| i8x16::splat((bound ^ SIGN) as i8);
        Clamp { min: centred(bounds.min), max: centred(bounds.max) }
    }

    /// From outputs less 128 ([`centred`] zero point included), saturated to 16 bits: beyond those every one is clamped, so
    /// that nothing is lost.
    #[inline(always)]
    pub fn bytes(&self, outputs: [i16x8; 2]) -> u8x16 {
        let narrow = i8x16::from_i16x16_saturate(cast(outputs));
        // `max` before `min`, so that reversed bounds act as they do elsewhere.
        let bytes: u8x16 = cast(narrow.max(self.min).min(self.max));
        bytes ^ u8x16::splat(SIGN)
    }
}

impl Lanes {
    /// No panel crosses the border of one of `groups` groups of channels. `sees` tells which positions of the kernel, row by
    /// row, take part (all, but in a phase of a transposed layer).
    pub fn new(conv: &IntegerConv, groups: usize, surroundings: Surroundings, sees: impl Fn(usize) -> bool) -> Self {
        let channels = conv.output_channels();
        let per_group = channels / groups;
        let taps = conv.weight.len() / channels.max(1);
        let rescale: Vec<Rescale> = (0..channels).map(|o| conv.channel_rescale(o)).collect();
        let zero_point = i32::from(surroundings.input_zero_point);
        let inputs = taps / (conv.window.kernel[0] * conv.window.kernel[1]).max(1);
        // Of the weights of channel `o`, their sum and that of their magnitudes.
        let seen = |o: usize| {
            let (mut sum, mut magnitudes) = (0i32, 0i64);
            for (position, weights) in conv.weight[o * taps..][..taps].chunks_exact(inputs.max(1)).enumerate() {
                if sees(position) {
                    for &weight in weights {
                        sum += i32::from(weight);
                        magnitudes += i64::from(weight.unsigned_abs());
                    }
                }
            }
            (sum, magnitudes)
        };
        let panel = |first: usize, channels: usize| {
            let range = first..first + channels;
            let seen: Vec<(i32, i64)> = range.clone().map(seen).collect();
            let biases = &conv.bias[range.clone()];
            let largest: Vec<i64> = seen
                .iter()
                .zip(biases)
                .map(|((_, magnitudes), &bias)| i64::from(bias).abs() + 255 * magnitudes)
                .collect();
            let (raised, scale) = Scale::new(&rescale[range], &largest, surroundings);
            let mut bias = [0; LANES];
            for (bias, ((own, (sum, _)), raised)) in bias.iter_mut().zip(biases.iter().zip(&seen).zip(raised)) {
                *bias = own.wrapping_sub(zero_point.wrapping_mul(*sum)) << raised;
            }
            Panel { first, channels, bias: cast(bias), raised, scale }
        };
        let panels = (0..groups)
            .flat_map(|group| (0..per_group).step_by(LANES).map(move |start| (group, start)))
            .map(|(group, start)| panel(group * per_group + start, LANES.min(per_group - start)))
            .collect();
        Lanes { panels, rescale }
    }

    pub fn panels(&self) -> &[Panel] {
        &self.panels
    }

    /// A panel's outputs less 128, zero point included, by whatever its scale needs.
    #[inline(never)]
    pub fn outputs(&self, context: &ConvContext, panel: &Panel, sums: &Sums) -> i16x8 {
        if let Some(outputs) = panel.scale.apply(*sums) {
            return outputs;
        }
        let sums: [i32; LANES] = cast(*sums);
        let mut outputs = [0i16; LANES];
        let rescale = &self.rescale[panel.first..][..panel.channels];
        for ((output, sum), &rescale) in outputs.iter_mut().zip(sums).zip(rescale) {
            let exact = context.profile.rescale(i64::from(sum), rescale);
            let exact = exact.saturating_add(centred(context.output_zero_point).into());
            *output = exact.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        }
        cast(outputs)
    }
}

/// Writes a panel's bytes of an output pixel, as many as there are channels.
#[inline(always)]
pub fn write(bytes: [u8; LANES], destination: &mut [u8]) {
    match destination.first_chunk_mut::<LANES>() {
        Some(eight) => *eight = bytes,
        None => destination.copy_from_slice(&bytes[..destination.len()]),
    }
}

/// The first eight bytes widened to 16 bits. (An interleaving with zeros is one instruction everywhere.)
#[inline(always)]
pub fn widen_low(bytes: u8x16) -> i16x8 {
    cast(u8x16::unpack_low(bytes, u8x16::ZERO))
}

/// The last eight.
#[inline(always)]
pub fn widen_high(bytes: u8x16) -> i16x8 {
    cast(u8x16::unpack_high(bytes, u8x16::ZERO))
}

/// Sixteen bytes widened to 32 bits.
#[inline(always)]
pub fn fours(bytes: [u8; 16]) -> [i32x4; 4] {
    let bytes = u8x16::new(bytes);
    let (low, high) = (cast(widen_low(bytes)), cast(widen_high(bytes)));
    cast([widen_low(low), widen_high(low), widen_low(high), widen_high(high)])
}

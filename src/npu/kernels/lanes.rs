//! From eight channels' sums to their output bytes: bias, rescale, zero point and clamp (N6, N7), in 32-bit lanes.

use wide::{i16x8, i32x4, i32x8};

use super::conv::Surroundings;
use super::scalar::ConvContext;
use crate::npu::graph::IntegerConv;
use crate::npu::profile::{Datapath, Profile, Rounding};
use crate::npu::rescale::Rescale;

/// Output channels of a panel.
pub const LANES: usize = 8;

/// A layer's output channels in panels of eight; a group's last panel may be part empty.
#[derive(Debug, Clone)]
pub struct Lanes {
    panels: Vec<Panel>,
    uniform: Option<Uniform>,
    /// Per output channel, k[o] included.
    rescale: Vec<Rescale>,
}

#[derive(Debug, Clone)]
struct Panel {
    /// The first channel, and how many there are.
    first: usize,
    channels: usize,
    /// Less the zero point's share of the sums.
    bias: [i32x4; 2],
    /// Of [`Uniform`]; 0 without.
    multipliers: [i32x4; 2],
}

/// A rescale by one shift for all channels: each multiplier is raised by as much as its own shift is smaller. With at
/// least 33 bits to shift, all but the product's high half is below the rounding bit:
/// `floor((a M + 2^(s-1)) / 2^s) = floor((high(a M) + 2^(s-33)) / 2^(s-32))`.
#[derive(Debug, Clone, Copy)]
struct Uniform {
    half: i32,
    /// Of the high half: s - 32.
    shift: i32,
}

impl Lanes {
    /// No panel crosses the border of one of `groups` groups of channels. `sees` tells which taps of a channel take part
    /// (all, but in a phase of a transposed layer).
    pub fn new(conv: &IntegerConv, groups: usize, surroundings: Surroundings, sees: impl Fn(usize) -> bool) -> Self {
        let channels = conv.output_channels();
        let per_group = channels / groups;
        let taps = conv.weight.len() / channels.max(1);
        let rescale: Vec<Rescale> = (0..channels).map(|o| conv.channel_rescale(o)).collect();
        let uniform = uniform(&rescale, surroundings.profile);
        let zero_point = i32::from(surroundings.input_zero_point);
        let bias = |o: usize| {
            let weights = conv.weight[o * taps..][..taps].iter().enumerate();
            let sum: i32 = weights.filter(|(tap, _)| sees(*tap)).map(|(_, &weight)| i32::from(weight)).sum();
            conv.bias[o].wrapping_sub(zero_point.wrapping_mul(sum))
        };
        let multiplier = |o: usize| uniform.as_ref().map_or(0, |(_, multipliers)| multipliers[o]);
        let panel = |first: usize, channels: usize| {
            let four =
                |start: usize, value: &dyn Fn(usize) -> i32| {
                    i32x4::new(std::array::from_fn(|lane| {
                        if start + lane < channels { value(first + start + lane) } else { 0 }
                    }))
                };
            Panel {
                first,
                channels,
                bias: [four(0, &bias), four(LANES / 2, &bias)],
                multipliers: [four(0, &multiplier), four(LANES / 2, &multiplier)],
            }
        };
        let panels = (0..groups)
            .flat_map(|group| (0..per_group).step_by(LANES).map(move |start| (group, start)))
            .map(|(group, start)| panel(group * per_group + start, LANES.min(per_group - start)))
            .collect();
        Lanes { panels, uniform: uniform.map(|(uniform, _)| uniform), rescale }
    }

    pub fn panels(&self) -> usize {
        self.panels.len()
    }

    /// Writes a panel's bytes into the output pixel `destination`.
    #[inline(always)]
    pub fn finish(&self, context: &ConvContext, panel: usize, sums: [i32x4; 2], destination: &mut [u8]) {
        let panel = &self.panels[panel];
        let sums = [sums[0] + panel.bias[0], sums[1] + panel.bias[1]];
        let destination = &mut destination[panel.first..][..panel.channels];
        let Some(Uniform { half, shift }) = self.uniform else {
            return one_by_one(context, &self.rescale[panel.first..], sums, destination);
        };
        let zero_point = i32x4::splat(i32::from(context.output_zero_point));
        let scaled = |half_of: usize| {
            let (_, high) = sums[half_of].mul_keep_low_high(panel.multipliers[half_of]);
            ((high + i32x4::splat(half)) >> shift) + zero_point
        };
        let [a, b, c, d] = scaled(0).to_array();
        let [e, f, g, h] = scaled(1).to_array();
        let (min, max) = (i16::from(context.bounds.min), i16::from(context.bounds.max));
        // `max` before `min`, so that reversed bounds act as they do elsewhere.
        let placed = i16x8::from_i32x8_saturate(i32x8::new([a, b, c, d, e, f, g, h]))
            .max(i16x8::splat(min))
            .min(i16x8::splat(max))
            .to_array()
            .map(|value| value as u8);
        match destination.first_chunk_mut::<LANES>() {
            Some(eight) => *eight = placed,
            None => destination.iter_mut().zip(placed).for_each(|(byte, value)| *byte = value),
        }
    }
}

#[cold]
#[inline(never)]
fn one_by_one(context: &ConvContext, rescale: &[Rescale], sums: [i32x4; 2], destination: &mut [u8]) {
    let sums = sums.map(i32x4::to_array);
    for ((byte, &sum), &rescale) in destination.iter_mut().zip(sums.as_flattened()).zip(rescale) {
        let scaled = context.profile.rescale(i64::from(sum), rescale);
        *byte = context.bounds.place(context.output_zero_point, scaled);
    }
}

/// `None` where shifts are too far apart, or too short, for multipliers of 31 bits; and for other datapaths and roundings.
fn uniform(rescale: &[Rescale], profile: &Profile) -> Option<(Uniform, Vec<i32>)> {
    if profile.datapath != Datapath::Npu || profile.rounding != Rounding::HalfUp {
        return None;
    }
    let used = || rescale.iter().filter(|rescale| rescale.multiplier > 0);
    let Some(longest) = used().map(|rescale| rescale.shift).max() else {
        // All outputs are the zero point.
        return Some((Uniform { half: 1, shift: 1 }, vec![0; rescale.len()]));
    };
    // By how many bits every multiplier may still grow.
    let room = used().map(|r| r.multiplier.leading_zeros() as i32 - 1 - (longest - r.shift)).min()?;
    let total = (longest + room).min(Rescale::MAX_SHIFT);
    if room < 0 || total < 33 || longest > Rescale::MAX_SHIFT {
        return None;
    }
    let multiplier = |r: &Rescale| if r.multiplier == 0 { 0 } else { (r.multiplier << (total - r.shift)) as i32 };
    let multipliers = rescale.iter().map(multiplier).collect();
    Some((Uniform { half: 1 << (total - 33), shift: total - 32 }, multipliers))
}

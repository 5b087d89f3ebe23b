//! From eight channels' sums to their output bytes: rescale, zero point and clamp (N6, N7), in 32-bit lanes.

use bytemuck::cast;
use wide::{i16x8, i32x4, u8x16};

use super::conv::Surroundings;
use super::scalar::ConvContext;
use crate::npu::graph::{Bounds, IntegerConv};
use crate::npu::profile::{Datapath, Profile, Rounding};
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
    /// `None` where only the oracle's arithmetic will do.
    pub scale: Option<Scale>,
}

/// A rescale by one shift for eight channels: each multiplier is raised by as much as its own shift is smaller. With at
/// least 33 bits to shift, all but the product's high half is below the rounding bit:
/// `floor((a M + 2^(s-1)) / 2^s) = floor((high(a M) + 2^(s-33)) / 2^(s-32))`.
///
/// With at most 39, that high half may be saturated to 16 bits before it is shifted: what saturates is beyond any byte
/// after the shift as well, and is clamped.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    multipliers: [i32x4; 2],
    /// `2^(s-33)`; 0 where the bits that fall off are dropped.
    half: i16x8,
    /// `s - 32`.
    shift: u32,
}

/// What an output byte still needs.
#[derive(Debug, Clone, Copy)]
pub struct Clamp {
    zero_point: i16x8,
    min: u8x16,
    max: u8x16,
}

impl Clamp {
    pub fn new(zero_point: u8, bounds: Bounds) -> Self {
        Clamp {
            zero_point: i16x8::splat(i16::from(zero_point)),
            min: u8x16::splat(bounds.min),
            max: u8x16::splat(bounds.max),
        }
    }

    /// Rescaled sums, saturated to 16 bits: beyond those every sum is clamped, so that nothing is lost.
    #[inline(always)]
    pub fn bytes(&self, low: i16x8, high: i16x8) -> u8x16 {
        let (low, high) = (low.saturating_add(self.zero_point), high.saturating_add(self.zero_point));
        // `max` before `min`, so that reversed bounds act as they do elsewhere.
        u8x16::narrow_i16x8(low, high).max(self.min).min(self.max)
    }
}

impl Lanes {
    /// No panel crosses the border of one of `groups` groups of channels. `sees` tells which taps of a channel take part
    /// (all, but in a phase of a transposed layer).
    pub fn new(conv: &IntegerConv, groups: usize, surroundings: Surroundings, sees: impl Fn(usize) -> bool) -> Self {
        let channels = conv.output_channels();
        let per_group = channels / groups;
        let taps = conv.weight.len() / channels.max(1);
        let rescale: Vec<Rescale> = (0..channels).map(|o| conv.channel_rescale(o)).collect();
        let zero_point = i32::from(surroundings.input_zero_point);
        let bias = |o: usize| {
            let weights = conv.weight[o * taps..][..taps].iter().enumerate();
            let sum: i32 = weights.filter(|(tap, _)| sees(*tap)).map(|(_, &weight)| i32::from(weight)).sum();
            conv.bias[o].wrapping_sub(zero_point.wrapping_mul(sum))
        };
        let panel = |first: usize, channels: usize| {
            let four = |half: usize| {
                let [start, end] = [half, half + 1].map(|half| first + (half * LANES / 2).min(channels));
                start..end
            };
            let bias = |half| lanes(four(half).map(bias));
            let scale = Scale::new([&rescale[four(0)], &rescale[four(1)]], surroundings.profile);
            Panel { first, channels, bias: [bias(0), bias(1)], scale }
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

    /// What [`Scale::apply`] does, one sum at a time: for any datapath, rounding and shifts.
    #[inline(never)]
    pub fn one_by_one(&self, context: &ConvContext, panel: &Panel, sums: &Sums) -> i16x8 {
        let sums: [i32; LANES] = cast(*sums);
        let mut scaled = [0i16; LANES];
        for ((scaled, sum), &rescale) in scaled.iter_mut().zip(sums).zip(&self.rescale[panel.first..][..panel.channels])
        {
            let exact = context.profile.rescale(i64::from(sum), rescale);
            *scaled = exact.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        }
        cast(scaled)
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

/// Up to four values, then zeros.
fn lanes(values: impl Iterator<Item = i32>) -> i32x4 {
    let mut lanes = [0; LANES / 2];
    lanes.iter_mut().zip(values).for_each(|(lane, value)| *lane = value);
    i32x4::new(lanes)
}

impl Scale {
    /// `None` where shifts are too far apart, too short or too long; and for other datapaths and roundings.
    fn new(rescale: [&[Rescale]; 2], profile: &Profile) -> Option<Self> {
        let rounds = match profile.rounding {
            _ if profile.datapath != Datapath::Npu => return None,
            Rounding::HalfUp => true,
            Rounding::Truncate => false,
            Rounding::HalfAway | Rounding::HalfEven => return None,
        };
        let used = || rescale.into_iter().flatten().filter(|rescale| rescale.multiplier > 0);
        let total = used().fold(33, |total, rescale| total.max(rescale.shift));
        let raised = |r: &Rescale| match r.multiplier {
            0 => Some(0),
            multiplier => i32::try_from(u64::from(multiplier).checked_shl(u32::try_from(total - r.shift).ok()?)?).ok(),
        };
        if total > 39 || used().any(|r| total - r.shift > 31 || raised(r).is_none()) {
            return None;
        }
        Some(Scale {
            multipliers: rescale.map(|four| lanes(four.iter().map(|r| raised(r).unwrap_or(0)))),
            half: i16x8::splat(if rounds { 1 << (total - 33) } else { 0 }),
            shift: (total - 32) as u32,
        })
    }

    /// Itself, as if just read. Where multipliers do not change from one turn of a loop to the next, LLVM would widen them
    /// before the loop, and what is left inside is a 64-bit multiplication, which takes engines ten instructions instead of
    /// the one that widens and multiplies.
    #[inline(always)]
    pub fn anew(&self) -> &Self {
        std::hint::black_box(self)
    }

    /// Sums on the output's scale, saturated to 16 bits.
    #[inline(always)]
    pub fn apply(&self, sums: Sums) -> i16x8 {
        let high = [sums[0].mul_keep_high(self.multipliers[0]), sums[1].mul_keep_high(self.multipliers[1])];
        i16x8::from_i32x8_saturate(cast(high)).saturating_add(self.half) >> self.shift
    }
}

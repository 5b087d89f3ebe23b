//! From eight channels' sums to their output bytes: rescale, zero point and clamp (N6, N7), in vectors.

use bytemuck::cast;
use wide::{i8x16, i16x8, i32x4, u8x16};

use super::conv::Surroundings;
use super::scalar::ConvContext;
use crate::npu::graph::{Bounds, IntegerConv};
use crate::npu::profile::{Datapath, Rounding};
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
    /// Powers of two that weights and bias have been multiplied with. All 0 but with [`Scale::Near`].
    pub raised: [u8; LANES],
    pub scale: Scale,
}

/// How a panel's sums are brought to the output's scale: the product with the multiplier in 64 bits, of which the low half
/// is below the rounding bit, so that with `t >= 33` bits to shift
/// `floor((a M + 2^(t-1)) / 2^t) = floor((floor(a M / 2^32) + 2^(t-33)) / 2^(t-32))`.
///
/// All channels are shifted by the same number of bits: each multiplier is doubled as often as its own shift is shorter.
#[derive(Debug, Clone, Copy)]
pub enum Scale {
    Near(Near),
    Far(Far),
    /// Only the oracle's arithmetic will do: another datapath or rounding, or shifts that are too far apart.
    Exact,
}

/// By 39 bits: the product's high half may be saturated to 16 bits before it is shifted, for what saturates is beyond any
/// byte after the shift as well. Where a multiplier would leave 31 bits on the way there, the weights are doubled instead:
/// they have 16 bits to lie in.
#[derive(Debug, Clone, Copy)]
pub struct Near {
    multipliers: [i32x4; 2],
    /// The rounding half (0 where the bits that fall off are dropped) and the output's centred zero point, before the shift.
    offset: i16x8,
}

/// By any number of bits.
#[derive(Debug, Clone, Copy)]
pub struct Far {
    multipliers: [i32x4; 2],
    half: i32x4,
    /// Of the product's high half.
    shift: u32,
    zero_point: i16x8,
}

/// What an output byte still needs. Outputs come less 128, as signed bytes: LLVM knows that a 16-bit number shifted by
/// seven bits is no more than 255, and gives up the narrowing instruction to unsigned bytes for three others.
#[derive(Debug, Clone, Copy)]
pub struct Clamp {
    min: i8x16,
    max: i8x16,
}

/// Where signed bytes begin.
const SIGN: u8 = 128;

/// A zero point less 128.
pub fn centred(zero_point: u8) -> i16 {
    i16::from(zero_point) - i16::from(SIGN)
}

impl Clamp {
    pub fn new(bounds: Bounds) -> Self {
        let centred = |bound: u8| i8x16::splat((bound ^ SIGN) as i8);
        Clamp { min: centred(bounds.min), max: centred(bounds.max) }
    }

    /// From outputs less 128 ([`centred`] zero point included), saturated to 16 bits: beyond those every one is clamped, so
    /// that nothing is lost.
    #[inline(always)]
    pub fn bytes(&self, low: i16x8, high: i16x8) -> u8x16 {
        let narrow = i8x16::from_i16x16_saturate(cast([low, high]));
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
        let seen = |o: usize| {
            let positions = conv.weight[o * taps..][..taps].chunks_exact(inputs.max(1)).enumerate();
            positions.filter(|(position, _)| sees(*position)).flat_map(|(_, weights)| weights).map(|&w| i32::from(w))
        };
        let panel = |first: usize, channels: usize| {
            let range = first..first + channels;
            let largest: Vec<i64> = range
                .clone()
                .map(|o| {
                    i64::from(conv.bias[o]).abs() + 255 * seen(o).map(|weight| i64::from(weight.abs())).sum::<i64>()
                })
                .collect();
            let (raised, scale) = Scale::new(&rescale[range.clone()], &largest, surroundings);
            let mut bias = [0; LANES];
            for (bias, (o, raised)) in bias.iter_mut().zip(range.zip(raised)) {
                *bias = conv.bias[o].wrapping_sub(zero_point.wrapping_mul(seen(o).sum())) << raised;
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
        match panel.scale {
            Scale::Near(scale) => scale.apply(*sums),
            Scale::Far(scale) => scale.apply(*sums),
            Scale::Exact => {
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

impl Scale {
    /// For channels whose sums are no `largest` in magnitude; and how often each one's weights are to be doubled.
    fn new(rescale: &[Rescale], largest: &[i64], surroundings: Surroundings) -> ([u8; LANES], Self) {
        let Surroundings { profile, output_zero_point, .. } = surroundings;
        let rounds = match profile.rounding {
            _ if profile.datapath != Datapath::Npu => return ([0; LANES], Scale::Exact),
            Rounding::HalfUp => true,
            Rounding::Truncate => false,
            Rounding::HalfAway | Rounding::HalfEven => return ([0; LANES], Scale::Exact),
        };
        if let Some((raised, multipliers)) = Near::raise(rescale, largest) {
            let half = if rounds { 1 << (Near::HIGH_SHIFT - 1) } else { 0 };
            let offset = i16x8::splat(half + (centred(output_zero_point) << Near::HIGH_SHIFT));
            return (raised, Scale::Near(Near { multipliers: cast(multipliers), offset }));
        }
        let total =
            rescale.iter().filter(|rescale| rescale.multiplier > 0).fold(33, |most, rescale| most.max(rescale.shift));
        let mut multipliers = [0; LANES];
        for (multiplier, rescale) in multipliers.iter_mut().zip(rescale) {
            match doubled(*rescale, total) {
                Some(doubled) if total <= Rescale::MAX_SHIFT => *multiplier = doubled,
                _ => return ([0; LANES], Scale::Exact),
            }
        }
        let far = Far {
            multipliers: cast(multipliers),
            half: i32x4::splat(if rounds { 1 << (total - 33) } else { 0 }),
            shift: (total - 32) as u32,
            zero_point: i16x8::splat(centred(output_zero_point)),
        };
        ([0; LANES], Scale::Far(far))
    }
}

/// The multiplier for a shift of `total` bits, if it has no more than 31.
fn doubled(rescale: Rescale, total: i32) -> Option<i32> {
    match rescale.multiplier {
        0 => Some(0),
        multiplier => {
            let times = total.checked_sub(rescale.shift).filter(|times| (0..=31).contains(times))?;
            i32::try_from(u64::from(multiplier) << times).ok()
        }
    }
}

impl Near {
    /// Bits that the product's high half is shifted by.
    const HIGH_SHIFT: i32 = 7;

    /// How often weights are doubled at most: `127 << 7` has 16 bits.
    const MOST_RAISED: u8 = 7;

    fn raise(rescale: &[Rescale], largest: &[i64]) -> Option<([u8; LANES], [i32; LANES])> {
        let (mut raised, mut multipliers) = ([0; LANES], [0; LANES]);
        for (((raised, multiplier), rescale), &largest) in
            raised.iter_mut().zip(&mut multipliers).zip(rescale).zip(largest)
        {
            (*raised, *multiplier) = (0..=Self::MOST_RAISED)
                .take_while(|&raised| largest << raised <= i64::from(i32::MAX))
                .find_map(|raised| Some((raised, doubled(*rescale, 32 + Self::HIGH_SHIFT - i32::from(raised))?)))?;
        }
        Some((raised, multipliers))
    }

    /// Itself, as if just read. Where multipliers do not change from one turn of a loop to the next, LLVM would widen them
    /// before the loop, and what is left inside is a 64-bit multiplication, which takes engines ten instructions instead of
    /// the one that widens and multiplies.
    #[inline(always)]
    pub fn anew(&self) -> &Self {
        std::hint::black_box(self)
    }

    /// Outputs less 128, zero point included, saturated to 16 bits.
    #[inline(always)]
    pub fn apply(&self, sums: Sums) -> i16x8 {
        i16x8::from_i32x8_saturate(cast(high_halves(sums, self.multipliers))).saturating_add(self.offset)
            >> Self::HIGH_SHIFT
    }
}

impl Far {
    fn apply(&self, sums: Sums) -> i16x8 {
        let [low, high] = high_halves(sums, self.multipliers);
        let shifted = [(low + self.half) >> self.shift, (high + self.half) >> self.shift];
        i16x8::from_i32x8_saturate(cast(shifted)).saturating_add(self.zero_point)
    }
}

/// Of the 64-bit products.
#[inline(always)]
fn high_halves(sums: Sums, multipliers: [i32x4; 2]) -> [i32x4; 2] {
    [sums[0].mul_keep_high(multipliers[0]), sums[1].mul_keep_high(multipliers[1])]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npu::profile::Profile;

    /// The panel of one channel.
    fn scale(multiplier: u32, shift: i32, largest: i64, rounding: Rounding) -> (u8, Scale) {
        let profile = &Profile { rounding, ..Profile::default() };
        let surroundings = Surroundings { profile, input_zero_point: 0, input_channels: 1, output_zero_point: 3 };
        let (raised, scale) = Scale::new(&[Rescale { multiplier, shift }], &[largest], surroundings);
        (raised[0], scale)
    }

    #[test]
    fn each_rescale_gets_the_fastest_form_that_is_exact() {
        // 16 bits raised by 39 - 25 bits are 30.
        assert!(matches!(scale(40_000, 25, 1 << 24, Rounding::HalfUp), (0, Scale::Near(_))));
        assert!(matches!(scale(40_000, 39, 1 << 24, Rounding::Truncate), (0, Scale::Near(_))));
        // 35 bits: four of them go to the weights, if the sums leave room for them.
        assert!(matches!(scale(40_000, 20, 1 << 24, Rounding::HalfUp), (4, Scale::Near(_))));
        assert!(matches!(scale(40_000, 20, 1 << 27, Rounding::HalfUp), (0, Scale::Far(_))));
        assert!(matches!(scale(40_000, 40, 1 << 20, Rounding::HalfUp), (0, Scale::Far(_))));
        // 33 bits for the shortest shift that there is; and one that leaves nothing of any sum.
        assert!(matches!(scale(40_000, 16, 1 << 20, Rounding::HalfUp), (0, Scale::Exact)));
        assert!(matches!(scale(40_000, 63, 1 << 20, Rounding::HalfUp), (0, Scale::Exact)));
        assert!(matches!(scale(40_000, 25, 1 << 20, Rounding::HalfEven), (0, Scale::Exact)));
    }
}

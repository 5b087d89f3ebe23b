//! From eight channels' sums to the output's scale (N6, N8, N9), in vectors.

use bytemuck::cast;
use wide::{i16x8, i32x4, u32x4};

use super::conv::Surroundings;
use super::lanes::{LANES, Sums};
use crate::npu::ort;
use crate::npu::profile::{Datapath, Rounding};
use crate::npu::rescale::Rescale;

/// Where signed bytes begin.
pub const SIGN: u8 = 128;

/// A zero point less 128.
pub fn centred(zero_point: u8) -> i16 {
    i16::from(zero_point) - i16::from(SIGN)
}

/// How a panel's sums are brought to the output's scale. Each gives outputs less 128, zero point included, saturated to
/// 16 bits.
///
/// Profile `npu` forms the product with the multiplier in 64 bits, of which the low half is below the rounding bit, so that
/// with `t >= 33` bits to shift
/// `floor((a M + 2^(t-1)) / 2^t) = floor((floor(a M / 2^32) + 2^(t-33)) / 2^(t-32))`.
/// All channels are shifted by the same number of bits: each multiplier is doubled as often as its own shift is shorter.
#[derive(Debug, Clone, Copy)]
pub enum Scale {
    Near(Near),
    Far(Far),
    Twice(Twice),
    Single(Single),
    /// Only the oracle's arithmetic will do: shifts too far apart, or to the left.
    Exact,
}

/// By 39 bits: the product's high half may be saturated to 16 bits before it is shifted, for what saturates is beyond any
/// byte after the shift as well. Where a multiplier would leave 31 bits on the way there, the weights are doubled instead:
/// they have 16 bits to lie in. Ties go up, or all that falls off is dropped.
#[derive(Debug, Clone, Copy)]
pub struct Near {
    multipliers: Sums,
    /// The rounding half (0 where the bits that fall off are dropped) and the output's centred zero point, before the shift.
    offset: i16x8,
}

/// By any number of bits, with any rounding.
#[derive(Debug, Clone, Copy)]
pub struct Far {
    multipliers: Sums,
    half: i32x4,
    /// Of the product's high half.
    shift: u32,
    rounding: Rounding,
    zero_point: i16x8,
}

/// Profile `tflite`: rounded to the doubled product's high half, ties up, and again by a shift, ties away from 0. Sums are
/// doubled already, in their weights.
#[derive(Debug, Clone, Copy)]
pub struct Twice {
    multipliers: Sums,
    half: Sums,
    /// `2^(32 - r)` for a shift by `r` bits, which is then the high half of a product: vectors have no shift of their own
    /// for each lane. 0 where nothing is left.
    divisors: Sums,
    zero_point: i16x8,
}

/// Profile `ort`: in float32, ties to even.
#[derive(Debug, Clone, Copy)]
pub struct Single {
    factors: ort::Factors,
    zero_point: i16x8,
}

impl Scale {
    /// For channels whose sums are no `largest` in magnitude; and how often each one's weights are to be doubled.
    pub fn new(rescale: &[Rescale], largest: &[i64], surroundings: Surroundings) -> ([u8; LANES], Self) {
        let Surroundings { profile, output_zero_point, .. } = surroundings;
        let rounding = profile.rounding;
        let zero_point = centred(output_zero_point);
        match profile.datapath {
            Datapath::Npu => Near::new(rescale, largest, rounding, zero_point)
                .map(|(raised, near)| (raised, Scale::Near(near)))
                .or_else(|| Some(([0; LANES], Scale::Far(Far::new(rescale, rounding, zero_point)?)))),
            Datapath::Tflite => {
                Twice::new(rescale, largest, zero_point).map(|twice| ([Twice::RAISED; LANES], Scale::Twice(twice)))
            }
            Datapath::Ort => Single::new(rescale, zero_point).map(|single| ([0; LANES], Scale::Single(single))),
        }
        .unwrap_or(([0; LANES], Scale::Exact))
    }

    /// `None` where only the oracle's arithmetic will do.
    #[inline(always)]
    pub fn apply(&self, sums: Sums) -> Option<i16x8> {
        Some(match self {
            Scale::Near(scale) => scale.apply(sums),
            Scale::Far(scale) => scale.apply(sums),
            Scale::Twice(scale) => scale.apply(sums),
            Scale::Single(scale) => scale.apply(sums),
            Scale::Exact => return None,
        })
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

    fn new(rescale: &[Rescale], largest: &[i64], rounding: Rounding, zero_point: i16) -> Option<([u8; LANES], Self)> {
        let half = match rounding {
            Rounding::HalfUp => 1 << (Self::HIGH_SHIFT - 1),
            Rounding::Truncate => 0,
            Rounding::HalfAway | Rounding::HalfEven => return None,
        };
        let (mut raised, mut multipliers) = ([0; LANES], [0; LANES]);
        for (((raised, multiplier), rescale), &largest) in
            raised.iter_mut().zip(&mut multipliers).zip(rescale).zip(largest)
        {
            (*raised, *multiplier) = (0..=Self::MOST_RAISED)
                .take_while(|&raised| largest << raised <= i64::from(i32::MAX))
                .find_map(|raised| Some((raised, doubled(*rescale, 32 + Self::HIGH_SHIFT - i32::from(raised))?)))?;
        }
        let offset = i16x8::splat(half + (zero_point << Self::HIGH_SHIFT));
        Some((raised, Near { multipliers: cast(multipliers), offset }))
    }

    /// Itself, as if just read. Where multipliers do not change from one turn of a loop to the next, LLVM would widen them
    /// before the loop, and what is left inside is a 64-bit multiplication, which takes engines ten instructions instead of
    /// the one that widens and multiplies.
    #[inline(always)]
    pub fn anew(&self) -> Self {
        // SAFETY: of a reference.
        unsafe { std::ptr::from_ref(self).read_volatile() }
    }

    #[inline(always)]
    pub fn apply(&self, sums: Sums) -> i16x8 {
        i16x8::from_i32x8_saturate(cast(high_halves(sums, self.multipliers))).saturating_add(self.offset)
            >> Self::HIGH_SHIFT
    }
}

impl Far {
    fn new(rescale: &[Rescale], rounding: Rounding, zero_point: i16) -> Option<Self> {
        let shifts = rescale.iter().filter(|rescale| rescale.multiplier > 0).map(|rescale| rescale.shift);
        let total = shifts.fold(33, i32::max);
        let mut multipliers = [0; LANES];
        for (multiplier, rescale) in multipliers.iter_mut().zip(rescale) {
            *multiplier = doubled(*rescale, total).filter(|_| total <= Rescale::MAX_SHIFT)?;
        }
        Some(Far {
            multipliers: cast(multipliers),
            half: i32x4::splat(if rounding == Rounding::Truncate { 0 } else { 1 << (total - 33) }),
            shift: (total - 32) as u32,
            rounding,
            zero_point: i16x8::splat(zero_point),
        })
    }

    fn apply(&self, sums: Sums) -> i16x8 {
        let [low, high] = high_halves(sums, self.multipliers);
        let outputs =
            [self.rounded(low, sums[0], self.multipliers[0]), self.rounded(high, sums[1], self.multipliers[1])];
        i16x8::from_i32x8_saturate(cast(outputs)).saturating_add(self.zero_point)
    }

    /// From the product's high half.
    #[inline(always)]
    fn rounded(&self, high: i32x4, sums: i32x4, multipliers: i32x4) -> i32x4 {
        let raised = high + self.half;
        let up = raised >> self.shift;
        // All ones where a tie that has gone up should have gone down.
        let is_wrong: i32x4 = match self.rounding {
            Rounding::HalfUp | Rounding::Truncate => return up,
            Rounding::HalfAway => sums >> 31,
            Rounding::HalfEven => up << 31 >> 31,
        };
        let fallen_off = (sums * multipliers) | (raised & i32x4::splat((1 << self.shift) - 1));
        up + (fallen_off.simd_eq(i32x4::ZERO) & is_wrong)
    }
}

impl Twice {
    /// Doublings of the weights: that of the doubled product.
    const RAISED: u8 = 1;

    fn new(rescale: &[Rescale], largest: &[i64], zero_point: i16) -> Option<Self> {
        let (mut multipliers, mut half, mut divisors) = ([0; LANES], [0; LANES], [0; LANES]);
        for (lane, (rescale, largest)) in rescale.iter().zip(largest).enumerate() {
            multipliers[lane] = i32::try_from(rescale.multiplier).ok()?;
            match rescale.shift.saturating_sub(31) {
                shift @ 2..=31 => (half[lane], divisors[lane]) = (1 << (shift - 1), 1 << (32 - shift)),
                ..2 => return None,
                _ => {}
            }
            let greatest = i64::from(i32::MAX);
            if largest << Self::RAISED > greatest || largest + i64::from(half[lane]) >= greatest {
                return None;
            }
        }
        let zero_point = i16x8::splat(zero_point);
        Some(Twice { multipliers: cast(multipliers), half: cast(half), divisors: cast(divisors), zero_point })
    }

    fn apply(&self, sums: Sums) -> i16x8 {
        let [low, high] = high_halves(sums, self.multipliers);
        let low = first_rounded(low, sums[0], self.multipliers[0]);
        let high = first_rounded(high, sums[1], self.multipliers[1]);
        // Away from 0: a negative tie does not reach the next integer.
        let raised = [low + self.half[0] + (low >> 31), high + self.half[1] + (high >> 31)];
        i16x8::from_i32x8_saturate(cast(high_halves(raised, self.divisors))).saturating_add(self.zero_point)
    }
}

/// A product's high half, rounded by the highest bit of its low one.
#[inline(always)]
fn first_rounded(high: i32x4, sums: i32x4, multipliers: i32x4) -> i32x4 {
    let low: u32x4 = cast(sums * multipliers);
    high + cast::<_, i32x4>(low >> 31)
}

impl Single {
    fn new(rescale: &[Rescale], zero_point: i16) -> Option<Self> {
        Some(Single { factors: ort::Factors::new(rescale)?, zero_point: i16x8::splat(zero_point) })
    }

    fn apply(&self, sums: Sums) -> i16x8 {
        i16x8::from_i32x8_saturate(cast(self.factors.multiply(sums))).saturating_add(self.zero_point)
    }
}

/// Of the 64-bit products.
#[inline(always)]
fn high_halves(sums: Sums, multipliers: Sums) -> Sums {
    [sums[0].mul_keep_high(multipliers[0]), sums[1].mul_keep_high(multipliers[1])]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::npu::profile::Profile;

    /// The panel of one channel.
    fn scale(multiplier: u32, shift: i32, largest: i64, profile: Profile) -> (u8, Scale) {
        let profile = &profile;
        let surroundings = Surroundings { profile, input_zero_point: 0, input_channels: 1, output_zero_point: 3 };
        let (raised, scale) = Scale::new(&[Rescale { multiplier, shift }], &[largest], surroundings);
        (raised[0], scale)
    }

    fn npu(multiplier: u32, shift: i32, largest: i64, rounding: Rounding) -> (u8, Scale) {
        scale(multiplier, shift, largest, Profile { rounding, ..Profile::default() })
    }

    #[test]
    fn each_rescale_gets_the_fastest_form_that_is_exact() {
        // 16 bits raised by 39 - 25 bits are 30.
        assert!(matches!(npu(40_000, 25, 1 << 24, Rounding::HalfUp), (0, Scale::Near(_))));
        assert!(matches!(npu(40_000, 39, 1 << 24, Rounding::Truncate), (0, Scale::Near(_))));
        // 35 bits: four of them go to the weights, if the sums leave room for them.
        assert!(matches!(npu(40_000, 20, 1 << 24, Rounding::HalfUp), (4, Scale::Near(_))));
        assert!(matches!(npu(40_000, 20, 1 << 27, Rounding::HalfUp), (0, Scale::Far(_))));
        assert!(matches!(npu(40_000, 40, 1 << 20, Rounding::HalfUp), (0, Scale::Far(_))));
        // 33 bits for the shortest shift that there is; and one that leaves nothing of any sum.
        assert!(matches!(npu(40_000, 16, 1 << 20, Rounding::HalfUp), (0, Scale::Exact)));
        assert!(matches!(npu(40_000, 63, 1 << 20, Rounding::HalfUp), (0, Scale::Exact)));
        assert!(matches!(npu(40_000, 25, 1 << 20, Rounding::HalfEven), (0, Scale::Far(_))));
    }

    #[test]
    fn the_engines_arithmetic_is_done_in_vectors_too() {
        let [tflite, ort] = [Datapath::Tflite, Datapath::Ort].map(Profile::of);
        let twice = |shift, largest| scale(3 << 29, shift, largest, tflite.clone());
        assert!(matches!(twice(33, 1 << 24), (1, Scale::Twice(_))));
        assert!(matches!(twice(80, 1 << 24), (1, Scale::Twice(_))));
        // Too little to shift, and sums that have no room for their double.
        assert!(matches!(twice(32, 1 << 24), (0, Scale::Exact)));
        assert!(matches!(twice(33, 1 << 30), (0, Scale::Exact)));
        assert!(matches!(scale(3 << 22, 33, 1 << 24, ort), (0, Scale::Single(_))));
    }
    /// Sums, multipliers and shifts that meet in the range of bytes, where ties are frequent.
    fn case() -> impl Strategy<Value = (Profile, [i32; LANES], [Rescale; LANES])> {
        let npu = |rounding| Profile { rounding, ..Profile::default() };
        let profile = prop_oneof![
            Just(npu(Rounding::HalfUp)),
            Just(npu(Rounding::HalfAway)),
            Just(npu(Rounding::HalfEven)),
            Just(npu(Rounding::Truncate)),
            Just(Profile::of(Datapath::Tflite)),
            Just(Profile::of(Datapath::Ort)),
        ];
        (profile, 2i32..24, any::<bool>())
            .prop_flat_map(|(profile, sum_bits, apart)| {
                let bits: i32 = match profile.datapath {
                    Datapath::Npu => 16,
                    Datapath::Tflite => 31,
                    Datapath::Ort => 24,
                };
                let multiplier =
                    prop_oneof![Just(1u32 << (bits - 1)), Just(3 << (bits - 2)), (1u32 << (bits - 1))..1 << bits];
                let shift = (bits + sum_bits - 9).max(2)..bits + sum_bits + 2;
                let sum = -(1i32 << sum_bits)..=1 << sum_bits;
                let lane = (multiplier, shift.clone(), sum);
                (Just(profile), proptest::array::uniform8(lane), shift, Just(apart))
            })
            .prop_map(|(profile, lanes, shift, apart)| {
                let rescale =
                    lanes.map(|(multiplier, own, _)| Rescale { multiplier, shift: if apart { own } else { shift } });
                (profile, lanes.map(|(_, _, sum)| sum), rescale)
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn every_form_equals_the_datapath((profile, sums, rescale) in case()) {
            let surroundings =
                Surroundings { profile: &profile, input_zero_point: 0, input_channels: 1, output_zero_point: 100 };
            let largest = sums.map(|sum| i64::from(sum).abs());
            let (raised, scale) = Scale::new(&rescale, &largest, surroundings);
            let mut lanes = [0; LANES];
            for (lane, (sum, raised)) in lanes.iter_mut().zip(sums.iter().zip(raised)) {
                *lane = sum << raised;
            }
            let Some(outputs) = scale.apply(cast(lanes)) else { return Ok(()) };
            let bytes = outputs.to_array().map(|output| output.saturating_add(SIGN.into()).clamp(0, 255));
            let expected: Vec<i64> =
                sums.iter().zip(rescale).map(|(&sum, rescale)| (profile.rescale(sum.into(), rescale) + 100).clamp(0, 255)).collect();
            prop_assert_eq!(bytes.map(i64::from).to_vec(), expected, "{:?} {:?}", scale, profile);
        }
    }
}

//! N3: the integers that stand for an activation tensor, and their meaning.

use bytemuck::cast;
use wide::{f32x4, f64x2, i16x8, i32x4, u8x16, u32x4};

use super::options::QuantizeOptions;
use crate::calibrate::Range;
use crate::graph::Clamp;
use crate::nearest::{Nearest, nearest};
use crate::npu::Bounds;
use crate::splat;

/// `real = scale * (integer - zero_point)`, integers 0..=max.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActivationScale {
    pub scale: f64,
    pub zero_point: u8,
    pub max: u8,
}

impl ActivationScale {
    /// Widens the range to hold 0 and makes real 0 an integer. An empty or single-point-zero range gets scale 1.
    pub fn from_range(range: Range, options: &QuantizeOptions) -> Self {
        let max = options.activation_max();
        let low = f64::from(range.min.min(0.0));
        let high = f64::from(range.max.max(0.0));
        let width = high - low;
        if width <= 0.0 || !width.is_finite() {
            return ActivationScale { scale: 1.0, zero_point: 0, max };
        }
        let scale = options.scale(width / f64::from(max));
        if scale <= 0.0 || !scale.is_finite() {
            return ActivationScale { scale: 1.0, zero_point: 0, max };
        }
        let zero_point = (-low / scale).round_ties_even().clamp(0.0, f64::from(max)) as u8;
        ActivationScale { scale, zero_point, max }
    }

    /// Nearest integer, ties to even, clamped. NaN becomes the zero point.
    pub fn quantize(&self, real: f64) -> u8 {
        let steps = real / self.scale;
        if steps.is_nan() {
            return self.zero_point;
        }
        (steps.round_ties_even() + f64::from(self.zero_point)).clamp(0.0, f64::from(self.max)) as u8
    }

    /// [`ActivationScale::quantize`] of many. A division in float64 takes longer than everything else, and decides nothing
    /// where the quotient is clearly nearer to one integer than to the next: there a product in float32 will do.
    pub fn quantize_all(&self, reals: &[f32]) -> Vec<u8> {
        let mut quantized = vec![0; reals.len()];
        let inverse = (1.0 / self.scale) as f32;
        let rounding = Rounding { inverse: splat::f32x4(inverse), zero_point: splat::i32x4(self.zero_point.into()) };
        let max = splat::u8x16(self.max);
        let ((chunks, rest), (places, last)) = (reals.as_chunks::<16>(), quantized.as_chunks_mut());
        for (chunk, place) in chunks.iter().zip(places) {
            let [a, b, c, d]: [f32x4; 4] = cast(*chunk);
            let [a, b, c, d] = [rounding.apply(a), rounding.apply(b), rounding.apply(c), rounding.apply(d)];
            let low = i16x8::from_i32x8_saturate(cast([a.0, b.0]));
            let high = i16x8::from_i32x8_saturate(cast([c.0, d.0]));
            *place = u8x16::narrow_i16x8(low, high).min(max).to_array();
            if !(a.1 & b.1 & c.1 & d.1).all() || !inverse.is_normal() {
                *place = self.divided(chunk).min(max).to_array();
            }
        }
        for (integer, &real) in last.iter_mut().zip(rest) {
            *integer = self.quantize(real.into());
        }
        quantized
    }

    /// Sixteen by division, not yet clamped above. Pictures get here whose zero point would lie halfway between two
    /// integers, such as all from -1 to 1: each of their values is a tie, or next to one.
    #[inline(never)]
    fn divided(&self, reals: &[f32; 16]) -> u8x16 {
        let scale = f64x2::new([self.scale, self.scale]);
        let zero_point = splat::i32x4(self.zero_point.into());
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *reals;
        let first = [four(a, b, c, d, scale) + zero_point, four(e, f, g, h, scale) + zero_point];
        let last = [four(i, j, k, l, scale) + zero_point, four(m, n, o, p, scale) + zero_point];
        u8x16::narrow_i16x8(i16x8::from_i32x8_saturate(cast(first)), i16x8::from_i32x8_saturate(cast(last)))
    }

    /// The same in float32, as ONNX Runtime's `QuantizeLinear` divides (N9).
    pub fn quantize_single(&self, real: f32) -> u8 {
        let steps = (real / self.scale as f32).round_ties_even();
        if steps.is_nan() {
            return self.zero_point;
        }
        (steps + f32::from(self.zero_point)).clamp(0.0, f32::from(self.max)) as u8
    }

    pub fn dequantize(&self, integer: u8) -> f64 {
        self.scale * (f64::from(integer) - f64::from(self.zero_point))
    }

    /// N7: the clamp's bounds in this tensor's integers; the whole range without one.
    pub fn bounds(&self, clamp: Option<Clamp>) -> Bounds {
        match clamp {
            None => Bounds { min: 0, max: self.max },
            Some(Clamp { min, max }) => {
                Bounds { min: self.quantize(f64::from(min)), max: self.quantize(f64::from(max)) }
            }
        }
    }
}

/// To the nearest integer, four at a time.
struct Rounding {
    /// Of the scale; a normal number.
    inverse: f32x4,
    zero_point: i32x4,
}

impl Rounding {
    /// How far the product with the inverse may be from the quotient, for all integers that are not clamped: three
    /// roundings of at most 2^-24 each, relative to 1024.
    const DOUBT: f32 = 2.5e-4;

    /// The integers, zero point included; and all bits set where they would be the same if the steps were a little
    /// different. Not so for NaN.
    #[inline(always)]
    fn apply(&self, reals: f32x4) -> (i32x4, f32x4) {
        let Nearest { clamped, rounded, integers } = nearest(reals * self.inverse);
        let is_clear = (clamped - rounded).abs().simd_lt(splat::f32x4(0.5 - Self::DOUBT));
        (integers + self.zero_point, is_clear)
    }
}

/// The nearest integers to four quotients, ties to even; 0 for NaN, and no further from 0 than 1024.
#[inline(always)]
fn four(a: f32, b: f32, c: f32, d: f32, scale: f64x2) -> i32x4 {
    let (first, last) = (two(a, b, scale), two(c, d, scale));
    // The low words of all.
    cast(first.unpack_lo(last).unpack_lo(first.unpack_hi(last)))
}

/// Two, in the low words.
#[inline(always)]
fn two(a: f32, b: f32, scale: f64x2) -> u32x4 {
    /// As in [`nearest`], for float64.
    const MAGIC: f64 = 1.5 * (1u64 << 52) as f64;
    let far = f64x2::new([1024.0, 1024.0]);
    let steps = f64x2::new([a.into(), b.into()]) / scale;
    let steps = steps.simd_eq(steps).select(steps, f64x2::ZERO);
    let steps = steps.simd_gt(far).select(far, steps);
    let steps = steps.simd_lt(-far).select(-far, steps);
    cast(steps + f64x2::new([MAGIC, MAGIC]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npu::{Datapath, Profile};
    use crate::quantize::Scheme;

    fn from_range(range: Range, bits: u8) -> ActivationScale {
        let options = QuantizeOptions { activation_bits: bits, ..QuantizeOptions::new(Scheme::LayerWise) };
        ActivationScale::from_range(range, &options)
    }

    #[test]
    fn many_are_quantized_as_one_by_one() {
        // The last two have scales whose inverse is no normal float32.
        let ranges = [
            (-1.0, 2.0),
            (0.0, 6.0),
            (-1e-30, 1e-30),
            (-3e38, 3e38),
            (0.0, 0.0),
            (-0.1, 25.5),
            (-1e-40, 1e-38),
            (-3e38, 3e38),
        ];
        for (range, bits) in ranges.into_iter().zip([8, 4, 8, 8, 8, 5, 8, 1]) {
            let scale = from_range(Range { min: range.0, max: range.1 }, bits);
            // Around every tie, and whatever else float32 has.
            let mut reals =
                vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, f32::MIN_POSITIVE, -0.0];
            for half_steps in -600..600 {
                let near = (f64::from(half_steps) * 0.5 * scale.scale) as f32;
                reals.extend([-2i32, -1, 0, 1, 2].map(|ulps| f32::from_bits(near.to_bits().wrapping_add_signed(ulps))));
            }
            let expected: Vec<u8> = reals.iter().map(|&real| scale.quantize(f64::from(real))).collect();
            assert_eq!(scale.quantize_all(&reals), expected);
        }
    }

    #[test]
    fn engines_hold_scales_as_float32() {
        let range = Range { min: -1.0, max: 2.0 };
        for datapath in Datapath::ALL {
            let options = QuantizeOptions { profile: Profile::of(datapath), ..QuantizeOptions::new(Scheme::LayerWise) };
            let scale = ActivationScale::from_range(range, &options).scale;
            let expected = if datapath == Datapath::Npu { 3.0 / 255.0 } else { f64::from(3.0f32 / 255.0) };
            assert_eq!(scale, expected, "{datapath:?}");
        }
        // The float32 nearest to 1e-44 / 255 is 0.
        let options =
            QuantizeOptions { profile: Profile::of(Datapath::Ort), ..QuantizeOptions::new(Scheme::LayerWise) };
        let tiny = ActivationScale::from_range(Range { min: 0.0, max: 1e-44 }, &options);
        assert_eq!((tiny.scale, tiny.zero_point), (1.0, 0));
    }

    #[test]
    fn zero_is_exact_and_the_range_is_widened() {
        for (min, max) in [(-1.0, 3.0), (0.5, 2.0), (-4.0, -1.0), (-0.001, 100.0), (0.0, 6.0)] {
            let scale = from_range(Range { min, max }, 8);
            assert_eq!(scale.dequantize(scale.zero_point), 0.0);
            assert_eq!(scale.quantize(0.0), scale.zero_point);
            for (real, extreme) in [(f64::from(min), 0), (f64::from(max), 255)] {
                let integer = scale.quantize(real);
                assert!((scale.dequantize(integer) - real).abs() <= scale.scale, "{real} -> {integer} (of {extreme})");
            }
        }
        let positive = from_range(Range { min: 0.5, max: 2.0 }, 8);
        assert_eq!((positive.zero_point, positive.scale), (0, 2.0 / 255.0));
    }

    #[test]
    fn degenerate_ranges() {
        for range in [Range::EMPTY, Range { min: 0.0, max: 0.0 }] {
            let scale = from_range(range, 4);
            assert_eq!((scale.scale, scale.zero_point, scale.quantize(1e30)), (1.0, 0, 15));
        }
        assert_eq!(from_range(Range { min: -1.0, max: 1.0 }, 8).quantize(f64::NAN), 128);
    }

    #[test]
    fn a_relu6_becomes_bounds() {
        let scale = from_range(Range { min: -2.0, max: 8.0 }, 8);
        let bounds = scale.bounds(Some(Clamp { min: 0.0, max: 6.0 }));
        assert_eq!((bounds.min, bounds.max), (51, 204));
        assert_eq!(scale.bounds(Some(Clamp::RELU)), Bounds { min: 51, max: 255 });
        assert_eq!(scale.bounds(None), Bounds { min: 0, max: 255 });
    }
}

//! N9: the arithmetic of ONNX Runtime's quantized kernels on x86-64 (onnxruntime/core/mlas/lib), which rescale in
//! float32 and round half to even. The one place of the integer executor with floating point: only multiplications,
//! additions and fused multiply-adds of float32, each rounded once, in the engine's order.
#![expect(clippy::float_arithmetic, reason = "the engine rescales in float32")]

use bytemuck::cast;
use serde::Serialize;
use tsify::Tsify;
use wide::{f32x4, i32x4};

use super::graph::LinearTap;
use super::rescale::Rescale;
use crate::nearest::nearest;

/// The float32 that a rescale of this profile is: its significand and exponent, nothing lost.
pub fn real(rescale: Rescale) -> f32 {
    // Exact in f64 (a 24-bit integer times a power of two), and a float32 by construction.
    let power = |exponent: i32| f64::from_bits(((1023 + i64::from(exponent.clamp(-1022, 1023))) as u64) << 52);
    (f64::from(rescale.multiplier) * power(-rescale.shift)) as f32
}

/// To the nearest integer, ties to even, as the processor converts: what 32 bits do not hold becomes -2^31.
fn convert(real: f32) -> i64 {
    let rounded = real.round_ties_even() as i64;
    if i32::try_from(rounded).is_ok() && !real.is_nan() { rounded } else { i64::from(i32::MIN) }
}

/// `round(float(acc) * factor)`: the requantization of convolutions and of the global average pool.
pub fn multiply(acc: i64, rescale: Rescale) -> i64 {
    FloatTrace::new(acc, rescale).result()
}

/// [`multiply`], block by block.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Tsify)]
pub struct FloatTrace {
    /// The sum as a float32: beyond 2^24 it is rounded.
    pub sum: f32,
    pub factor: f32,
    /// Rounded once, to be rounded again to the nearest integer, ties to even.
    pub product: f32,
}

impl FloatTrace {
    pub fn new(acc: i64, rescale: Rescale) -> Self {
        let (sum, factor) = (acc as f32, real(rescale));
        FloatTrace { sum, factor, product: sum * factor }
    }

    pub fn result(&self) -> i64 {
        self.product.round_ties_even() as i64
    }
}

/// Eight channels' factors, in vectors.
#[derive(Debug, Clone, Copy)]
pub struct Factors([f32x4; 2]);

impl Factors {
    /// Of no more than eight channels. `None` if a factor is not finite.
    pub fn new(rescale: &[Rescale]) -> Option<Self> {
        let mut factors = [0.0; 8];
        for (factor, rescale) in factors.iter_mut().zip(rescale) {
            *factor = Some(real(*rescale)).filter(|factor| factor.is_finite())?;
        }
        Some(Factors(cast(factors)))
    }

    /// [`multiply`] of each channel's sum, no further from 0 than 1024.
    pub fn multiply(&self, sums: [i32x4; 2]) -> [i32x4; 2] {
        let nearest = |sums: i32x4, factors| nearest(sums.round_float() * factors).integers;
        [nearest(sums[0], self.0[0]), nearest(sums[1], self.0[1])]
    }
}

/// A sum of two quantized tensors. What does not depend on the first one is worked out once for each of the second one's
/// 256 integers: a fused multiply-add takes long where the processor's is not at hand.
pub struct Add {
    factor: f32,
    partial: [f32; 256],
}

impl Add {
    pub fn new(factors: [Rescale; 2], zero_points: [u8; 3]) -> Self {
        let factors = factors.map(real);
        let [a, b, y] = zero_points.map(f32::from);
        // The engine's compiler makes one fused multiply-add of this sum too.
        let fixed = y - libm::fmaf(factors[0], a, factors[1] * b);
        let partial = |integer: usize| libm::fmaf(integer as f32, factors[1], fixed);
        Add { factor: factors[0], partial: std::array::from_fn(partial) }
    }

    /// Zero point included.
    pub fn apply(&self, a: u8, b: u8) -> i64 {
        convert(libm::fmaf(f32::from(a), self.factor, self.partial[usize::from(b)]))
    }
}

/// The difference of dequantized values on the output's scale, zero point not included. Operands relative to theirs.
pub fn subtract([a, b]: [i64; 2], operands: [Rescale; 2], output: Rescale) -> i64 {
    let [a, b] = [a as f32 * real(operands[0]), b as f32 * real(operands[1])];
    ((a - b) / real(output)).round_ties_even() as i64
}

/// `round(float(a * b) * factor + Z)`, zero point included.
pub fn product(product: i64, rescale: Rescale, zero_point: u8) -> i64 {
    convert(product as f32 * real(rescale) + f32::from(zero_point))
}

/// Parametric ReLU of dequantized values on the output's scale, zero point not included. `scales` are those of the
/// activation, the slope and the result.
pub fn prelu(x: i64, slope: i64, scales: [Rescale; 3]) -> i64 {
    let [input, slope_scale, output] = scales.map(real);
    let x = x as f32 * input;
    let y = if x > 0.0 { x } else { x * (slope as f32 * slope_scale) };
    (y / output).round_ties_even() as i64
}

/// The mean of dequantized values on the output's scale, its zero point included before the rounding. `values` are
/// relative to the input's, in the order of the window.
pub fn mean(values: impl Iterator<Item = i64>, count: usize, [input, output]: [Rescale; 2], zero_point: u8) -> i64 {
    convert(real_mean(values, count, input) / real(output) + f32::from(zero_point))
}

/// The same quantized as any other tensor: the zero point is not included.
pub fn dequantized_mean(values: impl Iterator<Item = i64>, count: usize, [input, output]: [Rescale; 2]) -> i64 {
    (real_mean(values, count, input) / real(output)).round_ties_even() as i64
}

fn real_mean(values: impl Iterator<Item = i64>, count: usize, scale: Rescale) -> f32 {
    let scale = real(scale);
    let sum: f32 = values.fold(0.0, |sum, value| sum + value as f32 * scale);
    sum / count as f32
}

/// The parts that two neighbours have in an interpolated value.
#[derive(Debug, Clone, Copy)]
pub struct Parts([f32; 2]);

impl Parts {
    /// Beyond the last pixel both neighbours are the same, and the engine takes half of each.
    pub fn new((low, high, weight): LinearTap, bits: u32) -> Self {
        if low == high {
            return Parts([0.5, 0.5]);
        }
        let weight = weight as f32 / (1u64 << bits) as f32;
        Parts([1.0 - weight, weight])
    }
}

/// Bilinear interpolation of dequantized values, quantized on the same scale; zero point not included. `corners` are
/// relative to it: top left, top right, bottom left, bottom right.
pub fn interpolate(corners: [i64; 4], Parts(rows): Parts, Parts(columns): Parts, scale: Rescale) -> i64 {
    let scale = real(scale);
    let [a, b, c, d] = corners.map(|corner| corner as f32 * scale);
    let sum = columns[0] * rows[0] * a + columns[1] * rows[0] * b + columns[0] * rows[1] * c + columns[1] * rows[1] * d;
    (sum / scale).round_ties_even() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the quantizer takes a float32 apart.
    fn rescale(factor: f32) -> Rescale {
        let bits = factor.to_bits();
        Rescale { multiplier: bits & 0x7f_ffff | 0x80_0000, shift: 150 - (bits >> 23) as i32 }
    }

    #[test]
    fn a_factor_survives_the_integers() {
        for factor in [1.0f32, 0.1, 3.25e-7, 123.456, f32::MIN_POSITIVE, 1e30] {
            assert_eq!(real(rescale(factor)).to_bits(), factor.to_bits());
            assert_eq!(real(rescale(factor).shifted(1)), factor / 2.0);
        }
        assert_eq!(real(Rescale::default()), 0.0);
    }

    #[test]
    fn ties_go_to_even_and_large_sums_lose_bits() {
        let half = rescale(0.5);
        assert_eq!([1, 3, 5, -1, -3].map(|acc| multiply(acc, half)), [0, 2, 2, 0, -2]);
        // 2^24 + 1 is no float32.
        assert_eq!(multiply((1 << 24) + 1, rescale(1.0)), 1 << 24);
    }

    #[test]
    fn a_product_is_rounded_together_with_its_zero_point() {
        // 1 * 0.5 + 1 = 1.5 rounds to 2; the product alone would round to 0.
        assert_eq!(product(1, rescale(0.5), 1), 2);
        assert_eq!(multiply(1, rescale(0.5)) + 1, 1);
    }

    /// Sums a hair's breadth from a tie, as ONNX Runtime 1.32 decided them in a MobileNetV2: scales as their bits, zero
    /// points and operands.
    #[test]
    fn a_sum_is_fused_as_the_engine_fuses_it() {
        let cases = [
            ([1_044_516_166, 1_043_030_591, 1_048_699_322], [122, 116, 138], [110, 97], 116),
            ([1_042_320_750, 1_042_767_205, 1_045_919_311], [117, 141, 134], [104, 176], 151),
        ];
        for (scales, zero_points, [a, b], expected) in cases {
            let [sa, sb, sy] = scales.map(f32::from_bits);
            let sum = Add::new([sa / sy, sb / sy].map(rescale), zero_points);
            assert_eq!(sum.apply(a, b), expected);
        }
    }

    #[test]
    fn what_32_bits_do_not_hold_becomes_the_smallest() {
        assert_eq!([2.5, -2.5, 3.5].map(convert), [2, -2, 4]);
        assert_eq!([3e9, -3e9, f32::NAN, f32::INFINITY].map(convert), [i64::from(i32::MIN); 4]);
        assert_eq!(convert(2_147_483_500.0), 2_147_483_520);
    }
}

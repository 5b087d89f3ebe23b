//! N9: the arithmetic of ONNX Runtime's quantized kernels on x86-64 (onnxruntime/core/mlas/lib), which rescale in
//! float32 and round half to even. The one place of the integer executor with floating point: only multiplications,
//! additions and fused multiply-adds of float32, each rounded once, in the engine's order.
#![expect(clippy::float_arithmetic, reason = "the engine rescales in float32")]

use super::rescale::Rescale;

/// The float32 that a rescale of this profile is: its significand and exponent, nothing lost.
pub fn real(rescale: Rescale) -> f32 {
    // Exact in f64 (a 24-bit integer times a power of two), and a float32 by construction.
    let power = |exponent: i32| f64::from_bits(((1023 + i64::from(exponent.clamp(-1022, 1023))) as u64) << 52);
    (f64::from(rescale.multiplier) * power(-rescale.shift)) as f32
}

/// `round(float(acc) * factor)`: the requantization of convolutions and of the global average pool.
pub fn multiply(acc: i64, rescale: Rescale) -> i64 {
    (acc as f32 * real(rescale)).round_ties_even() as i64
}

/// What a sum of two quantized tensors needs: both factors and the part that does not depend on the operands.
#[derive(Debug, Clone, Copy)]
pub struct Add {
    factors: [f32; 2],
    fixed: f32,
}

impl Add {
    pub fn new(factors: [Rescale; 2], zero_points: [u8; 3]) -> Self {
        let factors = factors.map(real);
        let [a, b, y] = zero_points.map(f32::from);
        Add { factors, fixed: y - (factors[0] * a + factors[1] * b) }
    }

    /// Zero point included.
    pub fn apply(&self, a: u8, b: u8) -> i64 {
        let partial = libm::fmaf(f32::from(b), self.factors[1], self.fixed);
        libm::fmaf(f32::from(a), self.factors[0], partial).round_ties_even() as i64
    }
}

/// Quantized difference, which the engine computes on dequantized values. Operands relative to their zero points;
/// zero point of the result included.
pub fn subtract([a, b]: [i64; 2], factors: [Rescale; 2], zero_point: u8) -> i64 {
    let [a, b] = [a as f32 * real(factors[0]), b as f32 * real(factors[1])];
    (a - b).round_ties_even() as i64 + i64::from(zero_point)
}

/// `round(float(a * b) * factor + Z)`, zero point included.
pub fn product(product: i64, rescale: Rescale, zero_point: u8) -> i64 {
    (product as f32 * real(rescale) + f32::from(zero_point)).round_ties_even() as i64
}

/// Parametric ReLU of dequantized values on the output's scale, zero point not included. `scales` are those of the
/// activation, the slope and the result.
pub fn prelu(x: i64, slope: i64, scales: [Rescale; 3]) -> i64 {
    let [input, slope_scale, output] = scales.map(real);
    let x = x as f32 * input;
    let y = if x > 0.0 { x } else { x * (slope as f32 * slope_scale) };
    (y / output).round_ties_even() as i64
}

/// The mean of dequantized values on the output's scale, zero point not included. `values` are relative to the zero
/// point, in the order of the window.
pub fn mean(values: impl Iterator<Item = i64>, count: usize, input: Rescale, output: Rescale) -> i64 {
    let input = real(input);
    let sum: f32 = values.fold(0.0, |sum, value| sum + value as f32 * input);
    (sum / count as f32 / real(output)).round_ties_even() as i64
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
}

//! N8: the arithmetic of TensorFlow Lite's reference kernels (tensorflow/lite/kernels/internal/common.h and
//! reference/integer_ops), which divide twice where profile `npu` divides once.

use serde::Serialize;
use tsify::Tsify;

use super::rescale::Rescale;

/// Shifts by which operands of an addition are raised before they meet on a common scale.
pub const ADD_LEFT_SHIFT: u32 = 20;

/// `acc * M * 2^-shift` with M a fraction of 31 bits: the doubled high half of the 64-bit product, rounded, then divided
/// by what is left of the shift, rounded again. In 32 bits throughout.
pub fn multiply(acc: i64, rescale: Rescale) -> i64 {
    // Exponent of a multiplier read as a fraction in 1/2..1.
    let exponent = 31 - rescale.shift;
    if exponent < -31 {
        return 0;
    }
    let (left, right) = (exponent.max(0) as u32, (-exponent).max(0) as u32);
    let raised = (acc as i32).wrapping_shl(left);
    i64::from(divide_by_power_of_two(doubling_high_multiply(raised, rescale.multiplier as i32), right))
}

/// [`multiply`], block by block. 64-bit integers are decimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
pub struct FixedPointTrace {
    /// M, a fraction of 31 bits.
    pub multiplier: i32,
    /// e: the factor is M * 2^(e - 31).
    pub exponent: i32,
    /// The sum times 2^max(e, 0), in 32 bits.
    pub raised: i32,
    /// raised * M.
    pub product: String,
    /// round(product / 2^31), ties up.
    pub high: i32,
    /// round(high / 2^max(-e, 0)), ties away from zero.
    pub divided: i32,
}

impl FixedPointTrace {
    pub fn new(acc: i64, rescale: Rescale) -> Self {
        let exponent = 31 - rescale.shift;
        let (raised, multiplier) = ((acc as i32).wrapping_shl(exponent.max(0) as u32), rescale.multiplier as i32);
        let high = doubling_high_multiply(raised, multiplier);
        let right = (-exponent).max(0) as u32;
        FixedPointTrace {
            multiplier,
            exponent,
            raised,
            product: (i64::from(raised) * i64::from(multiplier)).to_string(),
            high,
            // More than 31 bits leave nothing.
            divided: if right > 31 { 0 } else { divide_by_power_of_two(high, right) },
        }
    }
}

/// `round(a * b / 2^31)`, ties up. Only -2^31 times itself would not fit.
fn doubling_high_multiply(a: i32, b: i32) -> i32 {
    if a == i32::MIN && b == i32::MIN {
        return i32::MAX;
    }
    let product = i64::from(a) * i64::from(b);
    let nudge = if product >= 0 { 1 << 30 } else { 1 - (1 << 30) };
    // Division that drops towards zero, unlike a shift.
    ((product + nudge) / (1 << 31)) as i32
}

/// `round(x / 2^exponent)`, ties away from zero; `exponent` at most 31.
fn divide_by_power_of_two(x: i32, exponent: u32) -> i32 {
    let mask = (1i64 << exponent) - 1;
    let remainder = i64::from(x) & mask;
    let threshold = (mask >> 1) + i64::from(x < 0);
    (i64::from(x) >> exponent) as i32 + i32::from(remainder > threshold)
}

/// `round(sum / count)`, ties away from zero.
pub fn mean(sum: i64, count: i64) -> i64 {
    let half = count / 2;
    if sum > 0 { (sum + half) / count } else { (sum - half) / count }
}

/// A sum or difference: operands relative to their zero points.
pub fn add([a, b]: [i64; 2], subtract: bool, operands: [Rescale; 2], sum: Rescale) -> i64 {
    let (a, b) = (raise(a, operands[0]), raise(b, operands[1]));
    multiply(if subtract { a - b } else { a + b }, sum)
}

/// An operand on the common scale.
fn raise(value: i64, rescale: Rescale) -> i64 {
    multiply(value << ADD_LEFT_SHIFT, rescale)
}

/// [`add`] for many: what becomes of each of an operand's 256 integers is worked out once.
pub struct Add {
    /// The second one's with the sign that it has in the sum.
    raised: [[i64; 256]; 2],
    sum: Rescale,
}

impl Add {
    pub fn new(operands: [Rescale; 2], sum: Rescale, subtract: bool, [za, zb, _]: [u8; 3]) -> Self {
        let raised = |integer: usize, zero_point: u8, rescale| raise(integer as i64 - i64::from(zero_point), rescale);
        let first = |integer| raised(integer, za, operands[0]);
        let second =
            |integer| if subtract { -raised(integer, zb, operands[1]) } else { raised(integer, zb, operands[1]) };
        Add { raised: [std::array::from_fn(first), std::array::from_fn(second)], sum }
    }

    /// The output's zero point is not included.
    pub fn apply(&self, a: u8, b: u8) -> i64 {
        multiply(self.raised[0][usize::from(a)] + self.raised[1][usize::from(b)], self.sum)
    }
}

/// A bilinear sum of signed integers back to one of them: `round(sum / 2^bits)`, ties away from zero.
pub fn interpolated(sum: i64, bits: u32) -> i64 {
    let half = 1i64 << (bits - 1);
    (sum + if sum > 0 { half } else { -half }) / (1i64 << bits)
}

/// Hard swish of an integer relative to its zero point, zero point of the output not yet added
/// (tensorflow/lite/kernels/internal/reference/hard_swish.h): in 16 bits, products doubled and their high half kept.
///
/// `output` is the factor from the input's scale, 7 bits finer, to the output's, with a shift of 31..=46; `gate` that to
/// the scale on which 3 is 2^15, with a shift of 0..=46.
pub fn hard_swish(x: i64, output: Rescale, gate: Rescale) -> i64 {
    let fine = (x << 7) as i16;
    let on_output = high_16(fine, multiplier_16(output));
    let exponent = 31 - gate.shift;
    let gated = if exponent > 0 {
        raise_16(high_16(raise_16(fine, exponent - 1), multiplier_16(gate)), 1)
    } else {
        divide_by_power_of_two(high_16(fine, multiplier_16(gate)).into(), exponent.unsigned_abs()) as i16
    };
    // From -1..1 to 0..1.
    let part = (i32::from(gated) + (1 << 15)) >> 1;
    // Both operands are at least -2^15 and `part` is not negative: no saturation; dropped towards zero.
    let product = part * i32::from(on_output) / (1 << 15);
    divide_by_power_of_two(product, (output.shift - 31).unsigned_abs()).into()
}

/// A fraction of 31 bits as one of 15, rounded half up, saturating.
fn multiplier_16(rescale: Rescale) -> i16 {
    ((i64::from(rescale.multiplier) + (1 << 15)) >> 16).min(i64::from(i16::MAX)) as i16
}

/// `round(a * b / 2^15)`, ties away from zero. `b` is a multiplier, never -2^15, so that the result always fits.
fn high_16(a: i16, b: i16) -> i16 {
    let product = i32::from(a) * i32::from(b);
    let nudge = if product >= 0 { 1 << 14 } else { 1 - (1 << 14) };
    ((product + nudge) / (1 << 15)) as i16
}

/// `value * 2^bits`, saturating.
fn raise_16(value: i16, bits: i32) -> i16 {
    (i64::from(value) << bits).clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rounding_twice_is_not_rounding_once() {
        // 0.35 = 0.7 / 2: round(0.7) = 1, and round(1 / 2) = 1 where round(0.35) would be 0.
        let multiplier = ((7u64 << 31) / 10) as u32;
        assert_eq!(multiply(1, Rescale { multiplier, shift: 32 }), 1);
        assert_eq!(multiply(-1, Rescale { multiplier, shift: 32 }), -1);
        assert_eq!(multiply(1, Rescale { multiplier, shift: 33 }), 0);
        // Ties away from zero: 8 * 0.3125 = 2.5.
        assert_eq!(multiply(8, Rescale { multiplier: 5 << 28, shift: 32 }), 3);
        assert_eq!(multiply(-8, Rescale { multiplier: 5 << 28, shift: 32 }), -3);
    }

    #[test]
    fn extremes() {
        let half = Rescale { multiplier: 1 << 30, shift: 31 };
        assert_eq!(multiply(i64::from(i32::MIN), half), -(1 << 30));
        assert_eq!(multiply(i64::from(i32::MAX), half), 1 << 30);
        assert_eq!(multiply(i64::from(i32::MAX), Rescale { multiplier: u32::MAX >> 1, shift: 62 }), 1);
        assert_eq!(multiply(i64::from(i32::MAX), Rescale { multiplier: u32::MAX >> 1, shift: 63 }), 0);
        assert_eq!(multiply(5, Rescale::default()), 0);
        assert_eq!((mean(7, 2), mean(-7, 2), mean(0, 3), mean(-1, 3)), (4, -4, 0, 0));
    }

    proptest! {
        /// Both roundings are to nearest, so the result is within one of the exact quotient.
        #[test]
        fn close_to_the_exact_product(acc in any::<i32>(), multiplier in 1u32 << 30..1 << 31, shift in 31i32..=62) {
            let exact = i128::from(acc) * i128::from(multiplier);
            let result = i128::from(multiply(i64::from(acc), Rescale { multiplier, shift }));
            prop_assert!(((result << shift) - exact).abs() <= 1i128 << shift);
        }
    }
    #[test]
    fn a_sum_by_tables_is_the_sum() {
        let operands = [(3 << 29, 32), (5 << 28, 33)].map(|(multiplier, shift)| Rescale { multiplier, shift });
        let sum = Rescale { multiplier: 7 << 28, shift: 50 };
        for subtract in [false, true] {
            let by_tables = Add::new(operands, sum, subtract, [3, 250, 0]);
            for (a, b) in (0..=255u8).flat_map(|a| (0..=255u8).map(move |b| (a, b))) {
                let relative = [i64::from(a) - 3, i64::from(b) - 250];
                assert_eq!(by_tables.apply(a, b), add(relative, subtract, operands, sum), "{a} {b}");
            }
        }
    }
}

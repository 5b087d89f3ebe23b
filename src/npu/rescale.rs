//! N6: from accumulator to output integer. `y = Z_y + round_shift(acc * M, n + k[o])`, clamped.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::profile::Rounding;

/// A positive real factor as `multiplier * 2^-shift`. `shift` may be negative (a factor of 2^m or more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, Tsify)]
pub struct Rescale {
    pub multiplier: u32,
    pub shift: i32,
}

impl Rescale {
    /// The largest right shift that leaves anything of a product.
    pub const MAX_SHIFT: i32 = 62;

    /// `round_shift(acc * M, shift)`: N6. The product is exact for the sums that a quantizer lets through, below 2^62.
    pub fn apply(self, acc: i64, rounding: Rounding) -> i64 {
        round_shift(acc.wrapping_mul(i64::from(self.multiplier)), self.shift, rounding)
    }

    /// The same factor divided by `2^k`: what a channel's shift does.
    pub fn shifted(self, k: u8) -> Self {
        Rescale { shift: self.shift + i32::from(k), ..self }
    }
}

/// Divides `product` by `2^shift` with the given rounding; a negative shift multiplies, saturating.
///
/// Exact for `|product| < 2^62` and any shift: a product of a 32-bit accumulator and a 31-bit multiplier fits.
pub fn round_shift(product: i64, shift: i32, rounding: Rounding) -> i64 {
    if shift <= 0 {
        let factor = 1i64.checked_shl(shift.unsigned_abs()).filter(|&f| f > 0).unwrap_or(i64::MAX);
        return product.saturating_mul(factor);
    }
    if shift > Rescale::MAX_SHIFT {
        // |product| < 2^62 is less than half of 2^shift.
        return if rounding == Rounding::Truncate && product < 0 { -1 } else { 0 };
    }
    let floor = product >> shift;
    let rest = product - (floor << shift);
    let half = 1i64 << (shift - 1);
    let up = match rounding {
        Rounding::HalfUp => rest >= half,
        Rounding::HalfAway => rest > half || (rest == half && product >= 0),
        Rounding::HalfEven => rest > half || (rest == half && floor & 1 == 1),
        Rounding::Truncate => false,
    };
    floor + i64::from(up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Rounding::*;

    #[test]
    fn ties_and_signs() {
        // 5/2, -5/2, 3/2, -3/2, 7/4, -7/4
        let cases = [(5, 1), (-5, 1), (3, 1), (-3, 1), (7, 2), (-7, 2)];
        let expect = [
            (HalfUp, [3, -2, 2, -1, 2, -2]),
            (HalfAway, [3, -3, 2, -2, 2, -2]),
            (HalfEven, [2, -2, 2, -2, 2, -2]),
            (Truncate, [2, -3, 1, -2, 1, -2]),
        ];
        for (rounding, results) in expect {
            for ((product, shift), result) in cases.into_iter().zip(results) {
                assert_eq!(round_shift(product, shift, rounding), result, "{product} >> {shift} {rounding:?}");
            }
        }
    }

    #[test]
    fn extreme_products_and_shifts() {
        let largest = i64::from(i32::MIN) * i64::from(i32::MAX);
        for rounding in [HalfUp, HalfAway, HalfEven] {
            assert_eq!(round_shift(largest, 62, rounding), -1, "{rounding:?}");
            assert_eq!(round_shift(-largest, 62, rounding), 1, "{rounding:?}");
            assert_eq!(round_shift(1 << 40, 62, rounding), 0, "{rounding:?}");
            assert_eq!(round_shift(largest, 63, rounding), 0, "{rounding:?}");
        }
        assert_eq!(round_shift(largest, 200, Truncate), -1);
        assert_eq!(round_shift(3, -2, HalfUp), 12);
        assert_eq!(round_shift(3, -80, HalfUp), i64::MAX);
        assert_eq!(round_shift(-3, -80, HalfUp), i64::MIN);
        assert_eq!(round_shift(0, -80, HalfUp), 0);
    }

    #[test]
    fn an_extra_shift_divides_by_a_power_of_two() {
        let rescale = Rescale { multiplier: 40000, shift: 20 };
        for acc in [-123_456, -1, 0, 1, 99_999] {
            assert_eq!(rescale.shifted(3).apply(acc << 3, HalfUp), rescale.apply(acc, HalfUp));
        }
    }
}

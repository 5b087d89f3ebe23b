//! A real factor as an integer multiplier and a shift (N6).

use crate::npu::Rescale;

/// The multiplier of `bits` bits and the shift whose quotient is nearest to `factor` (ties to even).
///
/// The multiplier lies in `2^(bits-1)..2^bits`, so the relative error is at most `2^-bits`. A factor that is not
/// positive and finite gives a multiplier of 0. Only exact operations: scaling by powers of two and one rounding.
pub fn rescale(factor: f64, bits: u8) -> Rescale {
    if !factor.is_finite() || factor <= 0.0 {
        return Rescale::default();
    }
    let low = (1u64 << (bits - 1)) as f64;
    let high = low * 2.0;
    let (mut scaled, mut shift) = (factor, 0);
    while scaled < low {
        scaled *= 2.0;
        shift += 1;
    }
    while scaled >= high {
        scaled /= 2.0;
        shift -= 1;
    }
    let rounded = scaled.round_ties_even();
    // Rounding up may reach 2^bits, which is the same factor one bit further.
    if rounded >= high {
        Rescale { multiplier: low as u32, shift: shift - 1 }
    } else {
        Rescale { multiplier: rounded as u32, shift }
    }
}

/// Two factors over one shift: the larger keeps all its bits (residual addition, N10).
pub fn rescale_pair(factors: [f64; 2], bits: u8) -> ([i64; 2], i32) {
    let larger = rescale(factors[0].abs().max(factors[1].abs()), bits);
    let scale = power_of_two(larger.shift);
    (factors.map(|factor| (factor * scale).round_ties_even() as i64), larger.shift)
}

/// `2^exponent`, exact within f64's range, saturating to 0 and infinity beyond it.
pub fn power_of_two(exponent: i32) -> f64 {
    let (factor, steps) = if exponent < 0 { (0.5, exponent.unsigned_abs()) } else { (2.0, exponent.unsigned_abs()) };
    (0..steps.min(1100)).fold(1.0, |power, _| power * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_factors() {
        assert_eq!(rescale(1.0, 16), Rescale { multiplier: 32768, shift: 15 });
        assert_eq!(rescale(0.75, 8), Rescale { multiplier: 192, shift: 8 });
        assert_eq!(rescale(65535.9, 16), Rescale { multiplier: 32768, shift: -1 });
        assert_eq!(rescale(3e9, 8), Rescale { multiplier: 179, shift: -24 });
        assert_eq!(rescale(0.0, 16).multiplier, 0);
        assert_eq!(rescale(f64::NAN, 16).multiplier, 0);
    }

    proptest! {
        #[test]
        fn the_error_is_within_half_a_unit(mantissa in 1.0f64..2.0, exponent in -60i32..40, bits in 8u8..=31) {
            let factor = mantissa * power_of_two(exponent);
            let Rescale { multiplier, shift } = rescale(factor, bits);
            prop_assert!(multiplier >= 1 << (bits - 1) && u64::from(multiplier) < 1 << bits);
            let value = f64::from(multiplier) * power_of_two(-shift);
            prop_assert!((value / factor - 1.0).abs() <= power_of_two(-i32::from(bits)));
        }

        #[test]
        fn a_pair_shares_its_shift(a in 0.01f64..100.0, b in -100.0f64..-0.01) {
            let ([ma, mb], shift) = rescale_pair([a, b], 16);
            let unit = power_of_two(-shift);
            prop_assert!((ma as f64 * unit - a).abs() <= unit / 2.0);
            prop_assert!((mb as f64 * unit - b).abs() <= unit / 2.0);
            prop_assert!(ma.abs().max(mb.abs()) >= 1 << 15);
        }
    }
}

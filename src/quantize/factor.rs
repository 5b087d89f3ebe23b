//! A real factor as an integer multiplier and a shift, as each datapath holds it (N6, N8, N9).

use crate::npu::{ADD_LEFT_SHIFT, AddRescale, Datapath, PreluRescale, Profile, Rescale};

/// `a * b / y`: convolutions.
pub fn product(profile: &Profile, [a, b]: [f64; 2], y: f64) -> Rescale {
    match profile.datapath {
        Datapath::Npu => rescale(a * b / y, profile.multiplier_bits),
        Datapath::Tflite => fixed_point(a * b / y),
        Datapath::Ort => exact(a as f32 * b as f32 / y as f32),
    }
}

/// `a * b / y` and `a / y` for operators of two activations, where TensorFlow Lite divides in float32
/// (tensorflow/lite/kernels/mul.cc, activations.cc).
pub fn elementwise(profile: &Profile, factors: &[f64], y: f64) -> Rescale {
    match profile.datapath {
        Datapath::Npu => rescale(factors.iter().product::<f64>() / y, profile.multiplier_bits),
        Datapath::Tflite => fixed_point(f64::from(factors.iter().fold(1.0, |a, &b| a * b as f32) / y as f32)),
        Datapath::Ort => exact(factors.iter().fold(1.0, |a, &b| a * b as f32) / y as f32),
    }
}

/// The rescales of a PReLU of an activation on scale `x` with slopes on scale `slope`.
pub fn prelu(profile: &Profile, [x, slope]: [f64; 2], y: f64) -> PreluRescale {
    match profile.datapath {
        Datapath::Npu | Datapath::Tflite => PreluRescale::Split {
            positive: elementwise(profile, &[x], y),
            negative: elementwise(profile, &[x, slope], y),
        },
        Datapath::Ort => {
            PreluRescale::Float { input: exact(x as f32), slope: exact(slope as f32), output: exact(y as f32) }
        }
    }
}

/// `a / y`: from one activation scale to another.
pub fn quotient(profile: &Profile, a: f64, y: f64) -> Rescale {
    match profile.datapath {
        Datapath::Npu => rescale(a / y, profile.multiplier_bits),
        Datapath::Tflite => fixed_point(a / y),
        Datapath::Ort => exact(a as f32 / y as f32),
    }
}

/// The rescales of a sum (or difference) of operands on scales `a` and `b`.
pub fn sum(profile: &Profile, [a, b]: [f64; 2], y: f64, subtract: bool) -> AddRescale {
    match profile.datapath {
        Datapath::Npu => {
            let (multipliers, shift) = rescale_pair([a / y, b / y], profile.multiplier_bits);
            AddRescale::Shared { multipliers, shift }
        }
        Datapath::Tflite => {
            // Twice the larger scale, so that neither operand's factor reaches 1 (tensorflow/lite/kernels/add.cc).
            let common = 2.0 * a.max(b);
            AddRescale::Staged {
                operands: [fixed_point(a / common), fixed_point(b / common)],
                sum: fixed_point(common / (power_of_two(ADD_LEFT_SHIFT as i32) * y)),
            }
        }
        Datapath::Ort if subtract => {
            AddRescale::Dequantized { operands: [exact(a as f32), exact(b as f32)], output: exact(y as f32) }
        }
        Datapath::Ort => AddRescale::Float { factors: [exact(a as f32 / y as f32), exact(b as f32 / y as f32)] },
    }
}

/// `x / (y * count)`, from a sum of `count` activations to their mean.
pub fn mean(profile: &Profile, x: f64, y: f64, count: usize) -> Rescale {
    match profile.datapath {
        Datapath::Npu => {
            // Narrow enough that the product with the largest sum stays below 2^62.
            let sum_bits = u64::BITS - (count as u64).saturating_mul(255).leading_zeros();
            let bits = profile.multiplier_bits.min(62u32.saturating_sub(sum_bits).max(1) as u8);
            rescale(x / (y * count as f64), bits)
        }
        Datapath::Tflite => divided(fixed_point(x / y), count),
        Datapath::Ort => exact(x as f32 / (y as f32 * count as f32)),
    }
}

/// The multiplier divided by `count`, dropping the remainder, after it was raised by as many bits as `count` has
/// (`QuantizedMeanOrSum`, tensorflow/lite/kernels/internal/reference/reduce.h).
fn divided(rescale: Rescale, count: usize) -> Rescale {
    // Fewer bits where the shift would pass 31 behind the multiplication.
    let bits = (63 - (count.max(1) as u64).leading_zeros() as i32).min(32).min(62 - rescale.shift);
    let multiplier = (u64::from(rescale.multiplier) << bits) / count.max(1) as u64;
    Rescale { multiplier: multiplier as u32, shift: rescale.shift + bits }
}

/// A fraction of 31 bits in 1/2..1, rounded half up, and a shift; 0 where the shift would leave nothing
/// (`QuantizeMultiplier`, tensorflow/lite/kernels/internal/quantization_util.cc).
pub fn fixed_point(factor: f64) -> Rescale {
    if !factor.is_finite() || factor <= 0.0 {
        return Rescale::default();
    }
    let (scaled, shift) = normalized(factor, 31);
    // Exact: both terms are multiples of the significand's last bit.
    let rounded = (scaled + 0.5).floor();
    let result = if rounded >= power_of_two(31) {
        Rescale { multiplier: 1 << 30, shift: shift - 1 }
    } else {
        Rescale { multiplier: rounded as u32, shift }
    };
    if result.shift > 62 { Rescale::default() } else { result }
}

/// A float32, nothing lost; its significand has 24 bits.
pub fn exact(factor: f32) -> Rescale {
    rescale(f64::from(factor), 24)
}

/// The multiplier of `bits` bits and the shift whose quotient is nearest to `factor` (ties to even).
///
/// The multiplier lies in `2^(bits-1)..2^bits`, so the relative error is at most `2^-bits`. A factor that is not
/// positive and finite gives a multiplier of 0. Only exact operations: scaling by powers of two and one rounding.
pub fn rescale(factor: f64, bits: u8) -> Rescale {
    if !factor.is_finite() || factor <= 0.0 {
        return Rescale::default();
    }
    let (scaled, shift) = normalized(factor, bits);
    let rounded = scaled.round_ties_even();
    // Rounding up may reach 2^bits, which is the same factor one bit further.
    if rounded >= power_of_two(i32::from(bits)) {
        Rescale { multiplier: 1 << (bits - 1), shift: shift - 1 }
    } else {
        Rescale { multiplier: rounded as u32, shift }
    }
}

/// The factor times `2^shift`, which lies in `2^(bits-1)..2^bits`, and that shift.
fn normalized(factor: f64, bits: u8) -> (f64, i32) {
    let low = power_of_two(i32::from(bits) - 1);
    let (mut scaled, mut shift) = (factor, 0);
    while scaled < low {
        scaled *= 2.0;
        shift += 1;
    }
    while scaled >= low * 2.0 {
        scaled /= 2.0;
        shift -= 1;
    }
    (scaled, shift)
}

/// Two factors over one shift: the larger keeps all its bits (residual addition, N10).
fn rescale_pair(factors: [f64; 2], bits: u8) -> ([u32; 2], i32) {
    let larger = rescale(factors[0].max(factors[1]), bits);
    let scale = power_of_two(larger.shift);
    (factors.map(|factor| (factor * scale).round_ties_even() as u32), larger.shift)
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

    #[test]
    fn fixed_point_rounds_half_up_and_flushes_what_is_too_small() {
        assert_eq!(fixed_point(0.5), Rescale { multiplier: 1 << 30, shift: 31 });
        assert_eq!(fixed_point(1.0), Rescale { multiplier: 1 << 30, shift: 30 });
        // 2^-31 more than 1/2 is half a unit of the multiplier.
        let tie = 0.5 + power_of_two(-32);
        assert_eq!(fixed_point(tie), Rescale { multiplier: (1 << 30) + 1, shift: 31 });
        assert_eq!(fixed_point(1.0 - power_of_two(-40)), Rescale { multiplier: 1 << 30, shift: 30 });
        assert_eq!(fixed_point(power_of_two(-32)), Rescale { multiplier: 1 << 30, shift: 62 });
        assert_eq!(fixed_point(power_of_two(-33)), Rescale::default());
    }

    proptest! {
        #[test]
        fn a_float32_is_held_exactly(factor in 1e-30f32..1e30) {
            let Rescale { multiplier, shift } = exact(factor);
            prop_assert_eq!(f64::from(multiplier) * power_of_two(-shift), f64::from(factor));
        }

        #[test]
        fn the_error_is_within_half_a_unit(mantissa in 1.0f64..2.0, exponent in -60i32..40, bits in 8u8..=31) {
            let factor = mantissa * power_of_two(exponent);
            let Rescale { multiplier, shift } = rescale(factor, bits);
            prop_assert!(multiplier >= 1 << (bits - 1) && u64::from(multiplier) < 1 << bits);
            let value = f64::from(multiplier) * power_of_two(-shift);
            prop_assert!((value / factor - 1.0).abs() <= power_of_two(-i32::from(bits)));
        }

        #[test]
        fn a_pair_shares_its_shift(a in 0.01f64..100.0, b in 0.01f64..100.0) {
            let ([ma, mb], shift) = rescale_pair([a, b], 16);
            let unit = power_of_two(-shift);
            prop_assert!((f64::from(ma) * unit - a).abs() <= unit / 2.0);
            prop_assert!((f64::from(mb) * unit - b).abs() <= unit / 2.0);
            prop_assert!(ma.max(mb) >= 1 << 15);
        }
    }
}

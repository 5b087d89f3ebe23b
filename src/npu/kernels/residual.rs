//! The sum of two tensors of one shape (N10), sixteen bytes at a time in 32-bit lanes: what residual networks are full of.

use bytemuck::cast;
use wide::{i16x8, i32x4};

use super::elementwise::Binary;
use super::lanes::{Clamp, fours};
use super::scale::centred;
use crate::npu::profile::Rounding;

const BYTES: usize = 16;

pub struct Residual {
    multipliers: [i32x4; 2],
    /// The zero points' share and the rounding half.
    constant: i32x4,
    shift: u32,
    /// Centred.
    zero_point: i16x8,
    clamp: Clamp,
}

impl Residual {
    /// `None` for operands that are broadcast, other roundings than half up or none, and factors that need more than 32
    /// bits.
    pub fn new(binary: &Binary, multipliers: [u32; 2], shift: i32, subtract: bool) -> Option<Self> {
        let half = match binary.profile.rounding {
            Rounding::HalfUp => 1i64.checked_shl(shift.checked_sub(1)?.try_into().ok()?)?,
            Rounding::Truncate => 0,
            Rounding::HalfAway | Rounding::HalfEven => return None,
        };
        let [ma, mb] = multipliers.map(i64::from);
        // Neither the sum nor a part of it leaves 32 bits.
        let fits = (ma + mb) * 255 + half <= i64::from(i32::MAX);
        if !fits || !(1..=31).contains(&shift) || binary.shapes != [binary.out; 2] {
            return None;
        }
        let mb = if subtract { -mb } else { mb };
        let [za, zb, zy] = binary.zero_points;
        Some(Residual {
            multipliers: [ma, mb].map(|multiplier| i32x4::splat(multiplier as i32)),
            constant: i32x4::splat((half - i64::from(za) * ma - i64::from(zb) * mb) as i32),
            shift: shift as u32,
            zero_point: i16x8::splat(centred(zy)),
            clamp: Clamp::new(binary.bounds),
        })
    }

    pub fn run(&self, [a, b]: [&[u8]; 2], output: &mut [u8]) {
        let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<BYTES>(), b.as_chunks::<BYTES>());
        let (bytes, rest) = output.as_chunks_mut::<BYTES>();
        for ((byte, a), b) in bytes.iter_mut().zip(a).zip(b) {
            *byte = self.sixteen(*a, *b);
        }
        let padded = |rest: &[u8]| {
            let mut bytes = [0; BYTES];
            bytes[..rest.len()].copy_from_slice(rest);
            bytes
        };
        let last = self.sixteen(padded(a_rest), padded(b_rest));
        rest.copy_from_slice(&last[..rest.len()]);
    }

    #[inline(always)]
    fn sixteen(&self, a: [u8; BYTES], b: [u8; BYTES]) -> [u8; BYTES] {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (fours(a), fours(b));
        let low = self.eight([self.sum(a0, b0), self.sum(a1, b1)]);
        let high = self.eight([self.sum(a2, b2), self.sum(a3, b3)]);
        self.clamp.bytes([low, high]).to_array()
    }

    #[inline(always)]
    fn sum(&self, a: i32x4, b: i32x4) -> i32x4 {
        (a * self.multipliers[0] + b * self.multipliers[1] + self.constant) >> self.shift
    }

    #[inline(always)]
    fn eight(&self, sums: [i32x4; 2]) -> i16x8 {
        i16x8::from_i32x8_saturate(cast(sums)).saturating_add(self.zero_point)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::npu::graph::Bounds;
    use crate::npu::profile::Profile;
    use crate::npu::rescale::round_shift;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn equals_the_sum_written_out(
            bytes in proptest::collection::vec(prop_oneof![2 => any::<[u8; 2]>(), 1 => Just([0, 255])], 1..70),
            multipliers in prop_oneof![any::<[u16; 2]>(), Just([0, 65535]), Just([65535, 65535])],
            wide in 0u32..8, shift in 1i32..31, subtract in any::<bool>(), truncate in any::<bool>(),
            zero_points in any::<[u8; 3]>(), [low, high] in any::<[u8; 2]>(),
        ) {
            let rounding = if truncate { Rounding::Truncate } else { Rounding::HalfUp };
            let shape = [bytes.len()];
            let binary = Binary {
                shapes: [&shape, &shape],
                out: &shape,
                zero_points,
                bounds: Bounds { min: low.min(high), max: low.max(high) },
                profile: &Profile { rounding, ..Profile::default() },
            };
            let multipliers = multipliers.map(|multiplier| u32::from(multiplier) << wide);
            let Some(residual) = Residual::new(&binary, multipliers, shift, subtract) else { return Ok(()) };
            let [a, b] = [0, 1].map(|i| bytes.iter().map(|pair| pair[i]).collect::<Vec<u8>>());
            let mut output = vec![7; bytes.len()];
            residual.run([&a, &b], &mut output);
            for ((a, b), byte) in a.iter().zip(&b).zip(output) {
                let [a, b] = [(a, zero_points[0]), (b, zero_points[1])].map(|(&x, z)| i64::from(x) - i64::from(z));
                let [ma, mb] = multipliers.map(i64::from);
                let exact = a * ma + if subtract { -b * mb } else { b * mb };
                prop_assert_eq!(byte, binary.bounds.place(zero_points[2], round_shift(exact, shift, rounding)));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_left_to_others() {
        let binary = |shapes: [&'static [usize]; 2]| Binary {
            shapes,
            out: &[2, 3],
            zero_points: [0; 3],
            bounds: Bounds { min: 0, max: 255 },
            profile: Box::leak(Box::new(Profile::default())),
        };
        let same = binary([&[2, 3], &[2, 3]]);
        assert!(Residual::new(&same, [1 << 15; 2], 16, false).is_some());
        assert!(Residual::new(&same, [1 << 23; 2], 16, false).is_none());
        assert!(Residual::new(&same, [1 << 15; 2], 0, false).is_none());
        assert!(Residual::new(&same, [1 << 15; 2], 40, false).is_none());
        assert!(Residual::new(&binary([&[2, 3], &[3]]), [1 << 15; 2], 16, false).is_none());
    }
}

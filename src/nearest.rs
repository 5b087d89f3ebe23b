//! The integers nearest to small numbers, four at a time. By an addition: a conversion that saturates takes engines many
//! instructions.

use bytemuck::cast;
use wide::{f32x4, i32x4};

use crate::splat;

/// Numbers further from 0 count as this: it is beyond all bytes, whatever the zero point.
const FAR: f32 = 1024.0;

/// Added to a small number, rounds it to an integer, ties to even, which then stands in the lowest bits.
const MAGIC: f32 = 1.5 * (1 << 23) as f32;

pub struct Nearest {
    /// The numbers, no further from 0 than 1024.
    pub clamped: f32x4,
    /// Those rounded, ties to even; and as integers. Of NaN they are anything.
    pub rounded: f32x4,
    pub integers: i32x4,
}

#[inline(always)]
pub fn nearest(reals: f32x4) -> Nearest {
    let (far, magic) = (splat::f32x4(FAR), splat::f32x4(MAGIC));
    let clamped = reals.simd_gt(far).select(far, reals);
    let clamped = clamped.simd_lt(-far).select(-far, clamped);
    let sum = clamped + magic;
    Nearest { clamped, rounded: sum - magic, integers: cast::<_, i32x4>(sum) - cast::<_, i32x4>(magic) }
}

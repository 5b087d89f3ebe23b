//! The activations that a few output pixels see, as the GEMM reads them: widened to 16 bits, a tile's rows interleaved
//! step by step, so that one pointer walks over all of them.

use bytemuck::cast;
use wide::{i16x8, u8x16, u32x4};

use super::lanes::{widen_high, widen_low};
use crate::splat;

/// Output pixels of a register tile: 4 rows of 8 channels are 8 of the 16 registers that SSE2 and WebAssembly engines
/// have.
pub const ROWS: usize = 4;

/// Taps of a step: a pair for multiply-add-pairs instructions.
pub const STEP_TAPS: usize = 2;

/// Per row a pair of 16-bit activations.
pub type Step = [i32; ROWS];

/// Bytes that are copied and widened together.
const BYTES: usize = 16;

/// Their steps; a tile has room for a multiple of them.
pub const STEPS: usize = BYTES / STEP_TAPS;

/// Bytes that a row of `taps` taps may be read and written beyond its end.
pub const SLACK: usize = BYTES;

/// Widens and interleaves `count` steps of a tile's rows: from `start` on and every `stride` bytes, each with [`SLACK`] bytes
/// (of any content) beyond its taps. Up to [`STEPS`] less one more are written.
#[inline]
pub fn interleave(tile: &mut [Step], count: usize, (data, start): (&[u8], usize), stride: usize) {
    let mut at = start;
    for steps in tile.as_chunks_mut::<STEPS>().0.iter_mut().take(count.div_ceil(STEPS)) {
        let (a, b) = (read(data, at), read(data, at + stride));
        let (c, d) = (read(data, at + 2 * stride), read(data, at + 3 * stride));
        at += BYTES;
        let low = transpose(widen_low(a), widen_low(b), widen_low(c), widen_low(d));
        let high = transpose(widen_high(a), widen_high(b), widen_high(c), widen_high(d));
        *steps = cast([low, high]);
    }
}

#[inline(always)]
fn read(data: &[u8], at: usize) -> u8x16 {
    u8x16::new(data.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default())
}

/// Of four rows of four pairs, the four first pairs, the four second ones, ...
#[inline(always)]
fn transpose(a: i16x8, b: i16x8, c: i16x8, d: i16x8) -> [u32x4; 4] {
    let [a, b, c, d]: [u32x4; 4] = [cast(a), cast(b), cast(c), cast(d)];
    let (even, odd) = (a.unpack_lo(c), b.unpack_lo(d));
    let (later_even, later_odd) = (a.unpack_hi(c), b.unpack_hi(d));
    [even.unpack_lo(odd), even.unpack_hi(odd), later_even.unpack_lo(later_odd), later_even.unpack_hi(later_odd)]
}

/// Sets `count` bytes from place `at` of `row` on, with the same freedom as [`copy`].
#[inline]
pub fn fill(row: &mut [u8], at: usize, value: u8, count: usize) {
    let many = splat::u8x16(value).to_array();
    let mut done = 0;
    while done < count {
        if let Some(to) = row.get_mut(at + done..).and_then(<[u8]>::first_chunk_mut::<BYTES>) {
            *to = many;
        }
        done += BYTES;
    }
}

/// Copies the first `count` bytes of `source` to place `at` of `row`, which ends [`SLACK`] bytes or more after them. What
/// comes later in `row` may be overwritten: rows are filled from front to back.
#[inline]
pub fn copy(row: &mut [u8], at: usize, source: &[u8], count: usize) {
    let mut done = 0;
    while done < count {
        let to = row.get_mut(at + done..).and_then(<[u8]>::first_chunk_mut::<BYTES>);
        match (to, source.get(done..).and_then(<[u8]>::first_chunk::<BYTES>)) {
            (Some(to), Some(from)) => *to = *from,
            // The end of the input.
            _ => row[at + done..at + count].iter_mut().zip(&source[done..count]).for_each(|(to, from)| *to = *from),
        }
        done += BYTES;
    }
}

//! 3x3 filters of sixteen channels, two neighbouring output pixels at a time: the columns of the
//! input that both see are read and widened once.

use bytemuck::cast;
use wide::{i16x8, u8x16};

use super::{CHANNELS, Run, Strip, Weights};
use crate::npu::kernels::lanes::{Clamp, LANES, Panel, Sums, widen_high, widen_low};
use crate::npu::kernels::scale::{Near, Scale};

/// Sixteen channels' filters, and what their sums start from.
#[derive(Debug, Clone)]
pub struct Nine {
    /// Per column, the taps of the first two rows.
    upper: [Weights; 3],
    /// Of the last row: the first two taps, and the third beside nothing.
    lower: [Weights; 2],
    /// Of the last row, for the pixel that sees everything one column later: nothing beside the first tap, and the last two.
    lower_next: [Weights; 2],
    bias: [Sums; 2],
    /// Where both panels' scales are near.
    near: Option<[Near; 2]>,
}

/// Bytes from a window's first tap to the next row of taps, and to the next column.
pub type Steps = [usize; 2];

impl Nine {
    /// `pair` gives the weights of two taps, 0 for `None`. Of a last panel without a partner, the other eight sums are
    /// dropped. `None` if a panel is not full.
    pub fn new(panels: &[Panel], pair: impl Fn([Option<usize>; 2]) -> Weights) -> Option<Self> {
        let (low, high) = (panels.first()?, panels.last()?);
        if (low.channels, high.channels) != (LANES, LANES) {
            return None;
        }
        Some(Nine {
            bias: [low.bias, high.bias],
            near: match (low.scale, high.scale) {
                (Scale::Near(low), Scale::Near(high)) => Some([low, high]),
                _ => None,
            },
            upper: [0, 1, 2].map(|column| pair([Some(column), Some(3 + column)])),
            lower: [pair([Some(6), Some(7)]), pair([Some(8), None])],
            lower_next: [pair([None, Some(6)]), pair([Some(7), Some(8)])],
        })
    }

    /// A strip's pixels; the sixteen channels begin at `first` in each.
    pub fn strip(&self, run: &Run, data: &[u8], steps: Steps, strip: Strip, first: usize, output: &mut [u8]) {
        let place = (first, run.context.output.c);
        match &self.near {
            Some(scales) => {
                let scaling = NearScaling { scales, clamp: &run.clamp };
                self.scaled(scaling, data, steps, strip, place, output);
            }
            None => self.scaled(AnyScaling { run, first }, data, steps, strip, place, output),
        }
    }

    /// Not inlined: both ways to scale in one function cost each of them registers.
    #[inline(never)]
    fn scaled(
        &self,
        scaling: impl Scaling,
        data: &[u8],
        steps: Steps,
        strip: Strip,
        (first, channels): (usize, usize),
        output: &mut [u8],
    ) {
        let [row, column] = steps;
        let more = (output.len() / channels).saturating_sub(1);
        let end = strip.start + more * strip.step + 2 * row + 2 * column + CHANNELS;
        assert!(end <= data.len(), "a tap lies beyond the data");
        let mut at = strip.start;
        let (mut pairs, mut rest) = (Default::default(), output);
        if strip.step == column {
            (pairs, rest) = rest.split_at_mut(rest.len() / (2 * channels) * 2 * channels);
        }
        for pixels in pairs.chunks_exact_mut(2 * channels) {
            // SAFETY: the assertion holds for the last pixel's window, and all that is read lies in the two windows.
            let [left, right] = unsafe { self.one_apart(data, at, steps) };
            at += 2 * column;
            let (left_pixel, right_pixel) = pixels.split_at_mut(channels);
            write(scaling.bytes(left), first, left_pixel);
            write(scaling.bytes(right), first, right_pixel);
        }
        for pixel in rest.chunks_exact_mut(channels) {
            // SAFETY: the assertion holds for the last pixel's window.
            let sums = unsafe { self.single(data, at, steps) };
            at += strip.step;
            write(scaling.bytes(sums), first, pixel);
        }
    }

    /// The sums of the window that begins at `at`.
    ///
    /// # Safety
    /// The window lies in `data`, and sixteen bytes from its last tap on.
    #[inline(always)]
    unsafe fn single(&self, data: &[u8], at: usize, [row, column]: Steps) -> [Sums; 2] {
        let last = at + 2 * row;
        let [a, b] = &self.lower;
        // SAFETY: the caller's promise.
        unsafe {
            let sums = add(self.bias, upper(data, at, row), &self.upper[0]);
            let sums = add(sums, upper(data, at + column, row), &self.upper[1]);
            let sums = add(sums, upper(data, at + 2 * column, row), &self.upper[2]);
            let sums = add(sums, pair(read(data, last), read(data, last + column)), a);
            add(sums, pair(read(data, last + 2 * column), u8x16::ZERO), b)
        }
    }

    /// Those of the window that begins at `at` and of the one a column later.
    ///
    /// # Safety
    /// As above, for both.
    #[inline(always)]
    unsafe fn one_apart(&self, data: &[u8], at: usize, [row, column]: Steps) -> [[Sums; 2]; 2] {
        let last = at + 2 * row;
        // SAFETY: the caller's promise.
        unsafe {
            let taps = upper(data, at, row);
            let left = add(self.bias, taps, &self.upper[0]);
            let taps = upper(data, at + column, row);
            let (left, right) = (add(left, taps, &self.upper[1]), add(self.bias, taps, &self.upper[0]));
            let taps = upper(data, at + 2 * column, row);
            let (left, right) = (add(left, taps, &self.upper[2]), add(right, taps, &self.upper[1]));
            let taps = upper(data, at + 3 * column, row);
            let right = add(right, taps, &self.upper[2]);
            let taps = pair(read(data, last), read(data, last + column));
            let (left, right) = (add(left, taps, &self.lower[0]), add(right, taps, &self.lower_next[0]));
            let taps = pair(read(data, last + 2 * column), read(data, last + 3 * column));
            [add(left, taps, &self.lower[1]), add(right, taps, &self.lower_next[1])]
        }
    }
}

/// How the sums of two panels become bytes.
trait Scaling {
    fn bytes(&self, sums: [Sums; 2]) -> u8x16;
}

struct NearScaling<'a> {
    scales: &'a [Near; 2],
    clamp: &'a Clamp,
}

impl Scaling for NearScaling<'_> {
    #[inline(always)]
    fn bytes(&self, [low, high]: [Sums; 2]) -> u8x16 {
        self.clamp.bytes([self.scales[0].anew().apply(low), self.scales[1].anew().apply(high)])
    }
}

/// By whatever the panels from channel `first` on need.
struct AnyScaling<'a> {
    run: &'a Run<'a>,
    first: usize,
}

impl Scaling for AnyScaling<'_> {
    #[inline(always)]
    fn bytes(&self, sums: [Sums; 2]) -> u8x16 {
        self.run.clamp.bytes(self.run.outputs(self.first, &sums))
    }
}

/// A pixel's sixteen bytes from `place` on, or eight where it has no more.
#[inline(always)]
fn write(bytes: u8x16, place: usize, output: &mut [u8]) {
    let Some(place) = output.get_mut(place..) else { return };
    if let Some(sixteen) = place.first_chunk_mut() {
        *sixteen = bytes.to_array();
    } else if let Some(eight) = place.first_chunk_mut() {
        [*eight, _] = cast::<_, [[u8; LANES]; 2]>(bytes);
    }
}

/// A column's taps of the first two rows.
///
/// # Safety
/// `data` has sixteen bytes from either on.
#[inline(always)]
unsafe fn upper(data: &[u8], at: usize, row: usize) -> Weights {
    // SAFETY: the caller's promise.
    unsafe { pair(read(data, at), read(data, at + row)) }
}

/// Unchecked: the checks of a pixel take as long as its arithmetic.
///
/// # Safety
/// `data` has sixteen bytes from `start` on.
#[inline(always)]
unsafe fn read(data: &[u8], start: usize) -> u8x16 {
    // SAFETY: the caller's promise.
    u8x16::new(unsafe { data.as_ptr().add(start).cast::<[u8; CHANNELS]>().read() })
}

/// Two taps of sixteen channels, as their weights lie.
#[inline(always)]
pub fn pair(first: u8x16, second: u8x16) -> [i16x8; 4] {
    let (low, high) = (u8x16::unpack_low(first, second), u8x16::unpack_high(first, second));
    [widen_low(low), widen_high(low), widen_low(high), widen_high(high)]
}

/// Adds a pair of taps.
#[inline(always)]
pub fn add([low, high]: [Sums; 2], taps: [i16x8; 4], weights: &Weights) -> [Sums; 2] {
    [
        [low[0] + taps[0].dot(weights[0]), low[1] + taps[1].dot(weights[1])],
        [high[0] + taps[2].dot(weights[2]), high[1] + taps[3].dot(weights[3])],
    ]
}

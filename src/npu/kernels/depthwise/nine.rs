//! 3x3 filters of sixteen channels: with a known number of taps the loop over them is unrolled.

use bytemuck::cast;
use wide::u8x16;

use super::strip::{Run, Strip};
use super::{CHANNELS, Weights};
use crate::npu::kernels::lanes::{Clamp, LANES, Panel, Sums, widen_high, widen_low};
use crate::npu::kernels::scale::{Near, Scale};

/// Sixteen channels' filters, and what their sums start from.
#[derive(Debug, Clone)]
pub struct Nine {
    /// Per pair of taps; the partner of the last one is nothing.
    weights: [Weights; 5],
    bias: [Sums; 2],
    /// Where both panels' scales are near.
    near: Option<[Near; 2]>,
}

/// Bytes from a window's first tap to the next row of taps, and to the next column.
pub type Steps = [usize; 2];

impl Nine {
    /// Of a last panel without a partner, the other eight sums are dropped. `None` if a panel is not full.
    pub fn new(panels: &[Panel], weights: &[Weights]) -> Option<Self> {
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
            weights: weights.try_into().ok()?,
        })
    }

    /// A strip's sixteen channels, which are those from `first` on.
    pub fn strip(&self, run: &Run, data: &[u8], steps: Steps, strip: Strip, first: usize, output: &mut [u8]) {
        let is_pair = run.context.output.c - first >= CHANNELS;
        match &self.near {
            Some(scales) => self.scaled(NearScaling { scales, clamp: &run.clamp }, data, steps, strip, is_pair, output),
            None => self.scaled(AnyScaling { run, first }, data, steps, strip, is_pair, output),
        }
    }

    #[inline(always)]
    fn scaled<S: Scaling>(
        &self,
        scaling: S,
        data: &[u8],
        steps: Steps,
        strip: Strip,
        is_pair: bool,
        output: &mut [u8],
    ) {
        if is_pair {
            self.pixels::<S, CHANNELS>(scaling, data, steps, strip, output);
        } else {
            self.pixels::<S, LANES>(scaling, data, steps, strip, output);
        }
    }

    /// Of `WIDTH` channels. Not inlined: several of these in one function cost each of them registers.
    #[inline(never)]
    fn pixels<S: Scaling, const WIDTH: usize>(
        &self,
        scaling: S,
        data: &[u8],
        steps: Steps,
        strip: Strip,
        output: &mut [u8],
    ) {
        let Strip { pixels, window: [mut at, step], output: [to, next] } = strip;
        let more = pixels.saturating_sub(1);
        let window = 2 * steps[0] + 2 * steps[1] + CHANNELS;
        assert!(at + more * step + window <= data.len(), "a tap lies beyond the data");
        assert!(to + more * next + WIDTH <= output.len(), "a pixel lies beyond the output");
        let mut to = output.as_mut_ptr().wrapping_add(to);
        for _ in 0..pixels {
            // SAFETY: both assertions hold for the last pixel.
            unsafe {
                let sums = sum(data, at, steps, &self.weights, self.bias);
                write::<WIDTH>(scaling.bytes(sums), to);
            }
            at += step;
            to = to.wrapping_add(next);
        }
    }
}

/// The sums of the window that begins at `at`.
///
/// # Safety
/// `data` has at least `2 * row + 2 * column + CHANNELS` bytes from there.
#[inline(always)]
unsafe fn sum(data: &[u8], at: usize, [row, column]: Steps, weights: &[Weights; 5], bias: [Sums; 2]) -> [Sums; 2] {
    let [second, third] = [at + row, at + 2 * row];
    // SAFETY: the caller's promise.
    unsafe {
        let sums = add(bias, [read(data, at), read(data, at + column)], &weights[0]);
        let sums = add(sums, [read(data, at + 2 * column), read(data, second)], &weights[1]);
        let sums = add(sums, [read(data, second + column), read(data, second + 2 * column)], &weights[2]);
        let sums = add(sums, [read(data, third), read(data, third + column)], &weights[3]);
        add(sums, [read(data, third + 2 * column), u8x16::ZERO], &weights[4])
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

/// A pixel's bytes: sixteen, or the eight of a panel without a partner.
///
/// # Safety
/// There is room for `WIDTH` bytes.
#[inline(always)]
unsafe fn write<const WIDTH: usize>(bytes: u8x16, to: *mut u8) {
    // SAFETY: the caller's promise.
    unsafe {
        if WIDTH == CHANNELS {
            to.cast::<[u8; CHANNELS]>().write(bytes.to_array());
        } else {
            let [eight, _]: [[u8; LANES]; 2] = cast(bytes);
            to.cast::<[u8; LANES]>().write(eight);
        }
    }
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

/// Adds a pair of taps.
#[inline(always)]
pub fn add([low, high]: [Sums; 2], [first, second]: [u8x16; 2], weights: &Weights) -> [Sums; 2] {
    let (even, odd) = (u8x16::unpack_low(first, second), u8x16::unpack_high(first, second));
    [
        [low[0] + widen_low(even).dot(weights[0]), low[1] + widen_high(even).dot(weights[1])],
        [high[0] + widen_low(odd).dot(weights[2]), high[1] + widen_high(odd).dot(weights[3])],
    ]
}

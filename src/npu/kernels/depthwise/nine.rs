//! 3x3 filters of sixteen channels: with a known number of taps the loop over them is unrolled.

use bytemuck::cast;
use wide::u8x16;

use super::{CHANNELS, Run, Strip, Weights};
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
        for pixel in output.chunks_exact_mut(channels) {
            // SAFETY: the assertion holds for the last pixel.
            let sums = unsafe { sum(data, at, steps, &self.weights, self.bias) };
            at += strip.step;
            write(scaling.bytes(sums), first, pixel);
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

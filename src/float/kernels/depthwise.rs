//! Depthwise convolution with one filter per channel: for each output pixel, the channels side by side in lanes.
//!
//! Order of the sum: taps in row-major order (padded ones left out), a partial sum per [`SUM_BLOCK`] of them, the
//! partial sums added to the bias.

use std::ops::Range;

use wide::f32x4;

use super::{Image, Phase, SUM_BLOCK, elementwise};
use crate::graph::{Clamp, Conv};

/// Channels computed together.
const WIDTH: usize = 4;

pub struct PackedDepthwise {
    /// `[kh * kw, c]`.
    weight: Vec<f32>,
    /// `[c]`.
    bias: Vec<f32>,
    kernel: [usize; 2],
    rows: Vec<Phase>,
    columns: Vec<Phase>,
}

/// Where one tap's channels start in the input and in the weights.
#[derive(Clone, Copy)]
struct Tap {
    input: usize,
    weight: usize,
}

/// The taps of the first of some output pixels in a row that see as many, and how far the input is to move for the next.
struct Strip<'a> {
    taps: &'a [Tap],
    step: usize,
}

impl PackedDepthwise {
    /// The weights are `[c, kh, kw, 1]` and there are `c` groups.
    pub fn new(conv: &Conv) -> Self {
        let channels = conv.output_channels();
        let taps = conv.kernel[0] * conv.kernel[1];
        let weight = (0..taps * channels).map(|i| conv.channel(i % channels)[i / channels]).collect();
        PackedDepthwise {
            weight,
            bias: conv.bias.clone().unwrap_or_else(|| vec![0.0; channels]),
            kernel: conv.kernel,
            rows: Phase::all(conv, 0),
            columns: Phase::all(conv, 1),
        }
    }

    pub fn run(&self, (input, from): (&[f32], Image), (output, to): (&mut [f32], Image), clamp: Option<Clamp>) {
        let mut taps = Vec::with_capacity(self.kernel[0] * self.kernel[1]);
        let whole = self.whole_columns(from, to);
        let step = self.columns.first().map_or(0, |phase| phase.stride() * from.c);
        for (line, out) in output.chunks_exact_mut((to.w * to.c).max(1)).enumerate() {
            let (n, y) = (line / to.h, line % to.h);
            let mut x = 0;
            while x < to.w {
                let end = if whole.contains(&x) { whole.end } else { x + 1 };
                taps.clear();
                self.taps([n, y, x], from, &mut taps);
                self.strip(&Strip { taps: &taps, step }, input, &mut out[x * to.c..end * to.c]);
                x = end;
            }
            // While it is still in the first-level cache.
            if let Some(clamp) = clamp {
                elementwise::clamp(out, clamp);
            }
        }
    }

    /// Output columns next to each other from which all of the kernel's columns see a sample.
    fn whole_columns(&self, from: Image, to: Image) -> Range<usize> {
        let [phase] = &*self.columns else { return 0..0 };
        let is_whole = |x: &usize| phase.has(*x) && phase.inside(*x, from.w).0.len() == phase.taps();
        match (0..to.w).find(is_whole) {
            Some(first) => first..(first..to.w).take_while(is_whole).last().map_or(first, |last| last + 1),
            None => 0..0,
        }
    }

    /// Those that see a sample from an output pixel.
    fn taps(&self, [n, y, x]: [usize; 3], from: Image, taps: &mut Vec<Tap>) {
        let phases = (self.rows.iter().find(|phase| phase.has(y)), self.columns.iter().find(|phase| phase.has(x)));
        let (Some(rows), Some(columns)) = phases else { return };
        let (row_taps, top) = rows.inside(y, from.h);
        let (column_taps, left) = columns.inside(x, from.w);
        for ky in row_taps {
            let input_row = (n * from.h + (top + (ky * rows.dilation()) as i64) as usize) * from.w;
            for kx in column_taps.clone() {
                taps.push(Tap {
                    input: (input_row + (left + (kx * columns.dilation()) as i64) as usize) * from.c,
                    weight: (rows.tap(ky) * self.kernel[1] + columns.tap(kx)) * from.c,
                });
            }
        }
    }

    /// `out` has the channels of one pixel after the other.
    fn strip(&self, strip: &Strip, input: &[f32], out: &mut [f32]) {
        let channels = self.bias.len();
        let reach = |start: fn(&Tap) -> usize| strip.taps.iter().map(start).max().unwrap_or_default() + channels;
        let more = (out.len() / channels.max(1)).saturating_sub(1);
        assert!(reach(|tap| tap.input) + more * strip.step <= input.len(), "a tap lies beyond the input");
        assert!(reach(|tap| tap.weight) <= self.weight.len(), "a tap has no weights");
        let mut first = 0;
        while first + WIDTH <= channels {
            // SAFETY: the assertions hold for all channels.
            unsafe {
                match <&[Tap; 9]>::try_from(strip.taps) {
                    Ok(taps) => self.nine(taps, strip.step, first, input, out),
                    Err(_) => self.any(strip, first, input, out),
                }
            }
            first += WIDTH;
        }
        for c in first..channels {
            for (pixel, out) in out.chunks_exact_mut(channels).enumerate() {
                let shift = pixel * strip.step + c;
                out[c] = strip.taps.chunks(SUM_BLOCK).fold(self.bias[c], |total, block| {
                    let products = block.iter().map(|tap| input[tap.input + shift] * self.weight[tap.weight + c]);
                    total + products.fold(0.0, |sum, product| sum + product)
                });
            }
        }
    }

    /// [`WIDTH`] channels from `first` on.
    ///
    /// # Safety
    /// There are so many; all taps of all pixels lie in `input`, and have weights.
    #[inline(never)]
    unsafe fn any(&self, strip: &Strip, first: usize, input: &[f32], out: &mut [f32]) {
        let channels = self.bias.len();
        // SAFETY: the caller's promise.
        unsafe {
            let bias = read(self.bias.as_ptr().add(first));
            let weights = self.weight.as_ptr().add(first);
            let mut from = input.as_ptr().add(first);
            let mut to = out.as_mut_ptr().add(first);
            for _ in 0..out.len() / channels {
                let mut total = bias;
                for block in strip.taps.chunks(SUM_BLOCK) {
                    let mut sum = f32x4::ZERO;
                    for tap in block {
                        sum += read(from.add(tap.input)) * read(weights.add(tap.weight));
                    }
                    total += sum;
                }
                write(total, to);
                // Behind the last pixel's they may lie outside.
                from = from.wrapping_add(strip.step);
                to = to.wrapping_add(channels);
            }
        }
    }

    /// The same for the nine taps of a 3x3 kernel. (Unrolled by hand: compilers that are to write little code do not. With
    /// more than four channels, engines have no registers for all weights.)
    ///
    /// # Safety
    /// As for [`Self::any`].
    #[inline(never)]
    unsafe fn nine(&self, taps: &[Tap; 9], step: usize, first: usize, input: &[f32], out: &mut [f32]) {
        let channels = self.bias.len();
        // SAFETY: the caller's promise.
        unsafe {
            let bias = read(self.bias.as_ptr().add(first));
            let weight = |tap: usize| read(self.weight.as_ptr().add(taps[tap].weight + first));
            let [w0, w1, w2, w3, w4] = [weight(0), weight(1), weight(2), weight(3), weight(4)];
            let [w5, w6, w7, w8] = [weight(5), weight(6), weight(7), weight(8)];
            // Addresses in variables of their own: from the array, they would be read anew for every pixel.
            let from = |tap: usize| input.as_ptr().add(taps[tap].input + first);
            let [p0, p1, p2, p3, p4] = [from(0), from(1), from(2), from(3), from(4)];
            let [p5, p6, p7, p8] = [from(5), from(6), from(7), from(8)];
            let mut to = out.as_mut_ptr().add(first);
            let mut shift = 0;
            for _ in 0..out.len() / channels {
                let sum = f32x4::ZERO + read(p0.add(shift)) * w0;
                let sum = sum + read(p1.add(shift)) * w1;
                let sum = sum + read(p2.add(shift)) * w2;
                let sum = sum + read(p3.add(shift)) * w3;
                let sum = sum + read(p4.add(shift)) * w4;
                let sum = sum + read(p5.add(shift)) * w5;
                let sum = sum + read(p6.add(shift)) * w6;
                let sum = sum + read(p7.add(shift)) * w7;
                let sum = sum + read(p8.add(shift)) * w8;
                write(bias + sum, to);
                shift += step;
                to = to.wrapping_add(channels);
            }
        }
    }
}

/// # Safety
/// There are [`WIDTH`] values at `from`.
#[inline(always)]
unsafe fn read(from: *const f32) -> f32x4 {
    // SAFETY: the caller's promise.
    f32x4::new(unsafe { from.cast::<[f32; WIDTH]>().read() })
}

/// # Safety
/// There is room for [`WIDTH`] values at `to`.
#[inline(always)]
unsafe fn write(values: f32x4, to: *mut f32) {
    // SAFETY: the caller's promise.
    unsafe { to.cast::<[f32; WIDTH]>().write(values.to_array()) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::ConvCase;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn run_is_the_nested_loops(case in ConvCase::depthwise()) {
            let mut output = vec![f32::NAN; case.to.pixels() * case.to.c];
            PackedDepthwise::new(&case.conv).run((&case.input, case.from), (&mut output, case.to), None);
            prop_assert_eq!(output, case.expected());
        }
    }
}

//! Depthwise convolution with one filter per channel: for each output pixel, the channels side by side in lanes.
//!
//! Order of the sum: taps in row-major order (padded ones left out), a partial sum per [`SUM_BLOCK`] of them, the
//! partial sums added to the bias.

use std::ops::Range;

use wide::f32x8;

use super::{Image, LANES, Phase, SUM_BLOCK, elementwise};
use crate::graph::{Clamp, Conv};

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
        let mut first = 0;
        while first + LANES <= channels {
            match <&[Tap; 9]>::try_from(strip.taps) {
                Ok(taps) => self.nine(taps, strip.step, first, input, out),
                Err(_) => self.any(strip, first, input, out),
            }
            first += LANES;
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

    /// Eight channels from `first` on.
    fn any(&self, strip: &Strip, first: usize, input: &[f32], out: &mut [f32]) {
        let bias = lanes(&self.bias, first);
        for (pixel, out) in out.chunks_exact_mut(self.bias.len()).enumerate() {
            let shift = pixel * strip.step + first;
            let total = strip.taps.chunks(SUM_BLOCK).fold(bias, |total, block| {
                total
                    + block.iter().fold(f32x8::ZERO, |sum, tap| {
                        sum + lanes(input, tap.input + shift) * lanes(&self.weight, tap.weight + first)
                    })
            });
            write(total, out, first);
        }
    }

    /// The same for the nine taps of a 3x3 kernel. (Unrolled by hand: compilers that are to write little code do not.)
    fn nine(&self, taps: &[Tap; 9], step: usize, first: usize, input: &[f32], out: &mut [f32]) {
        let channels = self.bias.len();
        let last = taps.iter().fold(0, |last, tap| last.max(tap.input)) + first + LANES;
        let pixels = out.len() / channels;
        assert!(last + pixels.saturating_sub(1) * step <= input.len(), "a tap lies beyond the input");
        let bias = lanes(&self.bias, first);
        let weights = [
            lanes(&self.weight, taps[0].weight + first),
            lanes(&self.weight, taps[1].weight + first),
            lanes(&self.weight, taps[2].weight + first),
            lanes(&self.weight, taps[3].weight + first),
            lanes(&self.weight, taps[4].weight + first),
            lanes(&self.weight, taps[5].weight + first),
            lanes(&self.weight, taps[6].weight + first),
            lanes(&self.weight, taps[7].weight + first),
            lanes(&self.weight, taps[8].weight + first),
        ];
        let mut shift = first;
        for out in out.chunks_exact_mut(channels) {
            // SAFETY: no tap lies behind the last one's, for which the assertion holds at the last pixel. Nine checks a
            // pixel take as long as the arithmetic.
            let sum = unsafe {
                let sum = f32x8::ZERO + read(input, taps[0].input + shift) * weights[0];
                let sum = sum + read(input, taps[1].input + shift) * weights[1];
                let sum = sum + read(input, taps[2].input + shift) * weights[2];
                let sum = sum + read(input, taps[3].input + shift) * weights[3];
                let sum = sum + read(input, taps[4].input + shift) * weights[4];
                let sum = sum + read(input, taps[5].input + shift) * weights[5];
                let sum = sum + read(input, taps[6].input + shift) * weights[6];
                let sum = sum + read(input, taps[7].input + shift) * weights[7];
                sum + read(input, taps[8].input + shift) * weights[8]
            };
            write(bias + sum, out, first);
            shift += step;
        }
    }
}

/// # Safety
/// `data` has eight values from `start` on.
#[inline(always)]
unsafe fn read(data: &[f32], start: usize) -> f32x8 {
    // SAFETY: the caller's promise.
    f32x8::from(unsafe { data.as_ptr().add(start).cast::<[f32; LANES]>().read() })
}

/// Zeros where `data` has no eight values from `start` on; callers see to it that it has.
#[inline(always)]
fn lanes(data: &[f32], start: usize) -> f32x8 {
    f32x8::from(data.get(start..).and_then(<[f32]>::first_chunk).copied().unwrap_or_default())
}

#[inline(always)]
fn write(values: f32x8, out: &mut [f32], start: usize) {
    if let Some(eight) = out.get_mut(start..).and_then(<[f32]>::first_chunk_mut) {
        *eight = values.to_array();
    }
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

//! Depthwise convolution with one filter per channel: for each output pixel, the channels side by side in lanes.
//!
//! Order of the sum: taps in row-major order (padded ones left out), a partial sum per [`SUM_BLOCK`] of them, the
//! partial sums added to the bias.

use wide::f32x8;

use super::{Image, LANES, Phase, SUM_BLOCK};
use crate::graph::Conv;

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

    pub fn run(&self, input: &[f32], from: Image, output: &mut [f32], to: Image) {
        let [kh, kw] = self.kernel;
        let mut taps = Vec::with_capacity(kh * kw);
        for (pixel, out) in output.chunks_exact_mut(to.c.max(1)).enumerate() {
            let (n, y, x) = (pixel / (to.h * to.w), pixel / to.w % to.h, pixel % to.w);
            taps.clear();
            let phases = (self.rows.iter().find(|phase| phase.has(y)), self.columns.iter().find(|phase| phase.has(x)));
            if let (Some(rows), Some(columns)) = phases {
                let (row_taps, top) = rows.inside(y, from.h);
                let (column_taps, left) = columns.inside(x, from.w);
                for ky in row_taps {
                    let input_row = (n * from.h + (top + (ky * rows.dilation()) as i64) as usize) * from.w;
                    taps.extend(column_taps.clone().map(|kx| Tap {
                        input: (input_row + (left + (kx * columns.dilation()) as i64) as usize) * from.c,
                        weight: (rows.tap(ky) * kw + columns.tap(kx)) * from.c,
                    }));
                }
            }
            self.pixel(&taps, input, out);
        }
    }

    /// One output pixel: `out` has the channels.
    fn pixel(&self, taps: &[Tap], input: &[f32], out: &mut [f32]) {
        let mut strips = out.chunks_exact_mut(LANES);
        let mut c = 0;
        for strip in &mut strips {
            let mut total = lanes(&self.bias, c);
            for block in taps.chunks(SUM_BLOCK) {
                let mut sum = f32x8::ZERO;
                for tap in block {
                    sum += lanes(input, tap.input + c) * lanes(&self.weight, tap.weight + c);
                }
                total += sum;
            }
            strip.copy_from_slice(&total.to_array());
            c += LANES;
        }
        for value in strips.into_remainder() {
            let mut total = self.bias[c];
            for block in taps.chunks(SUM_BLOCK) {
                let mut sum = 0.0;
                for tap in block {
                    sum += input[tap.input + c] * self.weight[tap.weight + c];
                }
                total += sum;
            }
            *value = total;
            c += 1;
        }
    }
}

#[inline(always)]
fn lanes(data: &[f32], start: usize) -> f32x8 {
    let mut lanes = [0.0; LANES];
    lanes.copy_from_slice(&data[start..start + LANES]);
    f32x8::from(lanes)
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
            PackedDepthwise::new(&case.conv).run(&case.input, case.from, &mut output, case.to);
            prop_assert_eq!(output, case.expected());
        }
    }
}

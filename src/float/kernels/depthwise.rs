//! Depthwise convolution with one filter per channel: for each output pixel, the channels side by side in lanes.
//!
//! Order of the sum: taps in row-major order (padded ones left out), a partial sum per [`SUM_BLOCK`] of them, the
//! partial sums added to the bias.

use wide::f32x8;

use super::{Image, LANES, SUM_BLOCK, taps_inside};
use crate::graph::Conv;

pub struct PackedDepthwise {
    /// `[kh * kw, c]`.
    weight: Vec<f32>,
    /// `[c]`.
    bias: Vec<f32>,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    /// Top and left.
    pads: [usize; 2],
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
            stride: conv.stride,
            dilation: conv.dilation,
            pads: [conv.pads[0], conv.pads[1]],
        }
    }

    pub fn run(&self, input: &[f32], from: Image, output: &mut [f32], to: Image) {
        let [kh, kw] = self.kernel;
        let mut taps = Vec::with_capacity(kh * kw);
        for (pixel, out) in output.chunks_exact_mut(to.c.max(1)).enumerate() {
            let (n, y, x) = (pixel / (to.h * to.w), pixel / to.w % to.h, pixel % to.w);
            let (rows, top) = taps_inside(y, self.stride[0], self.pads[0], self.dilation[0], kh, from.h);
            let (columns, left) = taps_inside(x, self.stride[1], self.pads[1], self.dilation[1], kw, from.w);
            taps.clear();
            for ky in rows {
                let input_row = (n * from.h + (top + (ky * self.dilation[0]) as i64) as usize) * from.w;
                taps.extend(columns.clone().map(|kx| Tap {
                    input: (input_row + (left + (kx * self.dilation[1]) as i64) as usize) * from.c,
                    weight: (ky * kw + kx) * from.c,
                }));
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

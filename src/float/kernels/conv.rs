//! Convolution as implicit matrix multiplication: the patches under a few dozen output pixels are gathered into a small
//! buffer and multiplied by the packed weights, so the full patch matrix never exists. A 1x1 convolution without stride
//! or padding reads its input in place.

use super::gemm::Panels;
use super::{Image, taps_inside};
use crate::graph::Conv;

/// Output pixels computed together.
const PIXELS: usize = 64;
/// Gathered values that still leave room in the second-level cache.
const GATHERED: usize = 32 << 10;

/// The weights and geometry of a convolution, arranged for [`PackedConv::run`].
pub struct PackedConv {
    /// One matrix per group: `depth` is `kh * kw * i`, a column per output channel of the group.
    groups: Vec<Panels>,
    group_inputs: usize,
    group_outputs: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    /// Top and left; what is added at the bottom and right follows from the output size.
    pads: [usize; 2],
    /// Whether the patch of output pixel `p` is input pixel `p`.
    direct: bool,
}

impl PackedConv {
    pub fn new(conv: &Conv) -> Self {
        let group_inputs = conv.input_channels_per_group();
        let group_outputs = conv.output_channels() / conv.groups.max(1);
        let depth = conv.kernel[0] * conv.kernel[1] * group_inputs;
        let groups = (0..conv.groups)
            .map(|group| {
                let first = group * group_outputs;
                let bias = |n: usize| conv.bias.as_ref().map_or(0.0, |bias| bias[first + n]);
                Panels::pack(depth, group_outputs, |k, n| conv.channel(first + n)[k], bias)
            })
            .collect();
        PackedConv {
            groups,
            group_inputs,
            group_outputs,
            kernel: conv.kernel,
            stride: conv.stride,
            dilation: conv.dilation,
            pads: [conv.pads[0], conv.pads[1]],
            direct: conv.kernel == [1, 1] && conv.stride == [1, 1] && conv.pads == [0; 4],
        }
    }

    pub fn run(&self, input: &[f32], from: Image, output: &mut [f32], to: Image) {
        let depth = self.groups.first().map_or(0, Panels::depth);
        let block = if self.direct { PIXELS } else { (GATHERED / depth.max(1) / 4 * 4).clamp(4, PIXELS) };
        let mut patches = vec![0.0; if self.direct { 0 } else { block * depth }];
        for first in (0..to.pixels()).step_by(block) {
            let rows = block.min(to.pixels() - first);
            let out = &mut output[first * to.c..][..rows * to.c];
            for (group, panels) in self.groups.iter().enumerate() {
                let (first_input, first_output) = (group * self.group_inputs, group * self.group_outputs);
                let out = &mut out[first_output..];
                if self.direct {
                    panels.multiply(rows, &input[first * from.c + first_input..], from.c, out, to.c);
                } else {
                    for (row, patch) in patches.chunks_exact_mut(depth.max(1)).take(rows).enumerate() {
                        self.gather(input, from, to, first + row, first_input, patch);
                    }
                    panels.multiply(rows, &patches, depth, out, to.c);
                }
            }
        }
    }

    /// Copies what the window at output pixel `pixel` sees of one group's channels, in the order `[kh, kw, i]`.
    fn gather(&self, input: &[f32], from: Image, to: Image, pixel: usize, channel: usize, patch: &mut [f32]) {
        let (n, y, x) = (pixel / (to.h * to.w), pixel / to.w % to.h, pixel % to.w);
        let [kh, kw] = self.kernel;
        let (rows, top) = taps_inside(y, self.stride[0], self.pads[0], self.dilation[0], kh, from.h);
        let (columns, left) = taps_inside(x, self.stride[1], self.pads[1], self.dilation[1], kw, from.w);
        if rows.len() < kh || columns.len() < kw {
            patch.fill(0.0);
        }
        // Neighbouring taps are neighbours in memory too: one copy per row of the window.
        let whole_rows = self.dilation[1] == 1 && self.group_inputs == from.c;
        let c = self.group_inputs;
        for ky in rows {
            let input_row = (n * from.h + (top + (ky * self.dilation[0]) as i64) as usize) * from.w;
            let source = |kx: usize| (input_row + (left + (kx * self.dilation[1]) as i64) as usize) * from.c + channel;
            let target = |kx: usize| (ky * kw + kx) * c;
            if whole_rows && !columns.is_empty() {
                let len = columns.len() * c;
                patch[target(columns.start)..][..len].copy_from_slice(&input[source(columns.start)..][..len]);
            } else {
                for kx in columns.clone() {
                    patch[target(kx)..][..c].copy_from_slice(&input[source(kx)..][..c]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::ConvCase;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn run_is_the_seven_nested_loops(case in ConvCase::strategy()) {
            let mut output = vec![f32::NAN; case.to.pixels() * case.to.c];
            PackedConv::new(&case.conv).run(&case.input, case.from, &mut output, case.to);
            prop_assert_eq!(output, case.expected());
        }
    }
}

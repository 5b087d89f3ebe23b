//! Fast convolution for layers whose sums provably fit in 32 bits (N5).
//!
//! Dense and grouped layers: an implicit GEMM. A few output pixels' patches are gathered as i16 (relative to the zero
//! point, so padding is 0), weights are packed in panels of eight output channels with taps in pairs, and
//! multiply-add-pairs instructions (`i32x4.dot_i16x8_s`, `pmaddwd`) do two products a lane. Depthwise layers loop over
//! taps with channels innermost. Every intermediate fits: |x - z| <= 255 and |w| <= 127.

use wide::{i16x8, i32x4};

use super::Nhwc;
use super::phase::{COLUMNS, Phase};
use super::scalar::ConvContext;
use crate::npu::graph::IntegerConv;
use crate::npu::profile::{Datapath, Rounding};
use crate::npu::rescale::{Rescale, round_shift};

/// Output pixels that one register tile computes.
const ROWS: usize = 4;

/// Weights in the order the kernel reads them.
#[derive(Debug, Clone)]
pub struct PackedConv {
    form: Form,
    /// Per output channel, k[o] included.
    rescale: Vec<Rescale>,
}

#[derive(Debug, Clone)]
enum Form {
    /// `[tap][channel]`, i32 so that the inner loop is one multiply-add.
    Depthwise(Vec<i32>),
    /// One for each phase of rows and columns that has taps; a single one but for transposed layers.
    Gemm(Vec<Phase>),
}

impl PackedConv {
    /// `input_channels` is that of the whole input tensor.
    pub fn new(conv: &IntegerConv, input_channels: usize) -> Self {
        let channels = conv.output_channels();
        let per_group = input_channels / conv.groups;
        let taps = conv.window.kernel[0] * conv.window.kernel[1] * per_group;
        let rescale = (0..channels).map(|o| conv.channel_rescale(o)).collect();
        let form = if per_group == 1 && conv.groups == channels {
            let weight = |index: usize| i32::from(conv.weight[index % channels * taps + index / channels]);
            Form::Depthwise((0..taps * channels).map(weight).collect())
        } else {
            Form::Gemm(Phase::all(conv, per_group))
        };
        PackedConv { form, rescale }
    }

    /// Runs the layer. `scratch` keeps its capacity between calls.
    pub fn run(&self, context: &ConvContext, input: &[u8], output: &mut [u8], scratch: &mut Scratch) {
        match &self.form {
            Form::Depthwise(weights) => self.depthwise(context, weights, input, output, scratch),
            Form::Gemm(phases) => {
                if context.conv.window.upsample != [1, 1] {
                    // Pixels that see no row or no column of the input.
                    let pixel: Vec<u8> =
                        (0..context.output.c).map(|o| self.finish(context, o, context.conv.bias[o])).collect();
                    output.chunks_exact_mut(pixel.len()).for_each(|bytes| bytes.copy_from_slice(&pixel));
                }
                phases.iter().for_each(|phase| self.gemm(context, phase, input, output, scratch));
            }
        }
    }

    fn finish(&self, context: &ConvContext, o: usize, acc: i32) -> u8 {
        let scaled = match (context.profile.datapath, context.profile.rounding) {
            // The default without branches on the data: add half, shift.
            (Datapath::Npu, Rounding::HalfUp) => half_up(acc, self.rescale[o]),
            _ => context.profile.rescale(i64::from(acc), self.rescale[o]),
        };
        context.bounds.place(context.output_zero_point, scaled)
    }

    fn depthwise(
        &self,
        context: &ConvContext,
        weights: &[i32],
        input: &[u8],
        output: &mut [u8],
        scratch: &mut Scratch,
    ) {
        let ConvContext { conv, input: shape, output: out, .. } = context;
        let (window, channels) = (conv.window, out.c);
        let zero_point = i32::from(context.input_zero_point);
        let sums = &mut scratch.sums;
        for (pixel, destination) in output.chunks_exact_mut(channels).enumerate() {
            let (n, y, x) = pixel_position(*out, pixel);
            sums.clear();
            sums.extend_from_slice(&conv.bias);
            for ky in 0..window.kernel[0] {
                let Some(iy) = window.input_index(0, y, ky, shape.h) else { continue };
                for kx in 0..window.kernel[1] {
                    let Some(ix) = window.input_index(1, x, kx, shape.w) else { continue };
                    let source = &input[((n * shape.h + iy) * shape.w + ix) * channels..][..channels];
                    let taps = &weights[(ky * window.kernel[1] + kx) * channels..][..channels];
                    for ((sum, &activation), &weight) in sums.iter_mut().zip(source).zip(taps) {
                        *sum += (i32::from(activation) - zero_point) * weight;
                    }
                }
            }
            for (o, (byte, &sum)) in destination.iter_mut().zip(sums.iter()).enumerate() {
                *byte = self.finish(context, o, sum);
            }
        }
    }

    fn gemm(&self, context: &ConvContext, phase: &Phase, input: &[u8], output: &mut [u8], scratch: &mut Scratch) {
        let out = context.output;
        let (pixels, pixel) = phase.pixels(context);
        let (panels, pairs) = (&phase.panels, phase.pairs);
        let channels_per_group = context.output_channels_per_group();
        let panels_per_group = channels_per_group.div_ceil(COLUMNS);
        let patch = &mut scratch.patch;
        patch.clear();
        patch.resize(ROWS * pairs, [0; 2]);
        for group in 0..context.conv.groups {
            let group_panels = &panels[group * panels_per_group * pairs * 2..][..panels_per_group * pairs * 2];
            for first in (0..pixels).step_by(ROWS) {
                let rows = ROWS.min(pixels - first);
                for row in 0..rows {
                    gather(context, phase, input, pixel(first + row), group, &mut patch[row * pairs..][..pairs]);
                }
                for (panel, weights) in group_panels.chunks_exact(pairs * 2).enumerate() {
                    let tile = dot_tile(patch, weights, pairs);
                    let columns = COLUMNS.min(channels_per_group - panel * COLUMNS);
                    let o = group * channels_per_group + panel * COLUMNS;
                    for (row, sums) in tile.iter().enumerate().take(rows) {
                        let destination = &mut output[pixel(first + row) * out.c + o..][..columns];
                        for (column, byte) in destination.iter_mut().enumerate() {
                            *byte = self.finish(context, o + column, sums[column] + context.conv.bias[o + column]);
                        }
                    }
                }
            }
        }
    }
}

/// Buffers reused from layer to layer.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    patch: Vec<[i16; 2]>,
    sums: Vec<i32>,
}

fn pixel_position(shape: Nhwc, pixel: usize) -> (usize, usize, usize) {
    (pixel / (shape.h * shape.w), pixel / shape.w % shape.h, pixel % shape.w)
}

/// Writes the taps that output pixel `pixel` reads, relative to the zero point, padding as 0.
fn gather(context: &ConvContext, phase: &Phase, input: &[u8], pixel: usize, group: usize, patch: &mut [[i16; 2]]) {
    let ConvContext { conv, input: shape, .. } = context;
    let window = conv.window;
    let per_group = context.input_channels_per_group();
    let zero_point = i16::from(context.input_zero_point);
    let (n, y, x) = pixel_position(context.output, pixel);
    let patch = patch.as_flattened_mut();
    let mut runs = patch.chunks_exact_mut(per_group);
    for &ky in &phase.rows {
        let iy = window.input_index(0, y, ky, shape.h);
        for &kx in &phase.columns {
            let Some(run) = runs.next() else { return };
            match (iy, window.input_index(1, x, kx, shape.w)) {
                (Some(iy), Some(ix)) => {
                    let start = ((n * shape.h + iy) * shape.w + ix) * shape.c + group * per_group;
                    for (value, &activation) in run.iter_mut().zip(&input[start..start + per_group]) {
                        *value = i16::from(activation) - zero_point;
                    }
                }
                _ => run.fill(0),
            }
        }
    }
}

/// `ROWS` x `COLUMNS` sums of products over all pairs of taps.
#[inline]
fn dot_tile(patch: &[[i16; 2]], weights: &[i16x8], pairs: usize) -> [[i32; COLUMNS]; ROWS] {
    let mut sums = [[i32x4::ZERO; 2]; ROWS];
    let (row0, rest) = patch.split_at(pairs);
    let (row1, rest) = rest.split_at(pairs);
    let (row2, row3) = rest.split_at(pairs);
    let rows = row0.iter().zip(row1).zip(row2).zip(row3);
    for ((((a0, a1), a2), a3), columns) in rows.zip(weights.as_chunks::<2>().0) {
        for (sum, &[even, odd]) in sums.iter_mut().zip([a0, a1, a2, a3]) {
            let pair = i16x8::new([even, odd, even, odd, even, odd, even, odd]);
            sum[0] += pair.dot(columns[0]);
            sum[1] += pair.dot(columns[1]);
        }
    }
    sums.map(|[low, high]| {
        let ([a, b, c, d], [e, f, g, h]) = (low.to_array(), high.to_array());
        [a, b, c, d, e, f, g, h]
    })
}

/// `floor(acc * M / 2^s + 1/2)` for ordinary shifts, the general routine otherwise.
#[inline]
fn half_up(acc: i32, rescale: Rescale) -> i64 {
    let product = i64::from(acc) * i64::from(rescale.multiplier);
    if (1..=Rescale::MAX_SHIFT).contains(&rescale.shift) {
        (product + (1i64 << (rescale.shift - 1))) >> rescale.shift
    } else {
        round_shift(product, rescale.shift, Rounding::HalfUp)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::npu::graph::{Bounds, Window};
    use crate::npu::kernels::scalar;
    use crate::npu::profile::Profile;

    #[derive(Debug, Clone)]
    struct Case {
        conv: IntegerConv,
        profile: Profile,
        input: Nhwc,
        output: Nhwc,
        zero_points: [u8; 2],
        bounds: Bounds,
        data: Vec<u8>,
    }

    fn bytes(length: usize) -> impl Strategy<Value = Vec<u8>> {
        // Extremes more often than chance would have it.
        let byte = prop_oneof![2 => any::<u8>(), 1 => Just(0u8), 1 => Just(255u8)];
        proptest::collection::vec(byte, length)
    }

    fn weights(length: usize) -> impl Strategy<Value = Vec<i8>> {
        let weight = prop_oneof![2 => -127i8..=127, 1 => Just(127i8), 1 => Just(-127i8)];
        proptest::collection::vec(weight, length)
    }

    /// Random shapes, strides, pads and dilations: dense, grouped, and depthwise.
    fn case() -> impl Strategy<Value = Case> {
        let geometry = (
            (1usize..3, 1usize..7, 1usize..7),
            (1usize..4, 1usize..4),
            // Either a stride or an upsampling.
            ((1usize..3, 1usize..4), any::<bool>()),
            (1usize..3, 1usize..3),
            (0usize..3, 0usize..3, 0usize..3, 0usize..3),
            (1usize..4, 1usize..6, prop_oneof![1usize..6, 7usize..20]),
            any::<bool>(),
        );
        geometry
            .prop_filter_map("the kernel fits the padded input", |geometry| {
                let ((n, h, w), (kh, kw), steps, (dh, dw), (top, left, bottom, right), (groups, i, o), depthwise) =
                    geometry;
                let (groups, i, o) = if depthwise { (i * groups, 1, 1) } else { (groups, i, o) };
                let ((down, right_by), transposed) = steps;
                let (steps, none) = ([down, right_by], [1, 1]);
                let (stride, upsample) = if transposed { (none, steps) } else { (steps, none) };
                let window = Window { kernel: [kh, kw], stride, dilation: [dh, dw], upsample, pads: [top, left] };
                let size = |axis: usize, size: usize, pads: usize| {
                    let reach = window.dilation[axis] * (window.kernel[axis] - 1) + 1;
                    let room = ((size - 1) * upsample[axis] + 1 + pads).checked_sub(reach)?;
                    Some(room / stride[axis] + 1)
                };
                let output = Nhwc { n, h: size(0, h, top + bottom)?, w: size(1, w, left + right)?, c: groups * o };
                Some((window, groups, Nhwc { n, h, w, c: groups * i }, output))
            })
            .prop_flat_map(|(window, groups, input, output)| {
                let taps = window.kernel[0] * window.kernel[1] * input.c / groups;
                let rescale = (any::<bool>(), 1u32..1 << 31, -1i32..60).prop_flat_map(move |(per_channel, m, s)| {
                    let count = if per_channel { output.c } else { 1 };
                    proptest::collection::vec((Just(m), s..s + 3), count)
                });
                let npu = |rounding| Profile { rounding, ..Profile::default() };
                let profile = prop_oneof![
                    Just(npu(Rounding::HalfUp)),
                    Just(npu(Rounding::HalfAway)),
                    Just(npu(Rounding::HalfEven)),
                    Just(npu(Rounding::Truncate)),
                    Just(Profile::of(Datapath::Tflite)),
                    Just(Profile::of(Datapath::Ort)),
                ];
                (
                    (Just((window, groups, input, output)), weights(output.c * taps), bytes(input.len())),
                    proptest::collection::vec(-(1i32 << 30)..1 << 30, output.c),
                    rescale,
                    proptest::collection::vec(0u8..32, output.c),
                    (profile, any::<[u8; 2]>(), any::<[u8; 2]>()),
                )
            })
            .prop_map(|((shape, weight, data), bias, rescale, shifts, (profile, zero_points, bounds))| {
                let (window, groups, input, output) = shape;
                let rescale = rescale.into_iter().map(|(multiplier, shift)| Rescale { multiplier, shift }).collect();
                let [a, b] = bounds;
                Case {
                    conv: IntegerConv { window, groups, weight, bias, rescale, shifts, fits: true },
                    profile,
                    input,
                    output,
                    zero_points,
                    bounds: Bounds { min: a.min(b), max: a.max(b) },
                    data,
                }
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]
        #[test]
        fn the_fast_kernels_equal_the_oracle(case in case()) {
            let context = ConvContext {
                conv: &case.conv,
                profile: &case.profile,
                input: case.input,
                output: case.output,
                input_zero_point: case.zero_points[0],
                output_zero_point: case.zero_points[1],
                bounds: case.bounds,
            };
            let mut expected = vec![0; case.output.len()];
            prop_assert_eq!(scalar::conv(&context, &case.data, &mut expected), 0);
            // Left over from another layer: must not show.
            let mut scratch = Scratch { patch: vec![[99; 2]; 7], sums: vec![99; 3] };
            let mut actual = vec![7; case.output.len()];
            PackedConv::new(&case.conv, case.input.c).run(&context, &case.data, &mut actual, &mut scratch);
            prop_assert_eq!(actual, expected);
        }
    }
}

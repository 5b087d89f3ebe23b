//! Fast convolution for layers whose sums provably fit in 32 bits (N5).
//!
//! Both forms do two products a lane with multiply-add-pairs instructions (`i32x4.dot_i16x8_s`, `pmaddwd`) on eight
//! output channels at a time. Activations go in as they are: the zero point's share, `-Z_x` times the sum of the weights,
//! is part of the bias, and padding is `Z_x`. Sums are added modulo 2^32, so what an intermediate loses comes back.

use super::depthwise::{self, Depthwise};
use super::gemm::Gemm;
use super::patch::Step;
use super::scalar::ConvContext;
use crate::npu::graph::IntegerConv;
use crate::npu::profile::Profile;

/// What a layer is beside its integers: the datapath, the zero points, and how many channels come in.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    pub profile: &'a Profile,
    pub input_zero_point: u8,
    pub input_channels: usize,
    pub output_zero_point: u8,
}

/// Weights in the order the kernels read them.
#[derive(Debug, Clone)]
pub enum PackedConv {
    /// One filter per channel.
    Depthwise(Depthwise),
    /// Dense, grouped and transposed layers.
    Gemm(Gemm),
}

impl PackedConv {
    pub fn new(conv: &IntegerConv, surroundings: Surroundings) -> Self {
        let is_transposed = conv.window.upsample != [1, 1];
        let one_filter_per_channel =
            surroundings.input_channels == conv.groups && conv.groups == conv.output_channels();
        if one_filter_per_channel && !is_transposed {
            PackedConv::Depthwise(Depthwise::new(conv, surroundings))
        } else {
            PackedConv::Gemm(Gemm::new(conv, surroundings))
        }
    }

    /// Runs the layer. `scratch` keeps its capacity between calls.
    pub fn run(&self, context: &ConvContext, input: &[u8], output: &mut [u8], scratch: &mut Scratch) {
        match self {
            PackedConv::Depthwise(kernel) => kernel.run(context, input, output, &mut scratch.depthwise),
            PackedConv::Gemm(kernel) => kernel.run(context, input, output, scratch),
        }
    }
}

/// Buffers reused from layer to layer.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// Patches of a few dozen output pixels.
    pub steps: Vec<Step>,
    /// Those of a tile's, before they are widened.
    pub rows: Vec<u8>,
    /// Where in the output those pixels begin.
    pub places: Vec<usize>,
    pub depthwise: depthwise::Scratch,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::npu::graph::{Bounds, Window};
    use crate::npu::kernels::patch::ROWS;
    use crate::npu::kernels::{Nhwc, scalar};
    use crate::npu::profile::Profile;
    use crate::npu::profile::{Datapath, Rounding};
    use crate::npu::rescale::Rescale;

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
            prop_oneof![Just((3usize, 3usize)), (1usize..4, 1usize..4)],
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
                let (groups, i, o) = if depthwise { (groups * o, 1, 1) } else { (groups, i, o) };
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
                let multiplier = prop_oneof![0u32..1 << 31, 1u32 << 15..1 << 16, 1u32 << 7..1 << 8];
                let shift = prop_oneof![20i32..36, -1i32..60];
                let rescale = (any::<bool>(), multiplier, shift).prop_flat_map(move |(per_channel, m, s)| {
                    let count = if per_channel { output.c } else { 1 };
                    proptest::collection::vec((Just(m), s..s + 3), count)
                });
                // As networks have them, and as far apart as they may be.
                let shifts = prop_oneof![Just(1u8), Just(6), Just(32)]
                    .prop_flat_map(move |end| proptest::collection::vec(0..end, output.c));
                let npu = |rounding| Profile { rounding, ..Profile::default() };
                let profile = prop_oneof![
                    // The one that most of the fastest forms are for.
                    3 => Just(npu(Rounding::HalfUp)),
                    1 => Just(npu(Rounding::HalfAway)),
                    1 => Just(npu(Rounding::HalfEven)),
                    1 => Just(npu(Rounding::Truncate)),
                    1 => Just(Profile::of(Datapath::Tflite)),
                    1 => Just(Profile::of(Datapath::Ort)),
                ];
                (
                    (Just((window, groups, input, output)), weights(output.c * taps), bytes(input.len())),
                    // Small ones leave room to double the weights.
                    prop_oneof![Just(30), Just(12)]
                        .prop_flat_map(move |bits| proptest::collection::vec(-(1i32 << bits)..1 << bits, output.c)),
                    rescale,
                    shifts,
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
        #![proptest_config(ProptestConfig::with_cases(4000))]
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
            let depthwise = depthwise::Scratch { copied: vec![99; 7], ..Default::default() };
            let mut scratch = Scratch { steps: vec![[99; ROWS]; 7], rows: vec![99; 7], places: vec![99; 7], depthwise };
            let surroundings = Surroundings {
                profile: &case.profile,
                input_zero_point: case.zero_points[0],
                input_channels: case.input.c,
                output_zero_point: case.zero_points[1],
            };
            let mut actual = vec![7; case.output.len()];
            let packed = PackedConv::new(&case.conv, surroundings);
            packed.run(&context, &case.data, &mut actual, &mut scratch);
            prop_assert_eq!(&actual, &expected);
            if let PackedConv::Depthwise(depthwise) = packed {
                for is_copied in [false, true] {
                    actual.fill(7);
                    depthwise.run_copied(is_copied, &context, &case.data, &mut actual, &mut scratch.depthwise);
                    prop_assert_eq!(&actual, &expected);
                }
            }
        }
    }
}

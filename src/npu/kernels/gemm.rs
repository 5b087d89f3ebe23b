//! Dense, grouped and transposed convolution as an implicit GEMM: the patches of a few output pixels are gathered as
//! i16, weights are packed in panels of eight output channels with taps in pairs.

use wide::{i16x8, i32x4};

use super::conv::{Scratch, Surroundings};
use super::lanes::{LANES, Lanes};
use super::phase::Phase;
use super::scalar::ConvContext;
use super::{Nhwc, pixel_position};
use crate::npu::graph::IntegerConv;

/// Output pixels that one register tile computes.
const ROWS: usize = 4;

#[derive(Debug, Clone)]
pub struct Gemm {
    /// One for each phase of rows and columns that has taps; a single one but for transposed layers.
    phases: Vec<(Phase, Lanes)>,
    /// What a pixel of a transposed layer holds that sees no row or no column of the input: its bias.
    unseen: Option<Lanes>,
}

impl Gemm {
    pub fn new(conv: &IntegerConv, surroundings: Surroundings) -> Self {
        let inputs = surroundings.input_channels / conv.groups;
        let phases = Phase::all(conv, inputs).into_iter().map(|phase| {
            let lanes =
                Lanes::new(conv, conv.groups, surroundings, |tap| phase.sees(tap / inputs, conv.window.kernel[1]));
            (phase, lanes)
        });
        let is_transposed = conv.window.upsample != [1, 1];
        Gemm {
            phases: phases.collect(),
            unseen: is_transposed.then(|| Lanes::new(conv, conv.groups, surroundings, |_| false)),
        }
    }

    pub fn run(&self, context: &ConvContext, input: &[u8], output: &mut [u8], scratch: &mut Scratch) {
        if let Some(lanes) = &self.unseen {
            for pixel in output.chunks_exact_mut(context.output.c) {
                for panel in 0..lanes.panels() {
                    lanes.finish(context, panel, [i32x4::ZERO; 2], pixel);
                }
            }
        }
        for (phase, lanes) in &self.phases {
            run_phase(context, (phase, lanes), input, output, &mut scratch.patch);
        }
    }
}

fn run_phase(
    context: &ConvContext,
    (phase, lanes): (&Phase, &Lanes),
    input: &[u8],
    output: &mut [u8],
    patch: &mut Vec<[i16; 2]>,
) {
    let channels = context.output.c;
    let (pixels, pixel) = phase.pixels(context);
    let pairs = phase.pairs;
    let panels_per_group = context.output_channels_per_group().div_ceil(LANES);
    let panel_size = (pairs * 2).max(1);
    patch.clear();
    patch.resize(ROWS * pairs, [0; 2]);
    for group in 0..context.conv.groups {
        let weights = phase.panels[group * panels_per_group * pairs * 2..][..panels_per_group * pairs * 2]
            .chunks_exact(panel_size);
        for first in (0..pixels).step_by(ROWS) {
            let rows = ROWS.min(pixels - first);
            // A tile that is not full computes its last rows in vain.
            let at: [usize; ROWS] = std::array::from_fn(|row| pixel(first + row.min(rows - 1)));
            for (pixel, patch) in at.into_iter().take(rows).zip(patch.chunks_exact_mut(pairs.max(1))) {
                gather(context, phase, input, pixel, group, patch);
            }
            for (panel, weights) in weights.clone().enumerate() {
                let tile = dot_tile(patch, weights, pairs);
                for (pixel, sums) in at.into_iter().zip(tile).take(rows) {
                    let destination = &mut output[pixel * channels..][..channels];
                    lanes.finish(context, group * panels_per_group + panel, sums, destination);
                }
            }
        }
    }
}

/// Writes the taps that output pixel `pixel` reads, padding as the zero point.
fn gather(context: &ConvContext, phase: &Phase, input: &[u8], pixel: usize, group: usize, patch: &mut [[i16; 2]]) {
    let ConvContext { conv, input: shape, .. } = context;
    let shape: &Nhwc = shape;
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
                        *value = i16::from(activation);
                    }
                }
                _ => run.fill(zero_point),
            }
        }
    }
}

/// `ROWS` x [`LANES`] sums of products over all pairs of taps.
#[inline]
fn dot_tile(patch: &[[i16; 2]], weights: &[i16x8], pairs: usize) -> [[i32x4; 2]; ROWS] {
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
    sums
}

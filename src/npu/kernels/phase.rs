//! Which taps meet which output pixels, and their weights, packed for the fast kernel of dense and grouped layers.
//!
//! In a transposed layer only some taps meet rows (columns) of the input from a given output row, the same ones every
//! `upsample` rows: each such phase is a GEMM of its own, with those taps. An ordinary layer has a single phase.

use std::collections::BTreeMap;

use wide::i16x8;

use super::Nhwc;
use super::lanes::{LANES, Lanes};
use super::patch::{STEP_TAPS, STEPS};
use super::scalar::ConvContext;
use crate::npu::graph::{IntegerConv, Window};

/// A step's taps of a panel: two vectors of four channels' two taps.
pub type Weights = [i16x8; 2];

/// The output pixels `first`, and every `upsample` rows and columns from there.
#[derive(Debug, Clone)]
pub struct Phase {
    first: [usize; 2],
    /// The kernel's rows and columns that they see.
    pub rows: Vec<usize>,
    pub columns: Vec<usize>,
    /// Whether the patch of an output pixel is one pixel of a picture of the same size.
    pub is_pointwise: bool,
    /// Whether what a row of the window sees lies together in memory.
    pub columns_touch: bool,
    /// Of a tile's taps. Each row of the kernel begins with a new step.
    pub steps: usize,
    /// Of one row of the kernel.
    pub row_steps: usize,
    /// Of a tile, with room for whole vectors of the last row.
    pub tile_steps: usize,
}

impl Phase {
    /// The phases that have taps; `inputs` are the input channels of a group.
    pub fn all(conv: &IntegerConv, inputs: usize) -> Vec<Phase> {
        let Window { kernel, stride, dilation, upsample, pads } = conv.window;
        let (rows, columns) = (taps_by_phase(conv.window, 0), taps_by_phase(conv.window, 1));
        let pairs = rows.iter().flat_map(|rows| columns.iter().map(move |columns| (rows, columns)));
        let phases = pairs.map(|((&top, rows), (&left, columns))| {
            let row_steps = (columns.len() * inputs).div_ceil(STEP_TAPS);
            let before_last = (rows.len() - 1) * row_steps;
            Phase {
                first: [top, left],
                is_pointwise: kernel == [1, 1] && stride == [1, 1] && upsample == [1, 1] && pads == [0, 0],
                columns_touch: conv.groups == 1 && dilation[1] == 1 && upsample[1] == 1,
                rows: rows.clone(),
                columns: columns.clone(),
                steps: before_last + row_steps,
                row_steps,
                tile_steps: (before_last + row_steps.next_multiple_of(STEPS)).next_multiple_of(STEPS),
            }
        });
        phases.collect()
    }

    /// Weights in the order the kernel reads them: per panel of `lanes`, per step. As often doubled as the panel says.
    pub fn pack(&self, conv: &IntegerConv, inputs: usize, lanes: &Lanes) -> Vec<Weights> {
        let [kh, kw] = conv.window.kernel;
        let mut packed = vec![[i16x8::ZERO; 2]; lanes.panels().len() * self.steps];
        let steps: &mut [[i16; 2 * LANES]] = bytemuck::cast_slice_mut(&mut packed);
        for (panel, steps) in lanes.panels().iter().zip(steps.chunks_exact_mut(self.steps.max(1))) {
            for column in 0..panel.channels {
                for (ky, steps) in self.rows.iter().zip(steps.chunks_exact_mut(self.row_steps.max(1))) {
                    let mut tap = 0;
                    for kx in &self.columns {
                        let first = (((panel.first + column) * kh + ky) * kw + kx) * inputs;
                        for &weight in &conv.weight[first..][..inputs] {
                            steps[tap / STEP_TAPS][column * STEP_TAPS + tap % STEP_TAPS] =
                                i16::from(weight) << panel.raised[column];
                            tap += 1;
                        }
                    }
                }
            }
        }
        packed
    }

    /// Whether the tap at `position` of the kernel, row by row, takes part.
    pub fn sees(&self, position: usize, kernel_width: usize) -> bool {
        self.rows.contains(&(position / kernel_width)) && self.columns.contains(&(position % kernel_width))
    }

    pub fn pixels(&self, context: &ConvContext) -> Pixels {
        let (out, upsample) = (context.output, context.conv.window.upsample);
        let [rows, columns] = [(out.h, 0), (out.w, 1)]
            .map(|(size, axis)| usize::saturating_sub(size, self.first[axis]).div_ceil(upsample[axis]));
        Pixels { count: out.n * rows * columns, rows, columns, first: self.first, upsample, out }
    }
}

/// The output pixels of a phase.
pub struct Pixels {
    pub count: usize,
    rows: usize,
    columns: usize,
    first: [usize; 2],
    upsample: [usize; 2],
    out: Nhwc,
}

impl Pixels {
    /// Whether they are all pixels of the output, so that each has its own number there.
    #[inline(always)]
    pub fn are_all(&self) -> bool {
        self.upsample == [1, 1]
    }

    /// Where in the output the phase's pixel `index` lies.
    #[inline(always)]
    pub fn at(&self, index: usize) -> usize {
        // Divisions take longer than anything else that a pixel of an ordinary layer needs.
        if self.are_all() {
            return index;
        }
        let Pixels { rows, columns, first: [top, left], upsample: [down, right], out, .. } = *self;
        let (n, row, column) = (index / (rows * columns), index / columns % rows, index % columns);
        (n * out.h + top + row * down) * out.w + left + column * right
    }
}

/// The kernel's rows (`axis` 0) or columns, by the first output row or column that sees them.
fn taps_by_phase(window: Window, axis: usize) -> BTreeMap<usize, Vec<usize>> {
    let mut phases: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for tap in 0..window.kernel[axis] {
        let distance = window.pads[axis] as i64 - (tap * window.dilation[axis]) as i64;
        phases.entry(distance.rem_euclid(window.upsample[axis] as i64) as usize).or_default().push(tap);
    }
    phases
}

//! The weights of dense and grouped layers, packed for the fast kernel.
//!
//! In a transposed layer only some taps meet rows (columns) of the input from a given output row, the same ones every
//! `upsample` rows: each such phase is a GEMM of its own, with those taps. An ordinary layer has a single phase.

use std::collections::BTreeMap;

use wide::i16x8;

use super::lanes::LANES;
use super::patch::STEP_TAPS;
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
    /// Per group, per panel of [`LANES`] channels.
    panels: Vec<Weights>,
    pub panels_per_group: usize,
    /// Of a tile's taps.
    pub steps: usize,
}

impl Phase {
    /// The phases that have taps; `inputs` are the input channels of a group.
    pub fn all(conv: &IntegerConv, inputs: usize) -> Vec<Phase> {
        let (rows, columns) = (taps_by_phase(conv.window, 0), taps_by_phase(conv.window, 1));
        let pairs = rows.iter().flat_map(|rows| columns.iter().map(move |columns| (rows, columns)));
        pairs.map(|(rows, columns)| Phase::pack(conv, inputs, rows, columns)).collect()
    }

    fn pack(
        conv: &IntegerConv,
        inputs: usize,
        (&top, rows): (&usize, &Vec<usize>),
        (&left, columns): (&usize, &Vec<usize>),
    ) -> Self {
        let per_group = conv.output_channels() / conv.groups;
        let [kh, kw] = conv.window.kernel;
        let taps = rows.len() * columns.len() * inputs;
        let weight = |o: usize, tap: usize| {
            let (position, i) = (tap / inputs, tap % inputs);
            let (ky, kx) = (rows[position / columns.len()], columns[position % columns.len()]);
            i16::from(conv.weight[(o * kh * kw + ky * kw + kx) * inputs + i])
        };
        let steps = taps.div_ceil(STEP_TAPS);
        let panels_per_group = per_group.div_ceil(LANES);
        let mut panels = Vec::with_capacity(conv.groups * panels_per_group * steps);
        for group in 0..conv.groups {
            for panel in 0..panels_per_group {
                let column =
                    |lane: usize| (panel * LANES + lane < per_group).then(|| group * per_group + panel * LANES + lane);
                let vector = |step: usize, half: usize| {
                    i16x8::new(std::array::from_fn(|lane| {
                        let tap = step * STEP_TAPS + lane % 2;
                        let column = column(half * LANES / 2 + lane / 2).filter(|_| tap < taps);
                        column.map_or(0, |column| weight(column, tap))
                    }))
                };
                panels.extend((0..steps).map(|step| [vector(step, 0), vector(step, 1)]));
            }
        }
        let Window { stride, dilation, upsample, pads, .. } = conv.window;
        Phase {
            first: [top, left],
            is_pointwise: [kh, kw] == [1, 1] && stride == [1, 1] && upsample == [1, 1] && pads == [0, 0],
            columns_touch: conv.groups == 1 && dilation[1] == 1 && upsample[1] == 1,
            rows: rows.clone(),
            columns: columns.clone(),
            panels,
            panels_per_group,
            steps,
        }
    }

    /// The weights of a panel, counted over all groups.
    #[inline]
    pub fn panel(&self, panel: usize) -> &[Weights] {
        &self.panels[panel * self.steps..][..self.steps]
    }

    /// Whether the tap at `position` of the kernel, row by row, takes part.
    pub fn sees(&self, position: usize, kernel_width: usize) -> bool {
        self.rows.contains(&(position / kernel_width)) && self.columns.contains(&(position % kernel_width))
    }

    /// How many output pixels there are, and the index of each.
    pub fn pixels(&self, context: &ConvContext) -> (usize, impl Fn(usize) -> usize) {
        let (out, [down, right]) = (context.output, context.conv.window.upsample);
        let [top, left] = self.first;
        let (rows, columns) = (out.h.saturating_sub(top).div_ceil(down), out.w.saturating_sub(left).div_ceil(right));
        let is_all = [down, right] == [1, 1];
        let pixel = move |index: usize| {
            // Divisions take longer than anything else that a pixel of an ordinary layer needs.
            if is_all {
                return index;
            }
            let (n, row, column) = (index / (rows * columns), index / columns % rows, index % columns);
            (n * out.h + top + row * down) * out.w + left + column * right
        };
        (out.n * rows * columns, pixel)
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

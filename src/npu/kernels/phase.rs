//! The weights of dense and grouped layers, packed for the fast kernel.
//!
//! In a transposed layer only some taps meet rows (columns) of the input from a given output row, the same ones every
//! `upsample` rows: each such phase is a GEMM of its own, with those taps. An ordinary layer has a single phase.

use std::collections::BTreeMap;

use wide::i16x8;

use super::lanes::LANES;
use super::scalar::ConvContext;
use crate::npu::graph::{IntegerConv, Window};

/// The output pixels `first`, and every `upsample` rows and columns from there.
#[derive(Debug, Clone)]
pub struct Phase {
    first: [usize; 2],
    /// The kernel's rows and columns that they see.
    pub rows: Vec<usize>,
    pub columns: Vec<usize>,
    /// Per group, per panel of [`LANES`] channels, per pair of taps: eight channels' two taps each.
    pub panels: Vec<i16x8>,
    /// Pairs of taps.
    pub pairs: usize,
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
        let pairs = taps.div_ceil(2);
        let panels_per_group = per_group.div_ceil(LANES);
        let mut panels = Vec::with_capacity(conv.groups * panels_per_group * pairs * 2);
        for group in 0..conv.groups {
            for panel in 0..panels_per_group {
                for pair in 0..pairs {
                    for half in 0..2 {
                        let mut lanes = [0i16; 8];
                        for (lane, value) in lanes.iter_mut().enumerate() {
                            let column = panel * LANES + half * 4 + lane / 2;
                            let tap = pair * 2 + lane % 2;
                            if column < per_group && tap < taps {
                                *value = weight(group * per_group + column, tap);
                            }
                        }
                        panels.push(i16x8::new(lanes));
                    }
                }
            }
        }
        Phase { first: [top, left], rows: rows.clone(), columns: columns.clone(), panels, pairs }
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
        let pixel = move |index: usize| {
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

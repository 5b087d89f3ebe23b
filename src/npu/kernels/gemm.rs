//! Dense, grouped and transposed convolution as an implicit GEMM: the patches of a few dozen output pixels are gathered
//! as i16, weights are packed in panels of eight output channels with taps in pairs.

use bytemuck::cast;
use wide::i16x8;

use super::conv::{Scratch, Surroundings};
use super::gather::Patches;
use super::lanes::{self, Clamp, LANES, Lanes, Panel, Sums};
use super::patch::{ROWS, SLACK, STEP_TAPS, Step};
use super::phase::{Phase, Weights};
use super::scalar::ConvContext;
use super::scale::{Near, Scale};
use crate::npu::graph::IntegerConv;

/// Steps of patches gathered together (16 bytes each): they stay in the second-level cache while all panels pass over
/// them, and each panel in the first-level cache while it passes over them.
const GATHERED: usize = 1024;

#[derive(Debug, Clone)]
pub struct Gemm {
    /// One for each phase of rows and columns that has taps; a single one but for transposed layers.
    packed: Vec<Packed>,
    /// What a pixel of a transposed layer holds that sees no row or no column of the input: its bias.
    unseen: Option<Lanes>,
}

#[derive(Debug, Clone)]
struct Packed {
    phase: Phase,
    lanes: Lanes,
    /// Per panel, per step.
    weights: Vec<Weights>,
}

impl Gemm {
    pub fn new(conv: &IntegerConv, surroundings: Surroundings) -> Self {
        let inputs = surroundings.input_channels / conv.groups;
        let packed = Phase::all(conv, inputs).into_iter().map(|phase| {
            let sees = |position: usize| phase.sees(position, conv.window.kernel[1]);
            let lanes = Lanes::new(conv, conv.groups, surroundings, sees);
            Packed { weights: phase.pack(conv, inputs, &lanes), phase, lanes }
        });
        let is_transposed = conv.window.upsample != [1, 1];
        Gemm {
            packed: packed.collect(),
            unseen: is_transposed.then(|| Lanes::new(conv, conv.groups, surroundings, |_| false)),
        }
    }

    pub fn run(&self, context: &ConvContext, input: &[u8], output: &mut [u8], scratch: &mut Scratch) {
        let clamp = Clamp::new(context.bounds);
        if let Some(lanes) = &self.unseen {
            for pixel in output.chunks_exact_mut(context.output.c.max(1)) {
                for panel in lanes.panels() {
                    let outputs = lanes.outputs(context, panel, &panel.bias);
                    let [bytes, _]: [[u8; LANES]; 2] = cast(clamp.bytes([outputs, outputs]));
                    lanes::write(bytes, &mut pixel[panel.first..][..panel.channels]);
                }
            }
        }
        for packed in &self.packed {
            Run { context, packed, clamp }.run(input, output, scratch);
        }
    }
}

/// One phase of a layer on one input.
struct Run<'a> {
    context: &'a ConvContext<'a>,
    packed: &'a Packed,
    clamp: Clamp,
}

impl Run<'_> {
    fn run(&self, input: &[u8], output: &mut [u8], Scratch { steps, rows, places, .. }: &mut Scratch) {
        let Run { context, packed: Packed { phase, lanes, weights }, .. } = self;
        let pixels = phase.pixels(context);
        let patches = Patches::new(context, phase, input);
        let per_tile = phase.tile_steps;
        let most = ROWS * (GATHERED / per_tile.max(1)).max(8).min(pixels.count.div_ceil(ROWS)).max(1);
        if steps.len() < most / ROWS * per_tile {
            steps.resize(most / ROWS * per_tile, [0; ROWS]);
        }
        let length = per_tile * STEP_TAPS + SLACK;
        rows.resize(ROWS * length, 0);
        let panels_per_group = lanes.panels().len() / context.conv.groups;
        for group in 0..context.conv.groups {
            let panels = &lanes.panels()[group * panels_per_group..][..panels_per_group];
            for first in (0..pixels.count).step_by(most) {
                let end = (first + most).min(pixels.count);
                // Relative to the first one, pixels lie alike in every part of a whole output.
                let start = if pixels.are_all() { first * context.output.c } else { 0 };
                if (group, first) == (0, 0) || !pixels.are_all() {
                    places.resize(end - first, 0);
                    for (place, number) in places.iter_mut().zip(first..end) {
                        *place = pixels.at(number) * context.output.c;
                    }
                }
                patches.gather(group, &pixels, first..end, steps, (rows, length));
                let places = Places::new(&places[..end - first]);
                let output = &mut output[start..];
                for (number, panel) in panels.iter().enumerate() {
                    let weights = &weights[(group * panels_per_group + number) * phase.steps..][..phase.steps];
                    self.panel(panel, weights, steps, &places, output);
                }
            }
        }
    }

    /// All tiles of gathered patches by one panel.
    #[inline(never)]
    fn panel(&self, panel: &Panel, weights: &[Weights], steps: &[Step], places: &Places, output: &mut [u8]) {
        let per_tile = self.packed.phase.tile_steps;
        let (full, rest) = places.all.as_chunks();
        let tiles = steps.chunks_exact(per_tile.max(1)).zip(full);
        match &panel.scale {
            Scale::Near(scale) if panel.channels == LANES => {
                let output = &mut output[panel.first..];
                assert!(places.last + LANES <= output.len(), "a pixel lies beyond the output");
                for (tile, places) in tiles {
                    let bytes = self.full(scale, dot(tile, weights, panel.bias));
                    // SAFETY: the assertion holds for the last pixel.
                    unsafe { write(output, places, bytes) };
                }
            }
            _ => tiles.for_each(|(tile, places)| self.rows(panel, weights, tile, places, output)),
        }
        if !rest.is_empty() {
            self.rows(panel, weights, &steps[full.len() * per_tile..], rest, output);
        }
    }

    /// From the sums of a full tile to its bytes.
    #[inline(always)]
    fn full(&self, scale: &Near, [a, b, c, d]: [Sums; ROWS]) -> [[u8; LANES]; ROWS] {
        let scale = scale.anew();
        let first = self.clamp.bytes([scale.apply(a), scale.apply(b)]);
        let last = self.clamp.bytes([scale.apply(c), scale.apply(d)]);
        cast([first, last])
    }

    /// A tile or a panel that is not full, or with a scale that is not near: row by row.
    #[inline(never)]
    fn rows(&self, panel: &Panel, weights: &[Weights], tile: &[Step], places: &[usize], output: &mut [u8]) {
        let sums = match places {
            [_] => [dot_first(tile, weights, panel.bias); ROWS],
            _ => dot(tile, weights, panel.bias),
        };
        for (sums, place) in sums.iter().zip(places) {
            let outputs = self.packed.lanes.outputs(self.context, panel, sums);
            let [bytes, _]: [[u8; LANES]; 2] = cast(self.clamp.bytes([outputs, outputs]));
            lanes::write(bytes, &mut output[place + panel.first..][..panel.channels]);
        }
    }
}

/// Where the output pixels of gathered patches begin.
struct Places<'a> {
    all: &'a [usize],
    last: usize,
}

impl<'a> Places<'a> {
    fn new(all: &'a [usize]) -> Self {
        Places { all, last: all.iter().copied().max().unwrap_or_default() }
    }
}

/// Unchecked: the checks of a tile take as long as its loads.
///
/// # Safety
/// `output` has [`LANES`] bytes from each place on.
#[inline(always)]
unsafe fn write(output: &mut [u8], places: &[usize; ROWS], bytes: [[u8; LANES]; ROWS]) {
    let start = output.as_mut_ptr();
    // SAFETY: the caller's promise. (No loop: compilers that are to write little code do not unroll it.)
    unsafe {
        start.add(places[0]).cast::<[u8; LANES]>().write(bytes[0]);
        start.add(places[1]).cast::<[u8; LANES]>().write(bytes[1]);
        start.add(places[2]).cast::<[u8; LANES]>().write(bytes[2]);
        start.add(places[3]).cast::<[u8; LANES]>().write(bytes[3]);
    }
}

/// The sums of a tile's products over all taps. (Unrolled by hand: compilers that are to write little code do not.)
#[inline(always)]
fn dot(tile: &[Step], weights: &[Weights], bias: Sums) -> [Sums; ROWS] {
    let [mut a, mut b, mut c, mut d] = [bias; ROWS];
    let (mut step, mut columns) = (tile.as_ptr(), weights.as_ptr());
    // SAFETY: both pointers stay in their slices. (Pointers, because an index would be scaled twice in every step.)
    unsafe {
        let end = step.add(tile.len().min(weights.len()));
        while step != end {
            let (rows, of_step) = (&*step, &*columns);
            a = add(a, rows[0], of_step);
            b = add(b, rows[1], of_step);
            c = add(c, rows[2], of_step);
            d = add(d, rows[3], of_step);
            (step, columns) = (step.add(1), columns.add(1));
        }
    }
    [a, b, c, d]
}

/// Those of a tile's first row.
#[inline(always)]
fn dot_first(tile: &[Step], weights: &[Weights], bias: Sums) -> Sums {
    tile.iter().zip(weights).fold(bias, |sums, (rows, columns)| add(sums, rows[0], columns))
}

/// Adds a pair of taps.
#[inline(always)]
fn add(sums: Sums, pair: i32, columns: &Weights) -> Sums {
    let pair: i16x8 = cast([pair, pair, pair, pair]);
    [sums[0] + pair.dot(columns[0]), sums[1] + pair.dot(columns[1])]
}

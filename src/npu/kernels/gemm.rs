//! Dense, grouped and transposed convolution as an implicit GEMM: the patches of a few dozen output pixels are gathered
//! as i16, weights are packed in panels of eight output channels with taps in pairs.

use std::ops::Range;

use bytemuck::cast;
use wide::i16x8;

use super::conv::{Scratch, Surroundings};
use super::lanes::{self, Clamp, LANES, Lanes, Near, Panel, Scale, Sums};
use super::patch::{self, ROWS, SLACK, STEP_TAPS, STEPS, Step};
use super::phase::{Phase, Pixels, Weights};
use super::pixel_position;
use super::scalar::ConvContext;
use crate::npu::graph::{IntegerConv, Window};

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
                    let [bytes, _]: [[u8; LANES]; 2] = cast(clamp.bytes(outputs, outputs));
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
        let per_tile = phase.steps.next_multiple_of(STEPS);
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
                places.resize(end - first, 0);
                for (place, number) in places.iter_mut().zip(first..end) {
                    *place = pixels.at(number) * context.output.c;
                }
                self.gather(input, group, &pixels, first..end, (steps, rows));
                for (number, panel) in panels.iter().enumerate() {
                    let weights = &weights[(group * panels_per_group + number) * phase.steps..][..phase.steps];
                    self.panel(panel, weights, steps, places, output);
                }
            }
        }
    }

    /// The patches that some output pixels see of a group's channels, tile by tile. `rows` has room for a tile's.
    #[inline(never)]
    fn gather(
        &self,
        input: &[u8],
        group: usize,
        pixels: &Pixels,
        numbers: Range<usize>,
        (steps, rows): (&mut [Step], &mut [u8]),
    ) {
        let (phase, shape) = (&self.packed.phase, self.context.input);
        let length = rows.len() / ROWS;
        let channels = group * self.context.input_channels_per_group();
        let is_in_place = self.is_in_place();
        let (mut number, mut position) = (numbers.start, None);
        for tile in steps.chunks_exact_mut(phase.steps.next_multiple_of(STEPS).max(1)) {
            if number >= numbers.end {
                break;
            }
            let start = number * shape.c + channels;
            if is_in_place && start + (ROWS - 1) * shape.c + length <= input.len() {
                patch::interleave(tile, (input, start), shape.c);
                number += ROWS;
                continue;
            }
            // Of the last tile, rows that are missing are those of before.
            for row in rows.chunks_exact_mut(length) {
                if number < numbers.end {
                    let pixel = pixels.at(number);
                    let here = self.position(pixel, position);
                    self.copy_patch(input, pixel, here, group, row);
                    position = Some(here);
                    number += 1;
                }
            }
            patch::interleave(tile, (rows, 0), length);
        }
    }

    /// All tiles of gathered patches by one panel; `places` are where the patches' output pixels begin.
    #[inline(never)]
    fn panel(&self, panel: &Panel, weights: &[Weights], steps: &[Step], places: &[usize], output: &mut [u8]) {
        let per_tile = self.packed.phase.steps.next_multiple_of(STEPS);
        let (full, rest) = places.as_chunks();
        let tiles = steps.chunks_exact(per_tile.max(1)).zip(full);
        match &panel.scale {
            Scale::Near(scale) if panel.channels == LANES => {
                let output = &mut output[panel.first..];
                for (tile, places) in tiles {
                    self.full(scale, dot(tile, weights, panel.bias), places, output);
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
    fn full(&self, scale: &Near, [a, b, c, d]: [Sums; ROWS], places: &[usize; ROWS], output: &mut [u8]) {
        let scale = scale.anew();
        let first = self.clamp.bytes(scale.apply(a), scale.apply(b));
        let last = self.clamp.bytes(scale.apply(c), scale.apply(d));
        let bytes: [[u8; LANES]; ROWS] = cast([first, last]);
        write_at(output, places[0], bytes[0]);
        write_at(output, places[1], bytes[1]);
        write_at(output, places[2], bytes[2]);
        write_at(output, places[3], bytes[3]);
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
            let [bytes, _]: [[u8; LANES]; 2] = cast(self.clamp.bytes(outputs, outputs));
            lanes::write(bytes, &mut output[place + panel.first..][..panel.channels]);
        }
    }

    /// Image, row and column of an output pixel, without a division where it follows the one at `before`.
    #[inline]
    fn position(&self, pixel: usize, before: Option<[usize; 3]>) -> [usize; 3] {
        match before {
            Some([n, y, x]) if self.context.conv.window.upsample == [1, 1] => match (x + 1, y + 1) {
                (x, _) if x < self.context.output.w => [n, y, x],
                (_, y) if y < self.context.output.h => [n, y, 0],
                _ => [n + 1, 0, 0],
            },
            _ => {
                let (n, y, x) = pixel_position(self.context.output, pixel);
                [n, y, x]
            }
        }
    }

    /// Where the window of an output pixel begins, if no part of it is padding and what each of its rows sees lies together.
    #[inline]
    fn whole_window(&self, [n, y, x]: [usize; 3]) -> Option<usize> {
        let ConvContext { conv, input: shape, .. } = *self.context;
        let window = conv.window;
        if !self.packed.phase.columns_touch || window.upsample[0] != 1 {
            return None;
        }
        let (top, left) = (first_inside(window, 0, y, shape.h)?, first_inside(window, 1, x, shape.w)?);
        Some(((n * shape.h + top) * shape.w + left) * shape.c)
    }

    /// Whether the patch of an output pixel is the input's pixel of the same number.
    #[inline(always)]
    fn is_in_place(&self) -> bool {
        let (input, output) = (self.context.input, self.context.output);
        self.packed.phase.is_pointwise && (input.h, input.w) == (output.h, output.w)
    }

    /// Copies the taps that output pixel `pixel` reads into `row`, padding as the zero point.
    #[inline]
    fn copy_patch(&self, input: &[u8], pixel: usize, [n, y, x]: [usize; 3], group: usize, row: &mut [u8]) {
        let ConvContext { conv, input: shape, input_zero_point: zero, .. } = *self.context;
        let (window, phase) = (conv.window, &self.packed.phase);
        let per_group = self.context.input_channels_per_group();
        if self.is_in_place() {
            let start = pixel * shape.c + group * per_group;
            return patch::copy(row, 0, input.get(start..).unwrap_or_default(), per_group);
        }
        let columns = phase.columns.len();
        if let Some(start) = self.whole_window([n, y, x]) {
            let (line, bytes) = (window.dilation[0] * shape.w * shape.c, columns * shape.c);
            for ky in 0..phase.rows.len() {
                patch::copy(row, ky * bytes, input.get(start + ky * line..).unwrap_or_default(), bytes);
            }
            return;
        }
        for (ky, at) in phase.rows.iter().zip((0..).step_by(columns * per_group)) {
            let Some(iy) = window.input_index(0, y, *ky, shape.h) else {
                row[at..at + columns * per_group].fill(zero);
                continue;
            };
            let line = (n * shape.h + iy) * shape.w;
            if phase.columns_touch {
                // Where the window begins, counted from the left padding's end.
                let (start, pad) = (x * window.stride[1], window.pads[1]);
                let left = pad.saturating_sub(start).min(columns);
                let from = (start + left).saturating_sub(pad).min(shape.w);
                let inside = (shape.w - from).min(columns - left);
                patch::copy(row, at + left * per_group, &input[(line + from) * shape.c..], inside * shape.c);
                if inside < columns {
                    row[at..at + left * per_group].fill(zero);
                    row[at + (left + inside) * per_group..at + columns * per_group].fill(zero);
                }
                continue;
            }
            for (kx, at) in phase.columns.iter().zip((at..).step_by(per_group)) {
                match window.input_index(1, x, *kx, shape.w) {
                    Some(ix) => {
                        patch::copy(row, at, &input[(line + ix) * shape.c + group * per_group..], per_group);
                    }
                    None => row[at..at + per_group].fill(zero),
                }
            }
        }
    }
}

/// The first row (`axis` 0) or column of `size` that the window at output `index` sees, if all of the window lies inside.
#[inline(always)]
fn first_inside(window: Window, axis: usize, index: usize, size: usize) -> Option<usize> {
    let first = (index * window.stride[axis]).checked_sub(window.pads[axis])?;
    (first + (window.kernel[axis] - 1) * window.dilation[axis] < size).then_some(first)
}

/// There is room for the eight bytes.
#[inline(always)]
fn write_at(output: &mut [u8], place: usize, bytes: [u8; LANES]) {
    if let Some(eight) = output.get_mut(place..).and_then(<[u8]>::first_chunk_mut) {
        *eight = bytes;
    }
}

/// The sums of a tile's products over all taps. (Unrolled by hand: compilers that are to write little code do not.)
#[inline(always)]
fn dot(tile: &[Step], weights: &[Weights], bias: Sums) -> [Sums; ROWS] {
    let [mut a, mut b, mut c, mut d] = [bias; ROWS];
    for (rows, columns) in tile.iter().zip(weights) {
        a = add(a, rows[0], columns);
        b = add(b, rows[1], columns);
        c = add(c, rows[2], columns);
        d = add(d, rows[3], columns);
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

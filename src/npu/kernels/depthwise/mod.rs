//! Depthwise convolution: sixteen channels at a time, two taps an instruction, along the rows of the output.
//!
//! A small picture is copied first, with its padding around it. In a large one, windows that lie inside are read where they
//! are, and what the others see is copied.

mod nine;
mod strip;

use std::ops::Range;

use wide::i16x8;

use nine::Nine;
use strip::{Run, Strip, Taps};

use super::conv::Surroundings;
use super::lanes::{LANES, Lanes};
use super::patch;
use super::scalar::ConvContext;
use crate::npu::graph::IntegerConv;

/// Channels computed together: two panels, a vector of bytes.
const CHANNELS: usize = 2 * LANES;

/// Bytes of a picture that is copied with its padding: less than there is work at its borders otherwise.
const SMALL: usize = 1 << 17;

/// A pair of taps of sixteen channels: four vectors of four channels' two taps each.
type Weights = [i16x8; 4];

#[derive(Debug, Clone)]
pub struct Depthwise {
    lanes: Lanes,
    /// Per sixteen channels.
    filters: Vec<Filters>,
}

/// Sixteen channels' filters.
#[derive(Debug, Clone)]
enum Filters {
    Nine(Box<Nine>),
    /// Of any size and scale: per pair of taps.
    Any(Vec<Weights>),
}

impl Depthwise {
    pub fn new(conv: &IntegerConv, surroundings: Surroundings) -> Self {
        let taps = conv.window.kernel[0] * conv.window.kernel[1];
        let lanes = Lanes::new(conv, 1, surroundings, |_| true);
        let weight = |o: usize, tap: usize| match (conv.weight.get(o * taps + tap), lanes.panels().get(o / LANES)) {
            (Some(&weight), Some(panel)) if tap < taps => i16::from(weight) << panel.raised[o % LANES],
            _ => 0,
        };
        let four = |first: usize, pair: usize| {
            i16x8::new(std::array::from_fn(|lane| weight(first + lane / 2, pair * 2 + lane % 2)))
        };
        let filters = lanes.panels().chunks(2).zip((0..).step_by(CHANNELS)).map(|(panels, first)| {
            let pair = |pair: usize| std::array::from_fn(|i| four(first + i * LANES / 2, pair));
            let weights: Vec<Weights> = (0..taps.div_ceil(2)).map(pair).collect();
            let is_three_by_three = conv.window.kernel == [3, 3];
            match is_three_by_three.then(|| Nine::new(panels, &weights)).flatten() {
                Some(nine) => Filters::Nine(Box::new(nine)),
                None => Filters::Any(weights),
            }
        });
        Depthwise { filters: filters.collect(), lanes }
    }

    /// `scratch` keeps its capacity between calls.
    pub fn run(&self, context: &ConvContext, input: &[u8], output: &mut [u8], scratch: &mut Scratch) {
        let (shape, out) = (context.input, context.output);
        let sees_padding = context.inside() != [0..out.h, 0..out.w];
        let is_copied = sees_padding && shape.h * shape.w * shape.c <= SMALL;
        self.run_copied(is_copied, context, input, output, scratch);
    }

    /// `is_copied`: with their padding around them, pictures are copied whole; otherwise at their borders only.
    pub(super) fn run_copied(
        &self,
        is_copied: bool,
        context: &ConvContext,
        input: &[u8],
        output: &mut [u8],
        scratch: &mut Scratch,
    ) {
        let out = context.output;
        let pictures = Pictures { run: Run::new(self, context), input };
        for (n, output) in output.chunks_exact_mut((out.h * out.w * out.c).max(1)).enumerate() {
            pictures.run(n, is_copied, output, scratch);
        }
    }
}

/// Buffers reused from layer to layer.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// What windows see that reach into the padding.
    pub copied: Vec<u8>,
    pub taps: Taps,
}

struct Pictures<'a> {
    run: Run<'a>,
    input: &'a [u8],
}

impl Pictures<'_> {
    fn run(&self, n: usize, is_copied: bool, output: &mut [u8], scratch: &mut Scratch) {
        let out = self.run.context.output;
        let [rows, columns] = if is_copied { [0..0, 0..0] } else { self.readable(n) };
        scratch.taps.set(&self.run, self.input_steps());
        for y in rows.clone() {
            self.run.strip(self.input, &scratch.taps, self.row([n, y], &columns), output);
        }
        let borders = [
            [0..rows.start, 0..out.w],
            [rows.clone(), 0..columns.start],
            [rows.clone(), columns.end..out.w],
            [rows.end..out.h, 0..out.w],
        ];
        for region in borders.iter().filter(|region| region.iter().all(|range| !range.is_empty())) {
            self.region(n, region, output, scratch);
        }
    }

    /// The output's rows and columns whose windows are read where they are: they see no padding.
    fn readable(&self, n: usize) -> [Range<usize>; 2] {
        let context = self.run.context;
        let [mut rows, columns] = context.inside();
        let [row, column] = self.input_steps();
        let [height, width] = context.conv.window.kernel;
        // At the input's very end, the vector of the last channels may reach beyond it.
        let window = (height - 1) * row + (width - 1) * column + context.output.c.next_multiple_of(CHANNELS);
        while !rows.is_empty() && !columns.is_empty() {
            let Strip { pixels, window: [start, step], .. } = self.row([n, rows.end - 1], &columns);
            if start + (pixels - 1) * step + window <= self.input.len() {
                return [rows, columns];
            }
            rows.end -= 1;
        }
        [0..0, 0..0]
    }

    /// From one row and column of taps to the next, in the input.
    fn input_steps(&self) -> [usize; 2] {
        let ConvContext { conv: IntegerConv { window, .. }, input, .. } = self.run.context;
        [window.dilation[0] * input.w * input.c, window.dilation[1] * input.c]
    }

    /// Some columns of output row `y` of picture `n`, with windows in the input.
    fn row(&self, [n, y]: [usize; 2], columns: &Range<usize>) -> Strip {
        let ConvContext { conv: IntegerConv { window, .. }, input, output, .. } = self.run.context;
        let top = n * input.h + y * window.stride[0] - window.pads[0];
        let left = columns.start * window.stride[1] - window.pads[1];
        Strip {
            pixels: columns.len(),
            window: [(top * input.w + left) * input.c, window.stride[1] * input.c],
            output: [(y * output.w + columns.start) * output.c, output.c],
        }
    }

    /// Some rows and columns of picture `n`'s output, from a copy of what they see. Its strips lie along the longer side.
    fn region(
        &self,
        n: usize,
        [rows, columns]: &[Range<usize>; 2],
        output: &mut [u8],
        Scratch { copied, taps }: &mut Scratch,
    ) {
        let context = self.run.context;
        let (window, out) = (context.conv.window, context.output);
        let [height, width] = [(0, rows), (1, columns)].map(|(axis, outputs)| {
            (outputs.len() - 1) * window.stride[axis] + (window.kernel[axis] - 1) * window.dilation[axis] + 1
        });
        let row = width * out.c;
        copied.resize(height * row + CHANNELS.max(patch::SLACK), 0);
        copy_padded(context, self.input, n, [rows.start, columns.start], [height, row], copied);
        taps.set(&self.run, [window.dilation[0] * row, window.dilation[1] * out.c]);
        let first = (rows.start * out.w + columns.start) * out.c;
        // From one pixel to the one below and to the one at its right: the outputs and their windows.
        let down = [out.w * out.c, window.stride[0] * row];
        let right = [out.c, window.stride[1] * out.c];
        let (pixels, along, strips, across) = match columns.len() >= rows.len() {
            true => (columns.len(), right, rows.len(), down),
            false => (rows.len(), down, columns.len(), right),
        };
        for strip in 0..strips {
            let window = [strip * across[1], along[1]];
            let strip = Strip { pixels, window, output: [first + strip * across[0], along[0]] };
            self.run.strip(copied, taps, strip, output);
        }
    }
}

/// Copies what outputs of picture `n` from row `first[0]` and column `first[1]` on see into `height` rows of `row` bytes,
/// padding as the zero point.
fn copy_padded(
    context: &ConvContext,
    input: &[u8],
    n: usize,
    first: [usize; 2],
    [height, row]: [usize; 2],
    copied: &mut [u8],
) {
    let ConvContext { conv: IntegerConv { window, .. }, input: shape, input_zero_point: zero, .. } = *context;
    // In rows and columns of the input with its padding around it.
    let [top, begin] = [0, 1].map(|axis| first[axis] * window.stride[axis]);
    let left = (window.pads[1].saturating_sub(begin) * shape.c).min(row);
    let from = (begin.saturating_sub(window.pads[1]) * shape.c).min(shape.w * shape.c);
    let width = (shape.w * shape.c - from).min(row - left);
    for y in 0..height {
        // From front to back: what is written beyond an end is overwritten.
        let to = &mut copied[y * row..];
        match (top + y).checked_sub(window.pads[0]).filter(|y| *y < shape.h) {
            Some(y) => {
                patch::fill(to, 0, zero, left);
                patch::copy(to, left, &input[(n * shape.h + y) * shape.w * shape.c + from..], width);
                patch::fill(to, left + width, zero, row - left - width);
            }
            None => patch::fill(to, 0, zero, row),
        }
    }
}

//! Depthwise convolution: sixteen channels at a time, two taps an instruction, along the rows of the output.
//!
//! A small picture is copied first, with its padding around it. In a large one, windows that lie inside are read where they
//! are, and one that touches the padding is copied together.

mod nine;

use bytemuck::cast;
use wide::{i16x8, i32x4, u8x16};

use nine::Nine;

use super::conv::Surroundings;
use super::lanes::{self, Clamp, LANES, Lanes, Panel, Sums};
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
    taps: usize,
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
        Depthwise { filters: filters.collect(), lanes, taps }
    }

    /// Taps `row` and `column` elements apart, of a kernel `width` wide.
    fn taps(&self, width: usize, [row, column]: [usize; 2]) -> Taps {
        let offset = |tap: usize| tap / width * row + tap % width * column;
        let last = self.taps - 1;
        let pairs: Vec<[usize; 2]> =
            (0..self.taps).step_by(2).map(|tap| [offset(tap), offset((tap + 1).min(last))]).collect();
        Taps { steps: [row, column], pairs, span: offset(last) + CHANNELS }
    }

    /// `copied` keeps its capacity between calls.
    pub fn run(&self, context: &ConvContext, input: &[u8], output: &mut [u8], copied: &mut Vec<u8>) {
        let shape = context.input;
        let sees_padding = [shape.h, shape.w] != [0, 1].map(|axis| seen(context, axis));
        if sees_padding && shape.h * shape.w * shape.c <= SMALL {
            self.run_padded(context, input, output, copied);
        } else {
            self.run_in_place(context, input, output, copied);
        }
    }

    /// From pictures copied with their padding.
    fn run_padded(&self, context: &ConvContext, input: &[u8], output: &mut [u8], copied: &mut Vec<u8>) {
        let ConvContext { conv: IntegerConv { window, .. }, output: out, .. } = *context;
        let [height, width] = [0, 1].map(|axis| seen(context, axis));
        let row = width * out.c;
        let run = Run { depthwise: self, context, clamp: Clamp::new(context.bounds) };
        let taps = self.taps(window.kernel[1], [window.dilation[0] * row, window.dilation[1] * out.c]);
        copied.resize(height * row + CHANNELS.max(patch::SLACK), 0);
        for (n, output) in output.chunks_exact_mut((out.h * out.w * out.c).max(1)).enumerate() {
            copy_padded(context, input, n, [height, row], copied);
            for (y, line) in output.chunks_exact_mut(out.w * out.c).enumerate() {
                let strip = Strip { start: y * window.stride[0] * row, step: window.stride[1] * out.c };
                run.strip(copied, &taps, strip, line);
            }
        }
    }

    /// Windows that lie inside are read where they are, others are copied.
    pub(super) fn run_in_place(&self, context: &ConvContext, input: &[u8], output: &mut [u8], copied: &mut Vec<u8>) {
        let ConvContext { conv, input: shape, output: out, .. } = *context;
        let (window, channels) = (conv.window, out.c);
        let run = Run { depthwise: self, context, clamp: Clamp::new(context.bounds) };
        let [rows, columns] = context.inside();
        let row = window.dilation[0] * shape.w * channels;
        let in_input = self.taps(window.kernel[1], [row, window.dilation[1] * channels]);
        let in_copy = self.taps(window.kernel[1], [window.kernel[1] * channels, channels]);
        // The vector of the last channels reads beyond them.
        copied.resize(self.taps * channels + CHANNELS, 0);
        for (row, line) in output.chunks_exact_mut((out.w * channels).max(1)).enumerate() {
            let (n, y) = (row / out.h, row % out.h);
            let mut done = 0..0;
            if rows.contains(&y) && !columns.is_empty() {
                let top = n * shape.h + y * window.stride[0] - window.pads[0];
                let left = columns.start * window.stride[1] - window.pads[1];
                let strip = Strip { start: (top * shape.w + left) * channels, step: window.stride[1] * channels };
                done = columns.clone();
                // Windows at the very end of the input, where a vector would read beyond it.
                let reach = strip.start + in_input.span - CHANNELS + channels.next_multiple_of(CHANNELS);
                while !done.is_empty() && reach + (done.len() - 1) * strip.step > input.len() {
                    done.end -= 1;
                }
                if !done.is_empty() {
                    run.strip(input, &in_input, strip, &mut line[done.start * channels..done.end * channels]);
                }
            }
            for (x, pixel) in line.chunks_exact_mut(channels).enumerate().filter(|(x, _)| !done.contains(x)) {
                copy_window(context, input, [n, y, x], copied);
                run.strip(copied, &in_copy, Strip { start: 0, step: 0 }, pixel);
            }
        }
    }
}

/// Output pixels in a row: where the first one's window begins, and how far it is to the next.
#[derive(Debug, Clone, Copy)]
struct Strip {
    start: usize,
    step: usize,
}

/// How far behind where a pixel's window begins its taps lie.
struct Taps {
    /// From one row of taps, and from one column of them, to the next.
    steps: [usize; 2],
    /// The taps in pairs. The partner of an odd last tap is itself, with a weight of 0.
    pairs: Vec<[usize; 2]>,
    /// To the end of the last tap's vector.
    span: usize,
}

struct Run<'a> {
    depthwise: &'a Depthwise,
    context: &'a ConvContext<'a>,
    clamp: Clamp,
}

impl Run<'_> {
    fn strip(&self, data: &[u8], taps: &Taps, strip: Strip, output: &mut [u8]) {
        let Depthwise { lanes, filters, .. } = self.depthwise;
        for (first, filters) in (0..).step_by(CHANNELS).zip(filters) {
            let strip = Strip { start: strip.start + first, ..strip };
            match filters {
                Filters::Nine(nine) => nine.strip(self, data, taps.steps, strip, first, output),
                Filters::Any(weights) => {
                    let panels = &lanes.panels()[first / LANES..];
                    self.any_size(&panels[..panels.len().min(2)], data, (taps, weights), strip, output);
                }
            }
        }
    }

    /// What the two panels from channel `first` on make of their sums; twice the same one if it is the last.
    #[inline(never)]
    fn outputs(&self, first: usize, sums: &[Sums; 2]) -> [i16x8; 2] {
        let lanes = &self.depthwise.lanes;
        let panels = &lanes.panels()[first / LANES..];
        [0, 1].map(|panel| lanes.outputs(self.context, &panels[panel.min(panels.len() - 1)], &sums[panel]))
    }

    fn any_size(
        &self,
        panels: &[Panel],
        data: &[u8],
        (taps, weights): (&Taps, &[Weights]),
        strip: Strip,
        output: &mut [u8],
    ) {
        let mut at = strip.start;
        let bias = [0, 1].map(|panel| panels.get(panel).map_or([i32x4::ZERO; 2], |panel| panel.bias));
        for pixel in output.chunks_exact_mut(self.context.output.c) {
            let sums = sum(&data[at..][..taps.span], &taps.pairs, weights, bias);
            at += strip.step;
            for (panel, sums) in panels.iter().zip(sums) {
                let outputs = self.depthwise.lanes.outputs(self.context, panel, &sums);
                let [bytes, _]: [[u8; LANES]; 2] = cast(self.clamp.bytes([outputs, outputs]));
                lanes::write(bytes, &mut pixel[panel.first..][..panel.channels]);
            }
        }
    }
}

/// The sums of two panels over the window that begins where `data` does.
#[inline]
fn sum(data: &[u8], offsets: &[[usize; 2]], weights: &[Weights], bias: [Sums; 2]) -> [Sums; 2] {
    let at = |offset: usize| u8x16::new(data[offset..].first_chunk().copied().unwrap_or_default());
    let taps = offsets.iter().map(|&[first, second]| [at(first), at(second)]);
    taps.zip(weights).fold(bias, |sums, (taps, weights)| nine::add(sums, taps, weights))
}

/// How many rows (`axis` 0) or columns the windows see, padding included.
fn seen(context: &ConvContext, axis: usize) -> usize {
    let (window, out) = (context.conv.window, [context.output.h, context.output.w][axis]);
    out.saturating_sub(1) * window.stride[axis] + (window.kernel[axis] - 1) * window.dilation[axis] + 1
}

/// Copies picture `n` into `height` rows of `row` bytes, as many as are [`seen`], padding as the zero point.
fn copy_padded(context: &ConvContext, input: &[u8], n: usize, [height, row]: [usize; 2], copied: &mut [u8]) {
    let ConvContext { conv, input: shape, input_zero_point: zero, .. } = *context;
    let [top, left] = [conv.window.pads[0], (conv.window.pads[1] * shape.c).min(row)];
    let width = (shape.w * shape.c).min(row - left);
    for y in 0..height {
        // From front to back: what is written beyond an end is overwritten.
        let to = &mut copied[y * row..];
        match y.checked_sub(top).filter(|y| *y < shape.h) {
            Some(y) => {
                patch::fill(to, 0, zero, left);
                patch::copy(to, left, &input[(n * shape.h + y) * shape.w * shape.c..], width);
                patch::fill(to, left + width, zero, row - left - width);
            }
            None => patch::fill(to, 0, zero, row),
        }
    }
}

/// Copies what an output pixel sees, tap by tap, padding as the zero point.
fn copy_window(context: &ConvContext, input: &[u8], [n, y, x]: [usize; 3], copied: &mut [u8]) {
    let ConvContext { conv, input: shape, .. } = context;
    let (window, channels) = (conv.window, shape.c);
    let mut taps = copied.chunks_exact_mut(channels);
    for ky in 0..window.kernel[0] {
        let iy = window.input_index(0, y, ky, shape.h);
        for (kx, tap) in (0..window.kernel[1]).zip(&mut taps) {
            match (iy, window.input_index(1, x, kx, shape.w)) {
                (Some(iy), Some(ix)) => {
                    tap.copy_from_slice(&input[((n * shape.h + iy) * shape.w + ix) * channels..][..channels]);
                }
                _ => tap.fill(context.input_zero_point),
            }
        }
    }
}

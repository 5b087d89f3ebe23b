//! Depthwise convolution: sixteen channels at a time, two taps an instruction, along the rows of the output.
//!
//! A small picture is copied first, with its padding around it. In a large one, windows that lie inside are read where they
//! are, and one that touches the padding is copied together.

use bytemuck::cast;
use wide::{i16x8, i32x4, u8x16};

use super::conv::Surroundings;
use super::lanes::{self, Clamp, LANES, Lanes, Near, Panel, Scale, Sums, widen_high, widen_low};
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
    /// Per sixteen channels, those whose two panels are full and have near scales.
    near: Vec<Option<[NearPanel; 2]>>,
    /// Per sixteen channels, per pair of taps.
    weights: Vec<Weights>,
    taps: usize,
}

/// What sums of a full panel start from, and how they are scaled.
#[derive(Debug, Clone, Copy)]
struct NearPanel {
    bias: Sums,
    scale: Near,
}

impl NearPanel {
    fn of(panel: &Panel) -> Option<Self> {
        match panel.scale {
            Scale::Near(scale) if panel.channels == LANES => Some(NearPanel { bias: panel.bias, scale }),
            _ => None,
        }
    }
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
        let weights = (0..conv.output_channels())
            .step_by(CHANNELS)
            .flat_map(|first| (0..taps.div_ceil(2)).map(move |pair| (first, pair)))
            .map(|(first, pair)| std::array::from_fn(|i| four(first + i * LANES / 2, pair)))
            .collect();
        let near = lanes.panels().chunks(2).map(|panels| {
            // Of a last panel without a partner, the other eight sums are dropped.
            let [low, high] = [panels.first()?, panels.last()?].map(NearPanel::of);
            Some([low?, high?])
        });
        Depthwise { near: near.collect(), weights, lanes, taps }
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
        let [rows, columns] =
            [(0, shape.h, out.h), (1, shape.w, out.w)].map(|(axis, size, outputs)| window.inside(axis, size, outputs));
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
                run.strip(input, &in_input, strip, &mut line[done.start * channels..done.end * channels]);
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
        let Depthwise { lanes, near, weights, .. } = self.depthwise;
        let is_three_by_three = self.context.conv.window.kernel == [3, 3];
        let mut weights = weights.chunks_exact(taps.pairs.len().max(1));
        for (first, near) in (0..).step_by(CHANNELS).zip(near) {
            let weights = weights.next().unwrap_or_default();
            let strip = Strip { start: strip.start + first, ..strip };
            match (<&[_; 5]>::try_from(weights), near) {
                (Ok(weights), Some(panels)) if is_three_by_three => {
                    self.three_by_three(first, panels, data, (taps, weights), strip, output);
                }
                _ => {
                    let panels = &lanes.panels()[first / LANES..];
                    self.any_size(&panels[..panels.len().min(2)], data, (taps, weights), strip, output);
                }
            }
        }
    }

    /// With a known number of taps the loop over them is unrolled.
    fn three_by_three(
        &self,
        first: usize,
        [low, high]: &[NearPanel; 2],
        data: &[u8],
        (taps, weights): (&Taps, &[Weights; 5]),
        strip: Strip,
        output: &mut [u8],
    ) {
        let channels = self.context.output.c;
        let steps @ [row, column] = taps.steps;
        let more = (output.len() / channels).saturating_sub(1);
        let end = strip.start + more * strip.step + 2 * row + 2 * column + CHANNELS;
        assert!(end <= data.len(), "a tap lies beyond the data");
        let mut at = strip.start;
        for pixel in output.chunks_exact_mut(channels) {
            // SAFETY: the assertion holds for the last pixel.
            let sums = unsafe { sum_of_nine(data, at, steps, weights, [low.bias, high.bias]) };
            at += strip.step;
            let bytes = self.clamp.bytes(low.scale.anew().apply(sums[0]), high.scale.anew().apply(sums[1]));
            let Some(place) = pixel.get_mut(first..) else { continue };
            if let Some(sixteen) = place.first_chunk_mut() {
                *sixteen = bytes.to_array();
            } else if let Some(eight) = place.first_chunk_mut() {
                [*eight, _] = cast::<_, [[u8; LANES]; 2]>(bytes);
            }
        }
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
                let [bytes, _]: [[u8; LANES]; 2] = cast(self.clamp.bytes(outputs, outputs));
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
    taps.zip(weights).fold(bias, |sums, (taps, weights)| add(sums, taps, weights))
}

/// The same for the window of a 3x3 kernel that begins at `at`, unrolled.
///
/// # Safety
/// `data` has at least `2 * row + 2 * column + CHANNELS` bytes from there.
#[inline(always)]
unsafe fn sum_of_nine(
    data: &[u8],
    at: usize,
    [row, column]: [usize; 2],
    weights: &[Weights; 5],
    bias: [Sums; 2],
) -> [Sums; 2] {
    let [second, third] = [at + row, at + 2 * row];
    // SAFETY: the caller's promise.
    unsafe {
        let sums = add(bias, [read(data, at), read(data, at + column)], &weights[0]);
        let sums = add(sums, [read(data, at + 2 * column), read(data, second)], &weights[1]);
        let sums = add(sums, [read(data, second + column), read(data, second + 2 * column)], &weights[2]);
        let sums = add(sums, [read(data, third), read(data, third + column)], &weights[3]);
        add(sums, [read(data, third + 2 * column), u8x16::ZERO], &weights[4])
    }
}

/// Unchecked: nine checks a pixel take as long as the arithmetic.
///
/// # Safety
/// `data` has sixteen bytes from `start` on.
#[inline(always)]
unsafe fn read(data: &[u8], start: usize) -> u8x16 {
    // SAFETY: the caller's promise.
    u8x16::new(unsafe { data.as_ptr().add(start).cast::<[u8; CHANNELS]>().read() })
}

/// Adds a pair of taps.
#[inline(always)]
fn add([low, high]: [Sums; 2], [first, second]: [u8x16; 2], weights: &Weights) -> [Sums; 2] {
    let (even, odd) = (u8x16::unpack_low(first, second), u8x16::unpack_high(first, second));
    [
        [low[0] + widen_low(even).dot(weights[0]), low[1] + widen_high(even).dot(weights[1])],
        [high[0] + widen_low(odd).dot(weights[2]), high[1] + widen_high(odd).dot(weights[3])],
    ]
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

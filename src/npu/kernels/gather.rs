//! The input bytes that output pixels see, gathered tile by tile for the GEMM.

use std::ops::Range;

use super::patch::{self, ROWS, SLACK, STEP_TAPS, Step};
use super::phase::{Phase, Pixels};
use super::pixel_position;
use super::scalar::ConvContext;

/// The patches of one phase of a layer.
pub struct Patches<'a> {
    context: &'a ConvContext<'a>,
    phase: &'a Phase,
    input: &'a [u8],
    /// Input channels of a group.
    channels: usize,
    /// Whether a patch is the input's pixel of the same number.
    is_in_place: bool,
    /// Output rows and columns whose windows see no padding, and bytes that touch in each of their rows.
    whole: [Range<usize>; 2],
    /// From one row of a window to the next, and from one window to the next.
    line: usize,
    step: usize,
    /// Of the places where a tile's patches may start: behind them vectors would read beyond the input.
    end: usize,
}

impl<'a> Patches<'a> {
    pub fn new(context: &'a ConvContext, phase: &'a Phase, input: &'a [u8]) -> Self {
        let (shape, out, window) = (context.input, context.output, context.conv.window);
        let whole = match phase.columns_touch && window.upsample == [1, 1] {
            true => context.inside(),
            false => [0..0, 0..0],
        };
        let (line, step) = (window.dilation[0] * shape.w * shape.c, window.stride[1] * shape.c);
        let rows = phase.rows.len().saturating_sub(1) * line;
        let span = rows + (ROWS - 1) * step + phase.row_steps * STEP_TAPS + SLACK;
        Patches {
            line,
            step,
            end: (input.len() + 1).saturating_sub(span),
            is_in_place: phase.is_pointwise && (shape.h, shape.w) == (out.h, out.w),
            channels: context.input_channels_per_group(),
            whole,
            context,
            phase,
            input,
        }
    }

    /// Those of the pixels with some `numbers` and of a group's channels. `rows` has room for a tile's, each of `length` bytes.
    #[inline(never)]
    pub fn gather(
        &self,
        group: usize,
        pixels: &Pixels,
        numbers: Range<usize>,
        steps: &mut [Step],
        (rows, length): (&mut [u8], usize),
    ) {
        let row_steps = self.phase.row_steps;
        let mut number = numbers.start;
        let mut position = pixel_position(self.context.output, number);
        for tile in steps.chunks_exact_mut(self.phase.tile_steps.max(1)) {
            if number >= numbers.end {
                break;
            }
            let start = match self.is_in_place {
                true => number * self.step + group * self.channels,
                false => self.start(position),
            };
            if start < self.end {
                let (mut done, mut line) = (0, start);
                for _ in 0..self.phase.rows.len() {
                    patch::interleave(&mut tile[done..], row_steps, (self.input, line), self.step);
                    done += row_steps;
                    line += self.line;
                }
                number += ROWS;
                position = self.after(position, ROWS);
                continue;
            }
            // Of the last tile, rows that are missing are those of before.
            for row in rows.chunks_exact_mut(length) {
                if number < numbers.end {
                    if self.is_in_place || !pixels.are_all() {
                        position = pixel_position(self.context.output, pixels.at(number));
                    }
                    self.copy(position, group, row);
                    position = self.after(position, 1);
                    number += 1;
                }
            }
            let count = tile.len();
            patch::interleave(tile, count, (rows, 0), length);
        }
    }

    /// Where the patch of an output pixel starts, if its whole tile lies in the input: beyond its end otherwise.
    #[inline(always)]
    fn start(&self, (n, y, x): (usize, usize, usize)) -> usize {
        let (window, shape, [rows, columns]) = (&self.context.conv.window, self.context.input, &self.whole);
        if y < rows.start || y >= rows.end || x < columns.start || x + ROWS > columns.end {
            return usize::MAX;
        }
        let (top, left) = (y * window.stride[0] - window.pads[0], x * window.stride[1] - window.pads[1]);
        ((n * shape.h + top) * shape.w + left) * shape.c
    }

    /// The position of the pixel `more` after, no more than one row on.
    #[inline(always)]
    fn after(&self, (n, y, x): (usize, usize, usize), more: usize) -> (usize, usize, usize) {
        let out = self.context.output;
        if x + more < out.w {
            (n, y, x + more)
        } else if y + 1 < out.h {
            (n, y + 1, x + more - out.w)
        } else {
            (n + 1, 0, x + more - out.w)
        }
    }

    /// Copies the taps that an output pixel sees into `row`, each row of the kernel from a new step on, padding as the zero
    /// point.
    #[inline(never)]
    fn copy(&self, (n, y, x): (usize, usize, usize), group: usize, row: &mut [u8]) {
        let Patches { input, phase, channels, .. } = *self;
        let ConvContext { conv, input: shape, input_zero_point: zero, .. } = *self.context;
        let window = conv.window;
        let columns = phase.columns.len();
        for (ky, at) in phase.rows.iter().zip((0..).step_by(phase.row_steps * STEP_TAPS)) {
            let Some(iy) = window.input_index(0, y, *ky, shape.h) else {
                row[at..at + columns * channels].fill(zero);
                continue;
            };
            let line = (n * shape.h + iy) * shape.w;
            if phase.columns_touch {
                // Where the window begins, counted from the left padding's end.
                let (start, pad) = (x * window.stride[1], window.pads[1]);
                let left = pad.saturating_sub(start).min(columns);
                let from = (start + left).saturating_sub(pad).min(shape.w);
                let inside = (shape.w - from).min(columns - left);
                patch::copy(row, at + left * channels, &input[(line + from) * shape.c..], inside * shape.c);
                if inside < columns {
                    row[at..at + left * channels].fill(zero);
                    row[at + (left + inside) * channels..at + columns * channels].fill(zero);
                }
                continue;
            }
            for (kx, at) in phase.columns.iter().zip((at..).step_by(channels)) {
                match window.input_index(1, x, *kx, shape.w) {
                    Some(ix) => {
                        patch::copy(row, at, &input[(line + ix) * shape.c + group * channels..], channels);
                    }
                    None => row[at..at + channels].fill(zero),
                }
            }
        }
    }
}

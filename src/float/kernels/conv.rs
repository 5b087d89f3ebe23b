//! Convolution as implicit matrix multiplication: the patches under a few dozen output pixels are gathered into a small
//! buffer and multiplied by the packed weights, so the full patch matrix never exists. A 1x1 convolution without stride
//! or padding reads its input in place. A transposed convolution is an ordinary one for each of its phases, whose results
//! interleave: so the zeros between the samples are never touched.

use super::gemm::{Panels, Step};
use super::{Image, Phase, elementwise};
use crate::graph::{Clamp, Conv};

/// Output pixels computed together.
const PIXELS: usize = 64;
/// Gathered values that still leave room in the second-level cache.
const GATHERED: usize = 32 << 10;

/// The weights and geometry of a convolution, arranged for [`PackedConv::run`].
pub struct PackedConv {
    parts: Vec<Part>,
    group_inputs: usize,
    group_outputs: usize,
    upsample: [usize; 2],
    /// Of each output channel, for pixels that see no sample.
    bias: Vec<f32>,
    /// Whether the patch of output pixel `p` is input pixel `p`.
    direct: bool,
}

/// The output pixels of one phase of rows and one of columns. An ordinary convolution has a single part.
struct Part {
    rows: Phase,
    columns: Phase,
    /// One matrix per group: `depth` is `taps * i`, a column per output channel of the group.
    groups: Vec<Panels>,
}

/// What a run reads and where it writes.
#[derive(Clone, Copy)]
struct Pictures<'a> {
    input: &'a [f32],
    from: Image,
    to: Image,
}

/// Memory that a run needs besides input and output. What is in it does not matter.
#[derive(Debug, Default)]
pub struct Scratch {
    patches: Vec<f32>,
    tiles: Vec<Step>,
}

impl PackedConv {
    pub fn new(conv: &Conv) -> Self {
        let group_inputs = conv.input_channels_per_group();
        let group_outputs = conv.output_channels() / conv.groups.max(1);
        let bias = conv.bias.clone().unwrap_or_else(|| vec![0.0; conv.output_channels()]);
        let pack = |rows: &Phase, columns: &Phase, group: usize| {
            let first = group * group_outputs;
            let column = |n: usize| {
                let (channel, row) = (conv.channel(first + n), conv.kernel[1] * group_inputs);
                let taps = (0..rows.taps()).flat_map(|ky| (0..columns.taps()).map(move |kx| (ky, kx)));
                taps.map(move |(ky, kx)| {
                    &channel[rows.tap(ky) * row + columns.tap(kx) * group_inputs..][..group_inputs]
                })
            };
            let depth = rows.taps() * columns.taps() * group_inputs;
            Panels::pack(depth, group_outputs, column, |n| bias[first + n])
        };
        let columns = Phase::all(conv, 1);
        let parts = Phase::all(conv, 0).into_iter().flat_map(|rows| {
            let part = |columns: &Phase| {
                let groups = (0..conv.groups).map(|group| pack(&rows, columns, group)).collect();
                Part { rows: rows.clone(), columns: columns.clone(), groups }
            };
            columns.iter().map(part).collect::<Vec<_>>()
        });
        PackedConv {
            parts: parts.collect(),
            group_inputs,
            group_outputs,
            upsample: conv.upsample,
            direct: conv.kernel == [1, 1] && conv.stride == [1, 1] && !conv.is_transposed() && conv.pads == [0; 4],
            bias,
        }
    }

    pub fn run(
        &self,
        (input, from): (&[f32], Image),
        (output, to): (&mut [f32], Image),
        clamp: Option<Clamp>,
        scratch: &mut Scratch,
    ) {
        let pictures = Pictures { input, from, to };
        if let ([part], [1, 1]) = (&*self.parts, self.upsample) {
            for first in (0..to.pixels()).step_by(PIXELS) {
                let count = PIXELS.min(to.pixels() - first);
                self.run_line(part, pictures, output, (first, count), scratch);
                // While it is still in a near cache.
                if let Some(clamp) = clamp {
                    elementwise::clamp(&mut output[first * to.c..][..count * to.c], clamp);
                }
            }
            return;
        }
        output.chunks_exact_mut(to.c.max(1)).for_each(|pixel| pixel.copy_from_slice(&self.bias));
        for part in &self.parts {
            let mut columns = part.columns.outputs(to.w);
            let count = columns.len();
            let Some(left) = columns.next() else { continue };
            for n in 0..to.n {
                for y in part.rows.outputs(to.h) {
                    let line = ((n * to.h + y) * to.w + left, count);
                    self.run_line(part, pictures, output, line, scratch);
                }
            }
        }
        if let Some(clamp) = clamp {
            elementwise::clamp(output, clamp);
        }
    }

    /// `count` output pixels from number `line` on, each `upsample` pixels behind the one before.
    fn run_line(
        &self,
        part: &Part,
        pictures: Pictures,
        output: &mut [f32],
        (line, count): (usize, usize),
        Scratch { patches, tiles }: &mut Scratch,
    ) {
        let Pictures { input, from, to } = pictures;
        let depth = part.groups.first().map_or(0, Panels::depth);
        let block = if self.direct { PIXELS } else { (GATHERED / depth.max(1) / 4 * 4).clamp(4, PIXELS) };
        patches.resize(if self.direct { 0 } else { block * depth }, 0.0);
        let step = self.upsample[1];
        for done in (0..count).step_by(block) {
            let rows = block.min(count - done);
            let first = line + done * step;
            let out = &mut output[first * to.c..];
            for (group, panels) in part.groups.iter().enumerate() {
                let (first_input, first_output) = (group * self.group_inputs, group * self.group_outputs);
                let out = &mut out[first_output..];
                if self.direct {
                    let rows_of = (&input[first * from.c + first_input..], from.c);
                    panels.multiply(rows, rows_of, (out, to.c), tiles);
                } else {
                    for (row, patch) in patches.chunks_exact_mut(depth.max(1)).take(rows).enumerate() {
                        self.gather(part, pictures, first + row * step, first_input, patch);
                    }
                    panels.multiply(rows, (patches, depth), (out, step * to.c), tiles);
                }
            }
        }
    }

    /// Copies what the window at output pixel `pixel` sees of one group's channels, in the order `[kh, kw, i]`.
    fn gather(&self, part: &Part, pictures: Pictures, pixel: usize, channel: usize, patch: &mut [f32]) {
        let Pictures { input, from, to } = pictures;
        let (n, y, x) = (pixel / (to.h * to.w), pixel / to.w % to.h, pixel % to.w);
        let (kh, kw) = (part.rows.taps(), part.columns.taps());
        let (dy, dx) = (part.rows.dilation(), part.columns.dilation());
        let (rows, top) = part.rows.inside(y, from.h);
        let (columns, left) = part.columns.inside(x, from.w);
        if rows.len() < kh || columns.len() < kw {
            patch.fill(0.0);
        }
        // Neighbouring taps are neighbours in memory too: one copy per row of the window.
        let whole_rows = dx == 1 && self.group_inputs == from.c;
        let c = self.group_inputs;
        for ky in rows {
            let input_row = (n * from.h + (top + (ky * dy) as i64) as usize) * from.w;
            let source = |kx: usize| (input_row + (left + (kx * dx) as i64) as usize) * from.c + channel;
            let target = |kx: usize| (ky * kw + kx) * c;
            if whole_rows && !columns.is_empty() {
                let len = columns.len() * c;
                patch[target(columns.start)..][..len].copy_from_slice(&input[source(columns.start)..][..len]);
            } else {
                for kx in columns.clone() {
                    patch[target(kx)..][..c].copy_from_slice(&input[source(kx)..][..c]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::ConvCase;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn run_is_the_seven_nested_loops(case in ConvCase::strategy()) {
            let mut output = vec![f32::NAN; case.to.pixels() * case.to.c];
            PackedConv::new(&case.conv).run((&case.input, case.from), (&mut output, case.to), None, &mut Scratch::default());
            prop_assert_eq!(output, case.expected());
        }
    }
}

//! Output pixels at equal distances: what all depthwise layers are computed in.

use bytemuck::cast;
use wide::{i16x8, i32x4, u8x16};

use super::{CHANNELS, Depthwise, Filters, Weights, nine};
use crate::npu::kernels::lanes::{self, Clamp, LANES, Panel, Sums};
use crate::npu::kernels::scalar::ConvContext;

#[derive(Debug, Clone, Copy)]
pub struct Strip {
    pub pixels: usize,
    /// Where the first one's window begins, and how far it is to the next one's.
    pub window: [usize; 2],
    /// Where the first one's output begins, and how far it is to the next one's.
    pub output: [usize; 2],
}

impl Strip {
    /// From channel `first` on.
    fn from(self, first: usize) -> Self {
        let Strip { pixels, window: [window, step], output: [output, next] } = self;
        Strip { pixels, window: [window + first, step], output: [output + first, next] }
    }
}

/// How far behind where a pixel's window begins its taps lie.
#[derive(Debug, Clone, Default)]
pub struct Taps {
    /// From one row of taps, and from one column of them, to the next.
    steps: [usize; 2],
    /// The taps in pairs. The partner of an odd last tap is itself, with a weight of 0.
    pairs: Vec<[usize; 2]>,
    /// To the end of the last tap's vector.
    span: usize,
}

impl Taps {
    /// For rows and columns so many bytes apart.
    pub fn set(&mut self, run: &Run, steps: [usize; 2]) {
        let [height, width] = run.context.conv.window.kernel;
        let last = height * width - 1;
        let offset = |tap: usize| tap / width * steps[0] + tap % width * steps[1];
        self.steps = steps;
        self.span = offset(last) + CHANNELS;
        self.pairs.clear();
        self.pairs.extend((0..=last).step_by(2).map(|tap| [offset(tap), offset((tap + 1).min(last))]));
    }
}

/// A layer on one input.
pub struct Run<'a> {
    depthwise: &'a Depthwise,
    pub context: &'a ConvContext<'a>,
    pub clamp: Clamp,
}

impl<'a> Run<'a> {
    pub fn new(depthwise: &'a Depthwise, context: &'a ConvContext<'a>) -> Self {
        Run { depthwise, context, clamp: Clamp::new(context.bounds) }
    }

    pub fn strip(&self, data: &[u8], taps: &Taps, strip: Strip, output: &mut [u8]) {
        let Depthwise { lanes, filters } = self.depthwise;
        for (first, filters) in (0..).step_by(CHANNELS).zip(filters) {
            let strip = strip.from(first);
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
    pub fn outputs(&self, first: usize, sums: &[Sums; 2]) -> [i16x8; 2] {
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
        let bias = [0, 1].map(|panel| panels.get(panel).map_or([i32x4::ZERO; 2], |panel| panel.bias));
        let Strip { pixels, window: [mut at, step], output: [mut to, next] } = strip;
        for _ in 0..pixels {
            let sums = sum(&data[at..][..taps.span], &taps.pairs, weights, bias);
            for ((panel, sums), to) in panels.iter().zip(sums).zip((to..).step_by(LANES)) {
                let outputs = self.depthwise.lanes.outputs(self.context, panel, &sums);
                let [bytes, _]: [[u8; LANES]; 2] = cast(self.clamp.bytes([outputs, outputs]));
                lanes::write(bytes, &mut output[to..][..panel.channels]);
            }
            at += step;
            to += next;
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

//! MAX_POOL_2D, AVERAGE_POOL_2D and MEAN.

use super::schema::{Builtin, Options, Padding};
use super::window::{Placement, pair};
use super::writer::{Writer, dimension, lacks};
use crate::error::Result;
use crate::npu::kernels::Nhwc;
use crate::npu::{Step, Window};

impl Writer<'_> {
    /// Padding must not take part, so where it has to be added it is the smallest integer.
    pub fn max_pool(&mut self, step: &Step, window: &Window) -> Result<()> {
        without_dilation(window)?;
        let (source, from, to) = self.picture(step)?;
        let (source, padding) = match Placement::of(window, from, to) {
            Placement::Own(padding) => (source, padding),
            Placement::Padded(pads) => {
                let (padded, paddings) = self.padded(step, source, from, pads)?;
                let lowest = self.scalar(self.part(step, "lowest"), 0, self.scale(self.input(step)?))?;
                self.push(Builtin::PadV2, vec![source, paddings, lowest], padded, Options::pad_v2());
                (padded, Padding::Valid)
            }
        };
        self.pool(step, Builtin::MaxPool2d, window, source, padding)
    }

    /// The operator never counts padding; where it has to count, it is added as real zeros before.
    pub fn average_pool(
        &mut self,
        step: &Step,
        window: &Window,
        pads_end: [usize; 2],
        counts_padding: bool,
    ) -> Result<()> {
        without_dilation(window)?;
        let (source, from, to) = self.picture(step)?;
        let pads = [[window.pads[0], pads_end[0]], [window.pads[1], pads_end[1]]];
        if !counts_padding || pads.as_flattened().iter().all(|&count| count == 0) {
            let Placement::Own(padding) = Placement::of(window, from, to) else {
                return Err(lacks("average pool that leaves out this padding"));
            };
            return self.pool(step, Builtin::AveragePool2d, window, source, padding);
        }
        let padded = Nhwc { h: from.h + pads[0][0] + pads[0][1], w: from.w + pads[1][0] + pads[1][1], ..from };
        let inside = Window { pads: [0, 0], ..*window };
        if Placement::of(&inside, padded, to) != Placement::Own(Padding::Valid) {
            return Err(lacks("average pool with windows that reach beyond the padding"));
        }
        let (source, padding) = self.placed(step, source, from, Placement::Padded(pads))?;
        self.pool(step, Builtin::AveragePool2d, window, source, padding)
    }

    fn pool(&mut self, step: &Step, builtin: Builtin, window: &Window, source: i32, padding: Padding) -> Result<()> {
        let target = self.target(step, true)?;
        let options = Options::pool(padding, pair(window.stride)?, pair(window.kernel)?, target.fused);
        self.push_picture(step, target, |writer, output| {
            writer.push(builtin, vec![source], output, options);
            Ok(())
        })?;
        self.clamp_to(step, target)
    }

    /// Over every axis but the first and the last.
    pub fn spatial_mean(&mut self, step: &Step) -> Result<()> {
        let [input, _] = self.ends(step)?;
        let ranks = [self.input(step)?, step.output].map(|tensor| self.shape(tensor).len());
        let axes = (1..ranks[0].saturating_sub(1)).map(dimension).collect::<Result<Vec<i32>>>()?;
        let axes = self.setting(self.part(step, "axes"), &[axes.len()], &axes)?;
        let target = self.target(step, false)?;
        self.push(Builtin::Mean, vec![input, axes], target.tensor, Options::reducer(ranks[0] == ranks[1]));
        self.clamp_to(step, target)
    }
}

fn without_dilation(window: &Window) -> Result<()> {
    if window.dilation == [1, 1] { Ok(()) } else { Err(lacks("pool with dilation")) }
}

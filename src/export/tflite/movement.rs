//! Operators that only move integers: TRANSPOSE, PAD, PADV2, MIRROR_PAD, STRIDED_SLICE, DEPTH_TO_SPACE.

use super::schema::{Builtin, Mirror, Options};
use super::writer::{Writer, dimension, dimensions, lacks};
use crate::error::Result;
use crate::npu::{IntegerPad, Step};

/// Axes that the engine's kernels can take.
const TRANSPOSE_AXES: usize = 6;
const PAD_AXES: usize = 5;
const SLICE_AXES: usize = 5;

impl Writer<'_> {
    pub fn transpose(&mut self, step: &Step, permutation: &[usize]) -> Result<()> {
        let [input, output] = self.ends(step)?;
        let name = self.part(step, "permutation");
        self.push_transpose(input, output, name, permutation)
    }

    fn push_transpose(&mut self, input: i32, output: i32, name: String, permutation: &[usize]) -> Result<()> {
        let version = match permutation.len() {
            0..=4 => Builtin::Transpose.version(),
            5 => 4,
            TRANSPOSE_AXES => 6,
            _ => return Err(lacks(format!("transpose of {} axes", permutation.len()))),
        };
        let axes = dimensions(permutation)?;
        let setting = self.setting(name, &[axes.len()], &axes)?;
        self.push_version(Builtin::Transpose, version, vec![input, setting], output, Options::transpose());
        Ok(())
    }

    /// Negative padding cuts off first.
    pub fn pad(&mut self, step: &Step, before: &[isize], mode: IntegerPad) -> Result<()> {
        let [mut source, output] = self.ends(step)?;
        let input = self.input(step)?;
        let (mut from, to) = (self.shape(input).to_vec(), self.shape(step.output));
        if from.len() > PAD_AXES {
            return Err(lacks(format!("pad of {} axes", from.len())));
        }
        let after: Vec<isize> = before
            .iter()
            .zip(&from)
            .zip(to)
            .map(|((&before, &from), &to)| to as isize - from as isize - before)
            .collect();
        if before.iter().chain(&after).any(|&count| count < 0) {
            let cut = |count: isize| count.min(0).unsigned_abs();
            let start: Vec<usize> = before.iter().map(|&count| cut(count)).collect();
            for (axis, size) in from.iter_mut().enumerate() {
                *size = size.saturating_sub(cut(before[axis]) + cut(after[axis]));
            }
            let is_all = before.iter().chain(&after).all(|&count| count <= 0);
            let inner = if is_all { output } else { self.like(source, self.part(step, "inner"), dimensions(&from)?) };
            self.push_slice(step, [source, inner], (&start, &vec![1; from.len()], &from))?;
            if is_all {
                return Ok(());
            }
            source = inner;
        }
        let pads: Vec<[usize; 2]> = before
            .iter()
            .zip(&after)
            .map(|(&before, &after)| [before.max(0) as usize, after.max(0) as usize])
            .collect();
        let paddings = self.paddings(step, &pads)?;
        let version = |builtin: Builtin| if from.len() > 4 { 4 } else { builtin.version() };
        let most = |limit: usize| pads.iter().flatten().all(|&count| count <= limit);
        match mode {
            IntegerPad::Constant(value) if value == self.scale(input).zero_point => {
                self.push_version(Builtin::Pad, version(Builtin::Pad), vec![source, paddings], output, Options::pad());
            }
            IntegerPad::Constant(value) => {
                let value = self.scalar(self.part(step, "value"), value, self.scale(input))?;
                let inputs = vec![source, paddings, value];
                self.push_version(Builtin::PadV2, version(Builtin::PadV2), inputs, output, Options::pad_v2());
            }
            IntegerPad::Reflect if pads.iter().zip(&from).all(|(pads, &size)| pads.iter().all(|&pad| pad < size)) => {
                self.push(Builtin::MirrorPad, vec![source, paddings], output, Options::mirror_pad(Mirror::Reflect));
            }
            // One element on each side: to repeat the border is to mirror it.
            IntegerPad::Edge if most(1) => {
                self.push(Builtin::MirrorPad, vec![source, paddings], output, Options::mirror_pad(Mirror::Symmetric));
            }
            IntegerPad::Reflect => return Err(lacks("pad that reflects more than there is")),
            IntegerPad::Edge => return Err(lacks("pad that repeats the border more than once")),
            IntegerPad::Wrap => return Err(lacks("pad that wraps around")),
        }
        Ok(())
    }

    pub fn slice(&mut self, step: &Step, start: &[usize], stride: &[isize]) -> Result<()> {
        let ends = self.ends(step)?;
        self.push_slice(step, ends, (start, stride, self.shape(step.output)))
    }

    /// `size` elements of each axis from `start` on.
    pub fn push_slice(
        &mut self,
        step: &Step,
        [input, output]: [i32; 2],
        (start, stride, size): (&[usize], &[isize], &[usize]),
    ) -> Result<()> {
        let axes = start.len();
        if axes > SLICE_AXES {
            return Err(lacks(format!("slice of {axes} axes")));
        }
        // One past the last element; where that lies before the first, the mask says "to the end" instead.
        let mut end = Vec::with_capacity(axes);
        let mut mask = 0;
        for axis in 0..axes {
            let past = start[axis] as isize + size[axis] as isize * stride[axis];
            mask |= i32::from(past < 0) << axis;
            end.push(dimension(past.max(0) as usize)?);
        }
        let strides = stride.iter().map(|&stride| i32::try_from(stride).map_err(|_| lacks("slice with this stride")));
        let strides = strides.collect::<Result<Vec<i32>>>()?;
        let begin = self.setting(self.part(step, "begin"), &[axes], &dimensions(start)?)?;
        let end = self.setting(self.part(step, "end"), &[axes], &end)?;
        let strides = self.setting(self.part(step, "strides"), &[axes], &strides)?;
        let version = if axes > 4 { 4 } else { Builtin::StridedSlice.version() };
        let options = Options::strided_slice(mask);
        self.push_version(Builtin::StridedSlice, version, vec![input, begin, end, strides], output, options);
        Ok(())
    }

    /// The engine's operator has the block outermost in the channels; where it is innermost, axes are moved instead:
    /// `[n, h, w, c, b, b]` to `[n, h, b, w, b, c]`.
    pub fn depth_to_space(&mut self, step: &Step, block: usize, channel_major: bool) -> Result<()> {
        let [input, output] = self.ends(step)?;
        if !channel_major {
            self.push(Builtin::DepthToSpace, vec![input], output, Options::depth_to_space(dimension(block)?));
            return Ok(());
        }
        let &[n, h, w, _] = self.shape(self.input(step)?) else { return Err(lacks("depth to space of this rank")) };
        let channels = self.shape(step.output).last().copied().unwrap_or(0);
        let blocks = dimensions(&[n, h, w, channels, block, block])?;
        let pixels = dimensions(&[n, h, block, w, block, channels])?;
        let blocks = self.like(input, self.part(step, "blocks"), blocks);
        let pixels = self.like(input, self.part(step, "pixels"), pixels);
        self.reshape(input, blocks)?;
        self.push_transpose(blocks, pixels, self.part(step, "permutation"), &[0, 1, 4, 2, 5, 3])?;
        self.reshape(pixels, output)
    }
}

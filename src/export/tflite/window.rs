//! What windows cover: TensorFlow Lite knows no padding but "none" and "as much as keeps the size, evenly".

use super::schema::{Builtin, Options, Padding};
use super::writer::{Target, Writer, dimension, dimensions};
use crate::error::{Error, Result};
use crate::npu::kernels::Nhwc;
use crate::npu::{Step, Window};

/// How an operator's windows come to lie where they should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// By the operator itself.
    Own(Padding),
    /// Elements to be added at `[[top, bottom], [left, right]]` first; then without padding.
    Padded([[usize; 2]; 2]),
}

/// One axis: input and output size, window, stride, dilation and padding before the first element.
#[derive(Debug, Clone, Copy)]
struct Axis {
    input: usize,
    output: usize,
    /// From the first to the last tap.
    reach: usize,
    stride: usize,
    before: usize,
}

impl Axis {
    /// Positions that the windows cover.
    fn covered(self) -> usize {
        self.output.saturating_sub(1) * self.stride + self.reach
    }

    fn without_padding(self) -> bool {
        self.before == 0
            && self.input + self.stride >= self.reach
            && (self.input + self.stride - self.reach) / self.stride == self.output
    }

    /// As `ComputePaddingWithOffset` (tensorflow/lite/kernels/padding.h): half of what is missing, rounded down, goes in
    /// front.
    fn same(self) -> bool {
        self.input.div_ceil(self.stride) == self.output && self.covered().saturating_sub(self.input) / 2 == self.before
    }

    fn pads(self) -> [usize; 2] {
        [self.before, self.covered().saturating_sub(self.input + self.before)]
    }
}

fn axes(window: &Window, input: Nhwc, output: Nhwc) -> [Axis; 2] {
    [(0, input.h, output.h), (1, input.w, output.w)].map(|(axis, input, output)| Axis {
        input,
        output,
        reach: window.kernel[axis].saturating_sub(1) * window.dilation[axis] + 1,
        stride: window.stride[axis],
        before: window.pads[axis],
    })
}

impl Placement {
    pub fn of(window: &Window, input: Nhwc, output: Nhwc) -> Self {
        let axes = axes(window, input, output);
        if axes.iter().all(|axis| axis.without_padding()) {
            Placement::Own(Padding::Valid)
        } else if axes.iter().all(|axis| axis.same()) {
            Placement::Own(Padding::Same)
        } else {
            Placement::Padded(axes.map(Axis::pads))
        }
    }
}

/// `[height, width]` as the file has them.
pub fn pair(values: [usize; 2]) -> Result<[i32; 2]> {
    Ok([dimension(values[0])?, dimension(values[1])?])
}

/// Reads a tensor as `[n, h, w, c]`, which is what operators with windows take.
pub fn nhwc(shape: &[usize]) -> Result<Nhwc> {
    Nhwc::of(shape).ok_or_else(|| Error::internal("a shape without NHWC reading"))
}

impl Writer<'_> {
    /// A step's only input with rank 4, by way of a RESHAPE where it has another, and how input and output are read.
    pub fn picture(&mut self, step: &Step) -> Result<(i32, Nhwc, Nhwc)> {
        let input = self.input(step)?;
        let [from, to] = [input, step.output].map(|tensor| self.shape(tensor));
        let (tensor, Nhwc { n, h, w, c }) = (self.tensor(input)?, nhwc(from)?);
        if from.len() == 4 {
            return Ok((tensor, Nhwc { n, h, w, c }, nhwc(to)?));
        }
        let picture = self.like(tensor, self.part(step, "picture"), dimensions(&[n, h, w, c])?);
        self.reshape(tensor, picture)?;
        Ok((picture, Nhwc { n, h, w, c }, nhwc(to)?))
    }

    /// The input with the padding that the operator itself cannot add (real zeros), and the padding it can.
    pub fn placed(&mut self, step: &Step, source: i32, from: Nhwc, placement: Placement) -> Result<(i32, Padding)> {
        match placement {
            Placement::Own(padding) => Ok((source, padding)),
            Placement::Padded(pads) => {
                let (padded, paddings) = self.padded(step, source, from, pads)?;
                self.push(Builtin::Pad, vec![source, paddings], padded, Options::pad());
                Ok((padded, Padding::Valid))
            }
        }
    }

    /// The tensor that a picture with padding goes to, and the setting that says how much is added.
    pub fn padded(&mut self, step: &Step, source: i32, from: Nhwc, pads: [[usize; 2]; 2]) -> Result<(i32, i32)> {
        let [rows, columns] = pads;
        let (h, w) = (from.h + rows[0] + rows[1], from.w + columns[0] + columns[1]);
        let padded = self.like(source, self.part(step, "padded"), dimensions(&[from.n, h, w, from.c])?);
        Ok((padded, self.paddings(step, &[[0, 0], rows, columns, [0, 0]])?))
    }

    /// Elements before and after each axis, as the PAD operators take them.
    pub fn paddings(&mut self, step: &Step, pads: &[[usize; 2]]) -> Result<i32> {
        let values = pads.iter().flatten().map(|&count| dimension(count)).collect::<Result<Vec<i32>>>()?;
        self.setting(self.part(step, "paddings"), &[pads.len(), 2], &values)
    }

    /// Lets `push` write a picture that becomes the target, by way of a RESHAPE where the target's rank is not 4.
    pub fn push_picture(
        &mut self,
        step: &Step,
        target: Target,
        push: impl FnOnce(&mut Self, i32) -> Result<()>,
    ) -> Result<()> {
        let shape = self.shape(step.output);
        if shape.len() == 4 {
            return push(self, target.tensor);
        }
        let Nhwc { n, h, w, c } = nhwc(shape)?;
        let picture = self.like(target.tensor, self.part(step, "result"), dimensions(&[n, h, w, c])?);
        push(self, picture)?;
        self.reshape(picture, target.tensor)
    }
}

//! Kernels on raw slices. A kernel trusts its shapes: [`super::Executor::new`] has checked them.

pub mod conv;
mod depthwise;
pub mod elementwise;
mod gather;
mod gemm;
mod lanes;
pub mod movement;
mod patch;
mod phase;
pub mod pool;
mod residual;
pub mod resize;
pub mod scalar;
mod scale;

use std::ops::Range;

use super::graph::Window;

/// `[n, h, w, c]` of a tensor of rank 1 to 4: leading axes are batch, then rows, then columns; channels are last.
///
/// A fully connected layer's `[n, c]` is `[n, 1, 1, c]`; `[n, t, c]` is `[n, 1, t, c]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nhwc {
    pub n: usize,
    pub h: usize,
    pub w: usize,
    pub c: usize,
}

impl Nhwc {
    /// `None` for a rank above 4 or of 0.
    pub fn of(shape: &[usize]) -> Option<Self> {
        match *shape {
            [c] => Some(Nhwc { n: 1, h: 1, w: 1, c }),
            [n, c] => Some(Nhwc { n, h: 1, w: 1, c }),
            [n, w, c] => Some(Nhwc { n, h: 1, w, c }),
            [n, h, w, c] => Some(Nhwc { n, h, w, c }),
            _ => None,
        }
    }

    pub fn len(&self) -> usize {
        self.n * self.h * self.w * self.c
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Image, row and column of a pixel counted row by row.
fn pixel_position(shape: Nhwc, pixel: usize) -> (usize, usize, usize) {
    (pixel / (shape.h * shape.w), pixel / shape.w % shape.h, pixel % shape.w)
}

impl Window {
    /// The input row that tap `ky` of output row `oy` reads; `None` in the padding. Columns alike (`axis` 1).
    #[inline]
    pub fn input_index(&self, axis: usize, output: usize, tap: usize, size: usize) -> Option<usize> {
        let position = (output * self.stride[axis] + tap * self.dilation[axis]).checked_sub(self.pads[axis])?;
        let index = match self.upsample[axis] {
            1 => position,
            step if position.is_multiple_of(step) => position / step,
            _ => return None,
        };
        (index < size).then_some(index)
    }
}

impl scalar::ConvContext<'_> {
    /// The output's rows and columns whose windows lie inside the input: they see no padding.
    fn inside(&self) -> [Range<usize>; 2] {
        let window = self.conv.window;
        [(0, self.input.h, self.output.h), (1, self.input.w, self.output.w)].map(|(axis, size, outputs)| {
            let reach = (window.kernel[axis] - 1) * window.dilation[axis];
            let first = window.pads[axis].div_ceil(window.stride[axis]);
            match (size + window.pads[axis]).checked_sub(reach + 1) {
                Some(last) => first..(last / window.stride[axis] + 1).min(outputs).max(first),
                None => 0..0,
            }
        })
    }
}

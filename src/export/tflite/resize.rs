//! RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR, where one of their modes takes the same pixels.

use super::schema::{Builtin, Options};
use super::writer::{Writer, dimensions, lacks};
use crate::error::{Error, Result};
use crate::graph::{CoordinateMode, Op};
use crate::npu::Step;
use crate::quantize::tflite_position;

impl Writer<'_> {
    pub fn resize_nearest(&mut self, step: &Step, indices: [&[usize]; 2]) -> Result<()> {
        let (from, to) = self.sizes(step)?;
        let modes = [(false, false), (false, true), (true, false)];
        let same = |&(align_corners, half_pixels): &(bool, bool)| {
            (0..2).all(|axis| {
                let engine = (0..to[axis]).map(|i| nearest(i, from[axis], to[axis], align_corners, half_pixels));
                engine.eq(indices[axis].iter().copied())
            })
        };
        let Some(&(align_corners, half_pixels)) = modes.iter().find(|mode| same(mode)) else {
            return Err(lacks("nearest-neighbour resize that takes these pixels"));
        };
        let options = Options::resize_nearest(align_corners, half_pixels);
        let version = if align_corners || half_pixels { 3 } else { Builtin::ResizeNearestNeighbor.version() };
        self.push_resize(step, Builtin::ResizeNearestNeighbor, version, options)
    }

    pub fn resize_bilinear(&mut self, step: &Step) -> Result<()> {
        let Op::Resize(settings) = &self.node(step)?.op else {
            return Err(Error::internal("a resize step of another node"));
        };
        let (from, to) = self.sizes(step)?;
        let several = to.iter().all(|&size| size > 1);
        let (align_corners, half_pixels) = match settings.coordinates {
            CoordinateMode::AlignCorners => (true, false),
            CoordinateMode::Asymmetric => (false, false),
            CoordinateMode::HalfPixel => (false, true),
            CoordinateMode::PytorchHalfPixel if several => (false, true),
            CoordinateMode::PytorchHalfPixel | CoordinateMode::TfHalfPixelForNn => {
                return Err(lacks("bilinear resize with these coordinates"));
            }
        };
        // The engine's rounded step can lead beyond the last pixel, and it does not look.
        let beyond = |axis: usize| {
            let last = tflite_position(settings.coordinates, to[axis].saturating_sub(1), from[axis], to[axis]);
            last >= (from[axis] as i64) << 10
        };
        if beyond(0) || beyond(1) {
            return Err(lacks("bilinear resize to so large a size: it would read beyond its input"));
        }
        let version = if half_pixels { 3 } else { Builtin::ResizeBilinear.version() };
        self.push_resize(step, Builtin::ResizeBilinear, version, Options::resize_bilinear(align_corners, half_pixels))
    }

    /// `[height, width]` of input and output.
    fn sizes(&self, step: &Step) -> Result<([usize; 2], [usize; 2])> {
        match (self.shape(self.input(step)?), self.shape(step.output)) {
            (&[_, h, w, _], &[_, rows, columns, _]) => Ok(([h, w], [rows, columns])),
            _ => Err(Error::internal("a resize of something that is no picture")),
        }
    }

    fn push_resize(&mut self, step: &Step, builtin: Builtin, version: i32, options: Options) -> Result<()> {
        let [input, output] = self.ends(step)?;
        let (_, to) = self.sizes(step)?;
        let size = self.setting(self.part(step, "size"), &[2], &dimensions(&to)?)?;
        self.push_version(builtin, version, vec![input, size], output, options);
        Ok(())
    }
}

/// The pixel that the engine copies, in float32 (`GetNearestNeighbor`,
/// tensorflow/lite/kernels/internal/reference/resize_nearest_neighbor.h).
fn nearest(i: usize, from: usize, to: usize, align_corners: bool, half_pixels: bool) -> usize {
    let scale = if align_corners && to > 1 { (from as f32 - 1.0) / (to as f32 - 1.0) } else { from as f32 / to as f32 };
    let position = (i as f32 + if half_pixels { 0.5 } else { 0.0 }) * scale;
    let index = if align_corners { position.round() } else { position.floor() };
    (index as usize).min(from.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_nearest_pixels() {
        let row = |from, to, align, half| (0..to).map(|i| nearest(i, from, to, align, half)).collect::<Vec<_>>();
        assert_eq!(row(2, 4, false, false), [0, 0, 1, 1]);
        assert_eq!(row(3, 5, false, false), [0, 0, 1, 1, 2]);
        assert_eq!(row(3, 5, false, true), [0, 0, 1, 2, 2]);
        assert_eq!(row(3, 5, true, false), [0, 1, 1, 2, 2]);
    }
}

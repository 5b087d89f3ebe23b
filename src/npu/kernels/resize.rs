//! Nearest and bilinear resizing; scale and zero point stay as they are.

use super::Nhwc;
use crate::npu::graph::LinearTap;
use crate::npu::profile::{Datapath, Profile};
use crate::npu::rescale::{Rescale, round_shift};
use crate::npu::{ort, tflite};

/// Output row `y` is input row `rows[y]`; columns alike.
pub fn nearest((rows, columns): (&[usize], &[usize]), shape: Nhwc, input: &[u8], output: &mut [u8]) {
    let mut pixels = output.chunks_exact_mut(shape.c);
    for n in 0..shape.n {
        for row in rows {
            for column in columns {
                let start = ((n * shape.h + row) * shape.w + column) * shape.c;
                if let Some(pixel) = pixels.next() {
                    pixel.copy_from_slice(&input[start..start + shape.c]);
                }
            }
        }
    }
}

/// Which pixels are mixed, and in what parts of `2^bits`.
#[derive(Debug, Clone, Copy)]
pub struct Taps<'a> {
    pub rows: &'a [LinearTap],
    pub columns: &'a [LinearTap],
    pub bits: u32,
}

impl Taps<'_> {
    /// Calls `mix` for every output pixel with its row's and column's taps, the four neighbouring pixels (top left, top
    /// right, bottom left, bottom right) and the pixel to fill.
    fn for_each(
        &self,
        shape: Nhwc,
        input: &[u8],
        output: &mut [u8],
        mut mix: impl FnMut([LinearTap; 2], [&[u8]; 4], &mut [u8]),
    ) {
        let mut pixels = output.chunks_exact_mut(shape.c);
        for n in 0..shape.n {
            let image = &input[n * shape.h * shape.w * shape.c..];
            for &row in self.rows {
                for &column in self.columns {
                    let Some(pixel) = pixels.next() else { return };
                    let at = |y: usize, x: usize| &image[(y * shape.w + x) * shape.c..][..shape.c];
                    let ((top, bottom, _), (left, right, _)) = (row, column);
                    let corners = [at(top, left), at(top, right), at(bottom, left), at(bottom, right)];
                    mix([row, column], corners, pixel);
                }
            }
        }
    }
}

/// The sum over the four neighbours of `x * weight_y * weight_x`, divided by `2^(2 bits)`. The weights of a pixel add up
/// to that, so the zero point needs no treatment and the result stays within the neighbours' values.
pub fn bilinear(taps: Taps, profile: &Profile, shape: Nhwc, input: &[u8], output: &mut [u8]) {
    let bits = taps.bits;
    let one = 1u32 << bits;
    let round = |sum: u32| match profile.datapath {
        // The engine adds signed integers and rounds away from their 0.
        Datapath::Tflite => tflite::interpolated(i64::from(sum) - (128i64 << (2 * bits)), 2 * bits) + 128,
        Datapath::Npu | Datapath::Ort => round_shift(i64::from(sum), 2 * bits as i32, profile.rounding),
    };
    taps.for_each(shape, input, output, |[(.., y), (.., x)], corners, pixel| {
        let weights = [(one - y) * (one - x), (one - y) * x, y * (one - x), y * x];
        for (c, byte) in pixel.iter_mut().enumerate() {
            let sum: u32 = corners.iter().zip(weights).map(|(corner, weight)| u32::from(corner[c]) * weight).sum();
            *byte = round(sum) as u8;
        }
    });
}

/// The same of values dequantized with `scale`, in float32 (`ort`).
pub fn bilinear_float(taps: Taps, (scale, zero_point): (Rescale, u8), shape: Nhwc, input: &[u8], output: &mut [u8]) {
    let zero = i64::from(zero_point);
    taps.for_each(shape, input, output, |both, corners, pixel| {
        let [rows, columns] = both.map(|tap| ort::Parts::new(tap, taps.bits));
        for (c, byte) in pixel.iter_mut().enumerate() {
            let values = corners.map(|corner| i64::from(corner[c]) - zero);
            *byte = (ort::interpolate(values, rows, columns, scale) + zero).clamp(0, 255) as u8;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bilinear_at_the_ends_and_the_middle() {
        let one = 1 << 11;
        let taps = [(0, 1, 0), (0, 1, one / 2), (0, 1, one)];
        let shape = Nhwc { n: 1, h: 2, w: 2, c: 1 };
        let mut output = [0; 9];
        bilinear(
            Taps { rows: &taps, columns: &taps, bits: 11 },
            &Profile::default(),
            shape,
            &[0, 255, 100, 200],
            &mut output,
        );
        assert_eq!(output, [0, 128, 255, 50, 139, 228, 100, 150, 200]);
    }
}

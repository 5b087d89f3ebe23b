//! Nearest and bilinear resizing; scale and zero point stay as they are.

use super::Nhwc;
use crate::npu::graph::LinearTap;
use crate::npu::profile::{Datapath, Profile};
use crate::npu::rescale::round_shift;
use crate::npu::tflite;

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

/// The sum over the four neighbours of `x * weight_y * weight_x`, divided by `2^(2 bits)`. The weights of a pixel add up
/// to that, so the zero point needs no treatment and the result stays within the neighbours' values.
pub fn bilinear(
    (rows, columns, bits): (&[LinearTap], &[LinearTap], u32),
    profile: &Profile,
    shape: Nhwc,
    input: &[u8],
    output: &mut [u8],
) {
    let one = 1u32 << bits;
    let round = |sum: u32| match profile.datapath {
        // The engine adds signed integers and rounds away from their 0.
        Datapath::Tflite => tflite::interpolated(i64::from(sum) - (128i64 << (2 * bits)), 2 * bits) + 128,
        Datapath::Npu | Datapath::Ort => round_shift(i64::from(sum), 2 * bits as i32, profile.rounding),
    };
    let mut pixels = output.chunks_exact_mut(shape.c);
    for n in 0..shape.n {
        let image = &input[n * shape.h * shape.w * shape.c..];
        for &(top, bottom, weight_y) in rows {
            for &(left, right, weight_x) in columns {
                let Some(pixel) = pixels.next() else { return };
                let at = |row: usize, column: usize| &image[(row * shape.w + column) * shape.c..][..shape.c];
                let corners = [
                    (at(top, left), (one - weight_y) * (one - weight_x)),
                    (at(top, right), (one - weight_y) * weight_x),
                    (at(bottom, left), weight_y * (one - weight_x)),
                    (at(bottom, right), weight_y * weight_x),
                ];
                for (c, byte) in pixel.iter_mut().enumerate() {
                    let sum: u32 = corners.iter().map(|(corner, weight)| u32::from(corner[c]) * weight).sum();
                    *byte = round(sum) as u8;
                }
            }
        }
    }
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
        bilinear((&taps, &taps, 11), &Profile::default(), shape, &[0, 255, 100, 200], &mut output);
        assert_eq!(output, [0, 128, 255, 50, 139, 228, 100, 150, 200]);
    }
}

//! Nearest and bilinear resizing; scale and zero point stay as they are.

use super::Nhwc;
use crate::npu::graph::{LINEAR_BITS, LinearTap};
use crate::npu::profile::Rounding;
use crate::npu::rescale::round_shift;

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

/// `round_shift(sum over the four neighbours of x * weight_y * weight_x, 2 f)`. The weights of a pixel add up to
/// 2^(2 f), so the zero point needs no treatment and the result stays within the neighbours' values.
pub fn bilinear(
    (rows, columns): (&[LinearTap], &[LinearTap]),
    rounding: Rounding,
    shape: Nhwc,
    input: &[u8],
    output: &mut [u8],
) {
    const ONE: u32 = 1 << LINEAR_BITS;
    let mut pixels = output.chunks_exact_mut(shape.c);
    for n in 0..shape.n {
        let image = &input[n * shape.h * shape.w * shape.c..];
        for &(top, bottom, weight_y) in rows {
            for &(left, right, weight_x) in columns {
                let Some(pixel) = pixels.next() else { return };
                let at = |row: usize, column: usize| &image[(row * shape.w + column) * shape.c..][..shape.c];
                let corners = [
                    (at(top, left), (ONE - weight_y) * (ONE - weight_x)),
                    (at(top, right), (ONE - weight_y) * weight_x),
                    (at(bottom, left), weight_y * (ONE - weight_x)),
                    (at(bottom, right), weight_y * weight_x),
                ];
                for (c, byte) in pixel.iter_mut().enumerate() {
                    let sum: u32 = corners.iter().map(|(corner, weight)| u32::from(corner[c]) * weight).sum();
                    *byte = round_shift(i64::from(sum), 2 * LINEAR_BITS as i32, rounding) as u8;
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
        let one = 1 << LINEAR_BITS;
        let taps = [(0, 1, 0), (0, 1, one / 2), (0, 1, one)];
        let shape = Nhwc { n: 1, h: 2, w: 2, c: 1 };
        let mut output = [0; 9];
        bilinear((&taps, &taps), Rounding::HalfUp, shape, &[0, 255, 100, 200], &mut output);
        assert_eq!(output, [0, 128, 255, 50, 139, 228, 100, 150, 200]);
    }
}

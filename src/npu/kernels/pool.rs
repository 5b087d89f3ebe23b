//! Maximum and average over windows and over whole images.

use super::Nhwc;
use crate::npu::graph::{Bounds, Window};
use crate::npu::profile::Rounding;
use crate::npu::rescale::Rescale;

/// Largest activation of each window; padding does not take part.
pub fn max(window: Window, shape: Nhwc, out: Nhwc, input: &[u8], output: &mut [u8]) {
    for (pixel, destination) in output.chunks_exact_mut(out.c).enumerate() {
        destination.fill(0);
        for_each_tap(window, shape, out, pixel, |source| {
            for (best, &value) in destination.iter_mut().zip(&input[source..source + shape.c]) {
                *best = (*best).max(value);
            }
        });
    }
}

/// What an average pool needs beside its data.
#[derive(Debug, Clone, Copy)]
pub struct Average<'a> {
    pub window: Window,
    pub pads_end: [usize; 2],
    pub count_include_pad: bool,
    /// Indexed by the number of positions counted, less one.
    pub by_count: &'a [Rescale],
    pub rounding: Rounding,
    pub zero_points: [u8; 2],
    pub bounds: Bounds,
}

/// `Z_y + round_shift(sum of (x - Z_x) * M_count, n_count)`.
pub fn average(pool: Average, shape: Nhwc, out: Nhwc, input: &[u8], output: &mut [u8]) {
    let [input_zero, output_zero] = pool.zero_points;
    let mut sums = vec![0i64; out.c];
    for (pixel, destination) in output.chunks_exact_mut(out.c).enumerate() {
        sums.fill(0);
        let mut inside = 0;
        for_each_tap(pool.window, shape, out, pixel, |source| {
            inside += 1;
            for (sum, &value) in sums.iter_mut().zip(&input[source..source + shape.c]) {
                *sum += i64::from(value) - i64::from(input_zero);
            }
        });
        let count = if pool.count_include_pad { padded_count(&pool, shape, out, pixel) } else { inside };
        let rescale = count.checked_sub(1).and_then(|index| pool.by_count.get(index)).copied().unwrap_or_default();
        for (byte, &sum) in destination.iter_mut().zip(&sums) {
            *byte = pool.bounds.place(output_zero, rescale.apply(sum, 0, pool.rounding));
        }
    }
}

/// Positions of the window that lie in the input or its padding.
fn padded_count(pool: &Average, shape: Nhwc, out: Nhwc, pixel: usize) -> usize {
    let position = [pixel / out.w % out.h, pixel % out.w];
    let size = [shape.h, shape.w];
    (0..2)
        .map(|axis| {
            let end = size[axis] + pool.window.pads[axis] + pool.pads_end[axis];
            let inside =
                |tap: &usize| position[axis] * pool.window.stride[axis] + tap * pool.window.dilation[axis] < end;
            (0..pool.window.kernel[axis]).filter(inside).count()
        })
        .product()
}

/// `Z_y + round_shift(sum of (x - Z_x) * M, n)` over all rows and columns.
pub fn spatial_mean(
    shape: Nhwc,
    (rescale, rounding): (Rescale, Rounding),
    [input_zero, output_zero]: [u8; 2],
    bounds: Bounds,
    input: &[u8],
    output: &mut [u8],
) {
    for (image, destination) in input.chunks_exact(shape.h * shape.w * shape.c).zip(output.chunks_exact_mut(shape.c)) {
        let mut sums = vec![0i64; shape.c];
        for pixel in image.chunks_exact(shape.c) {
            for (sum, &value) in sums.iter_mut().zip(pixel) {
                *sum += i64::from(value) - i64::from(input_zero);
            }
        }
        for (byte, &sum) in destination.iter_mut().zip(&sums) {
            *byte = bounds.place(output_zero, rescale.apply(sum, 0, rounding));
        }
    }
}

/// Calls `visit` with the offset of every input pixel that the window of output pixel `pixel` covers.
fn for_each_tap(window: Window, shape: Nhwc, out: Nhwc, pixel: usize, mut visit: impl FnMut(usize)) {
    let (n, y, x) = (pixel / (out.h * out.w), pixel / out.w % out.h, pixel % out.w);
    for ky in 0..window.kernel[0] {
        let Some(iy) = window.input_index(0, y, ky, shape.h) else { continue };
        for kx in 0..window.kernel[1] {
            if let Some(ix) = window.input_index(1, x, kx, shape.w) {
                visit(((n * shape.h + iy) * shape.w + ix) * shape.c);
            }
        }
    }
}

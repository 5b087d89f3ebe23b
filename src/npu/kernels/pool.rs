//! Maximum and average over windows and over whole images.

use super::Nhwc;
use crate::npu::graph::{Bounds, MeanRescale, Window};
use crate::npu::profile::Profile;
use crate::npu::rescale::Rescale;
use crate::npu::{ort, tflite};

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

/// What an average needs beside its data.
#[derive(Debug, Clone, Copy)]
pub struct Average<'a> {
    pub profile: &'a Profile,
    /// Of the input and the output.
    pub zero_points: [u8; 2],
    pub bounds: Bounds,
}

/// Geometry and rescale of an average over windows.
#[derive(Debug, Clone, Copy)]
pub struct AverageWindow<'a> {
    pub window: Window,
    pub pads_end: [usize; 2],
    pub count_include_pad: bool,
    pub rescale: &'a MeanRescale,
}

/// The mean of every window (N10).
pub fn average(average: Average, pool: AverageWindow, shape: Nhwc, out: Nhwc, input: &[u8], output: &mut [u8]) {
    let [input_zero, output_zero] = average.zero_points;
    let mut taps: Vec<usize> = Vec::with_capacity(pool.window.kernel.iter().product());
    for (pixel, destination) in output.chunks_exact_mut(out.c).enumerate() {
        taps.clear();
        for_each_tap(pool.window, shape, out, pixel, |source| taps.push(source));
        let count = if pool.count_include_pad { padded_count(&pool, shape, out, pixel) } else { taps.len() };
        for (c, byte) in destination.iter_mut().enumerate() {
            let values = taps.iter().map(|&source| i64::from(input[source + c]) - i64::from(input_zero));
            let mean = match pool.rescale {
                // Nothing but padding: real 0.
                _ if count == 0 => 0,
                MeanRescale::ByCount(by_count) => {
                    let rescale = by_count.get(count - 1).copied();
                    average.profile.rescale(values.sum(), rescale.unwrap_or_default())
                }
                MeanRescale::Divide => {
                    // Signed integers as they are, padding as the zero point's: the division rounds away from their 0.
                    let zero = i64::from(input_zero) - 128;
                    let sum: i64 = values.sum();
                    tflite::mean(sum + zero * count as i64, count as i64) - zero
                }
                MeanRescale::Float { input, output } => {
                    ort::mean(values, count, [*input, *output], output_zero) - i64::from(output_zero)
                }
                MeanRescale::Dequantized { input, output } => ort::dequantized_mean(values, count, [*input, *output]),
            };
            *byte = average.bounds.place(output_zero, mean);
        }
    }
}

/// Positions of the window that lie in the input or its padding.
fn padded_count(pool: &AverageWindow, shape: Nhwc, out: Nhwc, pixel: usize) -> usize {
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

/// The mean over all rows and columns: the sum relative to the zero point, rescaled (N10).
pub fn spatial_mean(average: Average, shape: Nhwc, rescale: Rescale, input: &[u8], output: &mut [u8]) {
    let [input_zero, output_zero] = average.zero_points;
    let pixels = shape.h * shape.w;
    for (image, destination) in input.chunks_exact(pixels * shape.c).zip(output.chunks_exact_mut(shape.c)) {
        let mut sums = vec![0i64; shape.c];
        for pixel in image.chunks_exact(shape.c) {
            for (sum, &value) in sums.iter_mut().zip(pixel) {
                *sum += i64::from(value) - i64::from(input_zero);
            }
        }
        for (byte, &sum) in destination.iter_mut().zip(&sums) {
            *byte = average.bounds.place(output_zero, average.profile.rescale(sum, rescale));
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

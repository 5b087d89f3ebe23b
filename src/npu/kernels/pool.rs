//! Maximum and average over windows and over whole images.

use bytemuck::cast;
use wide::{i32x4, u8x16};

use super::Nhwc;
use super::lanes::fours;
use crate::npu::graph::{Bounds, MeanRescale, Window};
use crate::npu::profile::Profile;
use crate::npu::rescale::Rescale;
use crate::npu::{ort, tflite};

const BYTES: usize = 16;

/// Largest activation of each window; padding does not take part.
pub fn max(window: Window, shape: Nhwc, out: Nhwc, input: &[u8], output: &mut [u8]) {
    for (pixel, destination) in output.chunks_exact_mut(out.c).enumerate() {
        destination.fill(0);
        for_each_tap(window, shape, out, pixel, |source| keep_largest(destination, &input[source..][..shape.c]));
    }
}

fn keep_largest(best: &mut [u8], values: &[u8]) {
    let ((best, best_rest), (values, rest)) = (best.as_chunks_mut::<BYTES>(), values.as_chunks::<BYTES>());
    for (best, values) in best.iter_mut().zip(values) {
        *best = u8x16::new(*best).max(u8x16::new(*values)).to_array();
    }
    for (best, &value) in best_rest.iter_mut().zip(rest) {
        *best = (*best).max(value);
    }
}

/// Sums of pixels, channel by channel.
struct ChannelSums {
    /// In 32 bits: of the last pixels.
    part: Vec<i32>,
    /// How many of them there are.
    pixels: u32,
    /// Of all before.
    whole: Vec<i64>,
}

impl ChannelSums {
    /// So many bytes have a sum below 2^31.
    const MOST: u32 = 1 << 23;

    fn new(channels: usize) -> Self {
        ChannelSums { part: vec![0; channels], pixels: 0, whole: vec![0; channels] }
    }

    fn add(&mut self, pixel: &[u8]) {
        if self.pixels == Self::MOST {
            self.carry();
        }
        self.pixels += 1;
        let ((sums, sums_rest), (bytes, rest)) = (self.part.as_chunks_mut::<BYTES>(), pixel.as_chunks::<BYTES>());
        for (sums, bytes) in sums.iter_mut().zip(bytes) {
            let [a, b, c, d]: [i32x4; 4] = cast(*sums);
            let [e, f, g, h] = fours(*bytes);
            *sums = cast([a + e, b + f, c + g, d + h]);
        }
        for (sum, &byte) in sums_rest.iter_mut().zip(rest) {
            *sum += i32::from(byte);
        }
    }

    fn carry(&mut self) {
        for (whole, part) in self.whole.iter_mut().zip(&mut self.part) {
            *whole += i64::from(std::mem::take(part));
        }
        self.pixels = 0;
    }

    /// The sums, given once: the next ones begin at 0.
    fn take(&mut self, mut visit: impl FnMut(usize, i64)) {
        self.carry();
        for (channel, sum) in self.whole.iter_mut().enumerate() {
            visit(channel, std::mem::take(sum));
        }
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
    let mut sums = ChannelSums::new(out.c);
    for (pixel, destination) in output.chunks_exact_mut(out.c).enumerate() {
        taps.clear();
        for_each_tap(pool.window, shape, out, pixel, |source| taps.push(source));
        let count = if pool.count_include_pad { padded_count(&pool, shape, out, pixel) } else { taps.len() };
        // Floats are added in the engine's order instead.
        if matches!(pool.rescale, MeanRescale::ByCount(_) | MeanRescale::Divide) {
            taps.iter().for_each(|&source| sums.add(&input[source..][..shape.c]));
        }
        let zeros = i64::from(input_zero) * taps.len() as i64;
        sums.take(|c, sum| {
            let sum = sum - zeros;
            let values = taps.iter().map(|&source| i64::from(input[source + c]) - i64::from(input_zero));
            let mean = match pool.rescale {
                // Nothing but padding: real 0.
                _ if count == 0 => 0,
                MeanRescale::ByCount(by_count) => {
                    average.profile.rescale(sum, by_count.get(count - 1).copied().unwrap_or_default())
                }
                MeanRescale::Divide => {
                    // Signed integers as they are, padding as the zero point's: the division rounds away from their 0.
                    let zero = i64::from(input_zero) - 128;
                    tflite::mean(sum + zero * count as i64, count as i64) - zero
                }
                MeanRescale::Float { input, output } => {
                    ort::mean(values, count, [*input, *output], output_zero) - i64::from(output_zero)
                }
                MeanRescale::Dequantized { input, output } => ort::dequantized_mean(values, count, [*input, *output]),
            };
            destination[c] = average.bounds.place(output_zero, mean);
        });
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
    let mut sums = ChannelSums::new(shape.c);
    for (image, destination) in input.chunks_exact(pixels * shape.c).zip(output.chunks_exact_mut(shape.c)) {
        image.chunks_exact(shape.c).for_each(|pixel| sums.add(pixel));
        let zeros = i64::from(input_zero) * pixels as i64;
        sums.take(|c, sum| {
            destination[c] = average.bounds.place(output_zero, average.profile.rescale(sum - zeros, rescale));
        });
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::npu::profile::Datapath;

    const EVERY_BYTE: Bounds = Bounds { min: 0, max: 255 };

    /// A window, the shapes of its input and output, and the input's bytes.
    fn case() -> impl Strategy<Value = (Window, Nhwc, Nhwc, Vec<u8>)> {
        let sizes = ((1usize..3, 1usize..8, 1usize..8, 1usize..40), [1usize..4, 1usize..4], [1usize..3, 1usize..3]);
        (sizes, [1usize..3, 1usize..3], [0usize..2, 0usize..2])
            .prop_filter_map("the window fits", |(((n, h, w, c), kernel, stride), dilation, pads)| {
                let window = Window { kernel, stride, dilation, upsample: [1, 1], pads };
                let out = |axis: usize, size: usize| {
                    let room = (size + 2 * pads[axis]).checked_sub((kernel[axis] - 1) * dilation[axis] + 1)?;
                    Some(room / stride[axis] + 1)
                };
                Some((window, Nhwc { n, h, w, c }, Nhwc { n, h: out(0, h)?, w: out(1, w)?, c }))
            })
            .prop_flat_map(|(window, shape, out)| {
                (Just(window), Just(shape), Just(out), proptest::collection::vec(any::<u8>(), shape.len()))
            })
    }

    /// What the window of each output byte sees.
    fn seen(window: Window, shape: Nhwc, out: Nhwc, data: &[u8]) -> Vec<Vec<u8>> {
        let bytes = (0..out.len()).map(|index| {
            let (pixel, c) = (index / out.c, index % out.c);
            let mut seen = Vec::new();
            for_each_tap(window, shape, out, pixel, |source| seen.push(data[source + c]));
            seen
        });
        bytes.collect()
    }

    proptest! {
        #[test]
        fn pools_see_every_byte_once((window, shape, out, data) in case(), zero: u8) {
            let seen = seen(window, shape, out, &data);
            let mut output = vec![7; out.len()];
            max(window, shape, out, &data, &mut output);
            let largest: Vec<u8> = seen.iter().map(|bytes| bytes.iter().copied().max().unwrap_or(0)).collect();
            prop_assert_eq!(&output, &largest);

            let profile = &Profile::of(Datapath::Tflite);
            let average = Average { profile, zero_points: [zero, zero], bounds: EVERY_BYTE };
            let rescale = &MeanRescale::Divide;
            let pool = AverageWindow { window, pads_end: window.pads, count_include_pad: false, rescale };
            super::average(average, pool, shape, out, &data, &mut output);
            let mean = |bytes: &Vec<u8>| {
                let sum: i64 = bytes.iter().map(|&byte| i64::from(byte) - 128).sum();
                // Nothing but padding is real 0.
                if bytes.is_empty() { zero } else { (tflite::mean(sum, bytes.len() as i64) + 128) as u8 }
            };
            prop_assert_eq!(output, seen.iter().map(mean).collect::<Vec<_>>());
        }

        #[test]
        fn the_mean_of_a_picture_sees_every_byte_once((_, shape, _, data) in case(), zero: u8) {
            let profile = &Profile::default();
            let average = Average { profile, zero_points: [zero, 0], bounds: EVERY_BYTE };
            let rescale = Rescale { multiplier: 1 << 15, shift: 18 };
            let mut output = vec![7; shape.n * shape.c];
            spatial_mean(average, shape, rescale, &data, &mut output);
            let pixels = shape.h * shape.w;
            for (index, byte) in output.iter().enumerate() {
                let (n, c) = (index / shape.c, index % shape.c);
                let relative = |pixel| i64::from(data[(n * pixels + pixel) * shape.c + c]) - i64::from(zero);
                let sum: i64 = (0..pixels).map(relative).sum();
                // An eighth, ties up.
                prop_assert_eq!(i64::from(*byte), ((sum + 4) >> 3).clamp(0, 255));
            }
        }
    }

    #[test]
    fn sums_do_not_end_at_32_bits() {
        let mut sums = ChannelSums::new(1);
        sums.part = vec![i32::MAX - 255];
        sums.pixels = ChannelSums::MOST;
        sums.add(&[255]);
        let mut all = Vec::new();
        sums.take(|_, sum| all.push(sum));
        assert_eq!(all, [i64::from(i32::MAX)]);
        sums.take(|_, sum| assert_eq!(sum, 0));
    }
}

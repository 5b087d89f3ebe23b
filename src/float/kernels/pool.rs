//! Pooling. Means are summed in f64 and rounded once, so that their order hardly matters; it is row-major all the same.

use super::{Image, elementwise, taps_inside};
use crate::graph::{AveragePool, Pool, TensorView};

/// The taps of the window at one output pixel that lie inside the input.
#[derive(Clone, Copy)]
struct Window {
    y: usize,
    x: usize,
    rows: usize,
    columns: usize,
}

/// Calls `visit(output channels, inside taps, positions counted when padding counts)` for every output pixel.
fn for_each_window(
    pool: &Pool,
    from: Image,
    output: &mut [f32],
    to: Image,
    mut visit: impl FnMut(usize, &mut [f32], Window, usize),
) {
    let [top, left, bottom, right] = pool.pads;
    let along = |axis: usize, output, pad: usize, len| {
        taps_inside(output, pool.stride[axis], pad as i64, pool.dilation[axis], pool.kernel[axis], len)
    };
    for (pixel, out) in output.chunks_exact_mut(to.c.max(1)).enumerate() {
        let (n, y, x) = (pixel / (to.h * to.w), pixel / to.w % to.h, pixel % to.w);
        let (rows, first_y) = along(0, y, top, from.h);
        let (columns, first_x) = along(1, x, left, from.w);
        let window = Window {
            y: (first_y + (rows.start * pool.dilation[0]) as i64).max(0) as usize,
            x: (first_x + (columns.start * pool.dilation[1]) as i64).max(0) as usize,
            rows: rows.len(),
            columns: columns.len(),
        };
        // Padded positions count, positions beyond the padding do not.
        let counted = along(0, y, top, from.h + bottom).0.end * along(1, x, left, from.w + right).0.end;
        visit(n, out, window, counted);
    }
}

fn pixels_of<'a>(
    window: &Window,
    pool: &Pool,
    input: &'a [f32],
    from: Image,
    n: usize,
) -> impl Iterator<Item = &'a [f32]> + use<'a> {
    let ([dy, dx], Window { y, x, rows, columns }) = (pool.dilation, *window);
    (0..rows).flat_map(move |ky| {
        (0..columns).map(move |kx| {
            let pixel = (n * from.h + y + ky * dy) * from.w + x + kx * dx;
            &input[pixel * from.c..][..from.c]
        })
    })
}

/// The largest value of each window; a window that sees nothing gives the lowest finite number, as in ONNX Runtime.
pub fn max(pool: &Pool, input: &[f32], from: Image, output: &mut [f32], to: Image) {
    for_each_window(pool, from, output, to, |n, out, window, _| {
        out.fill(f32::MIN);
        for pixel in pixels_of(&window, pool, input, from, n) {
            elementwise::update(out, pixel, |max, value| value.simd_gt(max).select(value, max));
        }
    });
}

/// The mean of each window; a window that sees nothing gives 0.
pub fn average(average: &AveragePool, input: &[f32], from: Image, output: &mut [f32], to: Image) {
    let mut sums = vec![0.0f64; to.c];
    for_each_window(&average.pool, from, output, to, |n, out, window, counted| {
        sums.fill(0.0);
        for pixel in pixels_of(&window, &average.pool, input, from, n) {
            add(&mut sums, pixel);
        }
        let count = if average.count_include_pad { counted } else { window.rows * window.columns };
        divide(&sums, count, out);
    });
}

/// The mean over all axes but the first and the last.
pub fn spatial_mean(input: TensorView, output: &mut [f32]) {
    let shape = input.shape();
    let channels = shape.last().copied().unwrap_or(1).max(1);
    let pixels: usize = shape.iter().skip(1).rev().skip(1).product();
    let mut sums = vec![0.0f64; channels];
    for (image, out) in input.data().chunks_exact((pixels * channels).max(1)).zip(output.chunks_exact_mut(channels)) {
        sums.fill(0.0);
        image.chunks_exact(channels).for_each(|pixel| add(&mut sums, pixel));
        divide(&sums, pixels, out);
    }
}

fn add(sums: &mut [f64], pixel: &[f32]) {
    for (sum, &value) in sums.iter_mut().zip(pixel) {
        *sum += f64::from(value);
    }
}

fn divide(sums: &[f64], count: usize, out: &mut [f32]) {
    let count = count.max(1) as f64;
    for (mean, &sum) in out.iter_mut().zip(sums) {
        *mean = (sum / count) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{random, relative_error};
    use super::*;
    use crate::graph::Tensor;
    use proptest::prelude::*;

    /// What a pool over `from` gives, straight from the definition.
    fn expected(pool: &Pool, include_pad: Option<bool>, input: &[f32], from: Image, to: Image) -> Vec<f64> {
        let mut output = Vec::new();
        for n in 0..to.n {
            for y in 0..to.h {
                for x in 0..to.w {
                    for c in 0..to.c {
                        let (mut max, mut sum, mut inside, mut padded) = (f64::from(f32::MIN), 0.0, 0, 0);
                        for ky in 0..pool.kernel[0] {
                            for kx in 0..pool.kernel[1] {
                                let py = y * pool.stride[0] + ky * pool.dilation[0];
                                let px = x * pool.stride[1] + kx * pool.dilation[1];
                                let (end_y, end_x) = (from.h + pool.pads[0], from.w + pool.pads[1]);
                                padded += usize::from(py < end_y + pool.pads[2] && px < end_x + pool.pads[3]);
                                if py < pool.pads[0] || px < pool.pads[1] || py >= end_y || px >= end_x {
                                    continue;
                                }
                                let pixel = (n * from.h + py - pool.pads[0]) * from.w + px - pool.pads[1];
                                let value = f64::from(input[pixel * from.c + c]);
                                inside += 1;
                                sum += value;
                                max = if value > max { value } else { max };
                            }
                        }
                        let count = if include_pad == Some(true) { padded } else { inside };
                        output.push(if include_pad.is_none() { max } else { sum / count.max(1) as f64 });
                    }
                }
            }
        }
        output
    }

    proptest! {
        #[test]
        fn pools_are_their_definitions(
            (n, h, w, c) in (1usize..3, 1usize..9, 1usize..9, 1usize..11),
            kernel in [1usize..4, 1..4], stride in [1usize..4, 1..4], dilation in [1usize..3, 1..3],
            pads in [0usize..3, 0..3, 0..3, 0..3], ceil in any::<bool>(), seed in 0u64..1000,
        ) {
            let size = |axis: usize, len: usize| {
                let window = (kernel[axis] - 1) * dilation[axis] + 1;
                let room = (len + pads[axis] + pads[axis + 2]).saturating_sub(window);
                if ceil { room.div_ceil(stride[axis]) + 1 } else { room / stride[axis] + 1 }
            };
            let pool = Pool { kernel, stride, dilation, pads };
            let (from, to) = (Image { n, h, w, c }, Image { n, h: size(0, h), w: size(1, w), c });
            let input = random(from.pixels() * c, seed);
            let mut output = vec![f32::NAN; to.pixels() * c];
            max(&pool, &input, from, &mut output, to);
            let reference: Vec<f32> = expected(&pool, None, &input, from, to).iter().map(|&x| x as f32).collect();
            prop_assert_eq!(&output, &reference);
            for count_include_pad in [false, true] {
                average(&AveragePool { pool: pool.clone(), count_include_pad }, &input, from, &mut output, to);
                let reference = expected(&pool, Some(count_include_pad), &input, from, to);
                prop_assert!(relative_error(&output, &reference) < 1e-7);
            }
        }
    }

    /// ONNX Runtime 1.32 on a 6x6 picture of ones, kernel 3, stride 2, pads 1, ceil mode, padding counted.
    #[test]
    fn divisor_of_a_window_cut_beyond_the_padding() {
        let pool = Pool { kernel: [3, 3], stride: [2, 2], dilation: [1, 1], pads: [1; 4] };
        let (from, to) = (Image { n: 1, h: 6, w: 6, c: 1 }, Image { n: 1, h: 4, w: 4, c: 1 });
        let mut output = [0.0; 16];
        average(&AveragePool { pool, count_include_pad: true }, &[1.0; 36], from, &mut output, to);
        assert_eq!(output[..4], [4.0 / 9.0, 2.0 / 3.0, 2.0 / 3.0, 1.0 / 3.0]);
        assert_eq!(output[12..], [1.0 / 3.0, 0.5, 0.5, 0.25]);
    }

    #[test]
    fn spatial_mean_of_any_rank() {
        let data: Vec<f32> = (0..12).map(|i| i as f32).collect();
        let mut output = [0.0; 4];
        spatial_mean(Tensor::new([2, 3, 1, 2], data.clone()).unwrap().view(), &mut output);
        assert_eq!(output, [2.0, 3.0, 8.0, 9.0]);
        let mut output = [0.0; 12];
        spatial_mean(Tensor::new([6, 2], data.clone()).unwrap().view(), &mut output);
        assert_eq!(output, *data);
    }
}

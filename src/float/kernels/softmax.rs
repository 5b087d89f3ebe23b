//! Softmax and its logarithm along one axis; the sum of exponentials is kept in f64.

use crate::graph::TensorView;

pub fn softmax(axis: usize, input: TensorView, output: &mut [f32]) {
    for_each_line(axis, input, |line, max, sum| {
        for &at in line {
            output[at] = (f64::from(libm::expf(input.data()[at] - max)) / sum) as f32;
        }
    });
}

pub fn log_softmax(axis: usize, input: TensorView, output: &mut [f32]) {
    for_each_line(axis, input, |line, max, sum| {
        let log = libm::log(sum);
        for &at in line {
            output[at] = (f64::from(input.data()[at] - max) - log) as f32;
        }
    });
}

/// Calls `visit(positions, max, sum of exp(x - max))` for every line of elements along `axis`.
fn for_each_line(axis: usize, input: TensorView, mut visit: impl FnMut(&[usize], f32, f64)) {
    let (shape, data) = (input.shape(), input.data());
    let len = shape.get(axis).copied().unwrap_or(1);
    let inner: usize = shape.iter().skip(axis + 1).product();
    let mut line = vec![0; len];
    for outer in 0..data.len() / (len * inner).max(1) {
        for i in 0..inner {
            line.iter_mut().enumerate().for_each(|(k, at)| *at = (outer * len + k) * inner + i);
            let max = line.iter().fold(f32::NEG_INFINITY, |max, &at| if data[at] > max { data[at] } else { max });
            let sum = line.iter().map(|&at| f64::from(libm::expf(data[at] - max))).sum();
            visit(&line, max, sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{random, relative_error};
    use super::*;
    use crate::graph::Tensor;

    #[test]
    fn softmax_along_every_axis() {
        let shape = [2, 3, 4];
        let input = Tensor::new(shape, random(24, 1)).unwrap();
        for axis in 0..3 {
            let inner: usize = shape[axis + 1..].iter().product();
            let expected: Vec<f64> = (0..24)
                .map(|at| {
                    let first = at - at / inner % shape[axis] * inner;
                    let exp = |at: usize| libm::exp(f64::from(input.data()[at]));
                    exp(at) / (0..shape[axis]).map(|k| exp(first + k * inner)).sum::<f64>()
                })
                .collect();
            let mut output = [0.0; 24];
            softmax(axis, input.view(), &mut output);
            assert!(relative_error(&output, &expected) < 2e-7);
            log_softmax(axis, input.view(), &mut output);
            let logs: Vec<f64> = expected.iter().map(|&p| libm::log(p)).collect();
            assert!(relative_error(&output, &logs) < 2e-7);
        }
    }

    #[test]
    fn large_values_do_not_overflow_and_nan_does_not_panic() {
        let mut output = [0.0; 2];
        softmax(0, Tensor::new([2], vec![1e30, 1e30]).unwrap().view(), &mut output);
        assert_eq!(output, [0.5, 0.5]);
        softmax(0, Tensor::new([2], vec![f32::NAN, 0.0]).unwrap().view(), &mut output);
        assert!(output[0].is_nan());
        softmax(0, Tensor::zeros([0]).view(), &mut []);
    }
}

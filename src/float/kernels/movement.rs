//! Operators that only move values: transpose, slice, depth to space, concat.

use super::Image;
use crate::graph::Tensor;

/// Fills `output` (of `shape`, row-major) from `input`: the element at index `i` is `input[start + sum i[d] * stride[d]]`.
fn strided(input: &[f32], start: i64, shape: &[usize], strides: &[i64], output: &mut [f32]) {
    let Some((&inner, outer)) = shape.split_last() else {
        output.copy_from_slice(&input[start as usize..][..output.len()]);
        return;
    };
    let step = strides[outer.len()];
    let mut index = vec![0; outer.len()];
    let mut at = start;
    for row in output.chunks_exact_mut(inner.max(1)) {
        if step == 1 {
            row.copy_from_slice(&input[at as usize..][..row.len()]);
        } else {
            for (i, value) in row.iter_mut().enumerate() {
                *value = input[(at + i as i64 * step) as usize];
            }
        }
        for ((i, &len), &stride) in index.iter_mut().zip(outer).zip(strides).rev() {
            *i += 1;
            at += stride;
            if *i < len {
                break;
            }
            at -= stride * len as i64;
            *i = 0;
        }
    }
}

/// Elements from one index to the next along each axis of a row-major tensor.
fn row_major_strides(shape: &[usize]) -> Vec<i64> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis] as i64;
    }
    strides
}

pub fn transpose(permutation: &[usize], input: &Tensor, shape: &[usize], output: &mut [f32]) {
    let strides = row_major_strides(input.shape());
    let strides: Vec<i64> = permutation.iter().map(|&axis| strides[axis]).collect();
    strided(input.data(), 0, shape, &strides, output);
}

pub fn slice(start: &[usize], step: &[isize], input: &Tensor, shape: &[usize], output: &mut [f32]) {
    if output.is_empty() {
        return;
    }
    let strides = row_major_strides(input.shape());
    let first = strides.iter().zip(start).map(|(stride, &start)| stride * start as i64).sum();
    let strides: Vec<i64> = strides.iter().zip(step).map(|(stride, &step)| stride * step as i64).collect();
    strided(input.data(), first, shape, &strides, output);
}

/// Channel `(by, bx, c)` of the input (`channel_major`: `(c, by, bx)`) becomes channel `c` of pixel `(by, bx)` of a block.
pub fn depth_to_space(block: usize, channel_major: bool, input: &[f32], from: Image, output: &mut [f32], to: Image) {
    let (b, c, channels) = (block as i64, to.c as i64, from.c as i64);
    let (by, bx, channel) = if channel_major { (b, 1, b * b) } else { (b * c, c, 1) };
    let row = from.w as i64 * channels;
    let shape = [from.n, from.h, block, from.w, block, to.c];
    strided(input, 0, &shape, &[from.h as i64 * row, row, by, channels, bx, channel], output);
}

pub fn concat(axis: usize, inputs: &[&Tensor], shape: &[usize], output: &mut [f32]) {
    let inner: usize = shape[axis + 1..].iter().product();
    let row = shape[axis] * inner;
    let mut at = 0;
    for input in inputs {
        let len = input.shape()[axis] * inner;
        if len > 0 {
            for (target, source) in output.chunks_exact_mut(row).zip(input.data().chunks_exact(len)) {
                target[at..at + len].copy_from_slice(source);
            }
        }
        at += len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counting(shape: &[usize]) -> Tensor {
        let len = shape.iter().product();
        Tensor::new(shape, (0..len).map(|i: usize| i as f32).collect()).unwrap()
    }

    proptest! {
        #[test]
        fn transpose_is_ndarrays(
            shape in prop::collection::vec(1usize..5, 1..5), shuffle in prop::collection::vec(any::<u32>(), 5),
        ) {
            let input = counting(&shape);
            let mut permutation: Vec<usize> = (0..shape.len()).collect();
            permutation.sort_by_key(|&axis| shuffle[axis]);
            let expected = input.transposed(&permutation);
            let mut output = vec![f32::NAN; input.len()];
            transpose(&permutation, &input, expected.shape(), &mut output);
            prop_assert_eq!(output, expected.data());
        }
    }

    #[test]
    fn slice_forwards_and_backwards() {
        let input = counting(&[4, 5]);
        let mut output = [0.0; 6];
        slice(&[3, 4], &[-2, -2], &input, &[2, 3], &mut output);
        assert_eq!(output, [19.0, 17.0, 15.0, 9.0, 7.0, 5.0]);
        slice(&[0, 1], &[3, 1], &input, &[2, 3], &mut output);
        assert_eq!(output, [1.0, 2.0, 3.0, 16.0, 17.0, 18.0]);
        slice(&[7, 9], &[1, 1], &input, &[0, 3], &mut []);
    }

    #[test]
    fn concat_on_either_side_of_other_axes() {
        let (a, b) = (counting(&[2, 1, 2]), counting(&[2, 2, 2]));
        let mut output = [0.0; 12];
        concat(1, &[&a, &b], &[2, 3, 2], &mut output);
        assert_eq!(output, [0.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        let mut output = [0.0; 8];
        concat(2, &[&a, &a], &[2, 1, 4], &mut output);
        assert_eq!(output, [0.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 3.0]);
    }

    #[test]
    fn depth_to_space_follows_onnx() {
        // ONNX's own example has 8 channels of 2x3 pixels; here one pixel of 8 channels, block 2.
        let (from, to) = (Image { n: 1, h: 1, w: 1, c: 8 }, Image { n: 1, h: 2, w: 2, c: 2 });
        let input: Vec<f32> = (0..8).map(|i| i as f32).collect();
        let mut output = [0.0; 8];
        depth_to_space(2, false, &input, from, &mut output, to);
        assert_eq!(output, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        depth_to_space(2, true, &input, from, &mut output, to);
        assert_eq!(output, [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]);
        // Two pixels: the second block lies to the right of the first.
        let (from, to) = (Image { n: 1, h: 1, w: 2, c: 4 }, Image { n: 1, h: 2, w: 4, c: 1 });
        depth_to_space(2, false, &input, from, &mut output, to);
        assert_eq!(output, [0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0]);
    }
}

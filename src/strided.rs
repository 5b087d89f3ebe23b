//! Moving the elements of a tensor: transposes, slices and the like are all one walk over the input by other strides.

/// Elements from one index to the next along each axis of a row-major tensor.
pub fn row_major(shape: &[usize]) -> Vec<i64> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis] as i64;
    }
    strides
}

/// Fills `output` (of `shape`, row-major) from `input`: the element at index `i` is `input[start + sum i[d] * strides[d]]`.
pub fn gather<T: Copy>(input: &[T], start: i64, shape: &[usize], strides: &[i64], output: &mut [T]) {
    if output.is_empty() {
        return;
    }
    let own = row_major(shape);
    // The innermost loop goes where the output lies together, or the input where it does so for longer: a picture's three
    // channels are a short way to go.
    let last = shape.iter().rposition(|&len| len > 1).unwrap_or(0);
    let longest =
        (0..shape.len()).filter(|&axis| strides[axis] == 1 && shape[axis] > 1).max_by_key(|&axis| shape[axis]);
    let inner = longest.filter(|&axis| shape[axis] > shape[last]).unwrap_or(last);
    let (len, from_step, to_step) = match shape.get(inner) {
        Some(&len) => (len, strides[inner], own[inner] as usize),
        None => (1, 1, 1),
    };
    let outer: Vec<usize> = (0..shape.len()).filter(|&axis| axis != inner && shape[axis] > 1).collect();
    let mut index = vec![0; outer.len()];
    let (mut from, mut to) = (start, 0i64);
    for _ in 0..output.len() / len {
        if (from_step, to_step) == (1, 1) {
            output[to as usize..][..len].copy_from_slice(&input[from as usize..][..len]);
        } else {
            let (mut at, mut place) = (from, to as usize);
            for _ in 0..len {
                output[place] = input[at as usize];
                at += from_step;
                place += to_step;
            }
        }
        for (i, &axis) in index.iter_mut().zip(&outer).rev() {
            *i += 1;
            from += strides[axis];
            to += own[axis];
            if *i < shape[axis] {
                break;
            }
            from -= strides[axis] * shape[axis] as i64;
            to -= own[axis] * shape[axis] as i64;
            *i = 0;
        }
    }
}

/// Axis `i` of `output` is axis `permutation[i]` of `input`, which has `shape`.
pub fn transpose<T: Copy>(permutation: &[usize], input: &[T], shape: &[usize], output: &mut [T]) {
    let own = row_major(shape);
    let strides: Vec<i64> = permutation.iter().map(|&axis| own[axis]).collect();
    let shape: Vec<usize> = permutation.iter().map(|&axis| shape[axis]).collect();
    gather(input, 0, &shape, &strides, output);
}

/// Element `i` along an axis of `output`, which has `out`, is element `start + i * step` of `input`.
pub fn slice<T: Copy>(
    (start, step): (&[usize], &[isize]),
    input: &[T],
    shape: &[usize],
    out: &[usize],
    output: &mut [T],
) {
    let own = row_major(shape);
    let first = own.iter().zip(start).map(|(stride, &start)| stride * start as i64).sum();
    let strides: Vec<i64> = own.iter().zip(step).map(|(stride, &step)| stride * step as i64).collect();
    gather(input, first, out, &strides, output);
}

/// Channel `(by, bx, c)` of a pixel of `input` (`channel_major`: `(c, by, bx)`) becomes channel `c` of pixel `(by, bx)` of
/// a block of `output`: `[n, h, w, channels]` -> `[n, h * block, w * block, channels / (block * block)]`. These are the orders
/// DCR and CRD of ONNX's `DepthToSpace`.
pub fn depth_to_space<T: Copy>(
    (block, channel_major): (usize, bool),
    input: &[T],
    [n, h, w, channels]: [usize; 4],
    output: &mut [T],
) {
    let to = channels / (block * block).max(1);
    let (row, pixel, b, c) = ((w * channels) as i64, channels as i64, block as i64, to as i64);
    let (by, bx, channel) = if channel_major { (b, 1, b * b) } else { (b * c, c, 1) };
    gather(input, 0, &[n, h, block, w, block, to], &[h as i64 * row, row, by, pixel, bx, channel], output);
}

#[cfg(test)]
mod tests {
    use ndarray::{ArrayViewD, IxDyn};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn transpose_is_ndarrays(
            shape in prop::collection::vec(prop_oneof![1usize..5, 9usize..12], 0..5),
            shuffle in prop::collection::vec(any::<u32>(), 5),
        ) {
            let input: Vec<usize> = (0..shape.iter().product()).collect();
            let mut permutation: Vec<usize> = (0..shape.len()).collect();
            permutation.sort_by_key(|&axis| shuffle[axis]);
            let view = ArrayViewD::from_shape(IxDyn(&shape), &input).unwrap().permuted_axes(IxDyn(&permutation));
            let mut output = vec![usize::MAX; input.len()];
            transpose(&permutation, &input, &shape, &mut output);
            prop_assert_eq!(output, view.iter().copied().collect::<Vec<_>>());
        }
    }

    #[test]
    fn slice_forwards_and_backwards() {
        let input: Vec<u8> = (0..20).collect();
        let mut output = [0; 6];
        slice((&[3, 4], &[-2, -2]), &input, &[4, 5], &[2, 3], &mut output);
        assert_eq!(output, [19, 17, 15, 9, 7, 5]);
        slice((&[0, 1], &[3, 1]), &input, &[4, 5], &[2, 3], &mut output);
        assert_eq!(output, [1, 2, 3, 16, 17, 18]);
        slice((&[7, 9], &[1, 1]), &input, &[4, 5], &[0, 3], &mut []);
        // A column: the walk goes along the input's only long axis.
        slice((&[1, 2], &[1, 1]), &input, &[4, 5], &[3, 1], &mut output[..3]);
        assert_eq!(output[..3], [7, 12, 17]);
    }

    #[test]
    fn depth_to_space_follows_onnx() {
        // ONNX's own example has 8 channels of 2x3 pixels; here one pixel of 8 channels, block 2.
        let input = [0, 1, 2, 3, 4, 5, 6, 7];
        let mut output = [0; 8];
        depth_to_space((2, false), &input, [1, 1, 1, 8], &mut output);
        assert_eq!(output, [0, 1, 2, 3, 4, 5, 6, 7]);
        depth_to_space((2, true), &input, [1, 1, 1, 8], &mut output);
        assert_eq!(output, [0, 4, 1, 5, 2, 6, 3, 7]);
        // Two pixels: the second block lies to the right of the first.
        depth_to_space((2, false), &input, [1, 1, 2, 4], &mut output);
        assert_eq!(output, [0, 1, 4, 5, 2, 3, 6, 7]);
    }
}

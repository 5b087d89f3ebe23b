//! Order of axes. Stored tensors are channels last; in the file, tensors of four axes are channels first, as ONNX's
//! convolutions and pools want them, and all others as stored.

use crate::strided;

/// For every axis in the file, the stored axis that it is.
pub fn stored_axes(rank: usize) -> Vec<usize> {
    if rank == 4 { vec![0, 3, 1, 2] } else { (0..rank).collect() }
}

/// The axis in the file that a stored axis is.
pub fn file_axis(rank: usize, stored: usize) -> usize {
    stored_axes(rank).iter().position(|&axis| axis == stored).unwrap_or(stored)
}

/// A list with one entry per stored axis, in the file's order.
pub fn to_file<T: Copy>(stored: &[T]) -> Vec<T> {
    stored_axes(stored.len()).iter().map(|&axis| stored[axis]).collect()
}

/// The axes with ones in front, so that there are `rank` of them: what broadcasting does.
pub fn padded(shape: &[usize], rank: usize) -> Vec<usize> {
    let mut padded = vec![1; rank.saturating_sub(shape.len())];
    padded.extend(shape);
    padded
}

/// Row-major data of a stored shape, moved to the file's order.
pub fn data_to_file<T: Copy>(shape: &[usize], data: &[T]) -> Vec<T> {
    permuted(shape, data, &stored_axes(shape.len()))
}

/// Axis `i` of the result is axis `permutation[i]` of the data.
pub fn permuted<T: Copy>(shape: &[usize], data: &[T], permutation: &[usize]) -> Vec<T> {
    let mut moved = data.to_vec();
    strided::transpose(permutation, data, shape, &mut moved);
    moved
}

/// Whether a permutation leaves the data where it is: only axes of size 1 change places.
pub fn moves_nothing(shape: &[usize], permutation: &[usize]) -> bool {
    let real: Vec<usize> = permutation.iter().copied().filter(|&axis| shape[axis] != 1).collect();
    real.is_sorted()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_axes_are_channels_first() {
        assert_eq!(to_file(&[1, 5, 6, 3]), [1, 3, 5, 6]);
        assert_eq!((file_axis(4, 3), file_axis(4, 1), file_axis(3, 2)), (1, 2, 2));
        assert_eq!(data_to_file(&[1, 1, 2, 3], &[1, 2, 3, 4, 5, 6]), [1, 4, 2, 5, 3, 6]);
        assert_eq!(padded(&[3], 4), [1, 1, 1, 3]);
        assert!(moves_nothing(&[1, 1, 1, 7], &[0, 3, 1, 2]) && !moves_nothing(&[1, 2, 1, 7], &[0, 3, 1, 2]));
    }
}

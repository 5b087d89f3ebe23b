//! Walking a tensor in another order: transposing, slicing and broadcasting are all the same walk.

/// Row-major strides of `shape`.
pub fn strides(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![1isize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(isize::try_from(shape[axis]).unwrap_or(isize::MAX));
    }
    strides
}

/// Strides that read a tensor of shape `from` as if it had been broadcast to `to` (NumPy rules; `from` fits).
pub fn broadcast_strides(from: &[usize], to: &[usize]) -> Vec<isize> {
    let missing = to.len().saturating_sub(from.len());
    let mut result = vec![0; missing];
    result.extend(from.iter().zip(strides(from)).map(|(&dim, stride)| if dim == 1 { 0 } else { stride }));
    result
}

/// Flat indices of all positions of `shape` in row-major order, where position `p` is at `offset + sum(p * strides)`.
pub struct Walk {
    shape: Vec<usize>,
    strides: Vec<isize>,
    position: Vec<usize>,
    index: isize,
    remaining: usize,
}

impl Walk {
    /// `shape` has at most `usize::MAX` elements, which callers have checked against the limits.
    pub fn new(shape: &[usize], strides: &[isize], offset: isize) -> Self {
        Walk {
            shape: shape.to_vec(),
            strides: strides.to_vec(),
            position: vec![0; shape.len()],
            index: offset,
            remaining: shape.iter().product(),
        }
    }
}

impl Iterator for Walk {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.remaining = self.remaining.checked_sub(1)?;
        let current = self.index;
        for axis in (0..self.shape.len()).rev() {
            self.position[axis] += 1;
            self.index += self.strides[axis];
            if self.position[axis] < self.shape[axis] {
                break;
            }
            self.index -= self.strides[axis] * self.position[axis] as isize;
            self.position[axis] = 0;
        }
        usize::try_from(current).ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

/// The shape of two operands combined by NumPy broadcasting.
pub fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let dim = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |own| shape[own]);
    (0..rank)
        .map(|axis| match (dim(a, axis), dim(b, axis)) {
            (1, other) | (other, 1) => Some(other),
            (left, right) => (left == right).then_some(left),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_transposes_slices_and_broadcasts() {
        let of = |shape: &[usize], strides: &[isize], offset| Walk::new(shape, strides, offset).collect::<Vec<_>>();
        assert_eq!(strides(&[2, 3]), [3, 1]);
        assert_eq!(of(&[3, 2], &[1, 3], 0), [0, 3, 1, 4, 2, 5]);
        assert_eq!(of(&[2, 2], &[3, -2], 2), [2, 0, 5, 3]);
        assert_eq!(of(&[2, 3], &broadcast_strides(&[3], &[2, 3]), 0), [0, 1, 2, 0, 1, 2]);
        assert_eq!(of(&[], &[], 0), [0]);
        assert!(of(&[2, 0], &[0, 1], 0).is_empty());
    }

    #[test]
    fn broadcasting_aligns_to_the_right() {
        assert_eq!(broadcast(&[2, 1, 4], &[3, 1]), Some(vec![2, 3, 4]));
        assert_eq!(broadcast(&[], &[3]), Some(vec![3]));
        assert_eq!(broadcast(&[2], &[3]), None);
    }
}

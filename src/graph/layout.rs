//! Which ONNX axis each stored axis is.
//!
//! ONNX images are NCHW; both executors store NHWC. Instead of moving data at every boundary, each value remembers the
//! permutation between its stored axes and its ONNX axes. An ONNX `Transpose` then often costs nothing (it only
//! renames axes), and data is moved only where order is visible: a reshape, a flatten, an operator that mixes layouts.

/// Stored axis `i` is ONNX axis `0[i]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout(pub Vec<usize>);

impl Layout {
    /// Stored exactly as ONNX has it.
    pub fn identity(rank: usize) -> Self {
        Layout((0..rank).collect())
    }

    /// Channels last: the layout that convolutions and pools want. Ranks below 3 are stored as they are.
    pub fn channels_last(rank: usize) -> Self {
        if rank < 3 {
            return Layout::identity(rank);
        }
        let mut axes = vec![0];
        axes.extend(2..rank);
        axes.push(1);
        Layout(axes)
    }

    pub fn rank(&self) -> usize {
        self.0.len()
    }

    pub fn is_identity(&self) -> bool {
        self.0.iter().enumerate().all(|(stored, &onnx)| stored == onnx)
    }

    /// The stored axis that holds ONNX axis `onnx`, if there is one.
    pub fn stored_axis(&self, onnx: usize) -> Option<usize> {
        self.0.iter().position(|&axis| axis == onnx)
    }

    /// ONNX shape -> stored shape.
    pub fn to_stored(&self, onnx_shape: &[usize]) -> Vec<usize> {
        self.0.iter().map(|&axis| onnx_shape[axis]).collect()
    }

    /// Stored shape -> ONNX shape.
    pub fn to_onnx(&self, stored_shape: &[usize]) -> Vec<usize> {
        let mut shape = vec![0; stored_shape.len()];
        for (&axis, &dim) in self.0.iter().zip(stored_shape) {
            shape[axis] = dim;
        }
        shape
    }

    /// The permutation that turns data stored in this layout into data stored in `target`:
    /// `target_data.axis(i) = self_data.axis(result[i])`.
    pub fn permutation_to(&self, target: &Layout) -> Vec<usize> {
        target.0.iter().map(|&onnx| self.stored_axis(onnx).unwrap_or(onnx)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_last_of_an_image() {
        let layout = Layout::channels_last(4);
        assert_eq!(layout.to_stored(&[1, 3, 224, 200]), [1, 224, 200, 3]);
        assert_eq!(layout.to_onnx(&[1, 224, 200, 3]), [1, 3, 224, 200]);
        assert_eq!(layout.stored_axis(1), Some(3));
        assert!(Layout::channels_last(2).is_identity());
    }

    #[test]
    fn permutation_between_layouts_moves_stored_axes() {
        let nhwc = Layout::channels_last(4);
        let nchw = Layout::identity(4);
        assert_eq!(nhwc.permutation_to(&nchw), [0, 3, 1, 2]);
        assert_eq!(nchw.permutation_to(&nhwc), [0, 2, 3, 1]);
        assert_eq!(nhwc.permutation_to(&nhwc), [0, 1, 2, 3]);
    }
}

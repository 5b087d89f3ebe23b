//! Moving data between stored order and the file's.

use super::{Real, Writer, axes, builder};
use crate::error::Result;

impl Writer<'_> {
    /// Axis `i` of the result is axis `permutation[i]` of a tensor of `shape` (both in the file's order).
    pub(super) fn moved(&mut self, name: &str, shape: &[usize], permutation: &[usize], base: &str) -> String {
        if permutation.is_sorted() {
            return name.to_owned();
        }
        debug_assert_eq!(shape.len(), permutation.len());
        let permutation = builder::ints("perm", permutation.iter().copied());
        self.builder.node("Transpose", &[name], &format!("{base}/transposed"), vec![permutation])
    }

    /// The same elements in stored order under another stored shape.
    pub(super) fn reshaped(&mut self, input: &Real, shape: &[usize], name: &str) -> Result<String> {
        let rank = input.shape.len();
        let from = axes::to_file(&input.shape);
        let to_stored: Vec<usize> = (0..rank).map(|axis| axes::file_axis(rank, axis)).collect();
        let stored = if axes::moves_nothing(&from, &to_stored) {
            input.name.clone()
        } else {
            self.moved(&input.name, &from, &to_stored, name)
        };
        let to_file = axes::stored_axes(shape.len());
        let direct = axes::moves_nothing(shape, &to_file);
        let dims = if direct { axes::to_file(shape) } else { shape.to_vec() };
        let dims: Vec<i64> = dims.iter().map(|&dim| dim as i64).collect();
        let dims = self.builder.int64s(&format!("{name}/shape"), &dims);
        if direct {
            return Ok(self.builder.node("Reshape", &[&stored, &dims], name, Vec::new()));
        }
        let flat = self.builder.node("Reshape", &[&stored, &dims], &format!("{name}/stored"), Vec::new());
        let permutation = builder::ints("perm", to_file);
        Ok(self.builder.node("Transpose", &[&flat], name, vec![permutation]))
    }
}

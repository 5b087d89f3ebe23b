//! Sorting by index: one routine for the whole program, because each kind of element and comparison would bring a copy of the
//! library's, some kilobytes of code.

use std::cmp::Ordering;

/// The numbers 0 to `count` in the order that `compare` puts them in; equal ones by size.
pub fn by(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..count).collect();
    indices.sort_by(|&a, &b| compare(a, b));
    indices
}

//! Calibration: the range of every activation, seen while the float graph ran over images.

use crate::error::{Code, Error, Result};
use crate::graph::{Graph, Tensor, ValueId};

/// Smallest and largest value seen; empty (`min > max`) before anything was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    pub min: f32,
    pub max: f32,
}

impl Range {
    pub const EMPTY: Range = Range { min: f32::INFINITY, max: f32::NEG_INFINITY };

    pub fn of(values: &[f32]) -> Self {
        values.iter().fold(Range::EMPTY, |range, &v| Range { min: range.min.min(v), max: range.max.max(v) })
    }

    pub fn union(self, other: Range) -> Range {
        Range { min: self.min.min(other.min), max: self.max.max(other.max) }
    }
}

/// Ranges of all values of one graph. Merging is a minimum and a maximum, so neither the order of images nor the
/// number of threads that saw them matters.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    ranges: Vec<Range>,
    images: usize,
}

impl Calibration {
    pub fn new(graph: &Graph) -> Self {
        Calibration { ranges: vec![Range::EMPTY; graph.values.len()], images: 0 }
    }

    /// Takes in one activation of one image.
    pub fn observe(&mut self, value: ValueId, tensor: &Tensor) {
        if let Some(range) = self.ranges.get_mut(value.0) {
            *range = range.union(Range::of(tensor.data()));
        }
    }

    /// To be called once per image.
    pub fn count_image(&mut self) {
        self.images += 1;
    }

    pub fn merge(&mut self, other: &Calibration) {
        for (range, &seen) in self.ranges.iter_mut().zip(&other.ranges) {
            *range = range.union(seen);
        }
        self.images += other.images;
    }

    pub fn images(&self) -> usize {
        self.images
    }

    /// # Errors
    /// `NotCalibrated` when the value was never seen; `NotFinite` when it overflowed.
    pub fn range(&self, graph: &Graph, value: ValueId) -> Result<Range> {
        let range = self.ranges.get(value.0).copied().unwrap_or(Range::EMPTY);
        let name = &graph.value(value).name;
        if range.min > range.max {
            return Err(Error::new(
                Code::NotCalibrated,
                format!("the range of tensor '{name}' is not known"),
                "calibrate with at least one image first",
            ));
        }
        if !range.min.is_finite() || !range.max.is_finite() {
            return Err(Error::new(
                Code::NotFinite,
                format!("tensor '{name}' reaches infinity on the calibration images"),
                "check the preprocessing: mean, std and channel order",
            ));
        }
        Ok(range)
    }
}

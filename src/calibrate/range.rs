//! An interval of activation values.

/// Smallest and largest value; empty (`min > max`) before anything was seen.
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

    pub fn is_empty(self) -> bool {
        self.min > self.max
    }

    pub fn is_finite(self) -> bool {
        self.min.is_finite() && self.max.is_finite()
    }
}

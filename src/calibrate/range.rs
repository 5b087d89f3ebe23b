//! An interval of activation values.

use bytemuck::cast;
use wide::f32x4;

use crate::splat;

/// Smallest and largest value; empty (`min > max`) before anything was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    pub min: f32,
    pub max: f32,
}

impl Range {
    pub const EMPTY: Range = Range { min: f32::INFINITY, max: f32::NEG_INFINITY };

    /// NaN is passed over.
    pub fn of(values: &[f32]) -> Self {
        let empty = (splat::f32x4(f32::INFINITY), splat::f32x4(f32::NEG_INFINITY));
        let (mut first, mut second) = (empty, empty);
        let (eights, rest) = values.as_chunks::<8>();
        let mut last = [f32::NAN; 8];
        last.iter_mut().zip(rest).for_each(|(lane, &value)| *lane = value);
        for eight in eights {
            // Two in turns: each waits for the one before.
            let [low, high]: [f32x4; 2] = cast(*eight);
            (first, second) = (widened(first, low), widened(second, high));
        }
        let [low, high]: [f32x4; 2] = cast(last);
        (first, second) = (widened(first, low), widened(second, high));
        let ends = [first, second].into_iter().flat_map(|(min, max)| min.to_array().into_iter().zip(max.to_array()));
        ends.map(|(min, max)| Range { min, max }).fold(Range::EMPTY, Range::union)
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

/// Smallest and largest values lane by lane. (Comparisons, because `f32::min` is a call in WebAssembly.)
#[inline(always)]
fn widened((min, max): (f32x4, f32x4), values: f32x4) -> (f32x4, f32x4) {
    (values.simd_lt(min).select(values, min), values.simd_gt(max).select(values, max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_and_the_largest_wherever_they_stand() {
        for length in [1, 15, 16, 17, 40] {
            for place in 0..length {
                let mut values = vec![f32::NAN; length];
                values[length / 2] = 0.5;
                values[place] = -2.0;
                values[(place + 7) % length] = 3.0;
                let seen = |value| values.contains(&value);
                let min = [-2.0, 0.5, 3.0].into_iter().find(|&value| seen(value));
                let max = [3.0, 0.5, -2.0].into_iter().find(|&value| seen(value));
                assert_eq!(Some(Range::of(&values)), min.zip(max).map(|(min, max)| Range { min, max }));
            }
        }
        assert!(Range::of(&[]).is_empty() && Range::of(&[f32::NAN]).is_empty());
        assert_eq!(
            Range::of(&[f32::INFINITY, f32::NEG_INFINITY]),
            Range { min: f32::NEG_INFINITY, max: f32::INFINITY }
        );
    }
}

//! An interval of activation values.

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
        // Side by side, so that a vector instruction takes several values; comparisons, because `f32::min` is a call in
        // WebAssembly.
        const LANES: usize = 16;
        let (mut min, mut max) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
        let (chunks, rest) = values.as_chunks::<LANES>();
        let mut last = [f32::NAN; LANES];
        last.iter_mut().zip(rest).for_each(|(lane, &value)| *lane = value);
        for chunk in chunks.iter().chain([&last]) {
            for (min, &value) in min.iter_mut().zip(chunk) {
                *min = if value < *min { value } else { *min };
            }
            for (max, &value) in max.iter_mut().zip(chunk) {
                *max = if value > *max { value } else { *max };
            }
        }
        let ends = min.into_iter().zip(max).map(|(min, max)| Range { min, max });
        ends.fold(Range::EMPTY, Range::union)
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

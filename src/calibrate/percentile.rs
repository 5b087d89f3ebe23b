//! Method `percentile`: the outermost values at either end do not count.

use super::histogram::Histogram;
use super::range::Range;

/// The largest edge of a bin that has at least `percent` of the values below it, and the mirror image at the other end,
/// within the range of what was seen. Zeros lie between the negative bins and the others.
pub fn range(histogram: &Histogram, seen: Range, percent: f64) -> Range {
    let counts = histogram.counts().iter().zip(histogram.first()..);
    let mut bins: Vec<Bin> = counts.map(|(&count, first)| Bin { first, end: first + 1, count }).collect();
    let negative = histogram.first().unsigned_abs() as usize;
    bins.insert(negative.min(bins.len()), Bin { first: 0, end: 0, count: histogram.zeros() });
    let total: u64 = bins.iter().map(|bin| bin.count).sum();
    let needed = percent / 100.0 * total as f64;
    Range {
        min: reach(bins.iter().rev(), needed).map_or(seen.min, |bin| edge(histogram, bin.first).max(seen.min)),
        max: reach(bins.iter(), needed).map_or(seen.max, |bin| edge(histogram, bin.end).min(seen.max)),
    }
}

struct Bin {
    /// In bin widths; the bin of the zeros begins and ends at 0.
    first: i64,
    end: i64,
    count: u64,
}

/// The first bin at which as many values as are needed have been passed.
fn reach<'a>(mut bins: impl Iterator<Item = &'a Bin>, needed: f64) -> Option<&'a Bin> {
    let mut passed = 0;
    bins.find(|bin| {
        passed += bin.count;
        passed as f64 >= needed
    })
}

/// Exact: at most [`super::histogram::MOST_BINS`] widths, each a power of two.
fn edge(histogram: &Histogram, number: i64) -> f32 {
    (number as f64 * histogram.width()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f32], percent: f64) -> [f32; 2] {
        let Range { min, max } = range(&Histogram::of(values), Range::of(values), percent);
        [min, max]
    }

    #[test]
    fn all_values_are_a_hundred_percent() {
        assert_eq!(of(&[-3.0, 0.1, 7.0], 100.0), [-3.0, 7.0]);
        assert_eq!(of(&[0.5], 100.0), [0.5, 0.5]);
    }

    #[test]
    fn an_outlier_at_either_end_is_left_out() {
        // 0.5, 1.5, ..., 98.5 and outliers: 99 % of 101 values are 99.99, so one value may lie beyond either end.
        let mut values: Vec<f32> = (0..99).map(|i| i as f32 + 0.5).collect();
        values.extend([500.0, -100.0]);
        // -100..500 in at most 2048 bins: 2^-1 would need 1201, 2^-2 too many. So bins are half a unit wide.
        assert_eq!(of(&values, 99.0), [0.5, 99.0]);
        assert_eq!(of(&values, 99.9), [-100.0, 500.0]);
    }

    #[test]
    fn zeros_count() {
        let mut values = vec![0.0; 98];
        values.extend([1.0, 2.0]);
        assert_eq!(of(&values, 98.0), [0.0, 0.0]);
        assert_eq!(of(&values, 99.0)[0], 0.0);
        assert!((1.0..1.01).contains(&of(&values, 99.0)[1]));
        let negative: Vec<f32> = values.iter().map(|x| -x).collect();
        assert_eq!(of(&negative, 98.0), [0.0, 0.0]);
        assert!((-1.01..=-1.0).contains(&of(&negative, 99.0)[0]));
    }

    /// As NumPy's `percentile` with method `inverted_cdf`, to within a bin.
    #[test]
    fn within_a_bin_of_the_sorted_values() {
        let cube = |x: f32| x * x * x;
        let values: Vec<f32> = (0..5000u64).map(|i| cube((i * 7919 % 5000) as f32 / 2500.0 - 1.0)).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f32::total_cmp);
        for percent in [60.0, 90.0, 99.0, 99.9] {
            let rank = (percent / 100.0 * 5000.0_f64).ceil() as usize;
            let [min, max] = of(&values, percent);
            let width = Histogram::of(&values).width() as f32;
            assert!(max >= sorted[rank - 1] && max - sorted[rank - 1] <= width, "{percent}: {max}");
            assert!(min <= sorted[5000 - rank] && sorted[5000 - rank] - min <= width, "{percent}: {min}");
        }
    }
}

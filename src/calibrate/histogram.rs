//! How often which values occurred, so that the result depends on the values alone and not on the order or grouping in
//! which they came.
//!
//! Bins are as wide as a power of two, and a bin's number is `floor(x / 2^e)`. Doubling the width is exact, because
//! `floor(x / 2^(e+1)) = floor(floor(x / 2^e) / 2)`; so a histogram that was coarsened holds what one of the coarse width
//! would have held from the start.

use super::range::Range;

/// The finest width is taken at which no more bins than this reach from the smallest value (or 0) to the largest (or 0).
pub const MOST_BINS: i64 = 2048;

/// Fine enough for the smallest float32 there is: 2^-149 / 2^11 doubled.
const FINEST: i32 = -159;
/// Coarse enough for float32's largest numbers of both signs.
const COARSEST: i32 = 118;

/// Zeros are counted apart: every quantization grid holds 0 exactly (N3). Numbers that are not finite are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    exponent: i32,
    /// Number of the first bin; at most 0.
    first: i64,
    counts: Vec<u64>,
    zeros: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { exponent: FINEST, first: 0, counts: vec![0], zeros: 0 }
    }
}

impl Histogram {
    /// From what [`Histogram::exponent`] and the others tell; `None` for what no values give rise to.
    pub(super) fn new(exponent: i32, first: i64, counts: Vec<u64>, zeros: u64) -> Option<Self> {
        let is_narrow = (1..=MOST_BINS).contains(&(counts.len() as i64));
        let holds_zero = (1 - counts.len() as i64..=0).contains(&first);
        let all = counts.iter().try_fold(zeros, |sum, &count| sum.checked_add(count));
        let fits = is_narrow && holds_zero && all.is_some() && (FINEST..=COARSEST).contains(&exponent);
        fits.then_some(Histogram { exponent, first, counts, zeros })
    }

    pub fn of(values: &[f32]) -> Self {
        let finite = || values.iter().copied().filter(|x| x.is_finite());
        let range = finite().fold(Range { min: 0.0, max: 0.0 }, |range, x| range.union(Range { min: x, max: x }));
        let exponent = finest_exponent(range);
        let (first, last) = (bin(range.min, exponent), bin(range.max, exponent));
        let mut counts = vec![0; (last - first + 1) as usize];
        let mut zeros = 0;
        for x in finite() {
            if x == 0.0 {
                zeros += 1;
            } else {
                counts[(bin(x, exponent) - first) as usize] += 1;
            }
        }
        Histogram { exponent, first, counts, zeros }
    }

    pub fn merge(&mut self, other: &Histogram) {
        let mut exponent = self.exponent.max(other.exponent);
        let ends = |exponent| {
            let ([a, b], [c, d]) = (self.ends(exponent), other.ends(exponent));
            [a.min(c), b.max(d)]
        };
        while ends(exponent)[1] - ends(exponent)[0] >= MOST_BINS {
            exponent += 1;
        }
        let [first, last] = ends(exponent);
        let mut counts = vec![0; (last - first + 1) as usize];
        for histogram in [&*self, other] {
            let halvings = exponent - histogram.exponent;
            for (&count, number) in histogram.counts.iter().zip(histogram.first..) {
                counts[(halved(number, halvings) - first) as usize] += count;
            }
        }
        *self = Histogram { exponent, first, counts, zeros: self.zeros + other.zeros };
    }

    /// First and last bin at a width of `2^exponent`.
    fn ends(&self, exponent: i32) -> [i64; 2] {
        [self.first, self.first + self.counts.len() as i64 - 1].map(|number| halved(number, exponent - self.exponent))
    }

    /// Of the bins' width, a power of two.
    pub(super) fn exponent(&self) -> i32 {
        self.exponent
    }

    pub fn width(&self) -> f64 {
        power_of_two(self.exponent)
    }

    /// Number of the first bin; bin `k` holds `k * width <= x < (k + 1) * width`.
    pub fn first(&self) -> i64 {
        self.first
    }

    /// The counts of the bins in order, zeros left out.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// Centre and count of every bin that is not empty, in order.
    pub fn centres(&self) -> impl Iterator<Item = (f64, u64)> + Clone + '_ {
        let bins = self.counts.iter().zip(self.first..).filter(|&(&count, _)| count > 0);
        bins.map(|(&count, number)| ((number as f64 + 0.5) * self.width(), count))
    }
}

/// `floor(number / 2^halvings)`.
fn halved(number: i64, halvings: i32) -> i64 {
    number >> halvings.clamp(0, 63)
}

/// Exact: a float32 over a power of two within f64's range. At most [`MOST_BINS`] in magnitude.
fn bin(x: f32, exponent: i32) -> i64 {
    let bins = f64::from(x) * power_of_two(-exponent);
    let towards_zero = bins as i32;
    i64::from(towards_zero) - i64::from(f64::from(towards_zero) > bins)
}

/// The smallest exponent at which the bins of a range around 0 are few enough.
fn finest_exponent(range: Range) -> i32 {
    let magnitude = f64::from(range.max.max(-range.min));
    if magnitude == 0.0 {
        return FINEST;
    }
    // One bin too many: the magnitude spans 2^11 of these by itself.
    let mut exponent = ((magnitude.to_bits() >> 52) & 0x7ff) as i32 - 1023 - 11;
    while bin(range.max, exponent) - bin(range.min, exponent) >= MOST_BINS {
        exponent += 1;
    }
    exponent
}

/// `2^exponent` for exponents that float32 numbers give rise to.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_hand_counted_histogram() {
        // 0..=1: width 2^-10, because 1.0 is bin 1024 and 2^-11 would need 2049 bins.
        let histogram = Histogram::of(&[0.0, 1.0, 0.5, 0.500_1, -0.0, 1.0 / 1024.0]);
        assert_eq!((histogram.width(), histogram.first(), histogram.zeros()), (1.0 / 1024.0, 0, 2));
        assert_eq!(histogram.counts().len(), 1025);
        let full: Vec<(usize, u64)> = histogram.counts().iter().copied().enumerate().filter(|(_, n)| *n > 0).collect();
        assert_eq!(full, [(1, 1), (512, 2), (1024, 1)]);
        assert_eq!(histogram.centres().next(), Some((1.5 / 1024.0, 1)));
    }

    #[test]
    fn extreme_values() {
        let tiny = f32::from_bits(1);
        for values in [vec![], vec![0.0], vec![tiny], vec![-tiny, tiny], vec![f32::MAX, f32::MIN], vec![-f32::MAX]] {
            let histogram = Histogram::of(&values);
            assert!(histogram.counts().len() as i64 <= MOST_BINS, "{values:?}");
            let (seen, expected) =
                (histogram.centres().map(|(_, n)| n).sum::<u64>(), values.iter().filter(|x| **x != 0.0));
            assert_eq!(seen, expected.count() as u64);
        }
        assert_eq!(Histogram::of(&[f32::NAN, f32::INFINITY, 1.0]), Histogram::of(&[1.0]));
        assert_eq!(Histogram::of(&[0.0, 0.0]).zeros(), 2);
    }

    /// Numbers of very different magnitude, zero and both signs among them.
    fn values() -> impl Strategy<Value = Vec<f32>> {
        let value = prop_oneof![Just(0.0f32), -1.0f32..1.0, -1e-30f32..1e-30, -1e6f32..1e6, 0.0f32..6.0];
        prop::collection::vec(value, 0..60)
    }

    proptest! {
        /// However the values are split up and in whatever order the parts are merged.
        #[test]
        fn only_the_values_matter(values in values(), cuts in prop::collection::vec(0usize..60, 0..5), turn in 0usize..5) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(values.len())).collect();
            cuts.extend([0, values.len()]);
            cuts.sort_unstable();
            let mut parts: Vec<Histogram> = cuts.windows(2).map(|cut| Histogram::of(&values[cut[0]..cut[1]])).collect();
            let turns = turn % parts.len();
            parts.rotate_left(turns);
            let merged = parts.iter().fold(Histogram::default(), |mut all, part| { all.merge(part); all });
            prop_assert_eq!(merged, Histogram::of(&values));
        }

        #[test]
        fn every_value_is_in_its_bin(values in values()) {
            let histogram = Histogram::of(&values);
            for (&count, number) in histogram.counts().iter().zip(histogram.first()..) {
                let [low, high] = [number, number + 1].map(|number| number as f64 * histogram.width());
                let inside = values.iter().filter(|&&x| x != 0.0 && low <= f64::from(x) && f64::from(x) < high);
                prop_assert_eq!(inside.count() as u64, count);
            }
        }
    }
}

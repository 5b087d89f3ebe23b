//! What calibration keeps of one activation.

use super::histogram::Histogram;
use super::options::{CalibrationOptions, Method};
use super::range::Range;
use super::{entropy, mse, percentile};

/// Weight of each further picture in the moving average.
const FRESH: f64 = 0.1;

#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Over all pictures.
    pub(super) seen: Range,
    /// Of each picture, in order; only for the moving average.
    pub(super) pictures: Vec<Range>,
    /// Only for the methods that look at it.
    pub(super) histogram: Option<Histogram>,
}

impl Statistics {
    pub fn new(method: Method) -> Self {
        let histogram = method.needs_histogram().then(Histogram::default);
        Statistics { seen: Range::EMPTY, pictures: Vec::new(), histogram }
    }

    pub fn observe(&mut self, values: &[f32], method: Method) {
        let range = Range::of(values);
        self.seen = self.seen.union(range);
        if method == Method::MovingAverage {
            self.pictures.push(range);
        }
        if let Some(histogram) = &mut self.histogram {
            histogram.merge(&Histogram::of(values));
        }
    }

    /// Takes in what was seen of later pictures.
    pub fn merge(&mut self, later: &Statistics) {
        self.seen = self.seen.union(later.seen);
        self.pictures.extend(&later.pictures);
        if let (Some(histogram), Some(later)) = (&mut self.histogram, &later.histogram) {
            histogram.merge(later);
        }
    }

    pub fn seen(&self) -> Range {
        self.seen
    }

    /// The range by the chosen method; `levels` is the number of integers of an activation.
    pub fn range(&self, options: &CalibrationOptions, levels: usize) -> Range {
        match (&self.histogram, options.method) {
            (_, Method::MovingAverage) => self.moving_average(),
            (Some(histogram), Method::Percentile) => percentile::range(histogram, self.seen, options.percentile),
            (Some(histogram), Method::Entropy) => entropy::range(histogram, self.seen, levels),
            (Some(histogram), Method::Mse) => mse::range(histogram, self.seen, levels),
            _ => self.seen,
        }
    }

    fn moving_average(&self) -> Range {
        let average = |end: fn(&Range) -> f32| {
            let ends = self.pictures.iter().map(|range| f64::from(end(range)));
            ends.reduce(|average, end| average + FRESH * (end - average))
        };
        match (average(|range| range.min), average(|range| range.max)) {
            (Some(min), Some(max)) => Range { min: min as f32, max: max as f32 },
            _ => Range::EMPTY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(method: Method) -> CalibrationOptions {
        CalibrationOptions { method, ..CalibrationOptions::default() }
    }

    #[test]
    fn the_moving_average_follows_the_order_of_the_pictures() {
        let mut first = Statistics::new(Method::MovingAverage);
        first.observe(&[-1.0, 2.0], Method::MovingAverage);
        let mut later = Statistics::new(Method::MovingAverage);
        later.observe(&[-2.0, 4.0], Method::MovingAverage);
        later.observe(&[0.0, 0.0], Method::MovingAverage);
        let range = |statistics: &Statistics| statistics.range(&options(Method::MovingAverage), 256);
        let mut forwards = first.clone();
        forwards.merge(&later);
        // -1, then -1 - 0.1, then 0.9 of that; 2, then 2.2, then 1.98.
        assert_eq!(range(&forwards), Range { min: -0.99, max: 1.98 });
        let mut backwards = later;
        backwards.merge(&first);
        assert_ne!(range(&backwards), range(&forwards));
    }

    /// The same definitions in NumPy 2.4, on the same values: 40 000 cubes, denser around 0 and wider above it, every seventh
    /// replaced by 0.
    #[test]
    fn every_method_finds_what_numpy_does() {
        let values: Vec<f32> = (0..40_000u32)
            .map(|i| {
                let x = f64::from(i * 7919 % 40_000) / 20_000.0 - 1.0;
                if i % 7 == 0 { 0.0 } else { (x * x * x * if x < 0.0 { 3.0 } else { 8.0 }) as f32 }
            })
            .collect();
        let of = |method, levels| {
            let mut statistics = Statistics::new(method);
            values.chunks(9999).for_each(|part| statistics.observe(part, method));
            let options = CalibrationOptions { percentile: 99.0, ..options(method) };
            let Range { min, max } = statistics.range(&options, levels);
            [f64::from(min), f64::from(max)]
        };
        let close = |actual: [f64; 2], expected: [f64; 2]| {
            let near = actual.iter().zip(expected).all(|(a, e)| (a - e).abs() < 1e-6);
            assert!(near, "{actual:?} instead of {expected:?}");
        };
        let (whole, bin) = ([-2.999_550_1, 7.998_800_3], 1.0 / 128.0);
        close(of(Method::MinMax, 16), whole);
        // numpy.percentile(.., 1) = -2.79687 and numpy.percentile(.., 99) = 7.44572, moved outwards to the next edge.
        close(of(Method::Percentile, 16), [-358.0 * bin, 954.0 * bin]);
        close(of(Method::Entropy, 16), [whole[0], 1008.0 * bin]);
        close(of(Method::Entropy, 64), whole);
        close(of(Method::Mse, 16), [whole[0], 7.118_932_2]);
        close(of(Method::Mse, 64), [-2.909_563_6, 7.838_824_3]);
    }

    #[test]
    fn histograms_only_where_they_are_needed() {
        for method in Method::ALL {
            let mut statistics = Statistics::new(method);
            statistics.observe(&[-1.0, 0.0, 3.0], method);
            assert_eq!(statistics.histogram.is_some(), method.needs_histogram());
            assert_eq!(statistics.pictures.len(), usize::from(method == Method::MovingAverage));
            assert_eq!(statistics.seen(), Range { min: -1.0, max: 3.0 });
        }
    }
}

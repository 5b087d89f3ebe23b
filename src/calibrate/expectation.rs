//! One activation as data-free calibration expects it.

use super::normal::Normal;
use super::range::Range;
use crate::error::Result;
use crate::graph::{Clamp, Tensor};

/// How far from the mean, in standard deviations, values are expected (Nagel et al., arXiv:1906.04721).
const REACH: f64 = 6.0;

/// Mean and standard deviation of every element, and what no element exceeds or is expected to.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    pub mean: Tensor,
    pub std: Tensor,
    pub range: Range,
}

/// Of what may be any number.
pub const UNBOUNDED: Range = Range { min: f32::NEG_INFINITY, max: f32::INFINITY };

impl Expectation {
    /// A tensor known before execution.
    pub fn constant(tensor: &Tensor) -> Self {
        Expectation { mean: tensor.clone(), std: Tensor::zeros(tensor.shape()), range: Range::of(tensor.data()) }
    }

    /// The range is that of the moments within `bound`.
    pub fn within(bound: Range, mean: Tensor, std: Tensor) -> Self {
        let ends = mean.data().iter().zip(std.data()).map(|(&mean, &std)| {
            let [mean, reach] = [f64::from(mean), REACH * f64::from(std)];
            Range { min: (mean - reach) as f32, max: (mean + reach) as f32 }
        });
        let Range { min, max } = ends.fold(Range::EMPTY, Range::union);
        Expectation { mean, std, range: Range { min: min.max(bound.min), max: max.min(bound.max) } }
    }

    /// The same moments at every position of a tensor whose last axis are the channels.
    pub fn of_channels(shape: &[usize], bound: Range, mean: &[f64], std: &[f64]) -> Result<Self> {
        let count: usize = shape.iter().product();
        let repeated =
            |values: &[f64]| Tensor::new(shape, values.iter().map(|&value| value as f32).cycle().take(count).collect());
        Ok(Expectation::within(bound, repeated(mean)?, repeated(std)?))
    }

    /// Every element through a function of its moments; `range` is the function's image of this range. Positions mostly
    /// have the same moments, channel by channel: these are computed once.
    pub fn map(&self, range: Range, function: impl Fn(Normal) -> Normal) -> Result<Self> {
        let channels = self.mean.shape().last().copied().unwrap_or(1);
        let (mean, std) = (self.mean.data(), self.std.data());
        let mut results = [Vec::with_capacity(mean.len()), Vec::with_capacity(mean.len())];
        for i in 0..mean.len() {
            let before = i.checked_sub(channels).filter(|&before| (mean[before], std[before]) == (mean[i], std[i]));
            let result = match before {
                Some(before) => [results[0][before], results[1][before]],
                None => {
                    let result = function(Normal { mean: f64::from(mean[i]), std: f64::from(std[i]) });
                    [result.mean as f32, result.std as f32]
                }
            };
            results[0].push(result[0]);
            results[1].push(result[1]);
        }
        let [mean, std] = results.map(|values| Tensor::new(self.mean.shape(), values));
        Ok(Expectation { mean: mean?, std: std?, range })
    }

    pub fn clamped(&self, clamp: Clamp) -> Result<Self> {
        let range = Range { min: clamp.apply(self.range.min), max: clamp.apply(self.range.max) };
        self.map(range, |normal| normal.clamped(clamp))
    }
}

//! Method `entropy`: the threshold whose quantized distribution diverges least from the original one.
//!
//! The search is that of Migacz, "8-bit Inference with TensorRT" (GTC 2017), carried over to ranges that need not be
//! symmetric: a threshold bounds the magnitude, and the range of what was seen is cut to it at both ends.

use super::histogram::Histogram;
use super::range::Range;

/// Thresholds are this many bins apart.
const STRIDE: usize = 16;

/// `levels` is the number of integers of an activation.
pub fn range(histogram: &Histogram, seen: Range, levels: usize) -> Range {
    let counts = histogram.counts();
    let negative = histogram.first().unsigned_abs() as usize;
    let reach = negative.max(counts.len().saturating_sub(negative));
    let mut best = (f64::INFINITY, reach);
    // From the widest down, so that the wider of two equals is kept.
    for threshold in (1..=reach).rev().filter(|&threshold| threshold == reach || threshold % STRIDE == 0) {
        let kept = negative.saturating_sub(threshold)..counts.len().min(negative + threshold);
        if threshold < reach && kept.len() < levels {
            break;
        }
        let divergence = divergence(counts, kept, levels);
        if divergence < best.0 {
            best = (divergence, threshold);
        }
    }
    let limit = (best.1 as f64 * histogram.width()) as f32;
    Range { min: seen.min.max(-limit), max: seen.max.min(limit) }
}

/// Kullback-Leibler divergence of the quantized distribution Q from the original P, which is cut to the bins `kept`.
///
/// P gathers what was cut off in the outermost bins. Q knows nothing of it; its bins are merged into `levels` groups of
/// equal width, each of which is spread evenly over those of its bins that are not empty.
fn divergence(counts: &[u64], kept: std::ops::Range<usize>, levels: usize) -> f64 {
    let bins = &counts[kept.clone()];
    let total = counts.iter().sum::<u64>() as f64;
    let inside = bins.iter().sum::<u64>() as f64;
    let [below, above] = [&counts[..kept.start], &counts[kept.end..]].map(|cut| cut.iter().sum::<u64>());
    let (last, groups) = (bins.len().saturating_sub(1), levels.min(bins.len()));
    let mut sum = 0.0;
    for group in 0..groups {
        let members = (group * bins.len()).div_ceil(groups)..((group + 1) * bins.len()).div_ceil(groups);
        let group = &bins[members.clone()];
        let spread = group.iter().sum::<u64>() as f64 / group.iter().filter(|&&count| count > 0).count() as f64;
        for (bin, &count) in members.zip(group) {
            let outside = if bin == 0 { below } else { 0 } + if bin == last { above } else { 0 };
            if count + outside == 0 {
                continue;
            }
            if count == 0 {
                return f64::INFINITY;
            }
            let (p, q) = ((count + outside) as f64 / total, spread / inside);
            sum += p * libm::log(p / q);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divergence_of_hand_made_distributions() {
        // As many levels as bins, nothing cut: the same distribution.
        assert_eq!(divergence(&[4, 2, 0, 2], 0..4, 4), 0.0);
        // Two groups: (4, 2) -> (3, 3), (0, 2) -> (0, 2).
        let expected = 0.5 * libm::log(0.5 / 0.375) + 0.25 * libm::log(0.25 / 0.375);
        assert!((divergence(&[4, 2, 0, 2], 0..4, 2) - expected).abs() < 1e-15);
        // The last bin cut: P = (4, 4) / 8, Q = (4, 2) / 6 with a level for each.
        let expected = 0.5 * libm::log(0.5 / (4.0 / 6.0)) + 0.5 * libm::log(0.5 / (2.0 / 6.0));
        assert!((divergence(&[4, 2, 2], 0..2, 2) - expected).abs() < 1e-15);
        // What is cut falls into a bin that Q says is empty.
        assert_eq!(divergence(&[4, 0, 2], 0..2, 2), f64::INFINITY);
    }

    #[test]
    fn an_outlier_is_cut_and_a_plateau_is_not() {
        let plateau: Vec<f32> = (0..65_536).map(|i| i as f32 / 65_536.0).collect();
        assert_eq!(range(&Histogram::of(&plateau), Range::of(&plateau), 16), Range::of(&plateau));
        // Dense near 0, thinning out towards 1, and one value far away.
        let mut values: Vec<f32> = plateau.iter().map(|x| x * x).collect();
        values.push(10.0);
        let cut = range(&Histogram::of(&values), Range::of(&values), 16);
        assert!(cut.max < 2.0 && cut.min == 0.0, "{cut:?}");
    }

    #[test]
    fn both_ends_are_cut_to_one_magnitude() {
        let ramp = (-32_768..32_768).map(|i| i as f32 / 32_768.0);
        let mut values: Vec<f32> = ramp.map(|x| x * x.abs()).collect();
        values.extend([20.0, -15.0]);
        let cut = range(&Histogram::of(&values), Range::of(&values), 16);
        assert!(cut.max < 4.0 && cut.min == -cut.max, "{cut:?}");
    }

    #[test]
    fn nothing_but_zeros_and_few_values() {
        for values in [&[0.0f32, 0.0][..], &[1.0], &[-2.0, 3.0]] {
            assert_eq!(range(&Histogram::of(values), Range::of(values), 256), Range::of(values), "{values:?}");
        }
    }
}

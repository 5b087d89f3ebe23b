//! Method `mse`: the range with the least mean square error of rounding and clipping together.

use super::histogram::Histogram;
use super::range::Range;

/// The ends are tried at this many equal fractions of what was seen.
const STEPS: u32 = 100;

/// Rounds in which first the upper and then the lower end is improved; two or three are usually enough.
const ROUNDS: u32 = 4;

/// `levels` is the number of integers of an activation.
pub fn range(histogram: &Histogram, seen: Range, levels: usize) -> Range {
    let whole = [f64::from(seen.min.min(0.0)), f64::from(seen.max.max(0.0))];
    let at = |[low, high]: [u32; 2]| {
        [whole[0] * f64::from(low), whole[1] * f64::from(high)].map(|end| end / f64::from(STEPS))
    };
    let mut best = [STEPS; 2];
    let mut least = error(histogram, at(best), levels);
    for _ in 0..ROUNDS {
        let before = best;
        for end in [1, 0].into_iter().filter(|&end| whole[end] != 0.0) {
            // From the widest down, so that the wider of two equals is kept.
            for step in (1..=STEPS).rev() {
                let mut candidate = best;
                candidate[end] = step;
                let error = error(histogram, at(candidate), levels);
                let wider = error == least && step > best[end];
                if error < least || wider {
                    (least, best) = (error, candidate);
                }
            }
        }
        if best == before {
            break;
        }
    }
    let [min, max] = at(best);
    Range { min: seen.min.max(min as f32), max: seen.max.min(max as f32) }
}

/// Sum of the squared errors of all values, each taken to lie at the centre of its bin, on the grid that N3 makes of the
/// range. Zeros have none.
fn error(histogram: &Histogram, [low, high]: [f64; 2], levels: usize) -> f64 {
    let steps = levels.saturating_sub(1) as f64;
    let scale = (high - low) / steps;
    if scale <= 0.0 {
        return histogram.centres().map(|(x, count)| x * x * count as f64).sum();
    }
    let first = (low / scale).round_ties_even();
    let error = |x: f64| x - scale * (x / scale).round_ties_even().clamp(first, first + steps);
    histogram.centres().map(|(x, count)| error(x) * error(x) * count as f64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_on_a_small_grid() {
        // Bins of width 2^-9 around 0..3; centres lie half a bin above the values.
        let histogram = Histogram::of(&[0.0, 1.0, 3.0]);
        let half = histogram.width() / 2.0;
        // Grid 0, 1, 2, 3: both centres are half a bin off.
        assert!((error(&histogram, [0.0, 3.0], 4) - 2.0 * half * half).abs() < 1e-12);
        // Grid 0, 2/3, 4/3, 2: 1 is a third off, 3 is clipped to 2.
        let expected = (1.0 + half - 4.0 / 3.0) * (1.0 + half - 4.0 / 3.0) + (1.0 + half) * (1.0 + half);
        assert!((error(&histogram, [0.0, 2.0], 4) - expected).abs() < 1e-12);
    }

    /// Against a search over all pairs of ends, by the definition.
    #[test]
    fn no_pair_of_ends_is_much_better() {
        let values: Vec<f32> = (1..2000u32)
            .map(|i| {
                let x = (i * 7919 % 2000) as f32 / 1000.0 - 1.0;
                x * x * x * if x < 0.0 { 3.0 } else { 8.0 }
            })
            .collect();
        let (histogram, seen) = (Histogram::of(&values), Range::of(&values));
        for levels in [16, 64] {
            let found = range(&histogram, seen, levels);
            let found = error(&histogram, [f64::from(found.min), f64::from(found.max)], levels);
            let whole = error(&histogram, [f64::from(seen.min), f64::from(seen.max)], levels);
            let fractions = || (1..=40).map(|i| f64::from(i) / 40.0);
            let pairs = fractions().flat_map(|low| fractions().map(move |high| (low, high)));
            let errors = pairs
                .map(|(low, high)| error(&histogram, [f64::from(seen.min) * low, f64::from(seen.max) * high], levels));
            let least = errors.fold(f64::INFINITY, f64::min);
            assert!(found <= 1.02 * least && found < whole, "{levels} levels: {found}, {least}, {whole}");
        }
    }

    #[test]
    fn an_outlier_is_clipped_and_nothing_else() {
        let mut values: Vec<f32> = (0..100_000u32).map(|i| (i % 1000) as f32 / 1000.0).collect();
        let plain = range(&Histogram::of(&values), Range::of(&values), 256);
        assert!(plain.max > 0.95, "{plain:?}");
        values.push(4.0);
        let clipped = range(&Histogram::of(&values), Range::of(&values), 16);
        assert!(clipped.max < 3.0 && clipped.max > 0.95, "{clipped:?}");
        assert_eq!(range(&Histogram::of(&[0.0]), Range { min: 0.0, max: 0.0 }, 256), Range { min: 0.0, max: 0.0 });
    }
}

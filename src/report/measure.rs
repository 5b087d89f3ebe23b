//! Figures: signal-to-noise ratios, class scores.

use super::ClassScore;
use crate::order;

/// 10 log10(signal / noise) in dB; `None` when there is no noise, or no signal to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sqnr {
    signal: f64,
    noise: f64,
}

impl Sqnr {
    pub fn add(&mut self, reference: f64, value: f64) {
        self.signal += reference * reference;
        self.noise += (reference - value) * (reference - value);
    }

    pub fn merge(&mut self, other: Sqnr) {
        self.signal += other.signal;
        self.noise += other.noise;
    }

    pub fn db(self) -> Option<f64> {
        db(self.signal, self.noise)
    }
}

/// 10 log10(signal / noise), as [`Sqnr::db`].
pub fn db(signal: f64, noise: f64) -> Option<f64> {
    let ratio = signal / noise;
    (ratio > 0.0 && ratio.is_finite()).then(|| 10.0 * libm::log10(ratio))
}

impl FromIterator<(f64, f64)> for Sqnr {
    fn from_iter<T: IntoIterator<Item = (f64, f64)>>(pairs: T) -> Self {
        let mut sqnr = Sqnr::default();
        pairs.into_iter().for_each(|(reference, value)| sqnr.add(reference, value));
        sqnr
    }
}

/// Softmax probabilities of logits, unless they already are probabilities (non-negative, sum 1 within 0.001).
pub fn probabilities(scores: &[f32]) -> Vec<f64> {
    let sum: f64 = scores.iter().map(|&s| f64::from(s)).sum();
    if scores.len() > 1 && (sum - 1.0).abs() < 1e-3 && scores.iter().all(|&s| s >= 0.0) {
        return scores.iter().map(|&s| f64::from(s)).collect();
    }
    let max = scores.iter().fold(f64::NEG_INFINITY, |max, &s| max.max(f64::from(s)));
    let exponentials: Vec<f64> = scores.iter().map(|&s| libm::exp(f64::from(s) - max)).collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.into_iter().map(|e| e / sum).collect()
}

/// The `count` best classes, best first; among equals the lower class first.
pub fn top(scores: &[f32], labels: &[String], count: usize) -> Vec<ClassScore> {
    let probabilities = probabilities(scores);
    order::by(scores.len(), &|a, b| scores[b].total_cmp(&scores[a]))
        .into_iter()
        .take(count)
        .map(|class| ClassScore {
            class: class as u32,
            label: labels.get(class).cloned().unwrap_or_else(|| class.to_string()),
            score: probabilities[class],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqnr_of_known_noise() {
        let sqnr: Sqnr = [(1.0, 0.9), (-1.0, -1.1)].into_iter().collect();
        assert!((sqnr.db().unwrap() - 20.0).abs() < 1e-9);
        let exact: Sqnr = [(1.0, 1.0)].into_iter().collect();
        assert_eq!(exact.db(), None);
        assert_eq!(Sqnr::default().db(), None);
    }

    #[test]
    fn logits_become_probabilities_and_probabilities_stay() {
        let p = probabilities(&[0.0, libm::logf(3.0)]);
        assert!((p[0] - 0.25).abs() < 1e-6 && (p[1] - 0.75).abs() < 1e-6);
        assert_eq!(probabilities(&[0.5, 0.25, 0.25]), [0.5, 0.25, 0.25]);
        assert!(probabilities(&[1000.0, -1000.0])[0] > 0.999);
    }

    #[test]
    fn ties_go_to_the_lower_class() {
        let best = top(&[1.0, 3.0, 3.0, 2.0], &["a".into(), "b".into()], 3);
        assert_eq!(best.iter().map(|b| b.class).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(best.iter().map(|b| b.label.as_str()).collect::<Vec<_>>(), ["b", "2", "3"]);
    }
}

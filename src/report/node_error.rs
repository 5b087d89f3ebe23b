//! How far one node's output is from float's.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// How many steps the integers of a tensor are away from float's values quantized on the same scale: the share of its
/// elements, 0..=1, that are off by 0, by 1, by 2, and by 3 steps or more. The four add up to 1, but for rounding; an
/// empty tensor has 1 and three zeros.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Tsify)]
pub struct OffBy(pub [f64; 4]);

impl FromIterator<(u8, u8)> for OffBy {
    fn from_iter<T: IntoIterator<Item = (u8, u8)>>(pairs: T) -> Self {
        let mut counts = [0u64; 4];
        for (integer, wanted) in pairs {
            counts[usize::from(integer.abs_diff(wanted).min(3))] += 1;
        }
        match counts.iter().sum::<u64>() {
            0 => OffBy([1.0, 0.0, 0.0, 0.0]),
            all => OffBy(counts.map(|count| count as f64 / all as f64)),
        }
    }
}

/// The error that a node makes by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct NodeError {
    /// In dB; `null` when exact.
    pub sqnr_db: Option<f64>,
    pub off_by: OffBy,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_whatever_their_sign() {
        let pairs = [(10, 10), (11, 10), (9, 10), (8, 10), (0, 3), (255, 0), (7, 7), (7, 7)];
        let off_by: OffBy = pairs.into_iter().collect();
        assert_eq!(off_by, OffBy([0.375, 0.25, 0.125, 0.25]));
    }

    #[test]
    fn of_nothing_all_is_right() {
        assert_eq!(OffBy::from_iter([]), OffBy([1.0, 0.0, 0.0, 0.0]));
    }
}

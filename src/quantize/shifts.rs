//! N2: the binary shift of each output channel, the heart of the method
//! (Oh et al., "Weight Equalizing Shift Scaler-Coupled Post-training Quantization", arXiv:2008.05767).

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::factor::power_of_two;
use crate::graph::Conv;

/// In how many steps [`ShiftRule::LeastError`] raises the ends of the channels above R.
const CAPS: u32 = 16;

/// How shifts are chosen: N2's rule, and others that may take its place for a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum ShiftRule {
    /// N2: doubled as long as R is not exceeded.
    Floor,
    /// Doubled until R is reached.
    Ceil,
    /// Whichever of the two comes nearer to R on a logarithmic axis.
    Nearest,
    /// Doubled as long as a cap is not exceeded, the same for all channels of the layer: of R, R 17/16, ..., R 31/16 the
    /// one with the least squared error of the layer's weights, the lowest of equals.
    LeastError,
    /// No shifts: layer-wise.
    Zero,
}

impl ShiftRule {
    /// One shift of `0..=largest` per output channel; 0 for a channel of zeros.
    pub fn shifts(self, conv: &Conv, largest: u8, q_max: i32) -> Vec<u8> {
        let ranges = ranges(conv);
        let layer = f64::from(ranges.iter().fold(0.0f32, |max, &range| max.max(range)));
        let floor = |range: f32| doublings(layer, range, largest);
        let by = |rule: &dyn Fn(f32) -> u8| ranges.iter().map(|&range| rule(range)).collect();
        match self {
            ShiftRule::Floor => by(&floor),
            ShiftRule::Ceil => by(&|range| raised(range, floor(range), largest, |shifted| shifted < layer)),
            // Whether R is more than sqrt(2) times as large, squared: both squares are exact.
            ShiftRule::Nearest => {
                by(&|range| raised(range, floor(range), largest, |shifted| layer * layer > 2.0 * shifted * shifted))
            }
            ShiftRule::LeastError => least_error(conv, &ranges, layer, largest, q_max),
            ShiftRule::Zero => vec![0; ranges.len()],
        }
    }
}

/// One more doubling than `floor` where the range doubled so often is `wanting`.
fn raised(range: f32, floor: u8, largest: u8, wanting: impl Fn(f64) -> bool) -> u8 {
    let more = range > 0.0 && wanting(shifted(range, floor));
    (floor + u8::from(more)).min(largest)
}

fn least_error(conv: &Conv, ranges: &[f32], layer: f64, largest: u8, q_max: i32) -> Vec<u8> {
    let mut best = (f64::INFINITY, vec![0; ranges.len()]);
    let mut before = Vec::new();
    for cap in (0..CAPS).map(|part| layer * (1.0 + f64::from(part) / f64::from(CAPS))) {
        let shifts: Vec<u8> = ranges.iter().map(|&range| doublings(cap, range, largest)).collect();
        if shifts == before {
            continue;
        }
        let scale = scale(ranges, &shifts, q_max);
        let errors = shifts.iter().enumerate().map(|(o, &k)| squared_error(conv.channel(o), scale, k, q_max));
        let error = errors.fold(0.0, |sum, error| sum + error);
        if error < best.0 {
            best = (error, shifts.clone());
        }
        before = shifts;
    }
    best.1
}

/// r[o]: the largest weight magnitude of every output channel.
pub fn ranges(conv: &Conv) -> Vec<f32> {
    let range = |o| conv.channel(o).iter().fold(0.0f32, |max, w| max.max(w.abs()));
    (0..conv.output_channels()).map(range).collect()
}

/// r * 2^k, exact.
fn shifted(range: f32, shift: u8) -> f64 {
    f64::from(range) * power_of_two(i32::from(shift))
}

/// S_w of N2 for one shift per channel, before a profile rounds it.
pub fn scale(ranges: &[f32], shifts: &[u8], q_max: i32) -> f64 {
    let widest = ranges.iter().zip(shifts).fold(0.0f64, |max, (&range, &k)| max.max(shifted(range, k)));
    // A layer of zeros: any scale will do.
    (if widest > 0.0 { widest } else { 1.0 }) / f64::from(q_max)
}

/// Sum of the squared differences between a channel's weights and what they become under N1, in the weights' order.
pub fn squared_error(weights: &[f32], scale: f64, shift: u8, q_max: i32) -> f64 {
    let step = scale * power_of_two(-i32::from(shift));
    let q_max = f64::from(q_max);
    weights.iter().fold(0.0, |sum, &w| {
        let w = f64::from(w);
        let error = (w / step).round_ties_even().clamp(-q_max, q_max) * step - w;
        sum + error * error
    })
}

/// k[o] of N2, cut to `0..=largest`: those `given`, or how often each range doubles before it would exceed the layer's,
/// `floor(log2(R / r))`; 0 for a channel of zeros.
pub fn chosen(ranges: &[f32], largest: u8, given: Option<&[u8]>) -> Vec<u8> {
    let layer = f64::from(ranges.iter().fold(0.0f32, |max, &range| max.max(range)));
    match given {
        Some(given) => given.iter().map(|&k| k.min(largest)).collect(),
        None => ranges.iter().map(|&range| doublings(layer, range, largest)).collect(),
    }
}

/// Exact: doubling an f32 in f64 and comparing loses nothing, and no logarithm is taken.
fn doublings(limit: f64, range: f32, largest: u8) -> u8 {
    let mut scaled = f64::from(range);
    if scaled <= 0.0 {
        return 0;
    }
    let mut k = 0;
    while k < largest && scaled * 2.0 <= limit {
        scaled *= 2.0;
        k += 1;
    }
    k
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::graph::Tensor;
    use proptest::prelude::*;

    /// Two taps a channel.
    fn conv(weights: &[[f32; 2]]) -> Conv {
        Conv::pointwise(Arc::new(Tensor::new([weights.len(), 1, 1, 2], weights.concat()).unwrap()), None)
    }

    #[test]
    fn every_rule_by_hand() {
        // R / r is 1, 3 (log2 1.58), 2.5 (1.32), 4, 2^20, and 0.
        let conv = conv(&[[3.0, 0.0], [1.0, -1.0], [1.2, 0.0], [0.75, 0.5], [3.0 / 1_048_576.0, 0.0], [0.0, 0.0]]);
        let by = |rule: ShiftRule| rule.shifts(&conv, 15, 127);
        assert_eq!(by(ShiftRule::Floor), [0, 1, 1, 2, 15, 0]);
        assert_eq!(by(ShiftRule::Ceil), [0, 2, 2, 2, 15, 0]);
        assert_eq!(by(ShiftRule::Nearest), [0, 2, 1, 2, 15, 0]);
        assert_eq!(by(ShiftRule::Zero), [0; 6]);
        assert_eq!(ShiftRule::Ceil.shifts(&conv, 1, 127), [0, 1, 1, 1, 1, 0]);
    }

    /// Q = 1. With S_w = R = 4 the weights of 2.5 become 4: errors of 1.5 each. With S_w = 5 they are doubled and exact,
    /// and the wide channel's 4 becomes 5.
    #[test]
    fn least_error_lets_the_scale_grow_where_that_pays() {
        let many_narrow = conv(&[[4.0, 0.0], [2.5, 2.5], [-2.5, 2.5]]);
        assert_eq!(ShiftRule::Floor.shifts(&many_narrow, 15, 1), [0, 0, 0]);
        assert_eq!(ShiftRule::LeastError.shifts(&many_narrow, 15, 1), [0, 1, 1]);
        // Here the wide channel would lose more than the narrow one gains.
        let many_wide = conv(&[[4.0, -4.0], [4.0, 4.0], [2.5, 0.0]]);
        assert_eq!(ShiftRule::LeastError.shifts(&many_wide, 15, 1), [0, 0, 0]);
        assert_eq!(ShiftRule::LeastError.shifts(&conv(&[[0.0, 0.0]]), 15, 1), [0]);
    }

    #[test]
    fn the_error_and_the_scale_by_hand() {
        assert_eq!(scale(&[1.0, 0.25], &[0, 3], 127), 2.0 / 127.0);
        assert_eq!(scale(&[0.0], &[5], 127), 1.0 / 127.0);
        // Steps of 1/2, ties to even: 0.25 becomes 0, 0.75 becomes 1, and 9 is cut to 3.5.
        let error = squared_error(&[0.25, 0.75, 9.0], 2.0, 2, 7);
        assert_eq!(error, 0.0625 + 0.0625 + 30.25);
    }

    fn shift(layer: f32, channel: f32, shift_bits: u8) -> u8 {
        chosen(&[layer, channel], ((1u32 << shift_bits) - 1) as u8, None)[1]
    }

    #[test]
    fn powers_of_two_are_exact() {
        for exponent in 0..15u8 {
            let channel = 1.0 / (1u32 << exponent) as f32;
            assert_eq!(shift(1.0, channel, 4), exponent);
            assert_eq!(shift(1.0, channel.next_up(), 4), exponent.saturating_sub(1));
        }
    }

    #[test]
    fn limits() {
        assert_eq!(shift(1.0, 1e-30, 4), 15);
        assert_eq!(shift(1.0, 1e-30, 5), 31);
        assert_eq!(shift(1.0, 1e-30, 0), 0);
        assert_eq!(shift(1.0, 0.0, 4), 0);
        assert_eq!(shift(0.0, 0.0, 4), 0);
        assert_eq!(shift(f32::MAX, f32::MIN_POSITIVE / 4.0, 5), 31);
    }

    proptest! {
        #[test]
        fn the_shifted_range_fills_the_upper_half(layer in 0.001f32..1000.0, part in 0.0001f32..1.0) {
            let channel = layer * part;
            let k = shift(layer, channel, 5);
            let shifted = f64::from(channel) * f64::from(1u32 << k);
            prop_assert!(shifted <= f64::from(layer));
            prop_assert!(k == 31 || shifted * 2.0 > f64::from(layer));
        }
    }
}

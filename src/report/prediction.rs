//! What a scheme makes of one image.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::quantize::Scheme;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ClassScore {
    pub class: u32,
    /// The class's name, or its number where no labels are known.
    pub label: String,
    /// Softmax probability, 0..1.
    pub score: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Prediction {
    pub scheme: Scheme,
    /// Best first, at most five.
    pub top: Vec<ClassScore>,
    /// Hash of the integer outputs (N11), 16 hex digits; absent for `float`.
    pub hash: Option<String>,
    /// SQNR in dB of each node's output against the float activation, by node index; `null` for exact or not run.
    /// Empty for `float`.
    pub sqnr_db: Vec<Option<f64>>,
    /// Sums that left the accumulator's range (N5).
    pub overflows: f64,
}

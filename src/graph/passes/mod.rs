//! Simplifications of the float graph that do not change what it computes (beyond float rounding).

use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// Something a pass did, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct PassNote {
    pub pass: String,
    pub node: String,
    pub text: String,
}

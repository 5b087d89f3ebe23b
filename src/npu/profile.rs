//! The datapath's settings: what an engineer reads off a device's data sheet.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::error::{Result, check_ranges};

/// How the bits that fall off in the rescale decide the result (N6). `p` is the 64-bit product, `s` the shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// `floor(p / 2^s + 1/2)`: add half, shift. What most hardware does.
    #[default]
    HalfUp,
    /// To nearest, ties away from zero.
    HalfAway,
    /// To nearest, ties to the even neighbour.
    HalfEven,
    /// Drop the bits: `floor(p / 2^s)`, as an arithmetic shift does.
    Truncate,
}

/// What an accumulator does with a sum that does not fit (N5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Overflow {
    /// Two's complement wrap-around.
    #[default]
    Wrap,
    /// Stay at the largest or smallest representable sum.
    Saturate,
}

/// A named datapath.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    pub name: String,
    /// Bits of the unsigned rescale multiplier M, 8..=31.
    pub multiplier_bits: u8,
    pub rounding: Rounding,
    /// Bits of the signed accumulator, 16..=32.
    pub accumulator_bits: u8,
    /// Bits of the signed bias, 16..=32.
    pub bias_bits: u8,
    pub overflow: Overflow,
}

impl Default for Profile {
    fn default() -> Self {
        Profile {
            name: "npu".to_owned(),
            multiplier_bits: 16,
            rounding: Rounding::HalfUp,
            accumulator_bits: 32,
            bias_bits: 32,
            overflow: Overflow::Wrap,
        }
    }
}

impl Profile {
    /// # Errors
    /// `BadOption` for a width outside its range.
    pub fn check(&self) -> Result<()> {
        check_ranges([
            ("multiplier bits", self.multiplier_bits, 8, 31),
            ("accumulator bits", self.accumulator_bits, 16, 32),
            ("bias bits", self.bias_bits, 16, 32),
        ])
    }

    /// Smallest and largest value of a signed integer of `bits` bits.
    pub(crate) fn signed_range(bits: u8) -> (i64, i64) {
        let half = 1i64 << (bits - 1);
        (-half, half - 1)
    }
}

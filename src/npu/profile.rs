//! The datapath's settings: what an engineer reads off a device's data sheet.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::rescale::Rescale;
use super::{ort, tflite};
use crate::error::{Code, Error, Result, check_ranges};

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

/// Whose arithmetic an integer graph follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Datapath {
    /// N6: one multiplier and one shift per layer, the channel's shift added to it.
    #[default]
    Npu,
    /// N8: TensorFlow Lite's reference kernels.
    Tflite,
    /// N9: ONNX Runtime's kernels for x86-64.
    Ort,
}

impl Datapath {
    pub const ALL: [Datapath; 3] = [Datapath::Npu, Datapath::Tflite, Datapath::Ort];

    pub fn as_str(self) -> &'static str {
        match self {
            Datapath::Npu => "npu",
            Datapath::Tflite => "tflite",
            Datapath::Ort => "ort",
        }
    }
}

impl std::str::FromStr for Datapath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Datapath::ALL.into_iter().find(|datapath| datapath.as_str() == text).ok_or_else(|| {
            Error::new(Code::BadOption, format!("'{text}' is not a profile"), "choose from npu, tflite, ort")
        })
    }
}

/// A datapath and its settings. Only `npu` can be set; the others are as their engines have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    pub datapath: Datapath,
    /// Bits of the unsigned rescale multiplier M, 8..=31. For `ort` those of a float32's significand.
    pub multiplier_bits: u8,
    /// Of profile `npu`; the other datapaths round in their own way.
    pub rounding: Rounding,
    /// Bits of the signed accumulator, 16..=32.
    pub accumulator_bits: u8,
    /// Bits of the signed bias, 16..=32.
    pub bias_bits: u8,
    pub overflow: Overflow,
}

impl Default for Profile {
    fn default() -> Self {
        Profile::of(Datapath::Npu)
    }
}

impl Profile {
    /// The datapath with its usual settings.
    pub fn of(datapath: Datapath) -> Self {
        Profile {
            datapath,
            multiplier_bits: match datapath {
                Datapath::Npu => 16,
                Datapath::Tflite => 31,
                Datapath::Ort => 24,
            },
            rounding: Rounding::HalfUp,
            accumulator_bits: 32,
            bias_bits: 32,
            overflow: Overflow::Wrap,
        }
    }

    /// From an accumulator to the output's integers, zero point not yet added: N6, N8 or N9.
    pub fn rescale(&self, acc: i64, rescale: Rescale) -> i64 {
        match self.datapath {
            Datapath::Npu => rescale.apply(acc, self.rounding),
            Datapath::Tflite => tflite::multiply(acc, rescale),
            Datapath::Ort => ort::multiply(acc, rescale),
        }
    }

    /// # Errors
    /// `BadOption` for a width outside its range, and for any change to a datapath that cannot be set.
    pub fn check(&self) -> Result<()> {
        if self.datapath != Datapath::Npu && *self != Profile::of(self.datapath) {
            return Err(Error::new(
                Code::BadOption,
                format!("profile '{}' has fixed widths and rounding", self.datapath.as_str()),
                "change them in profile npu",
            ));
        }
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

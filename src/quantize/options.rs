//! What a person can choose about quantization.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::overrides::ShiftOverrides;
use crate::calibrate::{Calibration, TapMeans};
use crate::error::{Code, Error, Result, check_ranges};
use crate::npu::{Datapath, Profile};

/// How weights get their scales. `Float` is the reference that the others are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    Float,
    LayerWise,
    ShiftWise,
    ChannelWise,
}

impl Scheme {
    pub const ALL: [Scheme; 4] = [Scheme::Float, Scheme::LayerWise, Scheme::ShiftWise, Scheme::ChannelWise];

    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Float => "float",
            Scheme::LayerWise => "layer-wise",
            Scheme::ShiftWise => "shift-wise",
            Scheme::ChannelWise => "channel-wise",
        }
    }
}

impl std::str::FromStr for Scheme {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Scheme::ALL.into_iter().find(|scheme| scheme.as_str() == text).ok_or_else(|| {
            Error::new(
                Code::BadOption,
                format!("'{text}' is not a scheme"),
                "choose from float, layer-wise, shift-wise, channel-wise",
            )
        })
    }
}

/// Whether the mean error that rounding a layer's weights makes of its outputs is taken off its biases (N4), and from
/// where the mean inputs are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum BiasCorrection {
    #[default]
    None,
    /// From the calibration pictures.
    Empirical,
    /// From what batch normalizations learned.
    DataFree,
}

impl BiasCorrection {
    /// What the taps of a node with weights see on average; `None` where biases stay as they are.
    ///
    /// # Errors
    /// `NotCalibrated` when that is not known.
    pub fn tap_means(self, calibration: &Calibration, node: usize) -> Result<Option<TapMeans>> {
        match self {
            BiasCorrection::None => Ok(None),
            BiasCorrection::Empirical => calibration.seen_tap_means(node).map(Some),
            BiasCorrection::DataFree => calibration.expected_tap_means(node).map(Some),
        }
    }

    pub const ALL: [BiasCorrection; 3] = [BiasCorrection::None, BiasCorrection::Empirical, BiasCorrection::DataFree];

    pub fn as_str(self) -> &'static str {
        match self {
            BiasCorrection::None => "none",
            BiasCorrection::Empirical => "empirical",
            BiasCorrection::DataFree => "data-free",
        }
    }
}

impl std::str::FromStr for BiasCorrection {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        BiasCorrection::ALL.into_iter().find(|correction| correction.as_str() == text).ok_or_else(|| {
            let names = BiasCorrection::ALL.map(BiasCorrection::as_str).join(", ");
            Error::new(Code::BadOption, format!("'{text}' is not a bias correction"), format!("choose from {names}"))
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct QuantizeOptions {
    pub scheme: Scheme,
    /// b of N1, 2..=8.
    pub weight_bits: u8,
    /// Of N3, 4..=8.
    pub activation_bits: u8,
    /// B of N2, 0..=5; only shift-wise uses it.
    pub shift_bits: u8,
    pub profile: Profile,
    #[serde(default)]
    pub bias_correction: BiasCorrection,
    /// Shifts that take the place of those that N2's rule chooses; only shift-wise uses them.
    #[serde(default, skip_serializing_if = "ShiftOverrides::is_empty")]
    pub shift_overrides: ShiftOverrides,
}

impl QuantizeOptions {
    /// 8-bit weights and activations, 4 shift bits, profile `npu`, biases as they are.
    pub fn new(scheme: Scheme) -> Self {
        QuantizeOptions {
            scheme,
            weight_bits: 8,
            activation_bits: 8,
            shift_bits: 4,
            profile: Profile::default(),
            bias_correction: BiasCorrection::default(),
            shift_overrides: ShiftOverrides::default(),
        }
    }

    /// # Errors
    /// `BadOption` for a value outside its range.
    pub fn check(&self) -> Result<()> {
        check_ranges([
            ("weight bits", self.weight_bits, 2, 8),
            ("activation bits", self.activation_bits, 4, 8),
            ("shift bits", self.shift_bits, 0, 5),
        ])?;
        if self.profile.datapath != Datapath::Npu && self.activation_bits != 8 {
            return Err(Error::new(
                Code::BadOption,
                format!("profile '{}' has activations of 8 bits only", self.profile.datapath.as_str()),
                "use 8 activation bits, or profile npu",
            ));
        }
        self.profile.check()
    }

    /// A scale as the profile holds it: the engines behind `tflite` and `ort` store scales as float32.
    pub(super) fn scale(&self, scale: f64) -> f64 {
        match self.profile.datapath {
            Datapath::Npu => scale,
            Datapath::Tflite | Datapath::Ort => f64::from(scale as f32),
        }
    }

    /// Q of N1: the largest weight integer.
    pub fn q_max(&self) -> i32 {
        (1 << (self.weight_bits - 1)) - 1
    }

    /// The largest shift, 2^B - 1.
    pub fn shift_max(&self) -> u8 {
        ((1u32 << self.shift_bits) - 1) as u8
    }

    /// The largest activation integer.
    pub fn activation_max(&self) -> u8 {
        ((1u16 << self.activation_bits) - 1) as u8
    }
}

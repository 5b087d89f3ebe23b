//! What a person can choose about calibration.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::error::{Code, Error, Result};

/// How ranges follow from what was seen; docs/numerics.md, N3, defines each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// From the smallest to the largest value seen.
    #[default]
    MinMax,
    /// Each picture's smallest and largest value, averaged with weights that fade.
    MovingAverage,
    /// Leaves out the outermost values at either end.
    Percentile,
    /// The clipping threshold that keeps the most information (Kullback-Leibler divergence).
    Entropy,
    /// The least mean square error of rounding and clipping together.
    Mse,
    /// No pictures: from what batch normalizations learned about their outputs.
    DataFree,
}

impl Method {
    pub const ALL: [Method; 6] =
        [Method::MinMax, Method::MovingAverage, Method::Percentile, Method::Entropy, Method::Mse, Method::DataFree];

    pub fn as_str(self) -> &'static str {
        match self {
            Method::MinMax => "min-max",
            Method::MovingAverage => "moving-average",
            Method::Percentile => "percentile",
            Method::Entropy => "entropy",
            Method::Mse => "mse",
            Method::DataFree => "data-free",
        }
    }

    pub(super) fn needs_histogram(self) -> bool {
        matches!(self, Method::Percentile | Method::Entropy | Method::Mse)
    }
}

impl std::str::FromStr for Method {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Method::ALL.into_iter().find(|method| method.as_str() == text).ok_or_else(|| {
            let names = Method::ALL.map(Method::as_str).join(", ");
            Error::new(Code::BadOption, format!("'{text}' is not a calibration method"), format!("choose from {names}"))
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(default)]
pub struct CalibrationOptions {
    pub method: Method,
    /// Of the values, this many percent lie below the range's end and as many above its beginning; more than 50, at most
    /// 100. Only `percentile` uses it.
    pub percentile: f64,
    /// Whether to keep what each tap of each layer with weights sees on average: empirical bias correction needs it.
    pub tap_means: bool,
}

impl Default for CalibrationOptions {
    fn default() -> Self {
        CalibrationOptions { method: Method::MinMax, percentile: 99.99, tap_means: false }
    }
}

impl CalibrationOptions {
    /// # Errors
    /// `BadOption` for a percentile outside its range.
    pub fn check(&self) -> Result<()> {
        if self.percentile > 50.0 && self.percentile <= 100.0 {
            return Ok(());
        }
        let reason = format!("percentile is {}", self.percentile);
        Err(Error::new(Code::BadOption, reason, "choose a value above 50 and up to 100"))
    }
}

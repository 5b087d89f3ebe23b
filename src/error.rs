//! The one error type: what went wrong, where, why, and what to do about it.
//!
//! The page and the command line print the same sentence ([`Error`]'s `Display`), so a test of one is a test of both.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

pub type Result<T> = std::result::Result<T, Error>;

/// Stable identifiers: they may be added to, never renamed, so that scripts can match on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The bytes are not an ONNX model, or stop too early.
    NotOnnx,
    UnsupportedOperator,
    UnsupportedAttribute,
    /// A tensor element type Shiftwise does not read (float16, quantized, strings, ...).
    UnsupportedType,
    DynamicShape,
    ExternalData,
    /// A node asks for a tensor that nothing produces.
    MissingTensor,
    Cycle,
    ShapeMismatch,
    /// NaN or infinity where a finite number is needed.
    NotFinite,
    /// A stated limit (see [`crate::limits::Limits`]) would be exceeded.
    TooLarge,
    BadImage,
    BadLabel,
    BadManifest,
    /// A file of activation ranges that cannot be read or does not fit the model.
    BadRanges,
    /// A file that should hold an integer graph does not.
    BadGraph,
    /// A setting outside its range.
    BadOption,
    /// The operation needs calibration first.
    NotCalibrated,
    Io,
    /// A defect in Shiftwise itself, reported instead of a crash.
    Internal,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Code::NotOnnx => "not-onnx",
            Code::UnsupportedOperator => "unsupported-operator",
            Code::UnsupportedAttribute => "unsupported-attribute",
            Code::UnsupportedType => "unsupported-type",
            Code::DynamicShape => "dynamic-shape",
            Code::ExternalData => "external-data",
            Code::MissingTensor => "missing-tensor",
            Code::Cycle => "cycle",
            Code::ShapeMismatch => "shape-mismatch",
            Code::NotFinite => "not-finite",
            Code::TooLarge => "too-large",
            Code::BadImage => "bad-image",
            Code::BadLabel => "bad-label",
            Code::BadManifest => "bad-manifest",
            Code::BadRanges => "bad-ranges",
            Code::BadGraph => "bad-graph",
            Code::BadOption => "bad-option",
            Code::NotCalibrated => "not-calibrated",
            Code::Io => "io",
            Code::Internal => "internal",
        }
    }
}

/// What went wrong (`code`), where (`node`), why (`reason`), and what to do (`hint`, may be empty).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize, Tsify)]
pub struct Error {
    pub code: Code,
    /// Name of the graph node or tensor concerned, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    pub reason: String,
    pub hint: String,
}

impl Error {
    /// `reason` and `hint` are sentences without the final stop.
    pub fn new(code: Code, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Error { code, node: None, reason: reason.into(), hint: hint.into() }
    }

    /// The same error, located at a node unless it already is.
    #[must_use]
    pub fn at(mut self, node: impl Into<String>) -> Self {
        self.node.get_or_insert(node.into());
        self
    }

    pub fn internal(reason: impl Into<String>) -> Self {
        Error::new(Code::Internal, reason, "this is a defect in Shiftwise; please report it with the model")
    }
}

/// Checks settings given as `(name, value, lowest, highest)`.
///
/// # Errors
/// `BadOption` for the first that lies outside its range.
pub(crate) fn check_ranges(settings: impl IntoIterator<Item = (&'static str, u8, u8, u8)>) -> Result<()> {
    for (what, value, low, high) in settings {
        if !(low..=high).contains(&value) {
            let hint = format!("choose a value from {low} to {high}");
            return Err(Error::new(Code::BadOption, format!("{what} is {value}"), hint));
        }
    }
    Ok(())
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(node) = &self.node {
            write!(f, "node '{node}': ")?;
        }
        write!(f, "{}", self.reason)?;
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        write!(f, " [{}]", self.code.as_str())
    }
}

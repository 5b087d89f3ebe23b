//! What leaves Shiftwise: the quantized network in files that others read.
//!
//! - [`qdq`]: an ONNX file that ONNX Runtime executes with the integers of profile `ort`;
//! - [`tflite`]: a TensorFlow Lite file, whose engine executes the integers of profile `tflite`;
//! - [`json`]: the whole integer graph, enough to program a device (docs/integer-graph.md);
//! - [`golden`]: the integers of every tensor for one picture, to compare a device with;
//! - [`network`]: the float network and its ranges, for those who want to derive the integers themselves.

mod files;
pub mod golden;
pub mod json;
mod lines;
pub mod network;
pub mod npy;
pub mod qdq;
pub mod tflite;

pub use files::File;

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::error::{Code, Error, Result};
use crate::graph::Graph;
use crate::npu::Datapath;
use crate::quantize::Quantized;

/// A file format that a quantized network can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// ONNX with `QuantizeLinear` and `DequantizeLinear` nodes.
    Onnx,
    /// TensorFlow Lite.
    Tflite,
    /// The integer graph of any profile.
    Json,
}

impl Format {
    pub const ALL: [Format; 3] = [Format::Onnx, Format::Tflite, Format::Json];

    pub fn as_str(self) -> &'static str {
        match self {
            Format::Onnx => "onnx",
            Format::Tflite => "tflite",
            Format::Json => "json",
        }
    }

    /// The profile whose engine executes files of this format; `None` where any profile will do.
    pub fn profile(self) -> Option<Datapath> {
        match self {
            Format::Onnx => Some(Datapath::Ort),
            Format::Tflite => Some(Datapath::Tflite),
            Format::Json => None,
        }
    }

    /// # Errors
    /// `BadOption` for a profile whose arithmetic the format cannot hold.
    pub fn check(self, profile: Datapath) -> Result<()> {
        match self.profile() {
            Some(wanted) if wanted != profile => Err(Error::new(
                Code::BadOption,
                format!("format '{}' cannot hold the arithmetic of profile '{}'", self.as_str(), profile.as_str()),
                format!("use profile {}", wanted.as_str()),
            )),
            _ => Ok(()),
        }
    }
}

impl std::str::FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Format::ALL.into_iter().find(|format| format.as_str() == text).ok_or_else(|| {
            let names = Format::ALL.map(Format::as_str).join(", ");
            Error::new(Code::BadOption, format!("'{text}' is not a format"), format!("choose from {names}"))
        })
    }
}

/// The bytes of a file. `graph` is the float graph that was quantized.
///
/// # Errors
/// `BadOption` when the network was quantized for another profile than the format's; `UnsupportedOperator` for what the
/// format cannot hold.
pub fn export(graph: &Graph, quantized: &Quantized, format: Format) -> Result<Vec<u8>> {
    format.check(quantized.options.profile.datapath)?;
    match format {
        Format::Onnx => qdq::write(graph, quantized),
        Format::Tflite => tflite::write(graph, quantized),
        Format::Json => json::write(quantized),
    }
}

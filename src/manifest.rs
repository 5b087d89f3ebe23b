//! `NAME.shiftwise.json`: what a model file does not say about itself. How a picture becomes its input, what its
//! classes are called, what it is for.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::error::{Code, Error, Result};

/// Version 1. Keys this version does not know are ignored, so that newer manifests go on loading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Manifest {
    pub version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// One or two sentences for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default)]
    pub task: Task,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<InputSpec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,
    /// Labelled test pictures that come with the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<Sheet>,
    /// Pictures to calibrate with; disjoint from `samples`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Sheet>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    #[default]
    Classification,
    Detection,
    Segmentation,
    /// Image to image.
    Image,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(untagged)]
pub enum Labels {
    /// A text file beside the manifest, one name a line.
    File(String),
    Names(Vec<String>),
}

/// Equal tiles in one picture, row by row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct Sheet {
    /// Picture file beside the manifest.
    pub sheet: String,
    /// Width and height of a tile in pixels.
    pub tile: [u32; 2],
    pub columns: u32,
    pub count: u32,
    /// Class of each tile; empty where unknown.
    #[serde(default)]
    pub labels: Vec<u32>,
}

/// How a picture becomes the input tensor: resize, central crop, then `(v - mean) / std` on values 0..255.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct InputSpec {
    pub channels: Channels,
    pub resize: ResizeSpec,
    /// Width and height cut from the centre after resizing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub crop: Option<[u32; 2]>,
    /// One per channel, or a single one for all.
    pub mean: Vec<f64>,
    pub std: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Channels {
    #[default]
    Rgb,
    Bgr,
    /// Luminance, 0.299 R + 0.587 G + 0.114 B, as a single channel.
    Gray,
    /// The same luminance, for networks that work on the Y of YCbCr.
    Luma,
}

impl Channels {
    pub fn count(self) -> usize {
        match self {
            Channels::Rgb | Channels::Bgr => 3,
            Channels::Gray | Channels::Luma => 1,
        }
    }
}

/// Antialiased triangle filter, as Pillow's BILINEAR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(tag = "mode", rename_all = "kebab-case")]
pub enum ResizeSpec {
    /// Keep the aspect ratio; the shorter side gets this many pixels.
    ShorterSide { size: u32 },
    /// To exactly this width and height.
    Stretch { size: [u32; 2] },
}

impl Default for Manifest {
    fn default() -> Self {
        Manifest {
            version: 1,
            title: None,
            description: None,
            task: Task::default(),
            input: None,
            labels: None,
            samples: None,
            calibration: None,
        }
    }
}

impl Manifest {
    /// # Errors
    /// `BadManifest` for malformed JSON or an unknown version.
    pub fn parse(json: &str) -> Result<Self> {
        let manifest: Manifest = serde_json::from_str(json).map_err(|error| {
            Error::new(
                Code::BadManifest,
                format!("the manifest is not valid: {error}"),
                "docs/manifest.md describes the format",
            )
        })?;
        if manifest.version != 1 {
            return Err(Error::new(
                Code::BadManifest,
                format!("the manifest's version is {}", manifest.version),
                "this Shiftwise reads version 1",
            ));
        }
        Ok(manifest)
    }
}

//! `NAME.shiftwise.json`: what a model file does not say about itself. How a picture becomes its input, what its
//! classes are called, what it is for.

mod outputs;

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::error::{Code, Error, Result};

pub use outputs::{BoxEncoding, BoxUnits, OutputSpec, PriorGrid, Priors, ScoreActivation};

/// Version 1. Keys this version does not know are ignored, so that newer manifests go on loading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Manifest {
    pub version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// One or two sentences for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Guessed from the outputs' shapes when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<InputSpec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<OutputSpec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,
    /// Labelled test pictures that come with the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<Sheet>,
    /// Pictures to calibrate with; disjoint from `samples`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Sheet>,
}

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    Classification,
    /// Boxes around things.
    Detection,
    /// A class for every pixel.
    Segmentation,
    /// Image to image: super-resolution, denoising, ...
    Image,
    /// One number.
    Regression,
}

impl Task {
    pub const ALL: [Task; 5] =
        [Task::Classification, Task::Detection, Task::Segmentation, Task::Image, Task::Regression];

    pub fn as_str(self) -> &'static str {
        match self {
            Task::Classification => "classification",
            Task::Detection => "detection",
            Task::Segmentation => "segmentation",
            Task::Image => "image",
            Task::Regression => "regression",
        }
    }
}

impl std::str::FromStr for Task {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Task::ALL.into_iter().find(|task| task.as_str() == name).ok_or_else(|| {
            let names = Task::ALL.map(Task::as_str).join(", ");
            Error::new(Code::BadOption, format!("there is no task '{name}'"), format!("choose from: {names}"))
        })
    }
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
            task: None,
            input: None,
            outputs: None,
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
        if let Some(input) = &manifest.input {
            input.check().map_err(|error| Error { code: Code::BadManifest, ..error })?;
        }
        if let Some(outputs) = &manifest.outputs {
            outputs.check()?;
        }
        Ok(manifest)
    }
}

impl InputSpec {
    /// Whether the specification makes sense in itself, whatever the model.
    ///
    /// # Errors
    /// `BadOption` for a size of 0 or beyond 65535, for a `mean` or `std` with the wrong number of entries or entries
    /// that no f32 can hold, and for a `std` of 0.
    pub fn check(&self) -> Result<()> {
        let bad = |what: String, hint: &str| Err(Error::new(Code::BadOption, format!("the input's {what}"), hint));
        let resize = match self.resize {
            ResizeSpec::ShorterSide { size } => [size; 2],
            ResizeSpec::Stretch { size } => size,
        };
        for (what, [width, height]) in [("resize", resize), ("crop", self.crop.unwrap_or(resize))] {
            if [width, height].iter().any(|size| !(1..=65535).contains(size)) {
                return bad(format!("{what} asks for {width}x{height} pixels"), "choose sizes from 1 to 65535");
            }
        }
        let channels = self.channels.count();
        for (what, values) in [("mean", &self.mean), ("std", &self.std)] {
            if values.len() != 1 && values.len() != channels {
                return bad(
                    format!("{what} has {} numbers for {channels} channel(s)", values.len()),
                    "give one number for each channel, or a single one for all",
                );
            }
            if values.iter().any(|&value| !(value as f32).is_finite()) {
                return bad(format!("{what} is not a finite number"), "the values are on the scale 0..255");
            }
        }
        if self.std.iter().any(|&value| value as f32 == 0.0) {
            return bad("std is 0".to_owned(), "it divides; use 1 to leave values as they are");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INPUT: &str = r#""channels": "rgb", "resize": {"mode": "stretch", "size": [32, 24]}"#;

    fn parse_input(rest: &str) -> Result<Manifest> {
        Manifest::parse(&format!(r#"{{"version": 1, "input": {{{INPUT}, {rest}}}}}"#))
    }

    #[test]
    fn everything_but_the_version_may_be_missing() {
        let manifest = Manifest::parse(r#"{"version": 1, "a key of the future": [1, 2]}"#).unwrap();
        assert_eq!(manifest, Manifest::default());
    }

    #[test]
    fn labels_are_a_file_or_names() {
        let labels = |json| Manifest::parse(&format!(r#"{{"version": 1, "labels": {json}}}"#)).unwrap().labels;
        assert_eq!(labels(r#""names.txt""#), Some(Labels::File("names.txt".to_owned())));
        assert_eq!(labels(r#"["cat", "dog"]"#), Some(Labels::Names(vec!["cat".to_owned(), "dog".to_owned()])));
    }

    #[test]
    fn wrong_manifests_are_refused() {
        for (rest, what) in [
            (r#""mean": [0, 0], "std": [1]"#, "mean has 2 numbers"),
            (r#""mean": [0], "std": []"#, "std has 0 numbers"),
            (r#""mean": [1e300], "std": [1]"#, "mean is not a finite"),
            (r#""mean": [0], "std": [1, 1e-60, 1]"#, "std is 0"),
            (r#""mean": [0], "std": [1], "crop": [0, 8]"#, "crop asks for 0x8"),
            (r#""mean": [0], "std": [1], "crop": [8, 70000]"#, "crop asks for 8x70000"),
            (r#""mean": [0]"#, "missing field `std`"),
        ] {
            let error = parse_input(rest).unwrap_err();
            assert_eq!(error.code, Code::BadManifest, "{rest}");
            assert!(error.reason.contains(what), "{rest}: {error}");
        }
        assert!(parse_input(r#""mean": [0, 1, 2], "std": [255]"#).is_ok());
        for json in ["", "[]", "{}", r#"{"version": 2}"#, r#"{"version": 1, "task": "poetry"}"#] {
            assert_eq!(Manifest::parse(json).unwrap_err().code, Code::BadManifest, "{json}");
        }
    }
}

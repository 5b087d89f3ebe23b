//! The manifest's `outputs`: which tensors hold what, and how their numbers are meant. Which keys matter depends on the
//! task; docs/manifest.md lists them.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::Channels;
use crate::error::{Code, Error, Result};

/// What is left out has the value of [`OutputSpec::default`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(default)]
pub struct OutputSpec {
    /// Name of the output with the scores of classes: classification, detection, segmentation.
    pub scores: Option<String>,
    /// Detection: name of the output with the boxes.
    pub boxes: Option<String>,
    /// Image to image: name of the output with the picture.
    pub image: Option<String>,
    /// Regression: name of the output with the number.
    pub value: Option<String>,

    pub encoding: Option<BoxEncoding>,
    /// Of the `ssd` encoding: by what the offsets of the centre and of the size are multiplied.
    pub variances: [f64; 2],
    pub priors: Option<Priors>,
    /// Of the `corners` encoding.
    pub units: BoxUnits,
    pub score_activation: ScoreActivation,
    /// The class that means "nothing here"; none for a single class.
    pub background: Option<u32>,
    /// Boxes with a lower score are dropped.
    pub score_threshold: f64,
    /// Of two boxes of one class that overlap more, the one with the lower score is dropped.
    pub iou_threshold: f64,
    pub max_boxes: u32,

    /// Image to image: a value `v` of the output is the sample `v * std + mean` on the scale 0..255; the input's when left
    /// out.
    pub mean: Option<Vec<f64>>,
    pub std: Option<Vec<f64>>,
    /// Image to image: the input's when left out.
    pub channels: Option<Channels>,

    /// Regression: what the number is called, and its unit.
    pub label: Option<String>,
    pub unit: Option<String>,
}

/// What the four numbers of a box are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum BoxEncoding {
    /// Offsets of centre (x, y) and size (width, height) from a prior box.
    Ssd,
    /// Left, top, right, bottom.
    Corners,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum BoxUnits {
    /// 0..1 across the network's input.
    #[default]
    Normalized,
    /// Pixels of the network's input.
    Pixels,
}

/// What turns raw scores into probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreActivation {
    /// They are probabilities already.
    #[default]
    None,
    /// Over the classes of a box.
    Softmax,
    Sigmoid,
}

/// Prior (anchor) boxes, in the order of the boxes output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(untagged, expecting = "priors are {\"strides\", \"min_sizes\"} or a list of [x, y, width, height]")]
pub enum Priors {
    Grid(PriorGrid),
    /// Centre x, centre y, width and height of each, 0..1 across the network's input.
    List(Vec<[f64; 4]>),
}

/// Square priors centred on the cells of feature maps; see [`crate::report::task::priors`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct PriorGrid {
    /// Of each feature map: input pixels per cell.
    pub strides: Vec<u32>,
    /// Of each feature map: sides of its priors in input pixels.
    pub min_sizes: Vec<Vec<f64>>,
    /// Whether centre and size are limited to 0..1.
    #[serde(default = "clips")]
    pub clip: bool,
}

fn clips() -> bool {
    true
}

impl Default for OutputSpec {
    fn default() -> Self {
        OutputSpec {
            scores: None,
            boxes: None,
            image: None,
            value: None,
            encoding: None,
            variances: [0.1, 0.2],
            priors: None,
            units: BoxUnits::default(),
            score_activation: ScoreActivation::default(),
            background: Some(0),
            score_threshold: 0.5,
            iou_threshold: 0.5,
            max_boxes: 100,
            mean: None,
            std: None,
            channels: None,
            label: None,
            unit: None,
        }
    }
}

impl OutputSpec {
    /// Whether the specification makes sense in itself, whatever the model.
    ///
    /// # Errors
    /// `BadManifest` for a threshold outside 0..=1, `max_boxes` outside 1..=1000, numbers that are not finite, variances
    /// or sizes that are not positive, feature maps without a stride or sizes.
    pub fn check(&self) -> Result<()> {
        for (what, value) in [("score_threshold", self.score_threshold), ("iou_threshold", self.iou_threshold)] {
            if !(0.0..=1.0).contains(&value) {
                return bad(format!("{what} is {value}"), "choose a value from 0 to 1");
            }
        }
        if !(1..=1000).contains(&self.max_boxes) {
            return bad(format!("max_boxes is {}", self.max_boxes), "choose a value from 1 to 1000");
        }
        if !self.variances.iter().copied().all(is_positive) {
            return bad(format!("variances are {:?}", self.variances), "give two positive numbers");
        }
        let numbers = [&self.mean, &self.std].into_iter().flatten().flatten();
        if numbers.copied().any(|number| !number.is_finite()) {
            return bad("mean or std is not finite".to_owned(), "the values are on the scale 0..255");
        }
        self.priors.as_ref().map_or(Ok(()), Priors::check)
    }
}

impl Priors {
    fn check(&self) -> Result<()> {
        match self {
            Priors::Grid(PriorGrid { strides, min_sizes, .. }) => {
                if strides.len() != min_sizes.len() {
                    return bad(
                        format!("priors have {} strides and {} lists of min_sizes", strides.len(), min_sizes.len()),
                        "give one stride and one list of sizes for each feature map",
                    );
                }
                if strides.contains(&0) || !min_sizes.iter().flatten().copied().all(is_positive) {
                    return bad("priors have a stride or a size that is not positive".to_owned(), "both are pixels");
                }
            }
            Priors::List(list) => {
                let fits = |prior: &[f64; 4]| prior.iter().all(|v| v.is_finite()) && prior[2] > 0.0 && prior[3] > 0.0;
                if let Some(wrong) = list.iter().find(|prior| !fits(prior)) {
                    return bad(
                        format!("priors hold {wrong:?}"),
                        "each is [x, y, width, height] with a positive width and height",
                    );
                }
            }
        }
        Ok(())
    }
}

fn is_positive(number: f64) -> bool {
    number > 0.0 && number.is_finite()
}

fn bad(what: String, hint: &str) -> Result<()> {
    Err(Error::new(Code::BadManifest, format!("the outputs' {what}"), hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    fn parse(outputs: &str) -> Result<OutputSpec> {
        let manifest = Manifest::parse(&format!(r#"{{"version": 1, "task": "detection", "outputs": {outputs}}}"#))?;
        Ok(manifest.outputs.unwrap())
    }

    #[test]
    fn every_key_has_a_default() {
        let spec = parse(r#"{"a key of the future": 1}"#).unwrap();
        assert_eq!(spec, OutputSpec::default());
        assert_eq!((spec.background, spec.variances, spec.score_threshold), (Some(0), [0.1, 0.2], 0.5));
        assert_eq!(parse(r#"{"background": null}"#).unwrap().background, None, "null means that there is none");
    }

    #[test]
    fn priors_are_a_grid_or_a_list() {
        let grid = PriorGrid { strides: vec![8, 16], min_sizes: vec![vec![10.0, 16.0], vec![32.0]], clip: true };
        let parsed = parse(r#"{"priors": {"strides": [8, 16], "min_sizes": [[10, 16], [32]]}}"#).unwrap();
        assert_eq!(parsed.priors, Some(Priors::Grid(grid)));
        let parsed = parse(r#"{"priors": [[0.5, 0.5, 1, 1]]}"#).unwrap();
        assert_eq!(parsed.priors, Some(Priors::List(vec![[0.5, 0.5, 1.0, 1.0]])));
    }

    #[test]
    fn wrong_outputs_are_refused() {
        for (outputs, what) in [
            (r#"{"score_threshold": 1.5}"#, "score_threshold is 1.5"),
            (r#"{"iou_threshold": -0.1}"#, "iou_threshold is -0.1"),
            (r#"{"max_boxes": 0}"#, "max_boxes is 0"),
            (r#"{"variances": [0.1, 0]}"#, "variances"),
            (r#"{"encoding": "polar"}"#, "polar"),
            (r#"{"mean": [1e999]}"#, "number out of range"),
            (r#"{"priors": {"strides": [8], "min_sizes": []}}"#, "1 strides and 0 lists"),
            (r#"{"priors": {"strides": [0], "min_sizes": [[1]]}}"#, "not positive"),
            (r#"{"priors": {"strides": [8], "min_sizes": [[-1]]}}"#, "not positive"),
            (r#"{"priors": {"strides": [8]}}"#, "priors are"),
            (r#"{"priors": [[0, 0, 0, 1]]}"#, "priors hold [0.0, 0.0, 0.0, 1.0]"),
        ] {
            let error = parse(outputs).unwrap_err();
            assert_eq!(error.code, Code::BadManifest, "{outputs}");
            assert!(error.reason.contains(what), "{outputs}: {error}");
        }
    }
}

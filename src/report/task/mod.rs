//! From the network's outputs to what they say: the same decoding for float and every scheme, on the host's side of the
//! NPU, in f64 on dequantized outputs.

mod agreement;
mod detection;
mod guess;
mod picture;
pub mod priors;
mod segmentation;

pub use agreement::{Metric, Tally};
pub use guess::guess;
pub use picture::Colours;

use detection::Detection;
use picture::Restoration;

use super::measure::top;
use super::{TaskResult, TensorInfo};
use crate::error::{Code, Error, Result};
use crate::graph::Tensor;
use crate::manifest::{InputSpec, OutputSpec, Task};

/// As many classes are told as there are to a top-5 accuracy.
const BEST: usize = 5;

/// Reads a network's outputs; made once for a model, and only if all the shapes fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoder(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Classification { scores: usize },
    Detection(Detection),
    Segmentation { scores: usize },
    Image { image: usize, restoration: Restoration },
    Regression { value: usize, label: Option<String>, unit: Option<String> },
}

/// What a decoder needs to know of the model. Shapes are ONNX shapes.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub outputs: &'a [TensorInfo],
    pub input: &'a InputSpec,
    /// Of the network's input in pixels.
    pub width: usize,
    pub height: usize,
}

impl Decoder {
    /// # Errors
    /// `BadManifest` when the outputs cannot be read so: no such output, wrong shapes, missing information.
    pub fn new(task: Task, spec: &OutputSpec, facts: Facts) -> Result<Self> {
        let kind = match task {
            Task::Classification => Kind::Classification { scores: find(&spec.scores, "scores", facts.outputs)?.0 },
            Task::Detection => Kind::Detection(Detection::new(spec, facts)?),
            Task::Segmentation => {
                let (scores, output) = find(&spec.scores, "scores", facts.outputs)?;
                segmentation::check(output)?;
                Kind::Segmentation { scores }
            }
            Task::Image => {
                let (image, output) = find(&spec.image, "image", facts.outputs)?;
                Kind::Image { image, restoration: Restoration::new(output, spec, facts.input)? }
            }
            Task::Regression => {
                let (value, output) = find(&spec.value, "value", facts.outputs)?;
                if elements(output) != 1 {
                    return Err(unreadable(task, output, "a single number"));
                }
                Kind::Regression { value, label: spec.label.clone(), unit: spec.unit.clone() }
            }
        };
        Ok(Decoder(kind))
    }

    /// `outputs` have the shapes that the decoder was made for.
    pub fn decode(&self, outputs: &[Tensor], labels: &[String]) -> TaskResult {
        let data = |index: usize| outputs.get(index).map_or(&[][..], Tensor::data);
        match &self.0 {
            Kind::Classification { scores } => TaskResult::Classes { top: top(data(*scores), labels, BEST) },
            Kind::Detection(detection) => TaskResult::Boxes { boxes: detection.decode(outputs, labels) },
            Kind::Segmentation { scores } => match outputs.get(*scores) {
                Some(scores) => segmentation::decode(scores, labels),
                None => TaskResult::Mask { width: 0, height: 0, pixels: Vec::new(), classes: Vec::new() },
            },
            Kind::Image { image, restoration } => restoration.decode(data(*image)),
            Kind::Regression { value, label, unit } => TaskResult::Value {
                value: data(*value).first().copied().map_or(0.0, f64::from),
                label: label.clone(),
                unit: unit.clone(),
            },
        }
    }

    /// How many classes the outputs tell apart, the background included.
    pub fn classes(&self, outputs: &[TensorInfo]) -> Option<usize> {
        match &self.0 {
            Kind::Classification { scores } => outputs.get(*scores).map(elements),
            Kind::Detection(detection) => Some(detection.classes()),
            Kind::Segmentation { scores } => outputs.get(*scores)?.shape.get(1).map(|&classes| classes as usize),
            Kind::Image { .. } | Kind::Regression { .. } => None,
        }
    }

    /// Width and height of the picture to which the colours of the network's input are added back, where its output is
    /// luminance alone.
    pub fn colourless(&self) -> Option<[u32; 2]> {
        match &self.0 {
            Kind::Image { restoration, .. } => restoration.colourless(),
            _ => None,
        }
    }
}

/// The output of this name, or the first where none is named.
fn find<'a>(name: &Option<String>, key: &str, outputs: &'a [TensorInfo]) -> Result<(usize, &'a TensorInfo)> {
    let wanted = |output: &TensorInfo| name.as_ref().is_none_or(|name| *name == output.name);
    outputs.iter().enumerate().find(|(_, output)| wanted(output)).ok_or_else(|| {
        let names: Vec<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
        Error::new(
            Code::BadManifest,
            format!("outputs.{key} names '{}', which is no output of the model", name.as_deref().unwrap_or_default()),
            format!("choose from: {}", names.join(", ")),
        )
    })
}

fn elements(output: &TensorInfo) -> usize {
    output.shape.iter().map(|&dim| dim as usize).product()
}

/// Rows and columns of `[1, rows, columns]` or `[rows, columns]`.
fn as_rows(output: &TensorInfo) -> Option<[usize; 2]> {
    match *output.shape.as_slice() {
        [1, rows, columns] | [rows, columns] => Some([rows as usize, columns as usize]),
        _ => None,
    }
}

fn unreadable(task: Task, output: &TensorInfo, wanted: &str) -> Error {
    Error::new(
        Code::BadManifest,
        format!("{} wants {wanted}, but output '{}' has shape {:?}", task.as_str(), output.name, output.shape),
        "choose another task, or name the right output in the manifest",
    )
}

fn label_of(class: usize, labels: &[String]) -> String {
    labels.get(class).cloned().unwrap_or_else(|| class.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Channels, ResizeSpec};

    pub(super) fn info(name: &str, shape: &[u32]) -> TensorInfo {
        TensorInfo { name: name.to_owned(), shape: shape.to_vec() }
    }

    pub(super) fn input(channels: Channels) -> InputSpec {
        let resize = ResizeSpec::Stretch { size: [64, 48] };
        InputSpec { channels, resize, crop: None, mean: vec![0.0], std: vec![255.0] }
    }

    pub(super) fn decoder(task: Task, spec: &OutputSpec, outputs: &[TensorInfo]) -> Result<Decoder> {
        Decoder::new(task, spec, Facts { outputs, input: &input(Channels::Rgb), width: 64, height: 48 })
    }

    #[test]
    fn outputs_are_found_by_name() {
        let outputs = [info("a", &[1, 3]), info("b", &[1, 7])];
        let named = |name: &str| OutputSpec { scores: Some(name.to_owned()), ..OutputSpec::default() };
        let classes = |spec: &OutputSpec| decoder(Task::Classification, spec, &outputs).unwrap().classes(&outputs);
        assert_eq!(classes(&OutputSpec::default()), Some(3));
        assert_eq!(classes(&named("b")), Some(7));
        let error = decoder(Task::Classification, &named("c"), &outputs).unwrap_err();
        assert_eq!(error.code, Code::BadManifest);
        assert!(error.to_string().contains("'c'") && error.to_string().contains("a, b"), "{error}");
    }

    #[test]
    fn outputs_of_other_shapes_are_refused() {
        for (task, shape) in [
            (Task::Detection, &[1, 10][..]),
            (Task::Segmentation, &[1, 10]),
            (Task::Segmentation, &[1, 1, 4, 4]),
            (Task::Segmentation, &[1, 257, 4, 4]),
            (Task::Segmentation, &[2, 3, 4, 4]),
            (Task::Image, &[1, 2, 4, 4]),
            (Task::Image, &[1, 10]),
            (Task::Regression, &[1, 2]),
        ] {
            let error = decoder(task, &OutputSpec::default(), &[info("y", shape)]).unwrap_err();
            assert_eq!(error.code, Code::BadManifest, "{task:?} {shape:?}: {error}");
            assert!(!error.hint.is_empty());
        }
    }

    #[test]
    fn one_number() {
        let spec = OutputSpec { label: Some("age".into()), unit: Some("years".into()), ..OutputSpec::default() };
        let decoder = decoder(Task::Regression, &spec, &[info("y", &[1, 1])]).unwrap();
        let result = decoder.decode(&[Tensor::new([1, 1], vec![41.5]).unwrap()], &[]);
        assert_eq!(result, TaskResult::Value { value: 41.5, label: Some("age".into()), unit: Some("years".into()) });
    }
}

//! The facade: one model from reading to predictions. The page, the command line and the tests all use this.

mod explore;
#[cfg(feature = "export")]
mod export;
mod isolate;
mod predict;
mod scorer;
mod state;
mod task;
mod unbalance;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::calibrate::{Calibration, CalibrationOptions, DataFree, Method, Range, Ranges};
use crate::error::{Code, Error, Result};
use crate::float;
use crate::graph::{Graph, Layout, Tensor, ValueId, passes};
use crate::host::{QuantizedNetwork, to_onnx_order};
use crate::image::{self, Picture};
use crate::limits::Limits;
use crate::manifest::{InputSpec, Labels, Manifest, OutputSpec, ResizeSpec};
use crate::npu::{KernelChoice, Pool, Trace};
use crate::onnx;
use crate::quantize::{self, BiasCorrection, QuantizeOptions, Scheme};
use crate::report::task::Decoder;
use crate::report::{self, ChannelDetail, LayerDetail, ModelFacts, ModelReport, SchemeReport};

pub use explore::Outputs;
pub use predict::Reference;
pub use scorer::Scorer;
pub use unbalance::{MOST_UNBALANCE, PairReport, UnbalanceReport};

/// A loaded model with whatever was calibrated and quantized so far. Methods on `&self` may run on many threads.
pub struct Session {
    graph: Arc<Graph>,
    float: float::Executor,
    report: ModelReport,
    /// The manifest's, for the task in use and for others that may be set.
    outputs: OutputSpec,
    /// `None` while `report.task_problem` says why.
    decoder: Option<Decoder>,
    limits: Limits,
    calibration: Calibration,
    networks: BTreeMap<Scheme, QuantizedNetwork>,
    /// What all schemes run in.
    memory: Pool,
    /// `None` until it is asked for.
    balance: Option<unbalance::Balance>,
}

/// The result of one inference.
#[derive(Debug, Clone, PartialEq)]
pub struct Inference {
    /// In the model's order, axes in ONNX order.
    pub outputs: Vec<Tensor>,
    /// Of the NPU's output integers (N11); `None` for `float`.
    pub hash: Option<u64>,
    /// Additions that left the accumulator's range (N5).
    pub overflows: u64,
}

impl Session {
    /// Reads a model and simplifies its graph. What no manifest says, the preprocessing and the task, is guessed from the
    /// shapes of inputs and outputs. Labels in a file are the caller's to load ([`Session::set_labels`]).
    ///
    /// # Errors
    /// Everything the reader refuses; `BadManifest` when the manifest does not fit the model.
    pub fn open(model: impl Into<Bytes>, manifest: Option<Manifest>, limits: Limits) -> Result<Self> {
        let model = onnx::read(model, &limits)?;
        let mut graph = model.graph;
        let notes = passes::simplify(&mut graph)?;
        let manifest = manifest.unwrap_or_default();
        let shape = single_image_input(&graph)?;
        let guessed = manifest.input.is_none();
        let input = match manifest.input {
            Some(spec) => spec,
            None => image::guess(&shape)?,
        };
        let facts = ModelFacts {
            title: manifest.title.unwrap_or_else(|| graph.name.clone()),
            opset: model.opset,
            producer: model.producer,
            passes: notes,
            labels: Vec::new(),
            input,
            input_guessed: guessed,
        };
        let graph = Arc::new(graph);
        let mut session = Session {
            calibration: Calibration::new(&graph),
            float: float::Executor::new(Arc::clone(&graph))?,
            report: report::model(&graph, facts),
            outputs: OutputSpec::default(),
            decoder: None,
            graph,
            limits,
            networks: BTreeMap::new(),
            memory: Pool::default(),
            balance: None,
        };
        session.check_input(&session.report.input)?;
        session.open_task(manifest.task, manifest.outputs)?;
        if let Some(Labels::Names(names)) = manifest.labels {
            session.set_labels(names)?;
        }
        Ok(session)
    }

    pub fn model(&self) -> &ModelReport {
        &self.report
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Changes the preprocessing; calibration, ranges and schemes made with the old one are dropped.
    ///
    /// # Errors
    /// `BadManifest` when the model wants another size or number of channels.
    pub fn set_input(&mut self, spec: InputSpec) -> Result<()> {
        self.check_input(&spec)?;
        self.report.input = spec;
        self.report.input_guessed = false;
        // An image's scale may be the input's.
        self.read_outputs();
        self.calibration = Calibration::new(&self.graph);
        self.networks.clear();
        Ok(())
    }

    /// # Errors
    /// `BadLabel` when the outputs tell another number of classes apart.
    pub fn set_labels(&mut self, labels: Vec<String>) -> Result<()> {
        if let Some(classes) = self.classes()
            && classes != labels.len()
        {
            return Err(Error::new(
                Code::BadLabel,
                format!("{} labels were given for {classes} classes", labels.len()),
                "give one label a line, in the order of the model's outputs",
            ));
        }
        self.report.labels = labels;
        Ok(())
    }

    /// # Errors
    /// `BadImage`, `TooLarge`.
    pub fn preprocess(&self, picture: &Picture) -> Result<Tensor> {
        let input = image::prepare(picture, &self.report.input, &self.limits)?;
        let wanted = self.graph.inputs.first().map_or(&[][..], |&id| &self.graph.value(id).shape);
        if input.shape() != wanted {
            return Err(Error::new(
                Code::BadImage,
                format!("the picture becomes a {:?} input, the model wants {wanted:?}", input.shape()),
                "add a crop to the preprocessing, or stretch to the model's size",
            ));
        }
        Ok(input)
    }

    /// The picture as the network sees it, after resizing and cropping.
    ///
    /// # Errors
    /// `BadImage`, `TooLarge`.
    pub fn preview(&self, picture: &Picture) -> Result<Picture> {
        image::preview(picture, &self.report.input, &self.limits)
    }

    /// What calibration keeps of one image, to be merged with that of others in the images' order.
    ///
    /// # Errors
    /// `BadOption`; `ShapeMismatch` for an input of the wrong shape.
    pub fn observe(&self, input: &Tensor, options: &CalibrationOptions) -> Result<Calibration> {
        options.check()?;
        let mut calibration = Calibration::with_options(&self.graph, *options);
        self.float.run(std::slice::from_ref(input), &mut |value, tensor| calibration.observe(value, tensor.data()))?;
        calibration.count_image();
        Ok(calibration)
    }

    /// Uses this calibration from now on; schemes made with another are dropped.
    ///
    /// # Errors
    /// `NotCalibrated` when no image was seen, or the method needs none but the model keeps no batch-normalization
    /// statistics.
    pub fn set_calibration(&mut self, mut calibration: Calibration) -> Result<()> {
        if calibration.options().method == Method::DataFree {
            calibration.set_data_free(self.data_free()?);
        } else if calibration.images() == 0 {
            let hint = "calibrate with at least one image first";
            return Err(Error::new(Code::NotCalibrated, "the model is not calibrated", hint));
        }
        calibration.fix(self.calibration.fixed().to_vec());
        self.calibration = calibration;
        self.networks.clear();
        Ok(())
    }

    /// What the session was calibrated with.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Uses these ranges whatever calibration says, and only these of all that were set; schemes made without are dropped.
    /// Where all ranges that a scheme needs are set, no calibration is needed.
    ///
    /// # Errors
    /// `BadRanges` when they do not fit the model.
    pub fn set_ranges(&mut self, ranges: &Ranges) -> Result<()> {
        self.calibration.fix(ranges.of_values(&self.graph)?);
        self.networks.clear();
        Ok(())
    }

    /// The ranges that a scheme was made with.
    ///
    /// # Errors
    /// `NotCalibrated` when the scheme has not been made.
    pub fn ranges(&self, scheme: Scheme) -> Result<Ranges> {
        let named =
            |&(value, Range { min, max }): &(ValueId, Range)| (self.graph.value(value).name.clone(), [min, max]);
        let mut ranges = BTreeMap::new();
        ranges.extend(self.network(scheme)?.quantized().ranges.iter().map(named));
        let (model, method) = (self.report.title.clone(), self.calibration.options().method.as_str().to_owned());
        Ok(Ranges { version: 1, model, method, ranges })
    }

    /// What the model alone tells about its activations, for pictures of any values from 0 to 255.
    fn data_free(&self) -> Result<DataFree> {
        let channels = image::extremes(&self.report.input).into_iter().map(|[min, max]| Range { min, max });
        DataFree::of(&self.graph, &channels.collect::<Vec<_>>())
    }

    /// Makes one integer scheme, replacing an earlier one of the same name.
    ///
    /// # Errors
    /// `NotCalibrated`, `BadOption`, `NotFinite`.
    pub fn quantize(&mut self, options: &QuantizeOptions) -> Result<SchemeReport> {
        if options.bias_correction == BiasCorrection::DataFree && self.calibration.data_free().is_none() {
            let data_free = self.data_free()?;
            self.calibration.set_data_free(data_free);
        }
        let quantized = quantize::quantize(&self.graph, &self.calibration, options)?;
        let report = report::scheme(&self.graph, &quantized);
        let network =
            QuantizedNetwork::new(Arc::clone(&self.graph), quantized, KernelChoice::Fast)?.sharing(&self.memory);
        self.networks.insert(options.scheme, network);
        Ok(report)
    }

    /// # Errors
    /// `NotCalibrated` when the scheme has not been made.
    pub fn network(&self, scheme: Scheme) -> Result<&QuantizedNetwork> {
        self.networks.get(&scheme).ok_or_else(|| {
            let reason = format!("scheme '{}' has not been quantized yet", scheme.as_str());
            Error::new(Code::NotCalibrated, reason, "calibrate and quantize it first")
        })
    }

    /// # Errors
    /// `ShapeMismatch` for an input of the wrong shape; `NotCalibrated` when the scheme has not been made.
    pub fn infer(&self, scheme: Scheme, input: &Tensor) -> Result<Inference> {
        let inputs = std::slice::from_ref(input);
        if scheme == Scheme::Float {
            let outputs = self.float.run(inputs, &mut |_, _| {})?;
            return Ok(Inference { outputs: self.in_onnx_order(&outputs), hash: None, overflows: 0 });
        }
        let run = self.network(scheme)?.run(inputs, &mut |_, _| {})?;
        Ok(Inference { outputs: run.outputs, hash: Some(run.hash), overflows: run.events.overflows })
    }

    /// One output number of a layer with weights in full: row, column and channel of `position`.
    ///
    /// # Errors
    /// `NotCalibrated` when the scheme has not been made; `BadOption` when the node has no weights or no such output;
    /// `ShapeMismatch` for an input of the wrong shape.
    pub fn trace(&self, scheme: Scheme, node: usize, position: [usize; 3], input: &Tensor) -> Result<Trace> {
        self.network(scheme)?.trace(node, position, std::slice::from_ref(input))
    }

    /// # Errors
    /// `NotCalibrated` when the scheme has not been made; `BadOption` when the node has no weights.
    pub fn layer(&self, scheme: Scheme, node: usize) -> Result<LayerDetail> {
        report::layer(&self.graph, self.network(scheme)?.quantized(), node)
    }

    /// # Errors
    /// As [`Session::layer`], and `BadOption` when there is no such channel.
    pub fn channel(&self, scheme: Scheme, node: usize, channel: usize) -> Result<ChannelDetail> {
        report::channel(&self.graph, self.network(scheme)?.quantized(), node, channel)
    }

    fn in_onnx_order(&self, outputs: &[Tensor]) -> Vec<Tensor> {
        let layouts = self.graph.outputs.iter().map(|&id| &self.graph.value(id).layout);
        outputs.iter().zip(layouts).map(|(output, layout)| to_onnx_order(output, layout)).collect()
    }

    fn check_input(&self, spec: &InputSpec) -> Result<()> {
        spec.check()?;
        let [_, channels, height, width] = single_image_input(&self.graph)?;
        let size = match (spec.crop, spec.resize) {
            (Some(crop), _) => Some(crop),
            (None, ResizeSpec::Stretch { size }) => Some(size),
            // Depends on the picture, and is checked there.
            (None, ResizeSpec::ShorterSide { .. }) => None,
        };
        let fits = size.is_none_or(|size| size.map(|side| side as usize) == [width, height]);
        if spec.channels.count() != channels || !fits {
            let made = size.map_or(String::new(), |[w, h]| format!(" of {w}x{h} pixels"));
            return Err(Error::new(
                Code::BadManifest,
                format!(
                    "the preprocessing makes a {}-channel picture{made}, the model wants {channels} channels of {width}x{height}",
                    spec.channels.count()
                ),
                "change the size, crop or channels",
            ));
        }
        Ok(())
    }
}

/// The ONNX shape `[1, c, h, w]` of the one picture that the model takes.
fn single_image_input(graph: &Graph) -> Result<[usize; 4]> {
    let unsuitable = |reason: String| {
        Err(Error::new(Code::ShapeMismatch, reason, "use a model with one picture input of shape [1, 1 or 3, h, w]"))
    };
    let &[input] = graph.inputs.as_slice() else {
        return unsuitable(format!("the model has {} inputs", graph.inputs.len()));
    };
    let value = graph.value(input);
    let shape = value.layout.to_onnx(&value.shape);
    match shape.as_slice() {
        &[1, c @ (1 | 3), h, w] if value.layout == Layout::channels_last(4) => Ok([1, c, h, w]),
        _ => unsuitable(format!("the model's input '{}' has shape {shape:?}", value.name)),
    }
}

//! Everything that calibration found out about one graph.

use super::data_free::DataFree;
use super::options::{CalibrationOptions, Method};
use super::range::Range;
use super::statistics::Statistics;
use super::taps::{TapMeans, TapSums};
use crate::error::{Code, Error, Result};
use crate::graph::{Graph, Op, ValueId};

/// What was seen while the float graph ran over pictures. Parts seen by several threads are merged; where each part is
/// one picture and they are merged in the pictures' order, neither the number of threads nor their speed matters.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    options: CalibrationOptions,
    /// Of each value of the graph.
    pub(super) values: Vec<Statistics>,
    pub(super) layers: Vec<LayerInput>,
    pub(super) images: usize,
    /// What the model alone tells; for method `data-free`, and for bias correction by that name.
    data_free: Option<DataFree>,
    /// Ranges that a person has set, whatever was seen.
    fixed: Vec<(ValueId, Range)>,
}

/// The input of a node with weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LayerInput {
    node: usize,
    input: ValueId,
    pub(super) sums: TapSums,
}

impl Calibration {
    /// By the smallest and largest values.
    pub fn new(graph: &Graph) -> Self {
        Calibration::with_options(graph, CalibrationOptions::default())
    }

    pub fn with_options(graph: &Graph, options: CalibrationOptions) -> Self {
        let layers =
            graph.nodes.iter().enumerate().filter_map(|(node, layer)| match (&layer.op, layer.inputs.first()) {
                (Op::Conv(conv), Some(&input)) if options.tap_means => {
                    let (from, to) = (&graph.value(input).shape, &graph.value(layer.output).shape);
                    Some(LayerInput { node, input, sums: TapSums::new(conv, from, to) })
                }
                _ => None,
            });
        Calibration {
            options,
            values: vec![Statistics::new(options.method); graph.values.len()],
            layers: layers.collect(),
            images: 0,
            data_free: None,
            fixed: Vec::new(),
        }
    }

    pub fn options(&self) -> &CalibrationOptions {
        &self.options
    }

    /// Takes in one activation of one image.
    pub fn observe(&mut self, value: ValueId, elements: &[f32]) {
        if let Some(statistics) = self.values.get_mut(value.0) {
            statistics.observe(elements, self.options.method);
        }
        self.layers.iter_mut().filter(|layer| layer.input == value).for_each(|layer| layer.sums.observe(elements));
    }

    /// To be called once per image.
    pub fn count_image(&mut self) {
        self.images += 1;
    }

    /// Takes in what was seen of later images of the same graph, with the same options.
    pub fn merge(&mut self, later: &Calibration) {
        self.values.iter_mut().zip(&later.values).for_each(|(values, later)| values.merge(later));
        self.layers.iter_mut().zip(&later.layers).for_each(|(layer, later)| layer.sums.merge(&later.sums));
        self.images += later.images;
    }

    pub fn images(&self) -> usize {
        self.images
    }

    pub fn data_free(&self) -> Option<&DataFree> {
        self.data_free.as_ref()
    }

    pub fn set_data_free(&mut self, data_free: DataFree) {
        self.data_free = Some(data_free);
    }

    /// Ranges that hold whatever was seen.
    pub fn fixed(&self) -> &[(ValueId, Range)] {
        &self.fixed
    }

    /// Replaces all fixed ranges.
    pub fn fix(&mut self, ranges: Vec<(ValueId, Range)>) {
        self.fixed = ranges;
    }

    /// The range of a value: the fixed one, else by the chosen method; `levels` is the number of integers of an activation.
    ///
    /// # Errors
    /// `NotCalibrated` when the value was never seen; `NotFinite` when it overflowed.
    pub fn range(&self, graph: &Graph, value: ValueId, levels: usize) -> Result<Range> {
        if let Some((_, range)) = self.fixed.iter().find(|(fixed, _)| *fixed == value) {
            return Ok(*range);
        }
        let name = &graph.value(value).name;
        if self.options.method == Method::DataFree {
            let range = self.data_free.as_ref().and_then(|data_free| data_free.range(value));
            return range.filter(|range| range.is_finite()).ok_or_else(|| {
                let reason = format!("batch-normalization statistics say nothing about tensor '{name}'");
                Error::new(Code::NotCalibrated, reason, "calibrate with pictures")
            });
        }
        let statistics =
            self.values.get(value.0).filter(|statistics| !statistics.seen().is_empty()).ok_or_else(|| {
                Error::new(
                    Code::NotCalibrated,
                    format!("the range of tensor '{name}' is not known"),
                    "calibrate with at least one image first, or give its range",
                )
            })?;
        if !statistics.seen().is_finite() {
            return Err(Error::new(
                Code::NotFinite,
                format!("tensor '{name}' reaches infinity on the calibration images"),
                "check the preprocessing: mean, std and channel order",
            ));
        }
        Ok(statistics.range(&self.options, levels))
    }

    /// What the taps of a node with weights saw on average.
    ///
    /// # Errors
    /// `NotCalibrated` when that was not kept.
    pub fn seen_tap_means(&self, node: usize) -> Result<TapMeans> {
        let layer = self.layers.iter().find(|layer| layer.node == node);
        layer.and_then(|layer| layer.sums.means()).ok_or_else(|| {
            Error::new(
                Code::NotCalibrated,
                "empirical bias correction needs the mean inputs of every layer",
                "calibrate with at least one image and the option to keep tap means",
            )
        })
    }
    /// What the taps of a node with weights see on average according to batch-normalization statistics.
    ///
    /// # Errors
    /// `NotCalibrated` when these do not tell.
    pub fn expected_tap_means(&self, node: usize) -> Result<TapMeans> {
        let means = self.data_free.as_ref().and_then(|data_free| data_free.tap_means(node));
        means.cloned().ok_or_else(|| {
            let reason = "batch-normalization statistics say nothing about the layer's input";
            Error::new(Code::NotCalibrated, reason, "correct biases with pictures, or not at all")
        })
    }
}

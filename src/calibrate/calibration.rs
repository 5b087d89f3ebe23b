//! Everything that calibration found out about one graph.

use super::options::CalibrationOptions;
use super::range::Range;
use super::statistics::Statistics;
use super::taps::{TapMeans, TapSums};
use crate::error::{Code, Error, Result};
use crate::graph::{Graph, Op, Tensor, ValueId};

/// What was seen while the float graph ran over pictures. Parts seen by several threads are merged; where each part is
/// one picture and they are merged in the pictures' order, neither the number of threads nor their speed matters.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    options: CalibrationOptions,
    /// Of each value of the graph.
    values: Vec<Statistics>,
    layers: Vec<LayerInput>,
    images: usize,
}

/// The input of a node with weights.
#[derive(Debug, Clone, PartialEq)]
struct LayerInput {
    node: usize,
    input: ValueId,
    sums: TapSums,
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
        }
    }

    pub fn options(&self) -> &CalibrationOptions {
        &self.options
    }

    /// Takes in one activation of one image.
    pub fn observe(&mut self, value: ValueId, tensor: &Tensor) {
        if let Some(statistics) = self.values.get_mut(value.0) {
            statistics.observe(tensor.data(), self.options.method);
        }
        self.layers.iter_mut().filter(|layer| layer.input == value).for_each(|layer| layer.sums.observe(tensor));
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

    /// The range of a value by the chosen method; `levels` is the number of integers of an activation.
    ///
    /// # Errors
    /// `NotCalibrated` when the value was never seen; `NotFinite` when it overflowed.
    pub fn range(&self, graph: &Graph, value: ValueId, levels: usize) -> Result<Range> {
        let name = &graph.value(value).name;
        let statistics =
            self.values.get(value.0).filter(|statistics| !statistics.seen().is_empty()).ok_or_else(|| {
                Error::new(
                    Code::NotCalibrated,
                    format!("the range of tensor '{name}' is not known"),
                    "calibrate with at least one image first",
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

    /// What the taps of a node with weights see on average.
    ///
    /// # Errors
    /// `NotCalibrated` when that was not kept.
    pub fn tap_means(&self, node: usize) -> Result<TapMeans> {
        let layer = self.layers.iter().find(|layer| layer.node == node);
        layer.and_then(|layer| layer.sums.means()).ok_or_else(|| {
            Error::new(
                Code::NotCalibrated,
                "empirical bias correction needs the mean inputs of every layer",
                "calibrate with at least one image and the option to keep tap means",
            )
        })
    }
}

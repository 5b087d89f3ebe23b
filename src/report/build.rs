//! Fills the reports from the graph and a quantized network.

use super::measure::Sqnr;
use super::{ChannelDetail, Fallback, LayerDetail, LayerReport, ModelReport, NodeReport, SchemeReport, TensorInfo};
use crate::error::{Code, Error, Result};
use crate::graph::passes::PassNote;
use crate::graph::{Activation, Conv, Graph, Node, Op, ValueId};
use crate::manifest::{InputSpec, Task};
use crate::npu::{IntegerConv, IntegerOp, Profile};
use crate::quantize::{Quantized, QuantizedLayer, Scheme, fallbacks, placement};

/// What [`model`] cannot see in the graph.
#[derive(Debug, Clone)]
pub struct ModelFacts {
    pub title: String,
    pub opset: i64,
    pub producer: String,
    pub passes: Vec<PassNote>,
    pub labels: Vec<String>,
    pub input: InputSpec,
    pub input_guessed: bool,
}

pub fn model(graph: &Graph, facts: ModelFacts) -> ModelReport {
    let placement = placement(graph);
    let nodes = graph.nodes.iter().zip(placement).enumerate();
    let info = |&id: &ValueId| {
        let value = graph.value(id);
        TensorInfo { name: value.name.clone(), shape: narrow(&value.layout.to_onnx(&value.shape)) }
    };
    ModelReport {
        title: facts.title,
        task: Task::Classification,
        task_guessed: true,
        task_problem: None,
        opset: u32::try_from(facts.opset).unwrap_or(0),
        producer: facts.producer,
        inputs: graph.inputs.iter().map(info).collect(),
        outputs: graph.outputs.iter().map(info).collect(),
        parameters: graph.parameters() as u32,
        macs: graph.nodes.iter().map(|node| graph.macs(node) as f64).sum(),
        nodes: nodes
            .map(|(index, (node, runs_on))| NodeReport { runs_on, ..node_report(graph, index, node) })
            .collect(),
        passes: facts.passes,
        labels: facts.labels,
        input: facts.input,
        input_guessed: facts.input_guessed,
    }
}

fn narrow(shape: &[usize]) -> Vec<u32> {
    shape.iter().map(|&dim| dim as u32).collect()
}

fn node_report(graph: &Graph, index: usize, node: &Node) -> NodeReport {
    let output = graph.value(node.output);
    let conv = match &node.op {
        Op::Conv(conv) => Some(conv),
        _ => None,
    };
    let is_fully_connected = conv.is_some_and(|conv| conv.kernel == [1, 1] && output.shape.len() == 2);
    NodeReport {
        index: index as u32,
        name: node.name.clone(),
        label: if is_fully_connected { "fully connected".to_owned() } else { node.op.label() },
        origin: node.origin.clone(),
        activation: node.clamp.map(|clamp| Activation::Clamp(clamp).label().to_owned()),
        inputs: node
            .inputs
            .iter()
            .map(|&input| graph.value(input))
            .filter(|value| value.constant.is_none())
            .map(|value| value.name.clone())
            .collect(),
        output: output.name.clone(),
        shape: narrow(&output.shape),
        parameters: conv.map_or(0, |conv| conv.weight.len() + conv.bias.as_ref().map_or(0, Vec::len)) as u32,
        macs: graph.macs(node) as f64,
        channels: conv.map(|conv| conv.output_channels() as u32),
        runs_on: crate::quantize::RunsOn::Npu,
    }
}

/// A layer in all its forms: float weights, integers, and what connects them.
pub(super) struct Layer<'a> {
    node: &'a Node,
    pub float: &'a Conv,
    pub quantized: &'a QuantizedLayer,
    integer: &'a IntegerConv,
    network: &'a Quantized,
}

impl<'a> Layer<'a> {
    pub fn find(graph: &'a Graph, network: &'a Quantized, node: usize) -> Result<Self> {
        let no_weights = || {
            Error::new(
                Code::BadOption,
                format!("layer {node} has no weights"),
                "choose a convolution or fully connected layer",
            )
        };
        let quantized = network.layer(node).ok_or_else(no_weights)?;
        Layer::of(graph, network, quantized).ok_or_else(no_weights)
    }

    fn of(graph: &'a Graph, network: &'a Quantized, quantized: &'a QuantizedLayer) -> Option<Self> {
        let node = graph.nodes.get(quantized.node)?;
        let step = network.program.steps.get(quantized.step)?;
        match (&node.op, &step.op) {
            (Op::Conv(float), IntegerOp::Conv(integer)) => Some(Layer { node, float, quantized, integer, network }),
            _ => None,
        }
    }

    fn channels(&self) -> usize {
        self.integer.output_channels()
    }

    /// # Errors
    /// `BadOption` when there is no such channel.
    pub fn check(&self, channel: usize) -> Result<()> {
        if channel < self.channels() {
            return Ok(());
        }
        Err(Error::new(
            Code::BadOption,
            format!("layer '{}' has no channel {channel}", self.node.name),
            format!("choose one from 0 to {}", self.channels().saturating_sub(1)),
        ))
    }

    fn integers(&self, channel: usize) -> &'a [i8] {
        let taps = self.integer.weight.len() / self.channels().max(1);
        &self.integer.weight[channel * taps..(channel + 1) * taps]
    }

    fn levels(&self, channel: usize) -> u32 {
        let mut used = [false; 256];
        for &q in self.integers(channel) {
            used[q as u8 as usize] = true;
        }
        used.iter().filter(|&&used| used).count() as u32
    }

    fn sqnr(&self, channel: usize) -> Sqnr {
        let step = self.quantized.weights.steps[channel];
        let pairs = self.float.channel(channel).iter().zip(self.integers(channel));
        pairs.map(|(&w, &q)| (f64::from(w), f64::from(q) * step)).collect()
    }

    /// Bits of M, n and k that the scheme stores for the layer: M as the profile has it, n in 8 bits, k in B.
    fn added_bits(&self) -> u32 {
        let options = &self.network.options;
        let rescale = u32::from(options.profile.multiplier_bits) + 8;
        let channels = self.channels() as u32;
        match options.scheme {
            Scheme::Float => 0,
            Scheme::LayerWise => rescale,
            Scheme::ShiftWise => rescale + channels * u32::from(options.shift_bits),
            Scheme::ChannelWise => channels * rescale,
        }
    }

    fn report(&self) -> LayerReport {
        let weights = &self.quantized.weights;
        let step = &self.network.program.steps[self.quantized.step];
        let [input, output] =
            [step.inputs.first().copied().unwrap_or(step.output), step.output].map(|tensor| self.network.scale(tensor));
        let mut levels: Vec<u32> = (0..self.channels()).map(|o| self.levels(o)).collect();
        levels.sort_unstable();
        let mut histogram = vec![0; weights.shifts.iter().max().map_or(1, |&k| usize::from(k) + 1)];
        for &k in &weights.shifts {
            histogram[usize::from(k)] += 1;
        }
        let mut sqnr = Sqnr::default();
        (0..self.channels()).for_each(|o| sqnr.merge(self.sqnr(o)));
        let bias_bits = weights.biases.iter().map(|&bias| signed_bits(i64::from(bias), i64::from(bias))).max();
        LayerReport {
            node: self.quantized.node as u32,
            name: self.node.name.clone(),
            channels: self.channels() as u32,
            range: weights.ranges.iter().fold(0.0, |max, &r| f64::from(r).max(max)),
            weight_scale: weights.scales.iter().fold(0.0, |max, &scale| scale.max(max)),
            input_scale: input.scale,
            input_zero_point: input.zero_point,
            output_scale: output.scale,
            output_zero_point: output.zero_point,
            rescale: self.integer.rescale.first().copied().unwrap_or_default(),
            shift_histogram: histogram,
            levels_min: levels.first().copied().unwrap_or(0),
            levels_median: levels.get(levels.len() / 2).copied().unwrap_or(0),
            channels_with_few_levels: levels.iter().filter(|&&levels| levels <= 5).count() as u32,
            weight_sqnr_db: sqnr.db(),
            accumulator_bits: signed_bits(weights.sum_range.0, weights.sum_range.1),
            accumulator_width: self.network.options.profile.accumulator_bits,
            bias_bits: bias_bits.unwrap_or(1),
            fits: self.integer.fits,
            lowered_channels: weights.lowered.iter().map(|&o| o as u32).collect(),
            saturated_biases: weights.saturated.iter().map(|&o| o as u32).collect(),
            added_bits: self.added_bits(),
        }
    }
}

/// Fewest bits of a two's complement integer that holds both ends.
fn signed_bits(low: i64, high: i64) -> u8 {
    (1..=63)
        .find(|&bits| {
            let (min, max) = Profile::signed_range(bits);
            low >= min && high <= max
        })
        .unwrap_or(64)
}

pub fn scheme(graph: &Graph, network: &Quantized) -> SchemeReport {
    let layers: Vec<Layer> = network.layers.iter().filter_map(|layer| Layer::of(graph, network, layer)).collect();
    let weight_bits = |layer: &Layer| {
        layer.integer.weight.len() * usize::from(network.options.weight_bits)
            + layer.channels() * usize::from(network.options.profile.bias_bits)
    };
    let reports: Vec<LayerReport> = layers.iter().map(Layer::report).collect();
    SchemeReport {
        options: network.options.clone(),
        fallbacks: fallbacks(graph, &network.placement)
            .map(|(node, reason)| Fallback {
                node: node as u32,
                name: graph.nodes[node].name.clone(),
                reason: reason.to_owned(),
            })
            .collect(),
        added_bytes: reports.iter().map(|layer| f64::from(layer.added_bits)).sum::<f64>() / 8.0,
        weight_bytes: layers.iter().map(weight_bits).sum::<usize>() as f64 / 8.0,
        layers: reports,
    }
}

/// # Errors
/// `BadOption` when the node has no weights.
pub fn layer(graph: &Graph, network: &Quantized, node: usize) -> Result<LayerDetail> {
    let layer = Layer::find(graph, network, node)?;
    let weights = &layer.quantized.weights;
    let channels = 0..layer.channels();
    Ok(LayerDetail {
        node: node as u32,
        name: layer.node.name.clone(),
        ranges: weights.ranges.iter().map(|&r| f64::from(r)).collect(),
        shifted_ranges: weights
            .ranges
            .iter()
            .zip(&weights.shifts)
            .map(|(&r, &k)| f64::from(r) * f64::from(1u32 << k.min(31)))
            .collect(),
        shifts: weights.shifts.clone(),
        scales: weights.scales.clone(),
        levels: channels.clone().map(|o| layer.levels(o)).collect(),
        sqnr_db: channels.clone().map(|o| layer.sqnr(o).db()).collect(),
        biases: weights.biases.clone(),
        bias_corrections: weights.corrections.clone(),
        rescales: channels.map(|o| layer.integer.channel_rescale(o)).collect(),
    })
}

/// # Errors
/// `BadOption` when the node has no weights or no such channel.
pub fn channel(graph: &Graph, network: &Quantized, node: usize, channel: usize) -> Result<ChannelDetail> {
    let layer = Layer::find(graph, network, node)?;
    layer.check(channel)?;
    let weights = &layer.quantized.weights;
    let [kh, kw] = layer.float.kernel.map(|size| size as u32);
    Ok(ChannelDetail {
        node: node as u32,
        channel: channel as u32,
        shape: [kh, kw, layer.float.input_channels_per_group() as u32],
        weights: layer.float.channel(channel).to_vec(),
        integers: layer.integers(channel).to_vec(),
        q_max: network.options.q_max() as u8,
        shift: weights.shifts[channel],
        scale: weights.scales[channel],
        bias: layer.float.bias.as_ref().and_then(|bias| bias.get(channel)).copied(),
        integer_bias: weights.biases[channel],
        rescale: layer.integer.channel_rescale(channel),
    })
}

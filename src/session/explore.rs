//! What a person asks about one layer: other shifts, and what its output channels look like.

use std::collections::BTreeMap;

use super::{Reference, Session};
use crate::error::{Code, Error, Result};
use crate::graph::{Op, Tensor};
use crate::host::{Activation, QuantizedNetwork};
use crate::npu::KernelChoice;
use crate::quantize::{self, QuantizeOptions, Scheme, ShiftOverrides, ShiftRule};
use crate::report::{self, ActivationMap, Prediction, ShiftErrors, Sqnr};

impl Session {
    /// The shifts that a rule chooses for a layer, one per output channel, with the bits that shift-wise has.
    ///
    /// # Errors
    /// `NotCalibrated` when shift-wise has not been made; `BadOption` when the node has no weights.
    pub fn shifts_by(&self, rule: ShiftRule, node: usize) -> Result<Vec<u8>> {
        let options = &self.network(Scheme::ShiftWise)?.quantized().options;
        match self.graph.nodes.get(node).map(|node| &node.op) {
            Some(Op::Conv(conv)) => Ok(rule.shifts(conv, options.shift_max(), options.q_max())),
            _ => Err(Error::new(
                Code::BadOption,
                format!("layer {node} has no weights"),
                "choose a convolution or fully connected layer",
            )),
        }
    }

    /// The error of every shift that one output channel could have under shift-wise.
    ///
    /// # Errors
    /// As [`Session::layer`], and `BadOption` when there is no such channel.
    pub fn shift_errors(&self, node: usize, channel: usize) -> Result<ShiftErrors> {
        report::shift_errors(&self.graph, self.network(Scheme::ShiftWise)?.quantized(), node, channel)
    }

    /// What shift-wise would make of the picture if no shift had been chosen by hand (N2's rule everywhere).
    ///
    /// # Errors
    /// `NotCalibrated` when shift-wise has not been made.
    pub fn predict_by_rule(&self, reference: &Reference) -> Result<Prediction> {
        let network = self.network(Scheme::ShiftWise)?;
        if network.quantized().options.shift_overrides.is_empty() {
            return self.predict(Scheme::ShiftWise, reference);
        }
        let options =
            QuantizeOptions { shift_overrides: ShiftOverrides::default(), ..network.quantized().options.clone() };
        let quantized = quantize::quantize(&self.graph, &self.calibration, &options)?;
        let network = QuantizedNetwork::new(self.graph.clone(), quantized, KernelChoice::Fast)?;
        self.predict_with(&network, reference)
    }
}

/// The output of one node under each scheme, kept so that looking through its channels costs one run a scheme. Holds for
/// one picture and one set of quantized schemes.
#[derive(Debug, Default)]
pub struct Outputs {
    node: usize,
    by_scheme: BTreeMap<Scheme, Tensor>,
}

impl Outputs {
    /// One output channel of a node for the reference's picture, in real numbers.
    ///
    /// # Errors
    /// `NotCalibrated` when the scheme has not been made; `BadOption` when there is no such node or channel.
    pub fn map(
        &mut self,
        session: &Session,
        scheme: Scheme,
        [node, channel]: [usize; 2],
        reference: &Reference,
    ) -> Result<ActivationMap> {
        let value = session.graph.nodes.get(node).map(|node| node.output);
        let float = value.and_then(|value| reference.activations.get(&value));
        let (Some(value), Some(float)) = (value, float) else {
            let last = session.graph.nodes.len().saturating_sub(1);
            let hint = format!("choose one from 0 to {last}");
            return Err(Error::new(Code::BadOption, format!("there is no layer {node}"), hint));
        };
        if self.node != node {
            *self = Outputs { node, by_scheme: BTreeMap::new() };
        }
        if scheme != Scheme::Float && !self.by_scheme.contains_key(&scheme) {
            let mut output = Tensor::zeros(float.shape());
            session.network(scheme)?.run(std::slice::from_ref(reference.input()), &mut |seen, activation| {
                if seen == value {
                    fill(&mut output, activation);
                }
            })?;
            self.by_scheme.insert(scheme, output);
        }
        let tensor = self.by_scheme.get(&scheme).unwrap_or(float);
        let values: Vec<f32> = of_channel(tensor, channel).collect();
        if values.is_empty() {
            let channels = float.shape().last().map_or(0, |&channels| channels.saturating_sub(1));
            let reason = format!("layer {node} has no channel {channel}");
            return Err(Error::new(Code::BadOption, reason, format!("choose one from 0 to {channels}")));
        }
        let pairs = of_channel(float, channel).zip(&values);
        let sqnr: Sqnr = pairs.map(|(real, &value)| (f64::from(real), f64::from(value))).collect();
        let (height, width) = match float.shape() {
            &[_, height, width, _] => (height, width),
            _ => (1, values.len()),
        };
        Ok(ActivationMap { height: height as u32, width: width as u32, values, sqnr_db: sqnr.db() })
    }
}

fn fill(output: &mut Tensor, activation: Activation) {
    match activation {
        Activation::Integers(bytes, scale) => {
            let reals = bytes.iter().map(|&q| scale.dequantize(q) as f32);
            output.data_mut().iter_mut().zip(reals).for_each(|(to, real)| *to = real);
        }
        Activation::Real(values) => output.data_mut().iter_mut().zip(values).for_each(|(to, &real)| *to = real),
    }
}

/// Every element whose last axis is `channel`; nothing where there is no such channel.
fn of_channel(tensor: &Tensor, channel: usize) -> impl Iterator<Item = f32> + '_ {
    let channels = tensor.shape().last().copied().unwrap_or(1).max(1);
    let skipped = if channel < channels { channel } else { tensor.len() };
    tensor.data().iter().skip(skipped).step_by(channels).copied()
}

//! From inputs to predictions, with or without float's beside them.

use std::collections::HashMap;

use super::{Inference, Session};
use crate::error::Result;
use crate::graph::{Tensor, ValueId};
use crate::host::{Activation, QuantizedNetwork};
use crate::image::Picture;
use crate::quantize::Scheme;
use crate::report::task::{Colours, Tally};
use crate::report::{Prediction, Sqnr, TaskResult};

/// Float activations of one picture, with which the schemes are compared.
#[derive(Debug, Clone)]
pub struct Reference {
    input: Tensor,
    pub(super) activations: HashMap<ValueId, Tensor>,
    /// As decoded: without the colours.
    result: Option<TaskResult>,
    /// What a network for luminance lacks.
    colours: Option<Colours>,
    prediction: Prediction,
}

impl Reference {
    /// The float scheme's prediction.
    pub fn prediction(&self) -> &Prediction {
        &self.prediction
    }

    /// The picture as the network is given it.
    pub fn input(&self) -> &Tensor {
        &self.input
    }

    /// What float made of a value on the way; inputs and every node's output are known.
    pub(super) fn activation(&self, value: ValueId) -> Option<&Tensor> {
        self.activations.get(&value)
    }
}

impl Session {
    /// Prepares a picture, runs the float graph on it and keeps every activation.
    ///
    /// # Errors
    /// As [`Session::preprocess`].
    pub fn reference(&self, picture: &Picture) -> Result<Reference> {
        let input = self.preprocess(picture)?;
        let size = self.decoder.as_ref().and_then(|decoder| decoder.colourless());
        let colours = size.map(|size| Colours::of(picture, &self.report.input, size, &self.limits)).transpose()?;
        let mut activations = HashMap::new();
        let outputs = self.float.run(std::slice::from_ref(&input), &mut |value, tensor| {
            activations.insert(value, tensor.to_tensor());
        })?;
        let inference = Inference { outputs: self.in_onnx_order(&outputs), hash: None, overflows: 0 };
        let result = self.decode(&inference);
        let mut prediction = prediction(Scheme::Float, result.clone(), &inference);
        prediction.compare(result.as_ref(), colours.as_ref());
        Ok(Reference { input, activations, result, colours, prediction })
    }

    /// A scheme's prediction for the reference's picture: how well it agrees with float's, and the SQNR of every node's
    /// output.
    ///
    /// # Errors
    /// `NotCalibrated` when the scheme has not been made.
    pub fn predict(&self, scheme: Scheme, reference: &Reference) -> Result<Prediction> {
        if scheme == Scheme::Float {
            return Ok(reference.prediction.clone());
        }
        self.predict_with(self.network(scheme)?, reference)
    }

    /// As [`Session::predict`], for a network that need not be the session's.
    pub(super) fn predict_with(&self, network: &QuantizedNetwork, reference: &Reference) -> Result<Prediction> {
        let producers = self.graph.producers();
        let mut sqnr_db = vec![None; self.graph.nodes.len()];
        let scheme = network.quantized().options.scheme;
        let run = network.run(std::slice::from_ref(&reference.input), &mut |value, activation| {
            let (Some(node), Some(real)) = (producers[value.0], reference.activations.get(&value)) else { return };
            sqnr_db[node] = sqnr(real, activation).db();
        })?;
        let inference = Inference { outputs: run.outputs, hash: Some(run.hash), overflows: run.events.overflows };
        let mut prediction = Prediction { sqnr_db, ..prediction(scheme, self.decode(&inference), &inference) };
        prediction.compare(reference.result.as_ref(), reference.colours.as_ref());
        Ok(prediction)
    }

    /// A scheme's prediction for any input, without comparison.
    ///
    /// # Errors
    /// As [`Session::infer`].
    pub fn run(&self, scheme: Scheme, input: &Tensor) -> Result<Prediction> {
        let inference = self.infer(scheme, input)?;
        Ok(prediction(scheme, self.decode(&inference), &inference))
    }

    /// What an inference's outputs say; `None` when it is not known how to read them.
    pub fn decode(&self, inference: &Inference) -> Option<TaskResult> {
        Some(self.decoder.as_ref()?.decode(&inference.outputs, &self.report.labels))
    }
}

fn prediction(scheme: Scheme, result: Option<TaskResult>, inference: &Inference) -> Prediction {
    Prediction {
        scheme,
        result,
        tally: None,
        agreement: None,
        hash: inference.hash.map(|hash| format!("{hash:016x}")),
        sqnr_db: Vec::new(),
        overflows: inference.overflows as f64,
    }
}

impl Prediction {
    /// Fills in how the result agrees with float's; then colours it.
    fn compare(&mut self, float: Option<&TaskResult>, colours: Option<&Colours>) {
        let Some(result) = &mut self.result else { return };
        self.tally = float.and_then(|float| Tally::of(float, result));
        self.agreement = self.tally.as_ref().and_then(Tally::value);
        if let Some(colours) = colours {
            colours.add_to(result);
        }
    }
}

/// Signal and noise of one activation.
pub(super) fn sqnr(real: &Tensor, activation: Activation) -> Sqnr {
    let reals = real.data().iter().map(|&x| f64::from(x));
    match activation {
        Activation::Integers(bytes, scale) => reals.zip(bytes.iter().map(|&q| scale.dequantize(q))).collect(),
        Activation::Real(values) => reals.zip(values.iter().map(|&x| f64::from(x))).collect(),
    }
}

//! Where errors come from: what each node does to its own output, and how many steps the integers are off.

use std::sync::Arc;

use super::predict::sqnr;
use super::{Reference, Session};
use crate::error::{Code, Error, Result};
use crate::graph::{Tensor, ValueId};
use crate::host::Activation;
use crate::npu::{Executor, IntegerGraph, KernelChoice, Step, TensorId};
use crate::quantize::{Quantized, Scheme};
use crate::report::{NodeError, OffBy};

impl Session {
    /// The error of one node alone: its float inputs are quantized on their scales, the node runs in integers, and its
    /// output is compared with float's. Everything before it stays float.
    ///
    /// # Errors
    /// `NotCalibrated` when the scheme has not been made; `BadOption` when the NPU does not run the node.
    pub fn isolated(&self, scheme: Scheme, node: usize, reference: &Reference) -> Result<NodeError> {
        let network = self.network(scheme)?;
        let quantized = network.quantized();
        let Some(step) = quantized.program.steps.iter().find(|step| step.node == node) else {
            let name = self.graph.nodes.get(node).map_or_else(|| node.to_string(), |node| node.name.clone());
            let hint = "choose a node before the float tail";
            return Err(Error::new(Code::BadOption, "the NPU does not run this node", hint).at(name));
        };
        let real =
            |tensor: TensorId| known(reference, quantized.values[tensor.0]).map_err(|error| error.at(&step.name));
        let alone = alone(&quantized.program, step);
        let inputs = alone.inputs.iter().map(|&id| Ok(integers(quantized, id, real(id)?).collect()));
        let inputs = inputs.collect::<Result<Vec<Vec<u8>>>>()?;
        let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let executor = Executor::new(Arc::new(alone), KernelChoice::Fast)?;
        let (outputs, _) = executor.run(&inputs, network, &mut |_, _| {})?;
        let output = outputs.first().ok_or_else(|| Error::internal("a step without output").at(&step.name))?;
        let wanted = real(step.output)?;
        Ok(NodeError {
            sqnr_db: sqnr(wanted, Activation::Integers(output, quantized.scale(step.output))).db(),
            off_by: off_by(quantized, step.output, output, wanted),
        })
    }

    /// How many steps the integers of every node's output are off for the reference's picture, with what has accumulated
    /// from the input on; by node index, `None` where there are no integers.
    ///
    /// # Errors
    /// `NotCalibrated` when the scheme has not been made.
    pub fn off_by(&self, scheme: Scheme, reference: &Reference) -> Result<Vec<Option<OffBy>>> {
        let network = self.network(scheme)?;
        let quantized = network.quantized();
        let mut outputs = vec![None; self.graph.values.len()];
        for step in &quantized.program.steps {
            outputs[quantized.values[step.output.0].0] = Some((step.node, step.output));
        }
        let mut found = vec![None; self.graph.nodes.len()];
        network.run(std::slice::from_ref(reference.input()), &mut |value, activation| {
            if let (Activation::Integers(bytes, _), Some((node, tensor)), Some(real)) =
                (activation, outputs[value.0], reference.activation(value))
            {
                found[node] = Some(off_by(quantized, tensor, bytes, real));
            }
        })?;
        Ok(found)
    }
}

/// The program of one step. Tensors keep their numbers, by which the host knows their scales.
fn alone(program: &IntegerGraph, step: &Step) -> IntegerGraph {
    let mut inputs: Vec<TensorId> = Vec::new();
    for &id in &step.inputs {
        if program.tensor(id).constant.is_none() && !inputs.contains(&id) {
            inputs.push(id);
        }
    }
    IntegerGraph {
        name: step.name.clone(),
        profile: program.profile.clone(),
        tensors: program.tensors.clone(),
        steps: vec![step.clone()],
        inputs,
        outputs: vec![step.output],
    }
}

fn known(reference: &Reference, value: ValueId) -> Result<&Tensor> {
    reference.activation(value).ok_or_else(|| Error::internal("the float network has no such activation"))
}

fn integers(quantized: &Quantized, tensor: TensorId, real: &Tensor) -> impl Iterator<Item = u8> {
    real.data().iter().map(move |&x| quantized.integer(tensor, x))
}

fn off_by(quantized: &Quantized, tensor: TensorId, bytes: &[u8], real: &Tensor) -> OffBy {
    bytes.iter().copied().zip(integers(quantized, tensor, real)).collect()
}

//! The processor beside the NPU: it quantizes the inputs, runs the operators that the NPU has not, dequantizes the
//! outputs and computes the float tail (softmax, box decoding).

mod hash;

use std::sync::Arc;

pub use hash::Hash;

use crate::error::{Code, Error, Result};
use crate::float;
use crate::graph::{Graph, Layout, Tensor, ValueId};
use crate::npu::{self, Events, Executor, Host, KernelChoice, Step, Trace};
use crate::quantize::{ActivationScale, Quantized, RunsOn};

/// An activation on its way through a quantized network.
#[derive(Debug, Clone, Copy)]
pub enum Activation<'a> {
    Integers(&'a [u8], ActivationScale),
    /// In the float tail.
    Real(&'a [f32]),
}

/// The result of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Float outputs in the graph's order, axes in ONNX order.
    pub outputs: Vec<Tensor>,
    /// Of the NPU's output integers (N11).
    pub hash: u64,
    pub events: Events,
}

/// A quantized network, ready to run on float inputs.
#[derive(Debug, Clone)]
pub struct QuantizedNetwork {
    graph: Arc<Graph>,
    quantized: Quantized,
    executor: Executor,
}

impl QuantizedNetwork {
    /// # Errors
    /// `ShapeMismatch` when the program is inconsistent.
    pub fn new(graph: Arc<Graph>, quantized: Quantized, kernels: KernelChoice) -> Result<Self> {
        let executor = Executor::new(Arc::clone(&quantized.program), kernels)?;
        Ok(QuantizedNetwork { graph, quantized, executor })
    }

    /// The same, running in memory that other networks use as well.
    pub fn sharing(self, memory: &npu::Pool) -> Self {
        QuantizedNetwork { executor: self.executor.sharing(memory), ..self }
    }

    /// The float graph that was quantized.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    pub fn quantized(&self) -> &Quantized {
        &self.quantized
    }

    /// Runs the network on inputs in the graph's order and stored layout. `observe` sees every activation.
    ///
    /// # Errors
    /// `ShapeMismatch` for inputs of the wrong shape.
    pub fn run(&self, inputs: &[Tensor], observe: &mut dyn FnMut(ValueId, Activation)) -> Result<Run> {
        let quantized = &self.quantized;
        let program = &*quantized.program;
        let integers: Vec<Vec<u8>> =
            program.inputs.iter().zip(inputs).map(|(&id, tensor)| quantized.integers(id, tensor.data())).collect();
        let integers: Vec<&[u8]> = integers.iter().map(Vec::as_slice).collect();
        let (outputs, events) = self.executor.run(&integers, self, &mut |id, bytes| {
            observe(quantized.values[id.0], Activation::Integers(bytes, quantized.scale(id)));
        })?;
        let mut hash = Hash::default();
        let mut reals: Vec<Option<Tensor>> = vec![None; self.graph.values.len()];
        for (&id, bytes) in program.outputs.iter().zip(&outputs) {
            hash.update(bytes);
            let value = quantized.values[id.0];
            reals[value.0] = Some(dequantize(bytes, quantized.scale(id), &self.graph.value(value).shape)?);
        }
        self.run_tail(&mut reals, observe)?;
        let outputs = self.graph.outputs.iter().map(|&value| self.output(&reals, value)).collect::<Result<_>>()?;
        Ok(Run { outputs, hash: hash.value(), events })
    }

    /// One output number of a layer with weights in full: row, column and channel of `position` for `inputs`.
    ///
    /// # Errors
    /// `BadOption` when the node has no weights or no such output; as [`QuantizedNetwork::run`].
    pub fn trace(&self, node: usize, position: [usize; 3], inputs: &[Tensor]) -> Result<Trace> {
        let program = &*self.quantized.program;
        let name = self.graph.nodes.get(node).map_or_else(|| node.to_string(), |node| node.name.clone());
        let Some(step) = program.steps.iter().position(|step| step.node == node) else {
            let hint = "choose a convolution or a fully connected layer";
            return Err(Error::new(Code::BadOption, "the NPU does not run this node", hint).at(name));
        };
        let wanted = program.steps[step].inputs.first().copied();
        let constant = wanted.and_then(|id| program.tensor(id).constant.clone());
        let mut bytes = constant.map_or_else(Vec::new, |constant| constant.to_vec());
        let value = wanted.map(|id| self.quantized.values[id.0]);
        self.run(inputs, &mut |seen, activation| {
            if let Activation::Integers(integers, _) = activation
                && Some(seen) == value
            {
                bytes = integers.to_vec();
            }
        })?;
        npu::trace(program, step, &bytes, position)
    }

    fn run_tail(&self, reals: &mut [Option<Tensor>], observe: &mut dyn FnMut(ValueId, Activation)) -> Result<()> {
        for (node, place) in self.graph.nodes.iter().zip(&self.quantized.placement) {
            if *place != RunsOn::HostTail {
                continue;
            }
            let inputs = node.inputs.iter().map(|&input| self.real(reals, input)).collect::<Result<Vec<_>>>()?;
            let output = float::evaluate(node, &inputs, &self.graph.value(node.output).shape)?;
            observe(node.output, Activation::Real(output.data()));
            reals[node.output.0] = Some(output);
        }
        Ok(())
    }

    fn real<'a>(&'a self, reals: &'a [Option<Tensor>], value: ValueId) -> Result<&'a Tensor> {
        let source = self.graph.value(value);
        source
            .constant
            .as_deref()
            .or(reals[value.0].as_ref())
            .ok_or_else(|| Error::internal(format!("tensor '{}' did not reach the host", source.name)))
    }

    fn output(&self, reals: &[Option<Tensor>], value: ValueId) -> Result<Tensor> {
        Ok(to_onnx_order(self.real(reals, value)?, &self.graph.value(value).layout))
    }
}

impl Host for QuantizedNetwork {
    fn run(&self, step: &Step, inputs: &[&[u8]], output: &mut [u8]) -> Result<()> {
        let node = self.graph.nodes.get(step.node).ok_or_else(|| Error::internal("a step without a node"))?;
        let program = &*self.quantized.program;
        let inputs = step
            .inputs
            .iter()
            .zip(inputs)
            .map(|(&id, bytes)| dequantize(bytes, self.quantized.scale(id), &program.tensor(id).shape))
            .collect::<Result<Vec<_>>>()?;
        let result = float::evaluate(node, &inputs.iter().collect::<Vec<_>>(), &program.tensor(step.output).shape)?;
        output.copy_from_slice(&self.quantized.integers(step.output, result.data()));
        Ok(())
    }
}

/// Stored data with its axes put back in ONNX order.
pub fn to_onnx_order(tensor: &Tensor, layout: &Layout) -> Tensor {
    if layout.is_identity() {
        return tensor.clone();
    }
    tensor.transposed(&layout.permutation_to(&Layout::identity(layout.rank())))
}

fn dequantize(bytes: &[u8], scale: ActivationScale, shape: &[usize]) -> Result<Tensor> {
    Tensor::new(shape, bytes.iter().map(|&byte| scale.dequantize(byte) as f32).collect())
}

//! Integer graphs of one step, run as the page runs whole networks: through the public executor.

use std::sync::Arc;

use shiftwise::error::{Error, Result};
use shiftwise::npu::{
    AddRescale, Bounds, Executor, Host, IntegerConv, IntegerGraph, IntegerOp, IntegerTensor, KernelChoice, Profile,
    Rescale, Step, TensorId, Window,
};

use crate::layer::{Layer, Shape, bytes};

/// A graph of one step, ready to run, and its inputs.
pub struct OneStep {
    executor: Executor,
    inputs: Vec<Vec<u8>>,
}

impl OneStep {
    /// A convolution whose rescale differs by shifts from channel to channel, as shift-wise makes them.
    pub fn conv(layer: Layer) -> Result<Self> {
        let Layer { input, output, kernel, stride, groups } = layer;
        let weights = output.channels * kernel * kernel * (input.channels / groups);
        let conv = IntegerConv {
            window: Window {
                kernel: [kernel; 2],
                stride: [stride; 2],
                dilation: [1; 2],
                upsample: [1; 2],
                pads: [kernel / 2; 2],
            },
            groups,
            // -127..=127
            weight: bytes(weights, 3).into_iter().map(|byte| (i32::from(byte) % 255 - 127) as i8).collect(),
            bias: bytes(output.channels, 4).into_iter().map(|byte| (i32::from(byte) - 128) << 4).collect(),
            rescale: vec![Rescale { multiplier: 40_000, shift: 27 }],
            shifts: bytes(output.channels, 5).into_iter().map(|byte| byte % 5).collect(),
            fits: true,
        };
        OneStep::new(IntegerOp::Conv(conv), &[input], output)
    }

    /// A residual addition.
    pub fn add(shape: Shape) -> Result<Self> {
        let rescale = AddRescale::Shared { multipliers: [40_000, 30_000], shift: 16 };
        OneStep::new(IntegerOp::Add { rescale, subtract: false }, &[shape, shape], shape)
    }

    fn new(op: IntegerOp, inputs: &[Shape], output: Shape) -> Result<Self> {
        let tensor = |(index, shape): (usize, &Shape)| IntegerTensor {
            name: format!("tensor{index}"),
            shape: shape.nhwc(),
            zero_point: 120,
            max: 255,
            constant: None,
        };
        let ids: Vec<TensorId> = (0..inputs.len()).map(TensorId).collect();
        let step = Step {
            name: "step".to_owned(),
            node: 0,
            op,
            bounds: Bounds { min: 0, max: 255 },
            inputs: ids.clone(),
            output: TensorId(inputs.len()),
        };
        let graph = IntegerGraph {
            name: "one step".to_owned(),
            profile: Profile::default(),
            tensors: inputs.iter().chain([&output]).enumerate().map(tensor).collect(),
            steps: vec![step],
            inputs: ids,
            outputs: vec![TensorId(inputs.len())],
        };
        graph.check()?;
        let inputs = inputs.iter().enumerate().map(|(index, shape)| bytes(shape.len(), 10 + index as u64)).collect();
        Ok(OneStep { executor: Executor::new(Arc::new(graph), KernelChoice::Fast)?, inputs })
    }

    pub fn run(&self) -> Result<Vec<Vec<u8>>> {
        let inputs: Vec<&[u8]> = self.inputs.iter().map(Vec::as_slice).collect();
        Ok(self.executor.run(&inputs, &NoHost, &mut |_, _| ())?.0)
    }
}

/// These graphs leave nothing to a host.
struct NoHost;

impl Host for NoHost {
    fn run(&self, step: &Step, _: &[&[u8]], _: &mut [u8]) -> Result<()> {
        Err(Error::internal("a step for the host").at(step.name.as_str()))
    }
}

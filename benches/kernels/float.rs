//! Float graphs of one node, run through the public executor.

use std::sync::Arc;

use shiftwise::error::Result;
use shiftwise::float::Executor;
use shiftwise::graph::{Conv, Graph, Layout, Node, Op, Tensor, Value, ValueId};

use crate::layer::{Layer, Shape, bytes};

/// A graph of one node, ready to run, and its input.
pub struct OneNode {
    executor: Executor,
    input: Tensor,
}

impl OneNode {
    pub fn conv(layer: Layer) -> Result<Self> {
        let Layer { input, output, kernel, stride, groups } = layer;
        let pads = [kernel / 2; 4];
        let weight = random(&[output.channels, kernel, kernel, input.channels / groups], 3)?;
        let conv = Conv {
            kernel: [kernel; 2],
            stride: [stride; 2],
            pads,
            groups,
            ..Conv::pointwise(Arc::new(weight), Some(vec![0.5; output.channels]))
        };
        let value = |name: &str, shape: Shape| Value {
            name: name.to_owned(),
            shape: shape.nhwc(),
            layout: Layout::channels_last(4),
            constant: None,
        };
        let node = Node {
            name: "conv".to_owned(),
            origin: vec!["Conv".to_owned()],
            op: Op::Conv(conv),
            clamp: None,
            inputs: vec![ValueId(0)],
            output: ValueId(1),
        };
        let graph = Graph {
            name: "one node".to_owned(),
            values: vec![value("input", input), value("output", output)],
            nodes: vec![node],
            inputs: vec![ValueId(0)],
            outputs: vec![ValueId(1)],
        };
        Ok(OneNode { executor: Executor::new(Arc::new(graph))?, input: random(&input.nhwc(), 4)? })
    }

    pub fn run(&self) -> Result<Vec<Tensor>> {
        self.executor.run(std::slice::from_ref(&self.input), &mut |_, _| ())
    }
}

/// Numbers from -1 to 1.
fn random(shape: &[usize], seed: u64) -> Result<Tensor> {
    let data = bytes(shape.iter().product(), seed).into_iter().map(|byte| f32::from(byte) / 127.5 - 1.0).collect();
    Tensor::new(shape, data)
}

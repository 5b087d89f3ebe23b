//! A small builder of graphs for tests. Images are `[n, h, w, c]`; every weight depends on the builder's seed alone.

use std::sync::Arc;

use super::{Activation, BinaryKind, Clamp, Conv, Graph, Layout, Node, Op, Tensor, Value, ValueId};
use crate::float::kernels::testing::random;

pub struct Builder {
    graph: Graph,
    seed: u64,
}

impl Builder {
    pub fn new(seed: u64) -> Self {
        Builder { graph: Graph { name: "test".to_owned(), ..Graph::default() }, seed }
    }

    pub fn value(&mut self, name: &str, shape: &[usize], constant: Option<Tensor>) -> ValueId {
        let layout = Layout::channels_last(shape.len());
        let constant = constant.map(Arc::new);
        self.graph.add_value(Value { name: name.to_owned(), shape: shape.to_vec(), layout, constant })
    }

    pub fn shape(&self, value: ValueId) -> Vec<usize> {
        self.graph.value(value).shape.clone()
    }

    pub fn input(&mut self, name: &str, shape: &[usize]) -> ValueId {
        let id = self.value(name, shape, None);
        self.graph.inputs.push(id);
        id
    }

    pub fn constant(&mut self, name: &str, shape: &[usize], data: &[f32]) -> ValueId {
        self.value(name, shape, Some(Tensor::new(shape, data.to_vec()).unwrap()))
    }

    pub fn random(&mut self, len: usize) -> Vec<f32> {
        self.seed += 1;
        random(len, self.seed)
    }

    /// A node `name` whose origin is `kind` and whose output is called `name.out`.
    pub fn node(&mut self, kind: &str, name: &str, op: Op, inputs: &[ValueId], shape: &[usize]) -> ValueId {
        let output = self.value(&format!("{name}.out"), shape, None);
        let (name, origin, inputs) = (name.to_owned(), vec![kind.to_owned()], inputs.to_vec());
        self.graph.nodes.push(Node { name, origin, op, clamp: None, inputs, output });
        output
    }

    /// A convolution with random weights and bias; `adjust` changes its geometry and groups before the weights are
    /// made. Of `conv.weight` only the shape is read.
    pub fn conv(
        &mut self,
        name: &str,
        input: ValueId,
        channels: usize,
        kernel: usize,
        adjust: impl Fn(&mut Conv),
    ) -> ValueId {
        let from = self.graph.value(input).shape.clone();
        let mut conv = Conv::pointwise(Arc::new(Tensor::default()), None);
        conv.kernel = [kernel; 2];
        adjust(&mut conv);
        let shape = vec![channels, kernel, kernel, from[3] / conv.groups];
        let weight = self.random(shape.iter().product());
        conv.weight = Arc::new(Tensor::new(shape, weight).unwrap());
        conv.bias = Some(self.random(channels));
        let size = |axis: usize| {
            let window = (kernel - 1) * conv.dilation[axis] + 1;
            let rows = (from[axis + 1] - 1) * conv.upsample[axis] + 1;
            (rows + conv.pads[axis] + conv.pads[axis + 2] - window) / conv.stride[axis] + 1
        };
        let shape = [from[0], size(0), size(1), channels];
        self.node("Conv", name, Op::Conv(conv), &[input], &shape)
    }

    /// The node made last.
    pub fn last(&mut self) -> &mut Node {
        self.graph.nodes.last_mut().unwrap()
    }

    /// What the reader makes of a BatchNormalization.
    pub fn batch_norm(&mut self, name: &str, input: ValueId) -> ValueId {
        let channels = self.graph.value(input).shape[3];
        let output = self.conv(name, input, channels, 1, |conv| conv.groups = channels);
        if let Some(node) = self.graph.nodes.last_mut() {
            node.origin = vec!["BatchNormalization".to_owned()];
        }
        output
    }

    pub fn activation(&mut self, name: &str, activation: Activation, input: ValueId) -> ValueId {
        let kind = match activation {
            Activation::Clamp(clamp) if clamp == Clamp::RELU => "Relu",
            Activation::Clamp(_) => "Clip",
            _ => "Activation",
        };
        let shape = self.graph.value(input).shape.clone();
        self.node(kind, name, Op::Activation(activation), &[input], &shape)
    }

    pub fn relu(&mut self, name: &str, input: ValueId) -> ValueId {
        self.activation(name, Activation::Clamp(Clamp::RELU), input)
    }

    pub fn clip(&mut self, name: &str, input: ValueId, min: f32, max: f32) -> ValueId {
        self.activation(name, Activation::Clamp(Clamp { min, max }), input)
    }

    /// The output has the shape of the input of higher rank (or of more elements).
    pub fn binary(&mut self, kind: BinaryKind, name: &str, a: ValueId, b: ValueId) -> ValueId {
        let (left, right) = (self.graph.value(a).shape.clone(), self.graph.value(b).shape.clone());
        let elements = |shape: &[usize]| shape.iter().product::<usize>();
        let larger = (right.len(), elements(&right)) > (left.len(), elements(&left));
        let shape = if larger { right } else { left };
        let origin = match kind {
            BinaryKind::Add => "Add",
            BinaryKind::Sub => "Sub",
            BinaryKind::Mul => "Mul",
            BinaryKind::Div => "Div",
            BinaryKind::Prelu => "PRelu",
        };
        self.node(origin, name, Op::Binary(kind), &[a, b], &shape)
    }

    pub fn finish(mut self, outputs: &[ValueId]) -> Graph {
        self.graph.outputs = outputs.to_vec();
        self.graph
    }
}

/// Random tensors for the inputs of `graph`, spread over a few units so that clamps and curves are exercised.
pub fn inputs_of(graph: &Graph, seed: u64) -> Vec<Tensor> {
    let tensor = |(i, &id): (usize, &ValueId)| {
        let shape = graph.value(id).shape.clone();
        let data = random(shape.iter().product(), seed + i as u64).into_iter().map(|x| 5.0 * x).collect();
        Tensor::new(shape, data).unwrap()
    };
    graph.inputs.iter().enumerate().map(tensor).collect()
}

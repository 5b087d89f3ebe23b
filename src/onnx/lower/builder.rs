//! Building the graph: values, nodes, unique names, constants within their budget, and changes of layout.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::layouts;
use crate::error::{Code, Error, Result};
use crate::graph::{Graph, Layout, Node, Op, Tensor, Value, ValueId};
use crate::limits::Limits;
use crate::onnx::call::{Binding, Call, Operand};
use crate::onnx::literal::Literal;
use crate::onnx::shapes::mismatch;

/// How a new node and its value are named.
#[derive(Clone, Copy)]
pub enum Naming<'a> {
    /// As the ONNX node and its first output: the node that completes the operator.
    Output,
    /// As the operator with a suffix: a step on the way, which ONNX knows nothing of.
    Step(&'a str),
}

pub struct Builder<'m> {
    pub graph: Graph,
    pub limits: &'m Limits,
    value_names: HashSet<String>,
    node_names: HashSet<String>,
    /// Elements of all constants made so far.
    constant_elements: usize,
    /// Values already moved to another layout, by the permutation that did it.
    moved: HashMap<(ValueId, Vec<usize>), ValueId>,
}

impl<'m> Builder<'m> {
    /// `reserved` are the names of all ONNX tensors, which steps must not take.
    pub fn new(name: &str, limits: &'m Limits, reserved: HashSet<String>) -> Self {
        Builder {
            graph: Graph { name: name.to_owned(), ..Graph::default() },
            limits,
            value_names: reserved,
            node_names: HashSet::new(),
            constant_elements: 0,
            moved: HashMap::new(),
        }
    }

    /// A node name that no other node has.
    pub fn node_name(&mut self, wanted: &str) -> String {
        unique(&mut self.node_names, wanted)
    }

    pub fn value_name(&mut self, wanted: &str) -> String {
        unique(&mut self.value_names, wanted)
    }

    /// The limits with what is left for constants.
    pub fn remaining(&self) -> Limits {
        let tensor_elements = self.limits.tensor_elements.saturating_sub(self.constant_elements);
        Limits { tensor_elements, ..*self.limits }
    }

    /// Counts the elements of a new constant. A small file can describe huge ones, and one weight can serve thousands
    /// of nodes, so all constants together get the budget of one tensor.
    pub fn charge(&mut self, elements: usize) -> Result<()> {
        self.constant_elements = self.constant_elements.saturating_add(elements);
        if self.constant_elements > self.limits.tensor_elements {
            return Err(Error::new(
                Code::TooLarge,
                format!("the model's constants have more than {} elements in all", self.limits.tensor_elements),
                "use a smaller model, or raise the limit on the command line (--max-tensor)",
            ));
        }
        Ok(())
    }

    pub fn constant(&mut self, literal: Literal) -> Result<Binding> {
        self.charge(literal.len())?;
        Ok(Binding::Constant(Arc::new(literal)))
    }

    /// The ONNX shape of a tensor.
    pub fn shape(&self, operand: &Operand) -> Vec<usize> {
        operand.layout.to_onnx(&self.graph.value(operand.id).shape)
    }

    pub fn shape_of(&self, binding: &Binding) -> Vec<usize> {
        match binding {
            Binding::Constant(literal) => literal.shape.clone(),
            Binding::Data(operand) => self.shape(operand),
        }
    }

    /// Adds a node. `shape` and `layout` are those of the ONNX tensor that it computes.
    pub fn emit(
        &mut self,
        call: &Call,
        naming: Naming,
        op: Op,
        inputs: Vec<ValueId>,
        shape: &[usize],
        layout: Layout,
    ) -> Result<Operand> {
        let (node_name, value_name) = match naming {
            Naming::Output => (call.name.clone(), call.output().to_owned()),
            Naming::Step(suffix) => (
                self.node_name(&format!("{}/{suffix}", call.name)),
                self.value_name(&format!("{}/{suffix}", call.output())),
            ),
        };
        self.push(node_name, value_name, call.op, op, inputs, shape, layout)
    }

    #[allow(clippy::too_many_arguments)]
    fn push(
        &mut self,
        node_name: String,
        value_name: String,
        origin: &str,
        op: Op,
        inputs: Vec<ValueId>,
        shape: &[usize],
        layout: Layout,
    ) -> Result<Operand> {
        self.limits.elements(shape)?;
        if shape.contains(&0) {
            return Err(mismatch(format!("the result has shape {shape:?} and so no elements")));
        }
        let stored = layout.to_stored(shape);
        let id =
            self.graph.add_value(Value { name: value_name, shape: stored, layout: layout.clone(), constant: None });
        let origin = vec![origin.to_owned()];
        self.graph.nodes.push(Node { name: node_name, origin, op, clamp: None, inputs, output: id });
        Ok(Operand { id, layout })
    }

    /// A constant as a value of the graph, with ONNX shape `shape` (which may add axes of length 1).
    pub fn embed(&mut self, literal: &Literal, shape: &[usize], layout: &Layout) -> Result<Operand> {
        let data = literal.as_weights()?;
        if data.is_empty() {
            return Err(mismatch(format!("tensor '{}' has no elements", literal.name)));
        }
        self.charge(data.len())?;
        let tensor = Tensor::new(shape, data.to_vec())?;
        let tensor = if layout.is_identity() { tensor } else { tensor.transposed(&layout.0) };
        let id = self.embed_tensor(&literal.name, tensor, layout.clone());
        Ok(Operand { id, layout: layout.clone() })
    }

    /// A tensor that is already stored as `layout` says.
    pub fn embed_tensor(&mut self, name: &str, tensor: Tensor, layout: Layout) -> ValueId {
        // The name itself is reserved; the first value to hold it may have it.
        let taken = self.graph.values.iter().any(|value| value.name == name);
        let name =
            if taken || name.is_empty() { self.value_name(&format!("{name}/constant")) } else { name.to_owned() };
        let shape = tensor.shape().to_vec();
        self.graph.add_value(Value { name, shape, layout, constant: Some(Arc::new(tensor)) })
    }

    /// A required input as a value of the graph, in whatever layout it is; constants come as ONNX has them.
    pub fn data(&mut self, call: &Call, index: usize) -> Result<Operand> {
        match call.required(index)? {
            Binding::Data(operand) => Ok(operand.clone()),
            Binding::Constant(literal) => self.embed(literal, &literal.shape, &Layout::identity(literal.shape.len())),
        }
    }

    /// A required input of four dimensions, stored channels-last.
    pub fn image(&mut self, call: &Call, index: usize) -> Result<Operand> {
        let operand = self.data(call, index)?;
        let rank = operand.layout.rank();
        if rank != 4 {
            return Err(Error::new(
                Code::UnsupportedOperator,
                format!("{} of a tensor of {rank} dimensions is not supported", call.op),
                "Shiftwise runs networks on images: batch, channels, height and width",
            ));
        }
        self.arranged(call, operand, &Layout::channels_last(4))
    }

    /// The same tensor stored in `target`, moving the data only where it really lies otherwise.
    pub fn arranged(&mut self, call: &Call, operand: Operand, target: &Layout) -> Result<Operand> {
        let permutation = operand.layout.permutation_to(target);
        if permutation.iter().enumerate().all(|(i, &axis)| i == axis) {
            return Ok(Operand { id: operand.id, layout: target.clone() });
        }
        let key = (operand.id, permutation);
        if let Some(&id) = self.moved.get(&key) {
            return Ok(Operand { id, layout: target.clone() });
        }
        let shape = self.shape(&operand);
        let only_units_move = layouts::same_order(&shape, &operand.layout, target);
        let op = if only_units_move { Op::Reshape } else { Op::Transpose { permutation: key.1.clone() } };
        let order = if *target == Layout::channels_last(4) { "channels-last" } else { "reordered" };
        let wanted = format!("{}/{order}", self.graph.value(operand.id).name);
        let (node_name, value_name) = (self.node_name(&wanted), self.value_name(&wanted));
        let moved = self.push(node_name, value_name, call.op, op, vec![operand.id], &shape, target.clone())?;
        self.moved.insert(key, moved.id);
        Ok(moved)
    }

    /// The same elements in ONNX order under another ONNX shape of the same size.
    pub fn reshaped(&mut self, call: &Call, naming: Naming, operand: Operand, to: &[usize]) -> Result<Operand> {
        let from = self.shape(&operand);
        if from == to {
            return Ok(operand);
        }
        let (operand, layout) = match layouts::after_reshape(&from, &operand.layout, to) {
            Some(layout) => (operand, layout),
            None => {
                let ordered = self.arranged(call, operand, &Layout::identity(from.len()))?;
                let identity = Layout::identity(to.len());
                let layout = layouts::after_reshape(&from, &ordered.layout, to).unwrap_or(identity);
                (ordered, layout)
            }
        };
        if self.graph.value(operand.id).shape == layout.to_stored(to) {
            return Ok(Operand { id: operand.id, layout });
        }
        self.emit(call, naming, Op::Reshape, vec![operand.id], to, layout)
    }
}

/// `wanted`, or `wanted` with a number appended where that name is taken.
fn unique(taken: &mut HashSet<String>, wanted: &str) -> String {
    let mut name = wanted.to_owned();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{wanted}_{number}");
        number += 1;
    }
    name
}

//! The end of reading: the graph's outputs get their names, and what nothing uses goes.

use super::call::{Binding, Operand};
use super::lower::Builder;
use crate::error::Result;
use crate::graph::{Graph, Layout, Node, Op, ValueId};

/// Makes what an output name stands for an output of the graph, under that name and with its own layout.
///
/// A value that got here through an operator that vanished (identity, transpose) is renamed. Where it must keep its
/// name, as an input or another output, a copy is made.
pub fn output(builder: &mut Builder, name: &str, binding: Binding) -> Result<()> {
    let operand = match binding {
        Binding::Data(operand) => operand,
        Binding::Constant(literal) => {
            builder.embed(&literal, &literal.shape, &Layout::identity(literal.shape.len()))?
        }
    };
    let graph = &builder.graph;
    let value = graph.value(operand.id);
    let exact = value.name == name && value.layout == operand.layout;
    let fixed = graph.inputs.contains(&operand.id) || graph.outputs.contains(&operand.id);
    let id = if fixed { copy(builder, name, &operand) } else { operand.id };
    if !exact && !fixed {
        let value = &mut builder.graph.values[id.0];
        value.name = name.to_owned();
        value.layout = operand.layout;
    }
    builder.graph.outputs.push(id);
    Ok(())
}

/// A reshape to the same shape.
fn copy(builder: &mut Builder, name: &str, operand: &Operand) -> ValueId {
    let mut value = builder.graph.value(operand.id).clone();
    let is_taken = builder.graph.values.iter().any(|other| other.name == name);
    value.name = if is_taken { builder.value_name(name) } else { name.to_owned() };
    value.layout = operand.layout.clone();
    value.constant = None;
    let output = builder.graph.add_value(value);
    let name = builder.node_name(name);
    let origin = vec!["Identity".to_owned()];
    let inputs = vec![operand.id];
    builder.graph.nodes.push(Node { name, origin, op: Op::Reshape, clamp: None, inputs, output });
    output
}

/// The graph without values that no node, input or output mentions.
pub fn tidied(mut graph: Graph) -> Graph {
    let mut used = vec![false; graph.values.len()];
    let edges = graph.nodes.iter().flat_map(|node| node.inputs.iter().chain([&node.output]));
    for id in edges.chain(&graph.inputs).chain(&graph.outputs) {
        used[id.0] = true;
    }
    let mut next = 0;
    let new_ids: Vec<ValueId> = used
        .iter()
        .map(|&used| {
            let id = ValueId(next);
            next += usize::from(used);
            id
        })
        .collect();
    let mut keep = used.iter();
    graph.values.retain(|_| keep.next().copied().unwrap_or(false));
    for node in &mut graph.nodes {
        for id in node.inputs.iter_mut().chain([&mut node.output]) {
            *id = new_ids[id.0];
        }
    }
    for id in graph.inputs.iter_mut().chain(&mut graph.outputs) {
        *id = new_ids[id.0];
    }
    graph
}

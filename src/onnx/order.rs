//! Execution order of the nodes, and the checks that it needs: one producer for every tensor, and no cycle.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::proto::{GraphProto, NodeProto};
use crate::error::{Code, Error, Result};

/// Indices of the nodes in an order in which each comes after those it depends on. Files should be in such an order
/// already, and then it stays as it is.
///
/// # Errors
/// `NotOnnx` when two things have the same name, `MissingTensor`, `Cycle`.
pub fn execution_order(graph: &GraphProto) -> Result<Vec<usize>> {
    let producers = producers(graph)?;
    let mut waiting_for = vec![0usize; graph.node.len()];
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); graph.node.len()];
    for (index, node) in graph.node.iter().enumerate() {
        for input in node.input.iter().filter(|name| !name.is_empty()) {
            match producers.get(input.as_str()) {
                Some(Some(producer)) => {
                    waiting_for[index] += 1;
                    dependents[*producer].push(index);
                }
                Some(None) => {}
                None => return Err(missing(input).at(label(node))),
            }
        }
    }
    for output in &graph.output {
        if !producers.contains_key(output.name.as_str()) {
            return Err(missing(&output.name));
        }
    }
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..graph.node.len()).filter(|&index| waiting_for[index] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(graph.node.len());
    while let Some(Reverse(index)) = ready.pop() {
        order.push(index);
        for &dependent in &dependents[index] {
            waiting_for[dependent] -= 1;
            if waiting_for[dependent] == 0 {
                ready.push(Reverse(dependent));
            }
        }
    }
    if order.len() < graph.node.len() {
        let stuck = on_cycle(graph, &producers, &waiting_for);
        return Err(Error::new(
            Code::Cycle,
            "the node depends on its own result",
            "recurrent connections are not supported; check the model with onnx.checker",
        )
        .at(stuck.map_or("", label)));
    }
    Ok(order)
}

/// For every tensor name the node that computes it, or `None` for inputs and initializers.
fn producers(graph: &GraphProto) -> Result<HashMap<&str, Option<usize>>> {
    let mut producers = HashMap::new();
    for initializer in &graph.initializer {
        claim(&mut producers, &initializer.name, None)?;
    }
    let initializers = producers.clone();
    for input in &graph.input {
        // An initializer may be listed as an input, of which it is then the default.
        if !initializers.contains_key(input.name.as_str()) {
            claim(&mut producers, &input.name, None)?;
        }
    }
    for (index, node) in graph.node.iter().enumerate() {
        for output in node.output.iter().filter(|name| !name.is_empty()) {
            claim(&mut producers, output, Some(index)).map_err(|error| error.at(label(node)))?;
        }
    }
    Ok(producers)
}

fn claim<'g>(producers: &mut HashMap<&'g str, Option<usize>>, name: &'g str, producer: Option<usize>) -> Result<()> {
    match producers.insert(name, producer) {
        None => Ok(()),
        Some(_) => Err(Error::new(
            Code::NotOnnx,
            format!("two tensors have the name '{name}'"),
            "the exporter wrote an invalid model; check it with onnx.checker",
        )),
    }
}

fn missing(name: &str) -> Error {
    Error::new(
        Code::MissingTensor,
        format!("nothing provides the tensor '{name}'"),
        "the model lacks an initializer or input of that name; export it again",
    )
}

/// A node of a cycle: going back along inputs that are still waited for never leaves the stuck nodes, so after as many
/// steps as there are nodes one stands on a cycle.
fn on_cycle<'g>(
    graph: &'g GraphProto,
    producers: &HashMap<&str, Option<usize>>,
    waiting_for: &[usize],
) -> Option<&'g NodeProto> {
    let mut current = waiting_for.iter().position(|&count| count > 0)?;
    for _ in 0..graph.node.len() {
        let stuck =
            |name: &String| producers.get(name.as_str()).copied().flatten().filter(|&node| waiting_for[node] > 0);
        current = graph.node[current].input.iter().find_map(stuck)?;
    }
    graph.node.get(current)
}

/// What to call a node in messages: its name, or its first output.
pub fn label(node: &NodeProto) -> &str {
    if node.name.is_empty() { node.output.first().map_or("", String::as_str) } else { &node.name }
}

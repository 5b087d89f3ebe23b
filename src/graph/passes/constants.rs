//! A node that reads only constants is computed now, unless that makes the graph much larger.

use std::sync::Arc;

use super::PassNote;
use super::edit::{describe, note};
use crate::error::Result;
use crate::float;
use crate::graph::{Graph, Tensor};

/// Results up to this many elements are always kept; larger ones only if the inputs were as large. (Otherwise a few
/// broadcasts of one number could fill the memory.)
const SMALL: usize = 1 << 16;

pub fn run(graph: &mut Graph, notes: &mut Vec<PassNote>) -> Result<()> {
    let nodes = std::mem::take(&mut graph.nodes);
    for node in nodes {
        let inputs: Option<Vec<Arc<Tensor>>> =
            node.inputs.iter().map(|&input| graph.value(input).constant.clone()).collect();
        let shape = &graph.value(node.output).shape;
        let allowance = |inputs: &[Arc<Tensor>]| inputs.iter().map(|input| input.len()).sum::<usize>().max(SMALL);
        match inputs {
            Some(inputs) if shape.iter().product::<usize>() <= allowance(&inputs) => {
                let inputs: Vec<&Tensor> = inputs.iter().map(Arc::as_ref).collect();
                let result = float::evaluate(&node, &inputs, shape)?;
                graph.values[node.output.0].constant = Some(Arc::new(result));
                notes.push(note(
                    "constant folding",
                    &node,
                    format!("{} reads only constants: computed once", describe(&node)),
                ));
            }
            _ => graph.nodes.push(node),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::after_pass;
    use super::*;
    use crate::graph::BinaryKind;
    use crate::graph::build::Builder;

    #[test]
    fn a_chain_of_constants_is_one_constant() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 2, 2, 3]);
        let c = b.constant("c", &[3], &[1.0, 2.0, 3.0]);
        let two = b.constant("two", &[], &[2.0]);
        let y = b.binary(BinaryKind::Mul, "double", c, two);
        let y = b.relu("relu", y);
        let y = b.binary(BinaryKind::Add, "add", x, y);
        let (after, notes) = after_pass(run, &b.finish(&[y]));
        assert_eq!(after.nodes.len(), 1);
        assert_eq!(after.value(after.nodes[0].inputs[1]).constant.as_ref().unwrap().data(), [2.0, 4.0, 6.0]);
        let expected = [
            "multiplication 'double' reads only constants: computed once",
            "ReLU 'relu' reads only constants: computed once",
        ];
        assert_eq!(notes, expected);
    }

    #[test]
    fn a_constant_may_become_an_output() {
        let mut b = Builder::new(1);
        let c = b.constant("c", &[2], &[-1.0, 1.0]);
        let y = b.relu("relu", c);
        let (after, _) = after_pass(run, &b.finish(&[y]));
        assert!(after.nodes.is_empty());
    }

    #[test]
    fn a_broadcast_that_would_fill_memory_is_left_alone() {
        let mut b = Builder::new(1);
        let (rows, columns) = (b.constant("r", &[1000, 1], &[1.0; 1000]), b.constant("c", &[1, 1000], &[1.0; 1000]));
        let y = b.node("Add", "add", crate::graph::Op::Binary(BinaryKind::Add), &[rows, columns], &[1000, 1000]);
        let (after, notes) = after_pass(run, &b.finish(&[y]));
        assert_eq!((after.nodes.len(), notes.len()), (1, 0));
    }
}

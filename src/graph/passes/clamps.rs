//! ReLU, ReLU6 and Clip become the clamp of the node before them (N7), or merge with another clamp.

use super::PassNote;
use super::edit::{Uses, describe, merge_into_first, note, rewrite_all};
use crate::error::Result;
use crate::graph::{Activation, Graph, Op};

pub fn run(graph: &mut Graph, notes: &mut Vec<PassNote>) -> Result<()> {
    rewrite_all(graph, notes, fuse);
    Ok(())
}

fn fuse(graph: &mut Graph, index: usize, uses: &Uses) -> Option<PassNote> {
    let node = &graph.nodes[index];
    let Op::Activation(Activation::Clamp(clamp)) = node.op else { return None };
    let first = uses.private_producer(*node.inputs.first()?)?;
    let before = &graph.nodes[first];
    let text = |verb: &str| format!("{} {verb} '{}'", describe(node), before.name);
    match &before.op {
        Op::Activation(Activation::Clamp(earlier)) => {
            let note = note("activation fusing", before, text("merged into"));
            let op = Op::Activation(Activation::Clamp(earlier.then(clamp)));
            merge_into_first(graph, first, index, op);
            Some(note)
        }
        op if op.accepts_clamp() => {
            let note = note("activation fusing", before, text("fused into"));
            let (op, fused) = (op.clone(), before.clamp.map_or(clamp, |earlier| earlier.then(clamp)));
            merge_into_first(graph, first, index, op);
            graph.nodes[first].clamp = Some(fused);
            Some(note)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::after_pass;
    use super::*;
    use crate::graph::build::Builder;
    use crate::graph::{BinaryKind, Clamp};

    #[test]
    fn a_chain_of_clamps_ends_in_the_node_before() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 3, 3, 2]);
        let y = b.conv("conv", x, 4, 1, |_| ());
        let y = b.relu("relu", y);
        let y = b.clip("clip", y, -1.0, 2.0);
        let (after, notes) = after_pass(run, &b.finish(&[y]));
        assert_eq!(after.nodes.len(), 1);
        assert_eq!(after.nodes[0].clamp, Some(Clamp { min: 0.0, max: 2.0 }));
        assert_eq!(after.nodes[0].origin, ["Conv", "Relu", "Clip"]);
        assert_eq!(after.value(after.nodes[0].output).name, "clip.out");
        assert_eq!(notes, ["ReLU 'relu' fused into 'conv'", "clip 'clip' fused into 'conv'"]);
    }

    #[test]
    fn clamps_merge_where_nothing_accepts_them() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[6]);
        let y = b.clip("clip", x, -3.0, -2.0);
        let y = b.relu("relu", y);
        let (after, notes) = after_pass(run, &b.finish(&[y]));
        assert_eq!(after.nodes.len(), 1);
        assert_eq!(after.nodes[0].op, Op::Activation(Activation::Clamp(Clamp { min: 0.0, max: 0.0 })));
        assert_eq!(notes, ["ReLU 'relu' merged into 'clip'"]);
    }

    #[test]
    fn a_result_that_others_see_is_not_clamped() {
        for returned in [false, true] {
            let mut b = Builder::new(1);
            let x = b.input("x", &[1, 3, 3, 2]);
            let conv = b.conv("conv", x, 2, 1, |_| ());
            let relu = b.relu("relu", conv);
            let outputs = if returned { vec![conv, relu] } else { vec![b.binary(BinaryKind::Mul, "mul", conv, relu)] };
            let (after, notes) = after_pass(run, &b.finish(&outputs));
            assert!(after.nodes[0].clamp.is_none() && notes.is_empty());
        }
    }
}

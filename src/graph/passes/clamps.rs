//! ReLU, ReLU6 and Clip become the clamp of the node before them (N7), or merge with another clamp.

use super::PassNote;
use super::edit::{Uses, describe, merge_into_first, note, rewrite_all};
use crate::error::Result;
use crate::graph::{Activation, Clamp, Graph, Op};

/// Clamps in a row become one: a ReLU6 may be spelled as a ReLU and a minimum.
pub fn merge(graph: &mut Graph, notes: &mut Vec<PassNote>) -> Result<()> {
    rewrite_all(graph, notes, |graph, index, uses| {
        let (first, clamp) = candidate(graph, index, uses)?;
        let before = &graph.nodes[first];
        let Op::Activation(Activation::Clamp(earlier)) = before.op else { return None };
        let text = format!("{} merged into '{}'", describe(&graph.nodes[index]), before.name);
        let note = note("activation fusing", before, text);
        merge_into_first(graph, first, index, Op::Activation(Activation::Clamp(earlier.then(clamp))));
        Some(note)
    });
    Ok(())
}

/// A clamp goes into the node before it that can do it as well.
pub fn fuse(graph: &mut Graph, notes: &mut Vec<PassNote>) -> Result<()> {
    rewrite_all(graph, notes, |graph, index, uses| {
        let (first, clamp) = candidate(graph, index, uses)?;
        let before = &graph.nodes[first];
        let op = Some(&before.op).filter(|op| op.accepts_clamp())?.clone();
        let fused = before.clamp.map_or(clamp, |earlier| earlier.then(clamp));
        let text = format!("{} fused into '{}'", describe(&graph.nodes[index]), before.name);
        let note = note("activation fusing", before, text);
        merge_into_first(graph, first, index, op);
        graph.nodes[first].clamp = Some(fused);
        Some(note)
    });
    Ok(())
}

/// Node `index`'s bounds, if it is a clamp, and the node before it, if nobody else reads that.
fn candidate(graph: &Graph, index: usize, uses: &Uses) -> Option<(usize, Clamp)> {
    let node = &graph.nodes[index];
    let Op::Activation(Activation::Clamp(clamp)) = node.op else { return None };
    Some((uses.private_producer(*node.inputs.first()?)?, clamp))
}

#[cfg(test)]
mod tests {
    use super::super::testing::after_pass;
    use super::*;
    use crate::graph::BinaryKind;
    use crate::graph::build::Builder;

    #[test]
    fn a_chain_of_clamps_ends_in_the_node_before() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 3, 3, 2]);
        let y = b.conv("conv", x, 4, 1, |_| ());
        let y = b.relu("relu", y);
        let y = b.clip("clip", y, -1.0, 2.0);
        let (after, notes) = after_pass(fuse, &b.finish(&[y]));
        assert_eq!(after.nodes.len(), 1);
        assert_eq!(after.nodes[0].clamp, Some(Clamp { min: 0.0, max: 2.0 }));
        assert_eq!(after.nodes[0].origin, ["Conv", "Relu", "Clip"]);
        assert_eq!(after.value(after.nodes[0].output).name, "clip.out");
        assert_eq!(notes, ["ReLU 'relu' fused into 'conv'", "clip 'clip' fused into 'conv'"]);
    }

    #[test]
    fn clamps_in_a_row_merge() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[6]);
        let y = b.clip("clip", x, -3.0, -2.0);
        let y = b.relu("relu", y);
        let (after, notes) = after_pass(merge, &b.finish(&[y]));
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
            let (after, notes) = after_pass(fuse, &b.finish(&outputs));
            assert!(after.nodes[0].clamp.is_none() && notes.is_empty());
        }
    }
}

//! Transposes and reshapes: what moves nothing is removed, and of two in a row one remains.

use super::PassNote;
use super::edit::{Uses, describe, note, rewrite_all};
use crate::error::Result;
use crate::graph::{Graph, Op, ValueId};

pub fn run(graph: &mut Graph, notes: &mut Vec<PassNote>) -> Result<()> {
    rewrite_all(graph, notes, |graph, index, uses| {
        remove_identity(graph, index, uses).or_else(|| relabel(graph, index)).or_else(|| bypass(graph, index, uses))
    });
    Ok(())
}

/// A node whose output is its input goes; its readers read the input instead.
fn remove_identity(graph: &mut Graph, index: usize, uses: &Uses) -> Option<PassNote> {
    let node = &graph.nodes[index];
    let (input, output) = (*node.inputs.first()?, node.output);
    let identity = match &node.op {
        Op::Reshape => graph.value(input).shape == graph.value(output).shape,
        Op::Transpose { permutation } => permutation.iter().copied().eq(0..permutation.len()),
        _ => false,
    };
    if !identity {
        return None;
    }
    let note = note("layout", node, format!("{} removed: it moves nothing", describe(node)));
    if !uses.is_output(output) {
        replace_reads(graph, output, input);
    } else {
        // The graph returns the output under its own name: so the producer writes that, unless there is none or the
        // input is returned as well.
        let producer = uses.producer(input).filter(|_| !uses.is_output(input))?;
        graph.nodes[producer].output = output;
        replace_reads(graph, input, output);
    }
    graph.nodes.remove(index);
    Some(note)
}

fn replace_reads(graph: &mut Graph, old: ValueId, new: ValueId) {
    let reads = graph.nodes.iter_mut().flat_map(|node| &mut node.inputs);
    reads.filter(|input| **input == old).for_each(|input| *input = new);
}

/// A transpose that only moves axes of extent 1 leaves the data in place: it is a reshape.
fn relabel(graph: &mut Graph, index: usize) -> Option<PassNote> {
    let node = &graph.nodes[index];
    let Op::Transpose { permutation } = &node.op else { return None };
    let shape = &graph.value(*node.inputs.first()?).shape;
    let long: Vec<usize> = permutation.iter().copied().filter(|&axis| shape.get(axis) != Some(&1)).collect();
    if !long.is_sorted() {
        return None;
    }
    let note = note("layout", node, format!("{} only reshapes: it moves axes of extent 1", describe(node)));
    graph.nodes[index].op = Op::Reshape;
    Some(note)
}

/// The second of two transposes, or of two reshapes, reads the first one's input. The first stays if others read it,
/// else it is dead.
fn bypass(graph: &mut Graph, index: usize, uses: &Uses) -> Option<PassNote> {
    let node = &graph.nodes[index];
    let middle = *node.inputs.first()?;
    let first = &graph.nodes[uses.producer(middle)?];
    let op = match (&first.op, &node.op) {
        (Op::Reshape, Op::Reshape) => Op::Reshape,
        (Op::Transpose { permutation: inner }, Op::Transpose { permutation: outer }) => {
            Op::Transpose { permutation: outer.iter().map(|&axis| inner.get(axis).copied()).collect::<Option<_>>()? }
        }
        _ => return None,
    };
    let note = note("layout", node, format!("{} merged into '{}'", describe(first), node.name));
    let (source, first_origin) = (first.inputs.clone(), first.origin.clone());
    let gone = uses.only_reader(middle).is_some();
    let node = &mut graph.nodes[index];
    node.inputs = source;
    node.op = op;
    if gone {
        node.origin.splice(0..0, first_origin);
        graph.nodes.retain(|node| node.output != middle);
    }
    Some(note)
}

#[cfg(test)]
mod tests {
    use super::super::testing::after_pass;
    use super::*;
    use crate::graph::build::Builder;

    fn transpose(b: &mut Builder, name: &str, x: ValueId, permutation: &[usize]) -> ValueId {
        let shape: Vec<usize> = permutation.iter().map(|&axis| b.shape(x)[axis]).collect();
        b.node("Transpose", name, Op::Transpose { permutation: permutation.to_vec() }, &[x], &shape)
    }

    fn reshape(b: &mut Builder, name: &str, x: ValueId, shape: &[usize]) -> ValueId {
        b.node("Reshape", name, Op::Reshape, &[x], shape)
    }

    #[test]
    fn opposite_transposes_cancel() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[2, 3, 4]);
        let y = b.relu("before", x);
        let y = transpose(&mut b, "t1", y, &[1, 2, 0]);
        let y = transpose(&mut b, "t2", y, &[2, 0, 1]);
        let y = b.relu("after", y);
        let (after, notes) = after_pass(run, &b.finish(&[y]));
        assert_eq!(after.nodes.len(), 2);
        assert_eq!(notes, ["transpose 't1' merged into 't2'", "Transpose+Transpose 't2' removed: it moves nothing"]);
    }

    #[test]
    fn transposes_and_reshapes_merge() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[2, 3, 4]);
        let y = transpose(&mut b, "t1", x, &[1, 2, 0]);
        let y = transpose(&mut b, "t2", y, &[0, 2, 1]);
        let y = reshape(&mut b, "r1", y, &[6, 4]);
        let y = reshape(&mut b, "r2", y, &[3, 8]);
        let (after, _) = after_pass(run, &b.finish(&[y]));
        let ops: Vec<&Op> = after.nodes.iter().map(|node| &node.op).collect();
        assert_eq!(ops, [&Op::Transpose { permutation: vec![1, 0, 2] }, &Op::Reshape]);
        assert_eq!(after.nodes[1].origin, ["Reshape", "Reshape"]);
    }

    #[test]
    fn a_transpose_of_one_pixel_is_a_reshape() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 1, 1, 8]);
        let y = transpose(&mut b, "t", x, &[0, 3, 1, 2]);
        let y = reshape(&mut b, "flatten", y, &[1, 8]);
        let (after, _) = after_pass(run, &b.finish(&[y]));
        assert_eq!((after.nodes.len(), &after.nodes[0].op), (1, &Op::Reshape));
    }

    #[test]
    fn a_shared_transpose_stays_for_its_other_reader() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[2, 3]);
        let t = transpose(&mut b, "t1", x, &[1, 0]);
        let y = transpose(&mut b, "t2", t, &[1, 0]);
        let y = b.relu("y", y);
        let z = b.relu("z", t);
        let (after, _) = after_pass(run, &b.finish(&[y, z]));
        let names: Vec<&str> = after.nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["t1", "y", "z"]);
    }

    #[test]
    fn outputs_keep_their_names() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[2, 3]);
        let y = b.relu("relu", x);
        let same = reshape(&mut b, "same", y, &[2, 3]);
        // An input cannot be written under another name, so this one stays.
        let copy = reshape(&mut b, "copy", x, &[2, 3]);
        let (after, notes) = after_pass(run, &b.finish(&[same, copy]));
        assert_eq!((after.nodes.len(), notes.len()), (2, 1));
        assert_eq!(after.value(after.nodes[0].output).name, "same.out");
    }
}

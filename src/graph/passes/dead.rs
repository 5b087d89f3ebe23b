//! Nodes that nobody reads are removed, and values that nothing mentions; the remaining values are renumbered.

use super::PassNote;
use super::edit::{describe, note};
use crate::error::Result;
use crate::graph::{Graph, ValueId};

pub fn run(graph: &mut Graph, notes: &mut Vec<PassNote>) -> Result<()> {
    let mut alive = vec![false; graph.values.len()];
    graph.outputs.iter().for_each(|output| alive[output.0] = true);
    let mut kept = Vec::with_capacity(graph.nodes.len());
    for node in std::mem::take(&mut graph.nodes).into_iter().rev() {
        if alive[node.output.0] {
            node.inputs.iter().for_each(|input| alive[input.0] = true);
            kept.push(node);
        } else {
            notes.push(note("dead code", &node, format!("{} removed: nothing reads its result", describe(&node))));
        }
    }
    kept.reverse();
    graph.nodes = kept;
    graph.inputs.iter().for_each(|input| alive[input.0] = true);
    renumber(graph, &alive);
    Ok(())
}

fn renumber(graph: &mut Graph, alive: &[bool]) {
    let mut next = 0;
    let numbers: Vec<ValueId> = alive
        .iter()
        .map(|&alive| {
            let number = ValueId(next);
            next += usize::from(alive);
            number
        })
        .collect();
    let mut keep = alive.iter();
    graph.values.retain(|_| keep.next().copied().unwrap_or(true));
    let mentions = graph.nodes.iter_mut().flat_map(|node| node.inputs.iter_mut().chain([&mut node.output]));
    mentions.chain(&mut graph.inputs).chain(&mut graph.outputs).for_each(|id| *id = numbers[id.0]);
}

#[cfg(test)]
mod tests {
    use super::super::testing::after_pass;
    use super::*;
    use crate::graph::build::Builder;

    #[test]
    fn unread_branches_and_constants_go() {
        let mut b = Builder::new(1);
        b.constant("unused", &[2], &[1.0, 2.0]);
        let x = b.input("x", &[4]);
        let z = b.input("ignored", &[4]);
        let dead = b.relu("dead1", z);
        b.relu("dead2", dead);
        let y = b.relu("relu", x);
        let (after, notes) = after_pass(run, &b.finish(&[y]));
        let names: Vec<&str> = after.values.iter().map(|value| value.name.as_str()).collect();
        assert_eq!(names, ["x", "ignored", "relu.out"]);
        assert_eq!(notes.len(), 2);
        assert_eq!(notes[0], "ReLU 'dead2' removed: nothing reads its result");
    }
}

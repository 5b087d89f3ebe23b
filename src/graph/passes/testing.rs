//! What the passes' tests share.

use std::sync::Arc;

use super::PassNote;
use crate::error::Result;
use crate::float::Executor;
use crate::graph::build::inputs_of;
use crate::graph::{Graph, Tensor, TensorView, ValueId};

/// The graph after all passes, and their notes. Panics unless it computes what `before` did.
pub fn simplified(before: &Graph) -> (Graph, Vec<PassNote>) {
    let mut after = before.clone();
    let notes = super::simplify(&mut after).unwrap();
    assert_same(before, &after);
    assert!(after.values.len() <= before.values.len());
    (after, notes)
}

/// The graph after one pass, and the texts of its notes. Panics unless it computes what `before` did.
pub fn after_pass(pass: fn(&mut Graph, &mut Vec<PassNote>) -> Result<()>, before: &Graph) -> (Graph, Vec<String>) {
    let (mut after, mut notes) = (before.clone(), Vec::new());
    pass(&mut after, &mut notes).unwrap();
    assert_same(before, &after);
    (after, notes.into_iter().map(|note| note.text).collect())
}

fn assert_same(before: &Graph, after: &Graph) {
    let names = |graph: &Graph, ids: &[ValueId]| -> Vec<String> {
        ids.iter().map(|&id| graph.value(id).name.clone()).collect()
    };
    assert_eq!(names(before, &before.inputs), names(after, &after.inputs));
    assert_eq!(names(before, &before.outputs), names(after, &after.outputs));
    for seed in [10, 20, 30] {
        let ((expected, largest), (actual, _)) = (run(before, seed), run(after, seed));
        for (expected, actual) in expected.iter().zip(&actual) {
            assert_eq!(expected.shape(), actual.shape());
            for (a, b) in expected.data().iter().zip(actual.data()) {
                assert!((a - b).abs() <= 1e-6 * largest, "{b} instead of {a}, among values up to {largest}");
            }
        }
    }
}

/// The graph's outputs, and the largest magnitude that occurred on the way: what rounding errors are relative to.
fn run(graph: &Graph, seed: u64) -> (Vec<Tensor>, f32) {
    let mut largest = 0.0f32;
    let mut observe = |_, tensor: TensorView| largest = largest.max(tensor.to_tensor().max_abs());
    let outputs = Executor::new(Arc::new(graph.clone())).unwrap().run(&inputs_of(graph, seed), &mut observe).unwrap();
    (outputs, largest)
}

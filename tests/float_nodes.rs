//! The float executor against ONNX Runtime, node by node, on whole models. Set `SHIFTWISE_NODE_DUMPS` to a folder
//! written by tests/onnx/dump_nodes.py; without it the test passes, saying so.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use shiftwise::float::{self, Executor};
use shiftwise::graph::{Tensor, TensorView, Value, ValueId};
use shiftwise::limits::Limits;
use shiftwise::onnx;

#[path = "onnx/support.rs"]
mod support;

/// Of the largest magnitude in the tensor.
const TOLERANCE: f64 = 1e-5;

fn files(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)));
    files.sort();
    files
}

/// The worst of several errors, and the tensor that has it.
#[derive(Default)]
struct Worst {
    compared: usize,
    error: f64,
    tensor: String,
}

impl Worst {
    fn see(&mut self, value: &Value, actual: &Tensor, expected: &Tensor) {
        let error = support::relative_error(&support::to_onnx(actual, &value.layout), expected);
        self.compared += 1;
        if error > self.error || error.is_nan() {
            (self.error, self.tensor) = (error, value.name.clone());
        }
    }
}

/// The errors of single nodes, each given ONNX Runtime's own tensors as inputs, and those of the whole network, in which
/// the rounding of all nodes before adds up, on both sides.
fn compare(folder: &Path) -> (Worst, Worst) {
    let model = onnx::read(std::fs::read(folder.join("model.onnx")).unwrap(), &Limits::default()).unwrap();
    let graph = Arc::new(model.graph);
    let inputs: Vec<Tensor> = files(folder, "input_")
        .iter()
        .zip(&graph.inputs)
        .map(|(file, &id)| support::to_stored(&support::tensor_file(file).1, &graph.value(id).layout))
        .collect();
    let expected: HashMap<String, Tensor> =
        files(folder, "node_").iter().map(|file| support::tensor_file(file)).collect();

    let mut single = Worst::default();
    let mut values: HashMap<ValueId, Tensor> = graph.inputs.iter().copied().zip(inputs.iter().cloned()).collect();
    for node in &graph.nodes {
        let operands: Vec<&Tensor> =
            node.inputs.iter().map(|id| graph.value(*id).constant.as_deref().unwrap_or_else(|| &values[id])).collect();
        let value = graph.value(node.output);
        let actual = float::evaluate(node, &operands, &value.shape).unwrap();
        let kept = match expected.get(&value.name) {
            Some(expected) => {
                single.see(value, &actual, expected);
                support::to_stored(expected, &value.layout)
            }
            None => actual,
        };
        values.insert(node.output, kept);
    }

    let mut whole = Worst::default();
    let executor = Executor::new(graph.clone()).unwrap();
    let mut observe = |id, tensor: TensorView| {
        let value = graph.value(id);
        if let Some(expected) = expected.get(&value.name) {
            whole.see(value, &tensor.to_tensor(), expected);
        }
    };
    executor.run(&inputs, &mut observe).unwrap();
    (single, whole)
}

#[test]
fn every_node_agrees_with_onnx_runtime() {
    let Some(folder) = std::env::var_os("SHIFTWISE_NODE_DUMPS") else {
        println!("skipped: SHIFTWISE_NODE_DUMPS names no folder written by tests/onnx/dump_nodes.py");
        return;
    };
    let models = files(Path::new(&folder), "");
    assert!(!models.is_empty(), "the folder is empty");
    let mut failures = Vec::new();
    for model in models {
        let name = model.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (single, whole) = compare(&model);
        println!(
            "{name}: {} tensors, worst relative error of a node {:.2e} ({}), of the network up to there {:.2e} ({})",
            single.compared, single.error, single.tensor, whole.error, whole.tensor
        );
        if single.compared == 0 || single.error.is_nan() || single.error > TOLERANCE {
            failures.push(name);
        }
    }
    assert!(failures.is_empty(), "beyond {TOLERANCE:e}: {failures:?}");
}

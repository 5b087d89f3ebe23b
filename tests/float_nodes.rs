//! The float executor against ONNX Runtime, node by node, on whole models. Set `SHIFTWISE_NODE_DUMPS` to a folder
//! written by tests/onnx/dump_nodes.py; without it the test passes, saying so.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use shiftwise::float::Executor;
use shiftwise::graph::Tensor;
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

/// Number of tensors compared, and the worst error with the name of its tensor.
fn compare(folder: &Path) -> (usize, f64, String) {
    let model = onnx::read(std::fs::read(folder.join("model.onnx")).unwrap(), &Limits::default()).unwrap();
    let graph = Arc::new(model.graph);
    let inputs: Vec<Tensor> = files(folder, "input_")
        .iter()
        .zip(&graph.inputs)
        .map(|(file, &id)| support::to_stored(&support::tensor_file(file).1, &graph.value(id).layout))
        .collect();
    let expected: HashMap<String, Tensor> =
        files(folder, "node_").iter().map(|file| support::tensor_file(file)).collect();
    let (mut compared, mut worst) = (0, (0.0, String::new()));
    let executor = Executor::new(graph.clone()).unwrap();
    executor
        .run(&inputs, &mut |id, tensor| {
            let value = graph.value(id);
            if let Some(expected) = expected.get(&value.name) {
                let error = support::relative_error(&support::to_onnx(tensor, &value.layout), expected);
                compared += 1;
                if error > worst.0 || error.is_nan() {
                    worst = (error, value.name.clone());
                }
            }
        })
        .unwrap();
    (compared, worst.0, worst.1)
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
        let (compared, error, tensor) = compare(&model);
        println!("{name}: {compared} tensors, worst relative error {error:.2e} ({tensor})");
        if compared == 0 || error.is_nan() || error > TOLERANCE {
            failures.push(name);
        }
    }
    assert!(failures.is_empty(), "beyond {TOLERANCE:e}: {failures:?}");
}

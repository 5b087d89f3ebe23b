//! Reads whole models. Set `SHIFTWISE_MODELS` to a folder of .onnx files; without it the test passes, saying so.

use std::path::PathBuf;

use shiftwise::graph::Op;
use shiftwise::limits::Limits;
use shiftwise::onnx;

#[test]
fn models_are_read() {
    let Some(folder) = std::env::var_os("SHIFTWISE_MODELS") else {
        println!("skipped: SHIFTWISE_MODELS names no folder of models");
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "onnx"));
    files.sort();
    assert!(!files.is_empty(), "no .onnx file in the folder");
    for file in files {
        let model = onnx::read(std::fs::read(&file).unwrap(), &Limits::default()).unwrap();
        let graph = &model.graph;
        let moves = graph.nodes.iter().filter(|node| matches!(node.op, Op::Transpose { .. })).count();
        let macs: u64 = graph.nodes.iter().map(|node| graph.macs(node)).sum();
        println!(
            "{}: opset {}, {} nodes, {} parameters, {macs} MACs, {moves} transposes",
            file.file_name().unwrap_or_default().display(),
            model.opset,
            graph.nodes.len(),
            graph.parameters(),
        );
        for &id in graph.inputs.iter().chain(&graph.outputs) {
            let value = graph.value(id);
            println!("  {} {:?}, stored as {:?}", value.name, value.layout.to_onnx(&value.shape), value.shape);
        }
    }
}

//! Every operator and attribute that the reader accepts, against ONNX Runtime: the small graphs in tests/onnx/cases
//! (made by tests/onnx/make_cases.py) through reader and float executor, before and after the passes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use shiftwise::float::Executor;
use shiftwise::graph::{Graph, Op, passes};
use shiftwise::limits::Limits;
use shiftwise::onnx;

#[path = "onnx/support.rs"]
mod support;

/// Of the largest magnitude in the tensor.
const TOLERANCE: f64 = 1e-5;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/onnx/cases");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

fn read(case: &Path) -> Graph {
    let bytes = std::fs::read(case.join("model.onnx")).unwrap();
    onnx::read(bytes, &Limits::default()).unwrap_or_else(|error| panic!("{}: {error}", case.display())).graph
}

fn case(name: &str) -> Graph {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/onnx/cases").join(name))
}

/// The worst error over all outputs, or what went wrong.
fn compare(case: &Path, graph: Graph) -> Result<f64, String> {
    let inputs: Vec<_> = graph
        .inputs
        .iter()
        .enumerate()
        .map(|(index, &id)| {
            let (name, tensor) = support::tensor_file(&case.join(format!("input_{index}.pb")));
            assert_eq!(name, graph.value(id).name);
            support::to_stored(&tensor, &graph.value(id).layout)
        })
        .collect();
    let graph = Arc::new(graph);
    let executor = Executor::new(graph.clone()).map_err(|error| error.to_string())?;
    let outputs = executor.run(&inputs, &mut |_, _| {}).map_err(|error| error.to_string())?;
    assert_eq!(outputs.len(), graph.outputs.len());
    let mut worst = 0.0f64;
    for (index, (output, &id)) in outputs.iter().zip(&graph.outputs).enumerate() {
        let (name, expected) = support::tensor_file(&case.join(format!("output_{index}.pb")));
        let value = graph.value(id);
        if name != value.name {
            return Err(format!("output {index} is called '{}', not '{name}'", value.name));
        }
        let actual = support::to_onnx(output, &value.layout);
        if actual.shape() != expected.shape() {
            return Err(format!("{name} has shape {:?}, not {:?}", actual.shape(), expected.shape()));
        }
        let error = support::relative_error(&actual, &expected);
        if error.is_nan() || error > TOLERANCE {
            return Err(format!("{name} differs by {error:.2e}: {:?} instead of {:?}", actual.data(), expected.data()));
        }
        worst = worst.max(error);
    }
    Ok(worst)
}

fn check_all(prepare: impl Fn(&mut Graph)) {
    let mut failures = Vec::new();
    let mut worst = (0.0, String::new());
    let cases = cases();
    assert!(cases.len() > 250, "only {} cases", cases.len());
    for path in &cases {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut graph = read(path);
        prepare(&mut graph);
        match compare(path, graph) {
            Ok(error) if error > worst.0 => worst = (error, name),
            Ok(_) => {}
            Err(reason) => failures.push(format!("{name}: {}", reason.chars().take(600).collect::<String>())),
        }
    }
    println!("{} cases, worst relative error {:.2e} ({})", cases.len(), worst.0, worst.1);
    assert!(failures.is_empty(), "{} of {} cases fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn operators_agree_with_onnx_runtime_as_read() {
    check_all(|_| {});
}

#[test]
fn operators_agree_with_onnx_runtime_after_the_passes() {
    check_all(|graph| {
        passes::simplify(graph).unwrap();
    });
}

fn labels(graph: &Graph) -> Vec<String> {
    graph.nodes.iter().map(|node| node.op.label()).collect()
}

/// Data is moved only where its order is visible.
#[test]
fn layouts_cost_nothing_where_they_can() {
    for name in ["detector_head", "transposed_input_of_conv", "resize_nhwc", "flatten_then_gemm", "reshape_then_matmul"]
    {
        let graph = case(name);
        let moves = graph.nodes.iter().any(|node| matches!(node.op, Op::Transpose { .. }));
        assert!(!moves, "{name}: {:?}", labels(&graph));
    }
    assert_eq!(labels(&case("transposed_input_of_conv")), ["conv 3x2"]);
    assert_eq!(labels(&case("detector_head")), ["conv 3x3", "reshape", "concat", "softmax"]);
    assert_eq!(labels(&case("flatten_one_pixel")), ["reshape"]);
    assert_eq!(labels(&case("flatten_default")), ["transpose", "reshape"]);
    assert_eq!(labels(&case("channel_shuffle")), ["reshape", "transpose", "reshape"]);
}

/// What is known beforehand does not reach the graph.
#[test]
fn constants_are_evaluated_while_reading() {
    assert_eq!(labels(&case("flatten_by_shape_arithmetic")), ["transpose", "reshape"]);
    assert_eq!(labels(&case("upsample_by_shape_arithmetic")), ["resize"]);
    assert_eq!(labels(&case("weights_through_operators")), ["conv 3x2"]);
    assert_eq!(labels(&case("integer_arithmetic")), ["multiply"]);
    assert_eq!(labels(&case("identity")), ["ReLU"]);
}

#[test]
fn images_are_stored_channels_last() {
    let graph = case("conv_plain");
    assert_eq!(graph.value(graph.inputs[0]).shape, [1, 7, 5, 3]);
    // Given as NHWC already.
    let graph = case("transposed_input_of_conv");
    let input = graph.value(graph.inputs[0]);
    assert_eq!((input.shape.as_slice(), input.layout.is_identity()), ([1, 6, 5, 3].as_slice(), true));
}

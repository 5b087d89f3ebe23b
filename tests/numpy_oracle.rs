//! Small networks against an oracle that knows docs/numerics.md and NumPy, but nothing of this program.
//!
//! tests/oracle/make_cases.py wrote the ONNX models in tests/oracle/cases and, beside each, the integers that the page
//! says it becomes: scales, weights, biases, multipliers, shifts, tables, every tensor, overflows and hashes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;
use shiftwise::calibrate::Calibration;
use shiftwise::graph::{Graph, Tensor, ValueId, passes};
use shiftwise::host::{Activation, Hash, QuantizedNetwork, to_onnx_order};
use shiftwise::limits::Limits;
use shiftwise::npu::{KernelChoice, Overflow, Profile, Rounding};
use shiftwise::onnx;
use shiftwise::quantize::{QuantizeOptions, Quantized, Scheme, quantize};

#[path = "oracle/integers.rs"]
mod integers;

#[derive(Deserialize)]
struct Case {
    /// Smallest and largest number, by ONNX tensor name.
    ranges: BTreeMap<String, String>,
    /// For each picture, the inputs by name.
    inputs: Vec<BTreeMap<String, String>>,
    runs: Vec<Run>,
}

#[derive(Deserialize, Clone)]
struct Run {
    options: Options,
    /// Scale and zero point by tensor.
    scales: BTreeMap<String, (String, u8)>,
    /// By node; see tests/oracle/integers.rs.
    layers: BTreeMap<String, Json>,
    pictures: Vec<Picture>,
}

#[derive(Deserialize, Clone)]
struct Options {
    scheme: Scheme,
    weight_bits: u8,
    activation_bits: u8,
    shift_bits: u8,
    multiplier_bits: u8,
    rounding: Rounding,
    accumulator_bits: u8,
    bias_bits: u8,
    overflow: Overflow,
}

#[derive(Deserialize, Clone)]
struct Picture {
    hash: String,
    overflows: u64,
    /// Hash of every tensor, its bytes in ONNX order.
    tensors: BTreeMap<String, String>,
    /// Integers of the network's outputs, in ONNX order, as hexadecimal bytes; of the first picture only.
    outputs: BTreeMap<String, String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/cases")
}

fn names() -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// A case and the network that it is about.
struct Subject {
    case: Case,
    graph: Arc<Graph>,
    calibration: Calibration,
    /// For each picture, the inputs as the executor wants them.
    inputs: Vec<Vec<Tensor>>,
}

fn floats(text: &str) -> Vec<f32> {
    text.split(' ').map(|number| number.parse().unwrap()).collect()
}

fn subject(name: &str) -> Subject {
    let path = folder().join(name);
    let case: Case = serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap()).unwrap();
    let model = std::fs::read(path.with_extension("onnx")).unwrap();
    let mut graph = onnx::read(model, &Limits::default()).unwrap().graph;
    passes::simplify(&mut graph).unwrap();
    let mut calibration = Calibration::new(&graph);
    for (index, value) in graph.values.iter().enumerate() {
        if let Some(range) = case.ranges.get(&value.name) {
            calibration.observe(ValueId(index), &Tensor::new([2], floats(range)).unwrap());
        }
    }
    calibration.count_image();
    let input = |picture: &BTreeMap<String, String>, &id: &ValueId| {
        let value = graph.value(id);
        let shape = value.layout.to_onnx(&value.shape);
        Tensor::new(shape, floats(&picture[&value.name])).unwrap().transposed(&value.layout.0)
    };
    let inputs = case.inputs.iter().map(|picture| graph.inputs.iter().map(|id| input(picture, id)).collect()).collect();
    Subject { case, graph: Arc::new(graph), calibration, inputs }
}

impl Subject {
    fn quantize(&self, options: &Options) -> Quantized {
        let profile = Profile {
            multiplier_bits: options.multiplier_bits,
            rounding: options.rounding,
            accumulator_bits: options.accumulator_bits,
            bias_bits: options.bias_bits,
            overflow: options.overflow,
            ..Profile::default()
        };
        let options = QuantizeOptions {
            weight_bits: options.weight_bits,
            activation_bits: options.activation_bits,
            shift_bits: options.shift_bits,
            profile,
            ..QuantizeOptions::new(options.scheme)
        };
        quantize(&self.graph, &self.calibration, &options).unwrap()
    }

    /// Everything in which the program differs from what is expected.
    fn differences(&self, expected: &Run) -> Vec<String> {
        let quantized = self.quantize(&expected.options);
        let mut differences = Differences::default();
        for (name, (scale, zero_point)) in &expected.scales {
            let tensor = quantized.program.tensors.iter().position(|tensor| tensor.name == *name);
            let actual = tensor.map(|index| (quantized.scales[index].scale, quantized.scales[index].zero_point));
            differences.check(&format!("scale of {name}"), Some((scale.parse().unwrap(), *zero_point)), actual);
        }
        for (name, layer) in &expected.layers {
            let step = quantized.program.steps.iter().find(|step| step.name == *name);
            let actual = step.map_or(Json::Null, |step| integers::of(&quantized, step));
            for (key, value) in layer.as_object().unwrap() {
                differences.check(&format!("{key} of {name}"), value, &actual[key]);
            }
        }
        for kernels in [KernelChoice::Fast, KernelChoice::Oracle] {
            let network = QuantizedNetwork::new(Arc::clone(&self.graph), quantized.clone(), kernels).unwrap();
            for (index, picture) in expected.pictures.iter().enumerate() {
                self.run(&network, index, picture, &mut differences);
            }
        }
        differences.0
    }

    fn run(&self, network: &QuantizedNetwork, index: usize, expected: &Picture, differences: &mut Differences) {
        let mut tensors = BTreeMap::new();
        let run = network
            .run(&self.inputs[index], &mut |id, activation| {
                let Activation::Integers(bytes, _) = activation else { return };
                let value = self.graph.value(id);
                let stored = Tensor::new(value.shape.as_slice(), bytes.iter().copied().map(f32::from).collect());
                let ordered = to_onnx_order(&stored.unwrap(), &value.layout);
                let bytes: Vec<u8> = ordered.data().iter().map(|&byte| byte as u8).collect();
                tensors.insert(value.name.clone(), bytes);
            })
            .unwrap();
        for (name, hash) in &expected.tensors {
            let actual = tensors.get(name).map(|bytes| {
                let mut hash = Hash::default();
                hash.update(bytes);
                hash_text(hash.value())
            });
            differences.check(&format!("tensor {name} of picture {index}"), Some(hash), actual.as_ref());
        }
        for (name, integers) in &expected.outputs {
            let actual = tensors.get(name).map(|bytes| integers::hex(bytes));
            differences.check(&format!("integers of {name}"), Some(integers), actual.as_ref());
        }
        differences.check(&format!("overflows of picture {index}"), expected.overflows, run.events.overflows);
        differences.check(&format!("hash of picture {index}"), &expected.hash, &hash_text(run.hash));
    }
}

fn hash_text(hash: u64) -> String {
    format!("{hash:016x}")
}

#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn check<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, expected: T, actual: T) {
        if expected != actual {
            self.0.push(format!("{what}: expected {expected:?}, got {actual:?}"));
        }
    }
}

#[test]
fn the_program_computes_what_the_page_says() {
    let names = names();
    assert!(names.len() >= 40, "only {} cases in {}", names.len(), folder().display());
    let mut report = Vec::new();
    for name in names {
        let subject = subject(&name);
        for (index, run) in subject.case.runs.iter().enumerate() {
            for difference in subject.differences(run) {
                report.push(format!("{name}, run {index} ({}): {difference}", run.options.scheme.as_str()));
            }
        }
    }
    assert!(report.is_empty(), "{} differences:\n{}", report.len(), report.join("\n"));
}

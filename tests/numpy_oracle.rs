//! Small networks against an oracle that knows docs/numerics.md and NumPy, but nothing of this program.
//!
//! tests/oracle/make_cases.py wrote the ONNX models in tests/oracle/cases and, beside each, the integers that the page
//! says it becomes: scales, weights, biases, multipliers, shifts, tables, every tensor, overflows and hashes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;
use shiftwise::calibrate::{Calibration, CalibrationOptions};
use shiftwise::graph::{Graph, Op, Tensor, ValueId, passes};
use shiftwise::host::{Activation, Hash, QuantizedNetwork, to_onnx_order};
use shiftwise::limits::Limits;
use shiftwise::npu::{KernelChoice, Overflow, Profile, Rounding};
use shiftwise::onnx;
use shiftwise::quantize::{BiasCorrection, QuantizeOptions, Quantized, Scheme, quantize};

#[path = "oracle/integers.rs"]
mod integers;

#[derive(Deserialize)]
struct Case {
    /// Smallest and largest number, by ONNX tensor name.
    ranges: BTreeMap<String, String>,
    /// For each picture, the inputs by name.
    inputs: Vec<BTreeMap<String, String>>,
    /// Hashes of the float32 weights `[o, kh, kw, i]` and biases of every convolution, after folding.
    weights: BTreeMap<String, [String; 2]>,
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

/// What a case leaves out is the page's default.
#[derive(Deserialize, Clone)]
#[serde(default)]
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
    bias_correction: BiasCorrection,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            scheme: Scheme::ShiftWise,
            weight_bits: 8,
            activation_bits: 8,
            shift_bits: 4,
            multiplier_bits: 16,
            rounding: Rounding::HalfUp,
            accumulator_bits: 32,
            bias_bits: 32,
            overflow: Overflow::Wrap,
            bias_correction: BiasCorrection::None,
        }
    }
}

#[derive(Deserialize, Clone)]
struct Picture {
    hash: String,
    overflows: u64,
    /// Hash of every tensor, its bytes in ONNX order.
    tensors: BTreeMap<String, String>,
    /// Integers of the network's outputs, in ONNX order, as hexadecimal bytes; of the first run and picture only.
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
    let input = |picture: &BTreeMap<String, String>, &id: &ValueId| {
        let value = graph.value(id);
        let shape = value.layout.to_onnx(&value.shape);
        Tensor::new(shape, floats(&picture[&value.name])).unwrap().transposed(&value.layout.0)
    };
    let inputs: Vec<Vec<Tensor>> =
        case.inputs.iter().map(|picture| graph.inputs.iter().map(|id| input(picture, id)).collect()).collect();
    let calibration = calibration(&case, &graph, &inputs);
    Subject { case, graph: Arc::new(graph), calibration, inputs }
}

/// The case's ranges. Where biases are corrected, the input's comes from the pictures themselves, as do the means of
/// the layers that read it.
fn calibration(case: &Case, graph: &Graph, inputs: &[Vec<Tensor>]) -> Calibration {
    let tap_means = case.runs.iter().any(|run| run.options.bias_correction != BiasCorrection::None);
    let options = CalibrationOptions { tap_means, ..CalibrationOptions::default() };
    let mut calibration = Calibration::with_options(graph, options);
    for (index, value) in graph.values.iter().enumerate() {
        let id = ValueId(index);
        match (case.ranges.get(&value.name), graph.inputs.iter().position(|&input| input == id)) {
            (_, Some(input)) if tap_means => {
                inputs.iter().for_each(|picture| calibration.observe(id, picture[input].data()));
            }
            (Some(range), _) => calibration.observe(id, &floats(range)),
            (None, _) => {}
        }
    }
    calibration.count_image();
    calibration
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
            bias_correction: options.bias_correction,
            ..QuantizeOptions::new(options.scheme)
        };
        quantize(&self.graph, &self.calibration, &options).unwrap()
    }

    /// Differences of the float graph that both sides start from.
    fn float_differences(&self) -> Vec<String> {
        let mut differences = Differences::default();
        for (name, hashes) in &self.case.weights {
            let node = self.graph.nodes.iter().find(|node| node.name == *name);
            let actual = node.and_then(|node| match &node.op {
                Op::Conv(conv) => Some([conv.weight.data(), conv.bias.as_deref().unwrap_or(&[])].map(hash_of_floats)),
                _ => None,
            });
            differences.check(&format!("float weights of {name}"), Some(hashes), actual.as_ref());
        }
        differences.0
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
            let actual = tensors.get(name).map(|bytes| hash_of(bytes));
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

fn hash_of(bytes: &[u8]) -> String {
    let mut hash = Hash::default();
    hash.update(bytes);
    hash_text(hash.value())
}

/// Lowest byte first.
fn hash_of_floats(values: &[f32]) -> String {
    hash_of(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
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
        report.extend(subject.float_differences().iter().map(|difference| format!("{name}: {difference}")));
        for (index, run) in subject.case.runs.iter().enumerate() {
            for difference in subject.differences(run) {
                report.push(format!("{name}, run {index} ({}): {difference}", run.options.scheme.as_str()));
            }
        }
    }
    assert!(report.is_empty(), "{} differences:\n{}", report.len(), report.join("\n"));
}

/// A change of one number anywhere in what is expected must be found, and said to be where it is.
#[test]
fn every_wrong_number_is_found() {
    type Change = fn(&mut Run);
    fn layer<'a>(run: &'a mut Run, key: &str) -> &'a mut Json {
        run.layers.values_mut().find_map(|layer| layer.get_mut(key)).unwrap()
    }
    fn add(number: &mut Json, amount: i64) {
        *number = (number.as_i64().unwrap() + amount).into();
    }
    let changes: [(&str, Change); 12] = [
        ("k of", |run| add(&mut layer(run, "k")[5], 1)),
        ("bias of", |run| add(&mut layer(run, "bias")[2], -1)),
        ("M of", |run| add(&mut layer(run, "M")[0], 1)),
        ("n of", |run| add(&mut layer(run, "n")[0], -1)),
        ("lo of", |run| add(layer(run, "lo"), 1)),
        ("weight of", |run| {
            let weight = layer(run, "weight");
            *weight = weight.as_str().unwrap().replacen("81", "82", 1).into();
        }),
        ("lowered of", |run| layer(run, "lowered").as_array_mut().unwrap().push(3.into())),
        ("scale of x0", |run| run.scales.get_mut("x0").unwrap().1 ^= 1),
        ("scale of t0", |run| {
            let scale = &mut run.scales.get_mut("t0").unwrap().0;
            *scale = scale.parse::<f64>().unwrap().next_up().to_string();
        }),
        ("tensor t0", |run| run.pictures[1].tensors.get_mut("t0").unwrap().push('0')),
        ("overflows", |run| run.pictures[0].overflows += 1),
        ("hash", |run| run.pictures[1].hash.push('0')),
    ];
    let subject = subject("channels_of_many_sizes");
    let right = subject.case.runs.iter().find(|run| run.options.scheme == Scheme::ShiftWise).unwrap();
    assert_eq!(subject.differences(right), [""; 0]);
    for (what, change) in changes {
        let mut wrong = right.clone();
        change(&mut wrong);
        let differences = subject.differences(&wrong);
        assert!(!differences.is_empty(), "a change of '{what}' went unnoticed");
        assert!(differences.iter().all(|difference| difference.starts_with(what)), "{what}: {differences:?}");
    }
}

/// Other options than a case names must not give its integers: rounding, widths and policies all matter somewhere.
#[test]
fn every_option_matters() {
    type Change = fn(&mut Options);
    let changes: [(&str, Change); 9] = [
        ("conv_plain", |options| options.rounding = Rounding::Truncate),
        ("roundings", |options| options.rounding = Rounding::HalfEven),
        ("roundings", |options| options.rounding = Rounding::HalfAway),
        ("conv_plain", |options| options.multiplier_bits = 10),
        ("depthwise", |options| options.shift_bits = 1),
        ("conv_plain", |options| options.weight_bits = 7),
        ("conv_plain", |options| options.activation_bits = 7),
        ("narrow_accumulator", |options| options.accumulator_bits = 17),
        ("biases_that_do_not_fit", |options| options.bias_bits = 31),
    ];
    for (index, (name, change)) in changes.into_iter().enumerate() {
        let subject = subject(name);
        let mut run = subject.case.runs.iter().find(|run| run.options.scheme == Scheme::ShiftWise).unwrap().clone();
        change(&mut run.options);
        // The tensors alone must tell.
        run.layers.clear();
        run.scales.clear();
        assert!(!subject.differences(&run).is_empty(), "{name}, change {index}, went unnoticed");
    }
}

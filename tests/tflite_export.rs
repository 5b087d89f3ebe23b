//! The TensorFlow Lite writer, and profile `tflite` against the engine's own answers (N8).
//!
//! tests/tflite/answers.json holds what TensorFlow Lite's reference kernels computed from the files that the writer makes
//! of tests/tflite/cases.rs. To record them anew, or to compare many more cases:
//!
//!     SHIFTWISE_TFLITE_CASES=/tmp/cases cargo test --test tflite_export written_for_the_engine
//!     python tests/referees/record_tflite.py /tmp/cases --record tests/tflite/answers.json
//!
//! `SHIFTWISE_TFLITE_ROUNDS` is how many cases of each family are written (as many as are recorded when left out).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use shiftwise::error::{Code, Result};
use shiftwise::export::golden::golden;
use shiftwise::export::tflite;
use shiftwise::graph::{
    Activation, AveragePool, BinaryKind, CoordinateMode, NearestMode, Op, PadMode, Pool, Resize, ResizeMode,
};
use shiftwise::host::{self, Hash, QuantizedNetwork};
use shiftwise::npu::KernelChoice;
use shiftwise::quantize::Scheme;

#[path = "tflite/cases.rs"]
mod cases;
#[path = "tflite/file.rs"]
mod file;

use cases::{Case, FAMILIES, Plan, Random};

/// Cases of each family whose answers are recorded.
const ROUNDS: usize = 10;

#[derive(Deserialize)]
struct Answers {
    cases: BTreeMap<String, Answer>,
}

#[derive(Deserialize)]
struct Answer {
    /// Hash of the file that the engine ran.
    file: String,
    /// int8 integers by tensor.
    tensors: BTreeMap<String, Vec<i8>>,
}

fn answers() -> BTreeMap<String, Answer> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tflite/answers.json");
    let answers: Answers = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    answers.cases
}

fn hash(bytes: &[u8]) -> String {
    let mut hash = Hash::default();
    hash.update(bytes);
    format!("{:016x}", hash.value())
}

fn write(case: &Case) -> Result<Vec<u8>> {
    tflite::write(&case.graph, &case.quantized)
}

fn network(case: &Case, kernels: KernelChoice) -> QuantizedNetwork {
    QuantizedNetwork::new(Arc::clone(&case.graph), case.quantized.clone(), kernels).unwrap()
}

/// Every step's output as int8, by name.
fn integers(case: &Case, kernels: KernelChoice) -> BTreeMap<String, Vec<i8>> {
    let mut tensors = BTreeMap::new();
    network(case, kernels)
        .run(&case.inputs, &mut |value, activation| {
            if let (false, host::Activation::Integers(bytes, _)) = (case.graph.inputs.contains(&value), activation) {
                let signed = bytes.iter().map(|&byte| (byte ^ 0x80) as i8).collect();
                tensors.insert(case.graph.value(value).name.clone(), signed);
            }
        })
        .unwrap();
    tensors
}

#[test]
fn the_engines_own_answers() {
    let mut answers = answers();
    for case in cases::all(ROUNDS) {
        let Ok(bytes) = write(&case) else {
            assert!(!answers.contains_key(&case.name), "{} has an answer but no file", case.name);
            continue;
        };
        let answer = answers.remove(&case.name).unwrap_or_else(|| panic!("no answer to {}: record it", case.name));
        assert_eq!(hash(&bytes), answer.file, "{}: the answer is to another file: record it anew", case.name);
        for kernels in [KernelChoice::Fast, KernelChoice::Oracle] {
            assert_eq!(integers(&case, kernels), answer.tensors, "{} with {kernels:?} kernels", case.name);
        }
    }
    assert!(answers.is_empty(), "answers without a case: {:?}", answers.keys());
}

/// Families would otherwise shrink unseen to what the writer happens to take.
#[test]
fn most_of_every_family_can_be_written() {
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases::all(30) {
        if let Err(error) = write(&case) {
            assert_eq!(error.code, Code::UnsupportedOperator, "{}: {error}", case.name);
            assert_eq!(error.node.as_deref(), Some(case.graph.nodes[0].name.as_str()));
            let family = case.name.rsplit_once(' ').unwrap().0;
            *refused.entry(family.to_owned()).or_default() += 1;
        }
    }
    for (family, _) in FAMILIES {
        let most = match family {
            // Padding left out of an average, pixels of other modes, results on far finer scales: the engine has not.
            "average pool" | "resize" => 20,
            "average pool with padding" | "transposed convolution" | "movement" | "hard swish" => 10,
            _ => 5,
        };
        let count = refused.get(family).copied().unwrap_or(0);
        assert!(count <= most, "{family}: {count} of 30 are refused");
    }
}

/// Writes the cases as files, and our integers beside them; see the top.
#[test]
fn written_for_the_engine() {
    let Some(folder) = std::env::var_os("SHIFTWISE_TFLITE_CASES").map(PathBuf::from) else { return };
    let rounds = std::env::var("SHIFTWISE_TFLITE_ROUNDS").map_or(ROUNDS, |text| text.parse().unwrap());
    for case in cases::all(rounds) {
        let Ok(bytes) = write(&case) else { continue };
        let folder = folder.join(&case.name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("model.tflite"), bytes).unwrap();
        for file in golden(&network(&case, KernelChoice::Fast), &case.name, &case.inputs).unwrap() {
            std::fs::write(folder.join(file.name), file.bytes).unwrap();
        }
    }
}

#[test]
fn files_hold_what_the_schema_demands() {
    for case in cases::all(ROUNDS) {
        let Ok(bytes) = write(&case) else { continue };
        let file = file::read(&bytes);
        let name = &case.name;
        assert_eq!((file.identifier.as_str(), file.version), ("TFL3", 3));
        let program = &case.quantized.program;
        let names: Vec<&str> = file.tensors.iter().map(|tensor| tensor.name.as_str()).collect();
        assert_eq!(names.len(), names.iter().collect::<BTreeSet<_>>().len(), "{name}: names are not unique: {names:?}");
        let of = |ids: &[i32]| ids.iter().map(|&id| names[id as usize].to_owned()).collect::<Vec<_>>();
        let wanted = |ids: &[shiftwise::npu::TensorId]| {
            ids.iter().map(|&id| program.tensor(id).name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            (of(&file.inputs), of(&file.outputs)),
            (wanted(&program.inputs), wanted(&program.outputs)),
            "{name}"
        );
        for (tensor, scale) in program.tensors.iter().zip(&case.quantized.scales) {
            let written = file.tensors.iter().find(|written| written.name == tensor.name).unwrap();
            let shape: Vec<usize> = written.shape.iter().map(|&size| size as usize).collect();
            assert_eq!((&shape, written.element), (&tensor.shape, 9), "{name}: {}", tensor.name);
            assert_eq!(written.scale.iter().map(|&s| f64::from(s)).collect::<Vec<_>>(), [scale.scale]);
            assert_eq!(written.zero_point, [i64::from(scale.zero_point) - 128]);
            let data = tensor.constant.as_deref().unwrap_or_default();
            assert_eq!(written.data, data.iter().map(|byte| byte ^ 0x80).collect::<Vec<u8>>());
        }
        for tensor in &file.tensors {
            assert_eq!(tensor.position % 16, 0, "{name}: {} is not aligned", tensor.name);
            let elements: i32 = tensor.shape.iter().product();
            let size = if tensor.element == 2 { 4 } else { 1 };
            assert!(tensor.data.is_empty() || tensor.data.len() == elements as usize * size, "{name}: {}", tensor.name);
        }
        // Operators in an order in which they can be executed, ids and options as the schema pairs them.
        let mut known: BTreeSet<i32> = file.inputs.iter().copied().collect();
        known.extend((0..file.tensors.len() as i32).filter(|&id| !file.tensors[id as usize].data.is_empty()));
        for operator in &file.operators {
            let [code, deprecated] = operator.codes;
            assert_eq!(code, deprecated, "{name}");
            assert!(operator.version >= 1);
            assert!(operator.inputs.iter().all(|input| known.contains(input)), "{name}: read before written");
            assert_eq!(operator.outputs.len(), 1);
            known.insert(operator.outputs[0]);
        }
        assert!(file.outputs.iter().all(|output| known.contains(output)), "{name}");
    }
}

const CONV_2D: i32 = 3;
const DEPTHWISE_CONV_2D: i32 = 4;

/// A shift is a scale divided by a power of two, to the last bit.
#[test]
fn weights_have_exact_scales() {
    let mut shifted = 0;
    for case in cases::all(ROUNDS) {
        let (Ok(bytes), Some(layer)) = (write(&case), case.quantized.layers.first()) else { continue };
        let file = file::read(&bytes);
        let Some(operator) = file.operators.iter().find(|o| [CONV_2D, DEPTHWISE_CONV_2D].contains(&o.codes[0])) else {
            continue;
        };
        let [weights, biases] = [1, 2].map(|at| &file.tensors[operator.inputs[at] as usize]);
        let depthwise = operator.codes[0] == DEPTHWISE_CONV_2D;
        let (channels, axis) = (layer.weights.biases.len(), if depthwise { 3 } else { 0 });
        assert_eq!(weights.shape[axis] as usize, channels, "{}", case.name);
        assert!(weights.scale.len() == 1 || weights.dimension as usize == axis, "{}", case.name);
        let input = case.quantized.scale(case.quantized.program.inputs[0]).scale as f32;
        for o in 0..channels {
            let step = layer.weights.scales[o] / f64::from(1u32 << layer.weights.shifts[o]);
            let written = *weights.scale.get(o).unwrap_or(&weights.scale[0]);
            assert_eq!(f64::from(written), step, "{}: channel {o}", case.name);
            assert_eq!(*biases.scale.get(o).unwrap_or(&biases.scale[0]), input * written);
            shifted += u32::from(layer.weights.shifts[o] > 0);
        }
        let stored: Vec<i32> = biases.data.as_chunks::<4>().0.iter().map(|word| i32::from_le_bytes(*word)).collect();
        assert_eq!((stored, biases.element), (layer.weights.biases.clone(), 2));
    }
    assert!(shifted > 20, "{shifted} channels with shifts");
}

/// Exporters' padding is SAME where it is, and operators carry ReLUs where they can.
#[test]
fn padding_and_activations_are_the_operators_own() {
    let (mut same, mut valid, mut fused) = (0, 0, BTreeSet::new());
    for case in cases::all(60) {
        let Ok(bytes) = write(&case) else { continue };
        let file = file::read(&bytes);
        for operator in file.operators.iter().filter(|operator| operator.codes[0] == CONV_2D) {
            assert_eq!(operator.options_type, 1);
            if operator.byte(&bytes, 0) == 0 {
                same += 1
            } else {
                valid += 1
            }
            fused.insert(operator.byte(&bytes, 3));
            assert!(operator.int(&bytes, 1) >= 1 && operator.int(&bytes, 4) >= 1);
        }
    }
    assert!(same > 0 && valid > 0, "{same} {valid}");
    assert_eq!(fused, BTreeSet::from([0, 1, 2, 3]));
}

/// One sentence, at the node, for everything that the engine has not.
#[test]
fn what_the_engine_has_not_is_refused() {
    let pool = |kernel, stride, dilation, pads| Pool { kernel, stride, dilation, pads };
    let nearest = ResizeMode::Nearest(NearestMode::Ceil);
    let resize = |mode, coordinates, scales| Op::Resize(Resize { mode, coordinates, scales });
    let shape: &[usize] = &[1, 4, 4, 2];
    let pad = |mode| Op::Pad { before: vec![0, 2, 0, 0], after: vec![0, 0, 0, 0], mode };
    let average =
        Op::AveragePool(AveragePool { pool: pool([3, 3], [2, 2], [1, 1], [1, 1, 1, 1]), count_include_pad: false });
    let plans = [
        (Plan::new(Op::MaxPool(pool([2, 2], [1, 1], [2, 2], [0; 4])), &[shape], &[1, 2, 2, 2]), "dilation"),
        (Plan::new(average, &[shape], &[1, 2, 2, 2]), "leaves out this padding"),
        (Plan::new(pad(PadMode::Wrap), &[shape], &[1, 6, 4, 2]), "wraps around"),
        (Plan::new(pad(PadMode::Edge), &[shape], &[1, 6, 4, 2]), "more than once"),
        (Plan::new(resize(nearest, CoordinateMode::Asymmetric, [1.5, 1.5]), &[shape], &[1, 6, 6, 2]), "these pixels"),
        (
            Plan::new(
                resize(ResizeMode::Bilinear, CoordinateMode::TfHalfPixelForNn, [2.0, 2.0]),
                &[shape],
                &[1, 8, 8, 2],
            ),
            "these coordinates",
        ),
        (
            Plan::new(
                resize(ResizeMode::Bilinear, CoordinateMode::Asymmetric, [25.25, 1.0]),
                &[shape],
                &[1, 101, 4, 2],
            ),
            "beyond its input",
        ),
        (Plan::new(Op::Binary(BinaryKind::Add), &[&[1, 2, 2, 2, 2], &[1]], &[1, 2, 2, 2, 2]), "4 axes"),
        (
            Plan::new(Op::Activation(Activation::HardSigmoid { alpha: -1.0, beta: 0.5 }), &[shape], shape),
            "hard sigmoid",
        ),
    ];
    for (plan, reason) in plans {
        let case = plan.draw("refused".to_owned(), Scheme::ShiftWise, &mut Random::new(1));
        let error = write(&case).expect_err(reason);
        assert_eq!((error.code, error.node.as_ref()), (Code::UnsupportedOperator, Some(&case.graph.nodes[0].name)));
        assert!(error.reason.contains(reason), "{error}");
    }
}

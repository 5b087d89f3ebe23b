//! Single operators of profile `ort` against ONNX Runtime's own integers, recorded in tests/referees/ort.txt by
//! tests/referees/record_ort.py: extreme values, odd shapes, large shifts, ranges without width.

mod extreme;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use extreme::{Case, activations, bilinear, binary, concat, convolution, pools, power_of_two, rearrangements};
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use shiftwise::export::{golden, qdq};
use shiftwise::host::{Activation, Hash, QuantizedNetwork};
use shiftwise::npu::{Datapath, IntegerOp, KernelChoice, Profile};
use shiftwise::quantize::QuantizeOptions;

/// Of each kind of operator.
const CASES: usize = 60;

/// The same cases on every machine.
fn cases() -> Vec<(String, Case)> {
    let kinds: [(&str, BoxedStrategy<Case>); 7] = [
        ("convolution", convolution().boxed()),
        ("binary", binary().boxed()),
        ("pool", pools().boxed()),
        ("activation", activations().boxed()),
        ("rearrangement", rearrangements().boxed()),
        ("bilinear", bilinear().boxed()),
        ("concat", concat().boxed()),
    ];
    let mut runner = TestRunner::deterministic();
    let mut cases = Vec::new();
    for (kind, strategy) in kinds {
        for number in 0..CASES {
            let mut case = strategy.new_tree(&mut runner).unwrap().current();
            case.options = QuantizeOptions { activation_bits: 8, profile: Profile::of(Datapath::Ort), ..case.options };
            cases.push((format!("{kind}-{number}"), case));
        }
    }
    cases
}

struct Prepared {
    network: QuantizedNetwork,
    inputs: Vec<shiftwise::graph::Tensor>,
    /// Of everything that ONNX Runtime is given: were it to change, the recording would be of something else.
    given: u64,
}

fn prepare(mut case: Case) -> Prepared {
    let graph = case.graph();
    let quantized = case.quantized(&graph);
    let inputs = case.inputs(&quantized);
    let mut hash = Hash::default();
    for (tensor, scale) in quantized.program.tensors.iter().zip(&quantized.scales) {
        hash.update(&scale.scale.to_le_bytes());
        hash.update(&[tensor.zero_point]);
    }
    case.data.iter().for_each(|bytes| hash.update(bytes));
    for step in &quantized.program.steps {
        if let IntegerOp::Conv(conv) = &step.op {
            conv.weight.iter().for_each(|weight| hash.update(&weight.to_le_bytes()));
            conv.bias.iter().for_each(|bias| hash.update(&bias.to_le_bytes()));
        }
    }
    hash.update(format!("{:?}{:?}", case.shapes, case.out).as_bytes());
    let network = QuantizedNetwork::new(graph, quantized, KernelChoice::Fast).unwrap();
    Prepared { network, inputs, given: hash.value() }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn as_onnx_runtime_computed_them() {
    let recorded = include_str!("referees/ort.txt");
    let mut lines = recorded.lines().filter(|line| !line.starts_with('#'));
    let (mut fused, mut skipped, mut unequal, mut elements) = (0, 0, 0, 0);
    for (name, case) in cases() {
        let Prepared { network, inputs, given } = prepare(case);
        let mut integers = Vec::new();
        let run = network
            .run(&inputs, &mut |_, activation| {
                if let Activation::Integers(bytes, _) = activation {
                    integers = bytes.to_vec();
                }
            })
            .unwrap();
        let line = lines.next().unwrap_or_else(|| panic!("{name} is not recorded"));
        let [recorded_name, recorded_given, kernel, output] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        assert_eq!(
            (recorded_name, recorded_given),
            (name.as_str(), format!("{given:016x}").as_str()),
            "the cases changed: run tests/referees/record_ort.py"
        );
        let as_float = kernel.starts_with("DequantizeLinear");
        // A sum of floats does not wrap where one of 32-bit integers does.
        if kernel == "refused" || (as_float && run.events.overflows > 0) {
            skipped += 1;
            continue;
        }
        let expected = bytes(output);
        assert_eq!(integers.len(), expected.len(), "{name}");
        let differs = |(a, b): (&u8, &u8)| a.abs_diff(*b);
        let largest = integers.iter().zip(&expected).map(differs).max().unwrap_or(0);
        // Between conversions ONNX Runtime computes in float32, in an order of its own.
        if as_float {
            assert!(largest <= 1, "{name} ({kernel}): {} differs from {output} by {largest}", hexadecimal(&integers));
            unequal += integers.iter().zip(&expected).filter(|(a, b)| a != b).count();
            elements += integers.len();
        } else {
            assert_eq!(hexadecimal(&integers), output, "{name} ({kernel})");
            fused += 1;
        }
    }
    assert!(fused > 200 && skipped < 20, "{fused} and {skipped}");
    println!("{fused} fused operators equal; of the others {unequal} of {elements} integers differ by one");
    // One in a thousand, in transposed convolutions and smooth activations.
    assert!(unequal as f64 <= elements as f64 * power_of_two(-10), "{unequal} of {elements}");
}

/// With SHIFTWISE_CASES=FOLDER, writes what record_ort.py runs.
#[test]
fn write_cases_to_record() {
    let Some(folder) = std::env::var_os("SHIFTWISE_CASES") else { return };
    for (index, (name, case)) in cases().into_iter().enumerate() {
        let Prepared { network, inputs, given } = prepare(case);
        let place = Path::new(&folder).join(format!("{index:03}"));
        fs::create_dir_all(&place).unwrap();
        let graph = Arc::new(network.graph().clone());
        fs::write(place.join("model.onnx"), qdq::write(&graph, network.quantized()).unwrap()).unwrap();
        fs::write(place.join("given.txt"), format!("{name} {given:016x}")).unwrap();
        for file in golden::golden(&network, &name, &inputs).unwrap() {
            fs::write(place.join(file.name), file.bytes).unwrap();
        }
    }
}

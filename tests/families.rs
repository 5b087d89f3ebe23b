//! Networks of the families that people bring (tests/families, written by make_families.py), against ONNX Runtime: the
//! float network, the quantized weights, and the integers of every scheme and profile.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use prost::Message;
use serde::Deserialize;
use shiftwise::calibrate::Calibration;
use shiftwise::float::Executor;
use shiftwise::graph::{Conv, Graph, Layout, Op, Tensor, passes};
use shiftwise::host::{Activation, QuantizedNetwork};
use shiftwise::limits::Limits;
use shiftwise::npu::{Datapath, KernelChoice, Profile};
use shiftwise::onnx;
use shiftwise::onnx::proto::TensorProto;
use shiftwise::quantize::{QuantizeOptions, Quantized, Scheme, quantize};
use shiftwise::report::{self, Sqnr};

#[path = "onnx/support.rs"]
mod support;

/// Of the largest magnitude in the tensor.
const TOLERANCE: f64 = 1e-5;
const SCHEMES: [Scheme; 3] = [Scheme::LayerWise, Scheme::ShiftWise, Scheme::ChannelWise];

/// What expected.json holds.
#[derive(Debug, Deserialize)]
struct Expected {
    output: String,
    fallbacks: Vec<String>,
    layers: usize,
    sqnr_db: std::collections::BTreeMap<String, f64>,
}

/// A network as read and after the passes, with its pictures and ONNX Runtime's answers.
struct Family {
    name: String,
    folder: PathBuf,
    read: Graph,
    graph: Arc<Graph>,
    pictures: Vec<Tensor>,
    expected: Expected,
}

impl Family {
    fn load(folder: &Path) -> Self {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(folder.join("model.onnx")).unwrap();
        let read = onnx::read(bytes, &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}")).graph;
        let mut graph = read.clone();
        passes::simplify(&mut graph).unwrap();
        let expected = serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
        let pictures = pictures(folder.parent().unwrap(), &graph.value(graph.inputs[0]).shape);
        Family { name, folder: folder.to_owned(), read, graph: Arc::new(graph), pictures, expected }
    }

    fn all() -> Vec<Family> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/families/networks");
        let mut folders: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.retain(|path| path.is_dir());
        folders.sort();
        assert_eq!(folders.len(), 13);
        folders.iter().map(|folder| Family::load(folder)).collect()
    }

    fn answer(&self, file: &str) -> Tensor {
        let (name, tensor) = support::tensor_file(&self.folder.join(file));
        assert_eq!(name, self.expected.output, "{}", self.name);
        tensor
    }

    /// The float output for a picture, in ONNX order.
    fn float_output(&self, graph: &Graph, picture: &Tensor) -> Tensor {
        let output = graph.value(graph.outputs[0]);
        assert_eq!((graph.outputs.len(), &output.name), (1, &self.expected.output), "{}", self.name);
        let executor = Executor::new(Arc::new(graph.clone())).unwrap();
        let tensor = executor.run(std::slice::from_ref(picture), &mut |_, _| {}).unwrap().remove(0);
        support::to_onnx(&tensor, &output.layout)
    }

    fn calibration(&self) -> Calibration {
        let executor = Executor::new(Arc::clone(&self.graph)).unwrap();
        let mut calibration = Calibration::new(&self.graph);
        for picture in &self.pictures {
            executor
                .run(std::slice::from_ref(picture), &mut |id, tensor| calibration.observe(id, tensor.data()))
                .unwrap();
            calibration.count_image();
        }
        calibration
    }

    fn quantized(&self, calibration: &Calibration, scheme: Scheme, datapath: Datapath) -> Quantized {
        let options = QuantizeOptions { profile: Profile::of(datapath), ..QuantizeOptions::new(scheme) };
        quantize(&self.graph, calibration, &options).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn network(&self, quantized: Quantized, kernels: KernelChoice) -> QuantizedNetwork {
        QuantizedNetwork::new(Arc::clone(&self.graph), quantized, kernels).unwrap()
    }

    /// SQNR of the integer network's output against ONNX Runtime's float output, in dB.
    fn sqnr(&self, network: &QuantizedNetwork) -> f64 {
        let mut sqnr = Sqnr::default();
        for (index, picture) in self.pictures.iter().enumerate() {
            let expected = self.answer(&format!("output_{index}.pb"));
            let run = network.run(std::slice::from_ref(picture), &mut |_, _| {}).unwrap();
            assert_eq!(run.outputs[0].shape(), expected.shape());
            let pairs = expected.data().iter().zip(run.outputs[0].data());
            sqnr.merge(pairs.map(|(&e, &a)| (f64::from(e), f64::from(a))).collect());
        }
        sqnr.db().unwrap_or(f64::INFINITY)
    }
}

/// The inputs of a network stored as `[1, h, w, c]`: cut from the centre of every picture, (value - 128) / 64.
fn pictures(root: &Path, shape: &[usize]) -> Vec<Tensor> {
    let proto = TensorProto::decode(std::fs::read(root.join("pictures.pb")).unwrap().as_slice()).unwrap();
    assert_eq!((proto.dims.as_slice(), proto.data_type), ([6, 3, 32, 32].as_slice(), 2));
    let &[1, h, w, channels] = shape else { panic!("{shape:?}") };
    let (top, left) = ((32 - h) / 2, (32 - w) / 2);
    (0..6)
        .map(|picture| {
            let value = |i: usize| {
                let (c, y, x) = (i / (h * w), top + i / w % h, left + i % w);
                (f32::from(proto.raw_data[((picture * 3 + c) * 32 + y) * 32 + x]) - 128.0) / 64.0
            };
            let tensor = Tensor::new([1, channels, h, w], (0..channels * h * w).map(value).collect()).unwrap();
            support::to_stored(&tensor, &Layout::channels_last(4))
        })
        .collect()
}

#[test]
fn the_float_networks_agree_with_onnx_runtime() {
    for family in Family::all() {
        for index in 0..family.pictures.len() {
            let expected = family.answer(&format!("output_{index}.pb"));
            for (graph, when) in [(&family.read, "as read"), (&*family.graph, "after the passes")] {
                let error = support::relative_error(&family.float_output(graph, &family.pictures[index]), &expected);
                println!("{} {when}: {error:.1e}", family.name);
                assert!(error <= TOLERANCE, "{} {when}: {error:.2e}", family.name);
            }
        }
    }
}

/// Every normalization and activation ends where the contract has it, and only what must be runs on the host.
#[test]
fn fallbacks_are_those_that_must_be_and_are_named() {
    for family in Family::all() {
        let network = family
            .network(family.quantized(&family.calibration(), Scheme::ShiftWise, Datapath::Npu), KernelChoice::Fast);
        let report = report::scheme(&family.graph, network.quantized());
        let names: Vec<&str> = report.fallbacks.iter().map(|fallback| fallback.name.as_str()).collect();
        assert_eq!(names, family.expected.fallbacks, "{}", family.name);
        assert!(report.fallbacks.iter().all(|fallback| fallback.reason.contains("mean and variance")));
        assert_eq!(report.layers.len(), family.expected.layers, "{}", family.name);
    }
}

/// The weights' integers, judged by what they stand for: float activations, and ONNX Runtime on weights that NumPy has
/// rounded.
#[test]
fn quantized_weights_agree_with_an_independent_rounding() {
    for family in Family::all() {
        let calibration = family.calibration();
        for scheme in SCHEMES {
            let quantized = family.quantized(&calibration, scheme, Datapath::Npu);
            let mut graph = (*family.graph).clone();
            for layer in &quantized.layers {
                assert!(layer.weights.lowered.is_empty(), "{}: N4 has changed a step", family.name);
                let Op::Conv(conv) = &mut graph.nodes[layer.node].op else { panic!() };
                *conv = dequantized(conv, &layer.weights.integers, &layer.weights.steps);
            }
            let expected = family.answer(&format!("{}.pb", scheme.as_str()));
            let error = support::relative_error(&family.float_output(&graph, &family.pictures[0]), &expected);
            println!("{} {}: {error:.1e}", family.name, scheme.as_str());
            assert!(error <= TOLERANCE, "{} {}: {error:.2e}", family.name, scheme.as_str());
        }
    }
}

fn dequantized(conv: &Conv, integers: &[i8], steps: &[f64]) -> Conv {
    let taps = integers.len() / steps.len();
    let reals = integers
        .chunks(taps)
        .zip(steps)
        .flat_map(|(channel, step)| channel.iter().map(move |&integer| (f64::from(integer) * step) as f32));
    Conv { weight: Arc::new(Tensor::new(conv.weight.shape(), reals.collect()).unwrap()), ..conv.clone() }
}

/// The whole integer network is about as good as a simulation of N1-N3 in ONNX Runtime says it can be. What the simulation
/// leaves out (multipliers of finite width, ties) costs little; only the double rounding of `tflite` drifts away from zero,
/// by a few hundredths of a step a layer, which means over a picture collect, and its average pools keep their input's scale.
#[test]
fn integers_are_as_good_as_a_simulation_of_the_contract() {
    for family in Family::all() {
        let calibration = family.calibration();
        for scheme in SCHEMES {
            for (datapath, allowance) in [(Datapath::Npu, 1.5), (Datapath::Ort, 1.5), (Datapath::Tflite, 3.5)] {
                let quantized = family.quantized(&calibration, scheme, datapath);
                let sqnr = family.sqnr(&family.network(quantized, KernelChoice::Fast));
                let simulated = family.expected.sqnr_db[scheme.as_str()];
                let what = format!("{} {} {}", family.name, scheme.as_str(), datapath.as_str());
                println!("{what}: {sqnr:.1} dB, simulated {simulated:.1}");
                assert!(sqnr > simulated - allowance, "{what}: {sqnr:.1} dB, simulated {simulated:.1}");
            }
        }
    }
}

/// Where a depthwise layer has to make up for inputs of very different size, one step for all its channels is too coarse.
#[test]
fn shifts_repair_what_one_scale_breaks() {
    let spread = ["mobilenet_v2", "mobilenet_v3", "efficientnet", "shufflenet_v2"];
    let mut seen = 0;
    for family in Family::all().into_iter().filter(|family| spread.contains(&family.name.as_str())) {
        let calibration = family.calibration();
        let [layer, shift, channel] = SCHEMES.map(|scheme| {
            family.sqnr(&family.network(family.quantized(&calibration, scheme, Datapath::Npu), KernelChoice::Fast))
        });
        println!("{}: {layer:.1}, {shift:.1}, {channel:.1} dB", family.name);
        assert!(shift > layer + 6.0 && channel > layer + 6.0, "{}: {layer:.1}, {shift:.1}, {channel:.1}", family.name);
        // A shifted channel fills at least half the grid, so its weights are at most one bit coarser.
        assert!(shift > channel - 6.1, "{}: {layer:.1}, {shift:.1}, {channel:.1}", family.name);
        seen += 1;
    }
    assert_eq!(seen, spread.len());
}

#[test]
fn fast_kernels_give_the_oracles_integers() {
    for family in Family::all() {
        let calibration = family.calibration();
        for (scheme, datapath) in SCHEMES.into_iter().zip(Datapath::ALL) {
            let traces = [KernelChoice::Fast, KernelChoice::Oracle].map(|kernels| {
                let mut trace = Vec::new();
                let mut observe = |id, activation: Activation| {
                    if let Activation::Integers(bytes, _) = activation {
                        trace.push((id, bytes.to_vec()));
                    }
                };
                let network = family.network(family.quantized(&calibration, scheme, datapath), kernels);
                network.run(&family.pictures[..1], &mut observe).unwrap();
                trace
            });
            assert!(traces[0] == traces[1], "{} {}", family.name, datapath.as_str());
        }
    }
}

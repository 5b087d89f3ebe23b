//! Whole small networks through quantizer and integer executor: kernels against the oracle, integers against float.

use std::sync::Arc;

use shiftwise::calibrate::{Calibration, CalibrationOptions};
use shiftwise::error::Code;
use shiftwise::float;
use shiftwise::graph::{
    AveragePool, BinaryKind, Clamp, Conv, CoordinateMode, Graph, Layout, NearestMode, Node, Op, PadMode, Pool, Resize,
    ResizeMode, Tensor, TensorView, Value, ValueId,
};
use shiftwise::host::{Activation, QuantizedNetwork};
use shiftwise::npu::{Datapath, IntegerOp, KernelChoice, Overflow, Profile};
use shiftwise::quantize::{BiasCorrection, QuantizeOptions, Scheme, quantize};
use shiftwise::report::Sqnr;

/// xorshift: the same networks on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn tensor(&mut self, shape: &[usize]) -> Tensor {
        let data = (0..shape.iter().product()).map(|_| self.next()).collect();
        Tensor::new(shape, data).unwrap()
    }
}

struct Builder {
    graph: Graph,
    random: Random,
}

impl Builder {
    fn new(input: &[usize]) -> Self {
        let mut builder = Builder { graph: Graph::default(), random: Random(0x9e37_79b9_7f4a_7c15) };
        let input = builder.value("input", input);
        builder.graph.inputs.push(input);
        builder
    }

    fn value(&mut self, name: &str, shape: &[usize]) -> ValueId {
        let layout = Layout::channels_last(shape.len());
        self.graph.add_value(Value { name: name.to_owned(), shape: shape.to_vec(), layout, constant: None })
    }

    fn constant(&mut self, tensor: Tensor) -> ValueId {
        let id = self.value("constant", tensor.shape());
        self.graph.values[id.0].constant = Some(Arc::new(tensor));
        id
    }

    fn node(&mut self, op: Op, inputs: &[ValueId], shape: &[usize], clamp: Option<Clamp>) -> ValueId {
        let name = format!("{} {}", op.label(), self.graph.nodes.len());
        let output = self.value(&name, shape);
        self.graph.nodes.push(Node { name, origin: Vec::new(), op, clamp, inputs: inputs.to_vec(), output });
        output
    }

    /// Every other channel is `narrow` times as wide as its neighbour.
    fn conv(
        &mut self,
        input: ValueId,
        (o, kernel, stride, groups): (usize, usize, usize, usize),
        clamp: Option<Clamp>,
        narrow: f32,
    ) -> ValueId {
        let shape = self.graph.value(input).shape.clone();
        let (&c, pixels) = shape.split_last().unwrap();
        let mut weight = self.random.tensor(&[o, kernel, kernel, c / groups]);
        let taps = weight.len() / o;
        for (channel, weights) in weight.data_mut().chunks_mut(taps).enumerate() {
            weights.iter_mut().for_each(|w| *w *= if channel % 2 == 1 { narrow } else { 1.0 });
        }
        let bias = (0..o).map(|_| self.random.next() * 0.1).collect();
        let pad = kernel / 2;
        let conv = Conv {
            weight: Arc::new(weight),
            bias: Some(bias),
            kernel: [kernel; 2],
            stride: [stride; 2],
            dilation: [1; 2],
            upsample: [1; 2],
            pads: [pad; 4],
            groups,
            moments: None,
        };
        let mut out: Vec<usize> = pixels.to_vec();
        if out.len() == 3 {
            for size in &mut out[1..] {
                *size = (*size + 2 * pad - kernel) / stride + 1;
            }
        }
        out.push(o);
        self.node(Op::Conv(conv), &[input], &out, clamp)
    }

    /// Twice as high and twice as wide, with as many channels.
    fn transposed_conv(
        &mut self,
        input: ValueId,
        (channels, kernel, groups): (usize, usize, usize),
        narrow: f32,
    ) -> ValueId {
        let id = self.conv(input, (channels, kernel, 1, groups), None, narrow);
        let mut shape = self.graph.value(input).shape.clone();
        (shape[1], shape[2]) = (2 * shape[1], 2 * shape[2]);
        self.graph.values[id.0].shape = shape;
        if let Some(Node { op: Op::Conv(conv), .. }) = self.graph.nodes.last_mut() {
            // 2 n - 1 rows and `kernel` rows of padding have 2 n windows.
            (conv.upsample, conv.pads) = ([2, 2], [kernel / 2, kernel / 2, kernel.div_ceil(2), kernel.div_ceil(2)]);
        }
        id
    }

    fn output(mut self, value: ValueId) -> Arc<Graph> {
        self.graph.outputs.push(value);
        Arc::new(self.graph)
    }
}

/// One of everything that runs in integers, but for what [`decoder`] has.
fn network(narrow: f32) -> Arc<Graph> {
    let relu6 = Some(Clamp { min: 0.0, max: 6.0 });
    let mut b = Builder::new(&[1, 9, 7, 3]);
    let input = b.graph.inputs[0];
    let stem = b.conv(input, (8, 3, 2, 1), relu6, narrow);
    let depthwise = b.conv(stem, (8, 3, 1, 8), relu6, narrow);
    let pointwise = b.conv(depthwise, (8, 1, 1, 1), None, narrow);
    let sum = b.node(Op::Binary(BinaryKind::Add), &[stem, pointwise], &[1, 5, 4, 8], Some(Clamp::RELU));
    let grouped = b.conv(sum, (12, 3, 1, 4), relu6, narrow);
    let gate = b.node(Op::SpatialMean, &[grouped], &[1, 1, 1, 12], None);
    let gate = b.conv(gate, (12, 1, 1, 1), None, narrow);
    let gate = b.node(Op::Activation(shiftwise::graph::Activation::Sigmoid), &[gate], &[1, 1, 1, 12], None);
    let gated = b.node(Op::Binary(BinaryKind::Mul), &[grouped, gate], &[1, 5, 4, 12], None);
    let window = Pool { kernel: [3, 2], stride: [1, 1], dilation: [1, 1], pads: [1, 0, 1, 1] };
    let average = Op::AveragePool(AveragePool { pool: window.clone(), count_include_pad: false });
    let average = b.node(average, &[gated], &[1, 5, 4, 12], None);
    let max = b.node(Op::MaxPool(window), &[gated], &[1, 5, 4, 12], None);
    let joined = b.node(Op::Concat { axis: 3 }, &[average, max], &[1, 5, 4, 24], None);
    let factor = b.random.tensor(&[1, 1, 1, 24]);
    let factor = b.constant(factor);
    let scaled = b.node(Op::Binary(BinaryKind::Sub), &[joined, factor], &[1, 5, 4, 24], None);
    let pad = Op::Pad { before: vec![0, 1, 0, 0], after: vec![0, 0, 1, 0], mode: PadMode::Constant(0.0) };
    let padded = b.node(pad, &[scaled], &[1, 6, 5, 24], None);
    let bilinear = Resize { mode: ResizeMode::Bilinear, coordinates: CoordinateMode::HalfPixel, scales: [2.0, 2.0] };
    let large = b.node(Op::Resize(bilinear), &[padded], &[1, 12, 10, 24], None);
    let space = b.node(Op::DepthToSpace { block: 2, channel_major: false }, &[large], &[1, 24, 20, 6], None);
    let nearest = ResizeMode::Nearest(NearestMode::Floor);
    let nearest = Resize { mode: nearest, coordinates: CoordinateMode::Asymmetric, scales: [0.5, 0.25] };
    let small = b.node(Op::Resize(nearest), &[space], &[1, 12, 5, 6], None);
    let slice = Op::Slice { start: vec![0, 11, 0, 0], step: vec![1, -2, 1, 1] };
    let slice = b.node(slice, &[small], &[1, 6, 4, 6], None);
    let turned = b.node(Op::Transpose { permutation: vec![0, 3, 1, 2] }, &[slice], &[1, 6, 6, 4], None);
    let flat = b.node(Op::Reshape, &[turned], &[1, 144], None);
    let logits = b.conv(flat, (10, 1, 1, 1), None, narrow);
    let softmax = b.node(Op::Softmax { axis: 1 }, &[logits], &[1, 10], None);
    b.output(softmax)
}

/// Transposed convolutions, dense, grouped and depthwise, with PReLUs between them.
fn decoder(narrow: f32) -> Arc<Graph> {
    let mut b = Builder::new(&[1, 3, 5, 6]);
    let mut y = b.graph.inputs[0];
    for (kernel, groups) in [(3, 1), (4, 6), (2, 2)] {
        y = b.transposed_conv(y, (6, kernel, groups), narrow);
        let shape = b.graph.value(y).shape.clone();
        let slopes = b.random.tensor(&[1, 1, 1, 6]);
        let slopes = b.constant(slopes);
        y = b.node(Op::Binary(BinaryKind::Prelu), &[y, slopes], &shape, None);
    }
    b.output(y)
}

fn inputs(graph: &Graph, count: u64) -> Vec<Tensor> {
    (1..=count).map(|seed| Random(seed * 0x2545_f491).tensor(&graph.value(graph.inputs[0]).shape)).collect()
}

fn calibrate(graph: &Arc<Graph>, pictures: &[Tensor]) -> Calibration {
    let executor = float::Executor::new(Arc::clone(graph)).unwrap();
    let mut calibration = Calibration::new(graph);
    for picture in pictures {
        executor.run(std::slice::from_ref(picture), &mut |id, tensor| calibration.observe(id, tensor.data())).unwrap();
        calibration.count_image();
    }
    calibration
}

fn build(
    graph: &Arc<Graph>,
    calibration: &Calibration,
    options: &QuantizeOptions,
    kernels: KernelChoice,
) -> QuantizedNetwork {
    let quantized = quantize(graph, calibration, options).unwrap();
    QuantizedNetwork::new(Arc::clone(graph), quantized, kernels).unwrap()
}

/// Every activation's integers, in order.
fn trace(network: &QuantizedNetwork, input: &Tensor) -> Vec<(ValueId, Vec<u8>)> {
    let mut seen = Vec::new();
    network
        .run(std::slice::from_ref(input), &mut |id, activation| {
            if let Activation::Integers(bytes, _) = activation {
                seen.push((id, bytes.to_vec()));
            }
        })
        .unwrap();
    seen
}

#[test]
fn fast_kernels_give_the_oracles_integers() {
    for graph in [network(0.02), decoder(0.02)] {
        let pictures = inputs(&graph, 3);
        let calibration = calibrate(&graph, &pictures);
        for scheme in [Scheme::LayerWise, Scheme::ShiftWise, Scheme::ChannelWise] {
            for (weight_bits, activation_bits) in [(8, 8), (4, 8), (2, 4), (8, 5)] {
                let options = QuantizeOptions { weight_bits, activation_bits, ..QuantizeOptions::new(scheme) };
                assert_same_integers(&graph, &calibration, &options, &pictures);
            }
            for datapath in [Datapath::Tflite, Datapath::Ort] {
                let options = QuantizeOptions { profile: Profile::of(datapath), ..QuantizeOptions::new(scheme) };
                assert_same_integers(&graph, &calibration, &options, &pictures);
            }
        }
    }
}

fn assert_same_integers(graph: &Arc<Graph>, calibration: &Calibration, options: &QuantizeOptions, pictures: &[Tensor]) {
    let fast = build(graph, calibration, options, KernelChoice::Fast);
    let oracle = build(graph, calibration, options, KernelChoice::Oracle);
    for picture in pictures {
        assert_eq!(trace(&fast, picture), trace(&oracle, picture), "{options:?}");
    }
}

/// The worst SQNR in dB over all nodes and pictures.
fn worst_sqnr(graph: &Arc<Graph>, network: &QuantizedNetwork, pictures: &[Tensor]) -> f64 {
    let executor = float::Executor::new(Arc::clone(graph)).unwrap();
    let mut worst = f64::INFINITY;
    for picture in pictures {
        let mut reals = std::collections::HashMap::new();
        let keep = &mut |id: ValueId, tensor: TensorView| drop(reals.insert(id, tensor.to_tensor()));
        executor.run(std::slice::from_ref(picture), keep).unwrap();
        network
            .run(std::slice::from_ref(picture), &mut |id, activation| {
                let reals = reals[&id].data().iter().map(|&x| f64::from(x));
                let sqnr: Sqnr = match activation {
                    Activation::Integers(bytes, s) => reals.zip(bytes.iter().map(|&q| s.dequantize(q))).collect(),
                    Activation::Real(values) => reals.zip(values.iter().map(|&x| f64::from(x))).collect(),
                };
                worst = worst.min(sqnr.db().unwrap_or(f64::INFINITY));
            })
            .unwrap();
    }
    worst
}

#[test]
fn integers_follow_the_float_network() {
    for graph in [network(0.5), decoder(0.5)] {
        let pictures = inputs(&graph, 4);
        let calibration = calibrate(&graph, &pictures);
        for scheme in [Scheme::LayerWise, Scheme::ShiftWise, Scheme::ChannelWise] {
            for datapath in Datapath::ALL {
                let options = QuantizeOptions { profile: Profile::of(datapath), ..QuantizeOptions::new(scheme) };
                let network = build(&graph, &calibration, &options, KernelChoice::Fast);
                let worst = worst_sqnr(&graph, &network, &pictures);
                assert!(worst > 20.0, "{scheme:?}, {datapath:?}: {worst:.1} dB");
            }
        }
    }
}

/// The mean of every output channel over all pictures.
fn channel_means(graph: &Arc<Graph>, pictures: &[Tensor]) -> Vec<f64> {
    let executor = float::Executor::new(Arc::clone(graph)).unwrap();
    let channels = *graph.value(graph.outputs[0]).shape.last().unwrap();
    let mut means = vec![0.0; channels];
    for picture in pictures {
        let output = executor.run(std::slice::from_ref(picture), &mut |_, _| {}).unwrap().remove(0);
        for (i, &y) in output.data().iter().enumerate() {
            means[i % channels] += f64::from(y) / (output.len() / channels * pictures.len()) as f64;
        }
    }
    means
}

/// N4: with float activations, the quantized weights and corrected biases of a padded, strided convolution give every
/// output channel its float mean; without correction they do not.
#[test]
fn bias_correction_restores_the_channels_means() {
    for groups in [1, 2, 6] {
        let mut b = Builder::new(&[1, 9, 7, 6]);
        let output = b.conv(b.graph.inputs[0], (12, 3, 2, groups), None, 0.3);
        let graph = b.output(output);
        let pictures: Vec<Tensor> = inputs(&graph, 3)
            .into_iter()
            .map(|picture| {
                Tensor::new(picture.shape(), picture.data().iter().map(|x| x.abs() + 0.2).collect()).unwrap()
            })
            .collect();
        let options = CalibrationOptions { tap_means: true, ..CalibrationOptions::default() };
        let mut calibration = Calibration::with_options(&graph, options);
        let executor = float::Executor::new(Arc::clone(&graph)).unwrap();
        for picture in &pictures {
            executor
                .run(std::slice::from_ref(picture), &mut |id, tensor| calibration.observe(id, tensor.data()))
                .unwrap();
            calibration.count_image();
        }
        let real = channel_means(&graph, &pictures);
        let worst = |bias_correction| {
            let options =
                QuantizeOptions { weight_bits: 4, bias_correction, ..QuantizeOptions::new(Scheme::ShiftWise) };
            let quantized = quantize(&graph, &calibration, &options).unwrap();
            let weights = &quantized.layers[0].weights;
            let mut graph = (*graph).clone();
            let Op::Conv(conv) = &mut graph.nodes[0].op else { panic!() };
            let taps = conv.weight.len() / 12;
            let reals = weights.integers.iter().enumerate();
            let reals = reals.map(|(i, &q)| (f64::from(q) * weights.steps[i / taps]) as f32).collect();
            conv.weight = Arc::new(Tensor::new(conv.weight.shape(), reals).unwrap());
            for (bias, correction) in conv.bias.as_mut().unwrap().iter_mut().zip(&weights.corrections) {
                *bias = (f64::from(*bias) - correction) as f32;
            }
            let means = channel_means(&Arc::new(graph), &pictures);
            means.iter().zip(&real).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        let (before, after) = (worst(BiasCorrection::None), worst(BiasCorrection::Empirical));
        assert!(after < 1e-6 && before > 1e-2, "{groups} groups: {before} before, {after} after");
        // What was not calibrated for is refused.
        let plain = calibrate(&graph, &pictures);
        let options =
            QuantizeOptions { bias_correction: BiasCorrection::Empirical, ..QuantizeOptions::new(Scheme::LayerWise) };
        assert_eq!(quantize(&graph, &plain, &options).unwrap_err().code, Code::NotCalibrated);
    }
}

/// Narrow channels are noise under one scale per layer, and nearly as good as channel-wise with a shift.
#[test]
fn shifts_repair_narrow_channels() {
    let graph = network(0.004);
    let calibration = calibrate(&graph, &inputs(&graph, 1));
    let worst = |scheme| {
        let network = build(&graph, &calibration, &QuantizeOptions::new(scheme), KernelChoice::Fast);
        let detail = shiftwise::report::layer(&graph, network.quantized(), 0).unwrap();
        detail.sqnr_db.iter().map(|db| db.unwrap_or(f64::INFINITY)).fold(f64::INFINITY, f64::min)
    };
    let (layer, shift, channel) = (worst(Scheme::LayerWise), worst(Scheme::ShiftWise), worst(Scheme::ChannelWise));
    assert!(layer < 6.0, "layer-wise {layer:.1} dB");
    // A shifted channel fills at least half the grid: at most one bit, 6 dB, below channel-wise.
    assert!(shift > channel - 6.1, "shift-wise {shift:.1} dB, channel-wise {channel:.1} dB");
    assert!(channel > 35.0, "channel-wise {channel:.1} dB");
}

#[test]
fn zero_shift_bits_are_layer_wise_bit_for_bit() {
    let graph = network(0.02);
    let pictures = inputs(&graph, 1);
    let calibration = calibrate(&graph, &pictures);
    let layer = build(&graph, &calibration, &QuantizeOptions::new(Scheme::LayerWise), KernelChoice::Fast);
    let none = QuantizeOptions { shift_bits: 0, ..QuantizeOptions::new(Scheme::ShiftWise) };
    let none = build(&graph, &calibration, &none, KernelChoice::Fast);
    assert_eq!(trace(&layer, &pictures[0]), trace(&none, &pictures[0]));
}

#[test]
fn a_narrow_accumulator_overflows_visibly_and_by_policy() {
    let graph = network(1.0);
    let pictures = inputs(&graph, 2);
    let calibration = calibrate(&graph, &pictures);
    let run = |overflow| {
        let profile = Profile { accumulator_bits: 16, bias_bits: 16, overflow, ..Profile::default() };
        let options = QuantizeOptions { profile, ..QuantizeOptions::new(Scheme::LayerWise) };
        let network = build(&graph, &calibration, &options, KernelChoice::Fast);
        let checked = network.quantized().program.steps.iter().any(|step| match &step.op {
            IntegerOp::Conv(conv) => !conv.fits,
            _ => false,
        });
        assert!(checked, "no layer needs the checked kernel");
        let run = network.run(&pictures[..1], &mut |_, _| {}).unwrap();
        (run.events.overflows, trace(&network, &pictures[0]))
    };
    let (wrapped, wrap) = run(Overflow::Wrap);
    let (saturated, saturate) = run(Overflow::Saturate);
    assert!(wrapped > 0 && saturated > 0, "{wrapped} and {saturated} events");
    assert_ne!(wrap, saturate);
}

//! Every integer operator under every profile and scheme, driven with extreme values, odd shapes, large shifts and
//! ranges without width: the result is what the real operator makes of the dequantized operands, to within one step and
//! what the multiplier's width costs.
//!
//! The reference is not the integer executor's arithmetic: convolutions are added up here, everything else is the float
//! executor's, which ONNX Runtime judges (tests/onnx_operators.rs).

use std::sync::Arc;

use proptest::prelude::*;
use shiftwise::float;
use shiftwise::graph::{
    Activation, AveragePool, BinaryKind, Clamp, Conv, CoordinateMode, Graph, Layout, NearestMode, Node, Op, PadMode,
    Pool, Resize, ResizeMode, Tensor, Value, ValueId,
};
use shiftwise::host::{self, QuantizedNetwork};
use shiftwise::npu::{Datapath, KernelChoice, Profile, Rounding};
use shiftwise::quantize::{Calibration, QuantizeOptions, Quantized, Scheme, quantize};

/// One operator on graph inputs of the given shapes and ranges.
#[derive(Debug, Clone)]
struct Case {
    op: Op,
    clamp: Option<Clamp>,
    shapes: Vec<Vec<usize>>,
    out: Vec<usize>,
    /// Of the inputs, then of the output.
    ranges: Vec<[f32; 2]>,
    /// Integers of the inputs.
    data: Vec<Vec<u8>>,
    options: QuantizeOptions,
}

/// Exact.
fn power_of_two(exponent: i32) -> f64 {
    libm::ldexp(1.0, exponent)
}

fn bytes(length: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![2 => any::<u8>(), 1 => Just(0u8), 1 => Just(255u8)];
    proptest::collection::vec(byte, length)
}

/// Ordinary ranges over twelve orders of magnitude; one-sided, pointlike and empty ones.
fn range() -> impl Strategy<Value = [f32; 2]> {
    let magnitude = (-20i32..20, 1.0f32..2.0).prop_map(|(exponent, part)| part * power_of_two(exponent) as f32);
    prop_oneof![
        4 => (magnitude.clone(), 0.0f32..1.0).prop_map(|(width, below)| [-width * below, width * (1.0 - below)]),
        1 => magnitude.clone().prop_map(|top| [top / 2.0, top]),
        1 => magnitude.clone().prop_map(|bottom| [-bottom, -bottom / 2.0]),
        1 => magnitude.prop_map(|point| [point, point]),
        1 => Just([0.0, 0.0]),
    ]
}

fn options() -> impl Strategy<Value = QuantizeOptions> {
    let scheme = prop_oneof![Just(Scheme::LayerWise), Just(Scheme::ShiftWise), Just(Scheme::ChannelWise)];
    let rounding = prop_oneof![
        Just(Rounding::HalfUp),
        Just(Rounding::HalfAway),
        Just(Rounding::HalfEven),
        Just(Rounding::Truncate)
    ];
    let npu = (8u8..=31, rounding, 4u8..=8).prop_map(|(multiplier_bits, rounding, activation_bits)| {
        (Profile { multiplier_bits, rounding, ..Profile::default() }, activation_bits)
    });
    let profile = prop_oneof![
        2 => npu,
        1 => Just((Profile::of(Datapath::Tflite), 8)),
        1 => Just((Profile::of(Datapath::Ort), 8)),
    ];
    (scheme, profile, 2u8..=8, 0u8..=5).prop_map(|(scheme, (profile, activation_bits), weight_bits, shift_bits)| {
        QuantizeOptions { weight_bits, activation_bits, shift_bits, profile, ..QuantizeOptions::new(scheme) }
    })
}

/// Completes an operator to a case: ranges, integers and options.
fn case(op: Op, clamp: Option<Clamp>, shapes: Vec<Vec<usize>>, out: Vec<usize>) -> impl Strategy<Value = Case> {
    let data: Vec<_> = shapes.iter().map(|shape| bytes(shape.iter().product())).collect();
    let ranges = proptest::collection::vec(range(), shapes.len() + 1);
    (data, ranges, options()).prop_map(move |(data, ranges, options)| Case {
        op: op.clone(),
        clamp,
        shapes: shapes.clone(),
        out: out.clone(),
        ranges,
        data,
        options,
    })
}

fn clamp() -> impl Strategy<Value = Option<Clamp>> {
    prop_oneof![Just(None), Just(Some(Clamp::RELU)), Just(Some(Clamp { min: 0.0, max: 6.0 }))]
}

fn image() -> impl Strategy<Value = [usize; 4]> {
    (1usize..3, 1usize..8, 1usize..8, 1usize..7).prop_map(|(n, h, w, c)| [n, h, w, c])
}

/// Kernel, stride, dilation and pads that fit the picture, and the size of the result.
fn window([_, h, w, _]: [usize; 4], most_stride: usize) -> impl Strategy<Value = (Pool, [usize; 2])> {
    let axis = |size: usize| {
        (1usize..4, 1..=most_stride, 1usize..3, 0usize..3, 0usize..3).prop_filter_map(
            "fits",
            move |(k, s, d, before, after)| {
                let reach = d * (k - 1) + 1;
                let (before, after) = (before.min(k - 1), after.min(k - 1));
                (size + before + after).checked_sub(reach).map(|rest| ([k, s, d, before, after], rest / s + 1))
            },
        )
    };
    (axis(h), axis(w)).prop_map(|(([kh, sh, dh, top, bottom], rows), ([kw, sw, dw, left, right], columns))| {
        let pool = Pool { kernel: [kh, kw], stride: [sh, sw], dilation: [dh, dw], pads: [top, left, bottom, right] };
        (pool, [rows, columns])
    })
}

/// Weights over many orders of magnitude from channel to channel, channels of zeros among them: large shifts.
fn convolution() -> impl Strategy<Value = Case> {
    (
        image(),
        1usize..7,
        any::<bool>(),
        clamp(),
        prop_oneof![3 => Just([1, 1]), 1 => (1usize..4, 1usize..4).prop_map(|(y, x)| [y, x])],
    )
        .prop_flat_map(|(shape, o, depthwise, clamp, upsample)| {
            let [n, h, w, c] = shape;
            let spread = [n, (h - 1) * upsample[0] + 1, (w - 1) * upsample[1] + 1, c];
            let most_stride = if upsample == [1, 1] { 3 } else { 1 };
            (Just((shape, o, depthwise, (clamp, upsample))), window(spread, most_stride))
        })
        .prop_flat_map(|((shape, o, depthwise, clamp), (pool, [rows, columns]))| {
            let (groups, o) = if depthwise { (shape[3], shape[3]) } else { (1, o) };
            let taps = pool.kernel[0] * pool.kernel[1] * shape[3] / groups;
            let channel =
                (proptest::collection::vec(-1.0f32..1.0, taps), prop_oneof![4 => -34i32..1, 1 => Just(-1000)]);
            let weights = proptest::collection::vec(channel, o).prop_map(|channels| {
                let scaled = |(weights, exponent): (Vec<f32>, i32)| {
                    let scale = if exponent < -100 { 0.0 } else { power_of_two(exponent) as f32 };
                    weights.into_iter().map(move |w| w * scale).collect::<Vec<_>>()
                };
                channels.into_iter().flat_map(scaled).collect::<Vec<f32>>()
            });
            let bias = proptest::collection::vec(-10.0f32..10.0, o);
            (weights, bias, Just((shape, pool, groups, o, clamp, [shape[0], rows, columns, o])))
        })
        .prop_flat_map(|(weights, bias, (shape, pool, groups, o, (clamp, upsample), out))| {
            let [kh, kw] = pool.kernel;
            let weight = Tensor::new([o, kh, kw, shape[3] / groups], weights).unwrap();
            let conv = Conv {
                groups,
                upsample,
                pads: pool.pads,
                stride: pool.stride,
                dilation: pool.dilation,
                kernel: pool.kernel,
                ..Conv::pointwise(Arc::new(weight), Some(bias))
            };
            case(Op::Conv(conv), clamp, vec![shape.to_vec()], out.to_vec())
        })
}

fn binary() -> impl Strategy<Value = Case> {
    let kind =
        prop_oneof![Just(BinaryKind::Add), Just(BinaryKind::Sub), Just(BinaryKind::Mul), Just(BinaryKind::Prelu)];
    (image(), kind, 0usize..4, clamp()).prop_flat_map(|(shape, kind, broadcast, clamp)| {
        let [n, h, w, c] = shape;
        let other = [[n, h, w, c], [1, 1, 1, c], [n, h, w, 1], [1, 1, 1, 1]][broadcast];
        case(Op::Binary(kind), clamp, vec![shape.to_vec(), other.to_vec()], shape.to_vec())
    })
}

fn pools() -> impl Strategy<Value = Case> {
    (image(), any::<[bool; 2]>())
        .prop_flat_map(|(shape, flags)| (Just((shape, flags)), window(shape, 3)))
        .prop_flat_map(|((shape, [largest, count_include_pad]), (pool, [rows, columns]))| {
            let op = match largest {
                true => Op::MaxPool(pool),
                false => Op::AveragePool(AveragePool { pool, count_include_pad }),
            };
            case(op, None, vec![shape.to_vec()], vec![shape[0], rows, columns, shape[3]])
        })
}

fn activations() -> impl Strategy<Value = Case> {
    let activation = prop_oneof![
        Just(Activation::Sigmoid),
        Just(Activation::Tanh),
        Just(Activation::Silu),
        Just(Activation::HardSwish),
        (0.01f32..1.0, 0.0f32..1.0).prop_map(|(alpha, beta)| Activation::HardSigmoid { alpha, beta }),
        (0.0f32..1.0).prop_map(|alpha| Activation::LeakyRelu { alpha }),
        Just(Activation::Clamp(Clamp { min: -1.0, max: 1.0 })),
    ];
    (image(), activation).prop_flat_map(|(shape, activation)| {
        case(Op::Activation(activation), None, vec![shape.to_vec()], shape.to_vec())
    })
}

fn rearrangements() -> impl Strategy<Value = Case> {
    let mode = prop_oneof![
        (-3.0f32..3.0).prop_map(PadMode::Constant),
        Just(PadMode::Reflect),
        Just(PadMode::Edge),
        Just(PadMode::Wrap)
    ];
    (image(), 0usize..7, 1usize..4, mode).prop_flat_map(|([n, h, w, c], which, size, mode)| {
        let shape = vec![n, h, w, c];
        let ones = |op, shape: Vec<usize>, out| case(op, None, vec![shape], out).boxed();
        match which {
            0 => ones(Op::Reshape, shape, vec![n, h * w * c]),
            1 => ones(Op::Transpose { permutation: vec![0, 3, 1, 2] }, shape, vec![n, c, h, w]),
            2 => {
                let (before, after) = (vec![0, h as isize - 1, 0, 0], vec![0, 0, w as isize - 1, 0]);
                ones(Op::Pad { before, after, mode }, shape, vec![n, 2 * h - 1, 2 * w - 1, c])
            }
            3 => ones(
                Op::Slice { start: vec![0, h - 1, 0, 0], step: vec![1, -1, 1, 1] },
                shape,
                vec![n, h, w.div_ceil(2), c],
            ),
            4 => ones(
                Op::DepthToSpace { block: size, channel_major: c % 2 == 0 },
                vec![n, h, w, c * size * size],
                vec![n, h * size, w * size, c],
            ),
            5 => {
                let nearest = ResizeMode::Nearest(NearestMode::Floor);
                let resize =
                    Resize { mode: nearest, coordinates: CoordinateMode::Asymmetric, scales: [size as f32; 2] };
                ones(Op::Resize(resize), shape, vec![n, h * size, w * size, c])
            }
            _ => ones(Op::SpatialMean, shape, vec![n, 1, 1, c]),
        }
    })
}

fn bilinear() -> impl Strategy<Value = Case> {
    let coordinates = prop_oneof![
        Just(CoordinateMode::HalfPixel),
        Just(CoordinateMode::AlignCorners),
        Just(CoordinateMode::Asymmetric)
    ];
    (image(), 1usize..12, 1usize..12, coordinates).prop_flat_map(|([n, h, w, c], rows, columns, coordinates)| {
        let scales = [rows as f32 / h as f32, columns as f32 / w as f32];
        let resize = Resize { mode: ResizeMode::Bilinear, coordinates, scales };
        case(Op::Resize(resize), None, vec![vec![n, h, w, c]], vec![n, rows, columns, c])
    })
}

fn concat() -> impl Strategy<Value = Case> {
    (image(), 1usize..5, 1usize..4).prop_flat_map(|([n, h, w, c], other, axis)| {
        let (first, mut second) = (vec![n, h, w, c], vec![n, h, w, c]);
        second[axis] = other;
        let mut out = first.clone();
        out[axis] += other;
        case(Op::Concat { axis }, None, vec![first, second], out)
    })
}

impl Case {
    fn graph(&self) -> Arc<Graph> {
        let mut graph = Graph::default();
        let mut value = |name: String, shape: &[usize]| {
            graph.add_value(Value {
                name,
                shape: shape.to_vec(),
                layout: Layout::identity(shape.len()),
                constant: None,
            })
        };
        let inputs: Vec<ValueId> =
            self.shapes.iter().enumerate().map(|(index, shape)| value(format!("input {index}"), shape)).collect();
        let output = value("output".to_owned(), &self.out);
        graph.inputs = inputs.clone();
        graph.outputs = vec![output];
        let name = self.op.label();
        graph.nodes.push(Node { name, origin: Vec::new(), op: self.op.clone(), clamp: self.clamp, inputs, output });
        Arc::new(graph)
    }

    fn quantized(&self, graph: &Graph) -> Quantized {
        let mut calibration = Calibration::new(graph);
        for (&value, range) in graph.inputs.iter().chain(&graph.outputs).zip(&self.ranges) {
            calibration.observe(value, &Tensor::new([2], range.to_vec()).unwrap());
        }
        calibration.count_image();
        quantize(graph, &calibration, &self.options).unwrap()
    }
}

/// The exact outputs in units of the output's step, from the zero point; and what a step of the reference's own error is.
fn reference(case: &Case, graph: &Graph, quantized: &Quantized, inputs: &[Tensor]) -> (Vec<f64>, f64) {
    let output = quantized.scale(*quantized.program.outputs.first().unwrap());
    let scale_of = |index: usize| quantized.scale(quantized.program.inputs[index]).scale;
    let bits = i32::from(case.options.profile.multiplier_bits);
    // What an operand's integers can reach, present or not: the larger scale decides how many bits are left to the other.
    let largest = |index: usize| {
        let scale = quantized.scale(quantized.program.inputs[index]);
        scale.dequantize(0).abs().max(scale.dequantize(scale.max).abs())
    };
    if let Op::Conv(conv) = &case.op {
        let weights = &quantized.layers[0].weights;
        let sums = sums(conv, weights.integers.as_slice(), &weights.biases, &case.data[0], case, quantized);
        let steps: Vec<f64> = sums
            .iter()
            .enumerate()
            .map(|(index, &sum)| sum as f64 * scale_of(0) * weights.steps[index % weights.steps.len()] / output.scale)
            .collect();
        return (steps, 256.0 * power_of_two(-bits));
    }
    let operands: Vec<&Tensor> = inputs.iter().collect();
    let result = float::evaluate(&graph.nodes[0], &operands, &case.out).unwrap();
    let steps = result.data().iter().map(|&real| f64::from(real) / output.scale).collect();
    let magnitude = match &case.op {
        Op::Binary(BinaryKind::Mul) => largest(0) * largest(1),
        Op::Binary(BinaryKind::Prelu) => largest(0) * largest(1).max(1.0),
        _ => (0..inputs.len()).map(largest).sum::<f64>(),
    };
    // Operands of opposite signs cancel, the errors of their multipliers do not; float32's likewise.
    let slack = match &case.op {
        Op::Resize(Resize { mode: ResizeMode::Bilinear, .. }) => 2.5,
        _ => (magnitude / output.scale + 256.0) * (power_of_two(1 - bits) + 1e-6),
    };
    (steps, slack)
}

/// Sums of products, one at a time in 64 bits.
fn sums(conv: &Conv, weights: &[i8], biases: &[i32], data: &[u8], case: &Case, quantized: &Quantized) -> Vec<i64> {
    let (shape, out) = (&case.shapes[0], &case.out);
    let zero = i64::from(quantized.scale(quantized.program.inputs[0]).zero_point);
    let per_group = conv.input_channels_per_group();
    let taps = conv.kernel[0] * conv.kernel[1] * per_group;
    let mut sums = Vec::new();
    for index in 0..out.iter().product::<usize>() {
        let (o, x, y, n) = (
            index % out[3],
            index / out[3] % out[2],
            index / (out[3] * out[2]) % out[1],
            index / (out[3] * out[2] * out[1]),
        );
        let first = o / (out[3] / conv.groups) * per_group;
        let mut sum = i64::from(biases[o]);
        for tap in 0..taps {
            let (i, kx, ky) = (tap % per_group, tap / per_group % conv.kernel[1], tap / (per_group * conv.kernel[1]));
            let iy = (y * conv.stride[0] + ky * conv.dilation[0]) as isize - conv.pads[0] as isize;
            let ix = (x * conv.stride[1] + kx * conv.dilation[1]) as isize - conv.pads[1] as isize;
            // What lies between the rows and columns of a transposed convolution's input is zero.
            let [up, across] = conv.upsample.map(|step| step as isize);
            if iy.rem_euclid(up) != 0 || ix.rem_euclid(across) != 0 {
                continue;
            }
            let (iy, ix) = (iy.div_euclid(up), ix.div_euclid(across));
            if (0..shape[1] as isize).contains(&iy) && (0..shape[2] as isize).contains(&ix) {
                let at = ((n * shape[1] + iy as usize) * shape[2] + ix as usize) * shape[3] + first + i;
                sum += (i64::from(data[at]) - zero) * i64::from(weights[o * taps + tap]);
            }
        }
        sums.push(sum);
    }
    sums
}

fn check(case: &Case) -> std::result::Result<(), TestCaseError> {
    let graph = case.graph();
    let quantized = case.quantized(&graph);
    let mut case = case.clone();
    let mut inputs = Vec::new();
    for ((data, shape), &id) in case.data.iter_mut().zip(&case.shapes).zip(&quantized.program.inputs) {
        let scale = quantized.scale(id);
        data.iter_mut().for_each(|byte| *byte = (*byte).min(scale.max));
        let reals = data.iter().map(|&byte| scale.dequantize(byte) as f32).collect();
        inputs.push(Tensor::new(shape.clone(), reals).unwrap());
    }
    let scale = quantized.scale(quantized.program.outputs[0]);
    let bounds = scale.bounds(case.clamp);
    let (steps, slack) = reference(&case, &graph, &quantized, &inputs);
    let run = |kernels| {
        let network = QuantizedNetwork::new(Arc::clone(&graph), quantized.clone(), kernels).unwrap();
        let mut integers = Vec::new();
        let mut overflows = 0;
        let run = network.run(&inputs, &mut |id, activation| {
            if let (true, host::Activation::Integers(bytes, _)) = (id == graph.outputs[0], activation) {
                integers = bytes.to_vec();
            }
        });
        overflows += run.unwrap().events.overflows;
        (integers, overflows)
    };
    let (integers, overflows) = run(KernelChoice::Fast);
    prop_assert_eq!(&run(KernelChoice::Oracle), &(integers.clone(), overflows));
    prop_assert_eq!(integers.len(), steps.len());
    // An accumulator that wrapped holds no sum to compare with.
    if overflows > 0 {
        return Ok(());
    }
    for (index, (&integer, &step)) in integers.iter().zip(&steps).enumerate() {
        // There the engine's own 32-bit intermediate wraps (N8).
        if case.options.profile.datapath == Datapath::Tflite && step.abs() >= power_of_two(24) {
            continue;
        }
        let exact = (step + f64::from(scale.zero_point)).clamp(f64::from(bounds.min), f64::from(bounds.max));
        prop_assert!((bounds.min..=bounds.max).contains(&integer), "{index}: {integer} is outside {bounds:?}");
        prop_assert!(
            (f64::from(integer) - exact).abs() <= 1.0 + slack,
            "output {index} is {integer}, exactly {exact} (slack {slack})"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn convolutions(case in convolution()) { check(&case)?; }

    #[test]
    fn sums_differences_and_products(case in binary()) { check(&case)?; }

    #[test]
    fn windows(case in pools()) { check(&case)?; }

    #[test]
    fn tables(case in activations()) { check(&case)?; }

    #[test]
    fn global_averages_and_what_only_moves(case in rearrangements()) { check(&case)?; }

    #[test]
    fn bilinear_resizes(case in bilinear()) { check(&case)?; }

    #[test]
    fn concatenations(case in concat()) { check(&case)?; }
}

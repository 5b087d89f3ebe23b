//! Single operators with everything that can be extreme: ranges, shapes, shifts, integers.

use std::sync::Arc;

use proptest::prelude::*;
use shiftwise::calibrate::Calibration;
use shiftwise::graph::{
    Activation, AveragePool, BinaryKind, Clamp, Conv, CoordinateMode, Graph, Layout, NearestMode, Node, Op, PadMode,
    Pool, Resize, ResizeMode, Tensor, Value, ValueId,
};
use shiftwise::npu::{Datapath, Profile, Rounding};
use shiftwise::quantize::{QuantizeOptions, Quantized, Scheme, quantize};

/// One operator on graph inputs of the given shapes and ranges.
#[derive(Debug, Clone)]
pub struct Case {
    pub op: Op,
    pub clamp: Option<Clamp>,
    pub shapes: Vec<Vec<usize>>,
    pub out: Vec<usize>,
    /// Of the inputs, then of the output.
    pub ranges: Vec<[f32; 2]>,
    /// Integers of the inputs.
    pub data: Vec<Vec<u8>>,
    pub options: QuantizeOptions,
}

/// Exact.
pub fn power_of_two(exponent: i32) -> f64 {
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
pub fn convolution() -> impl Strategy<Value = Case> {
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

pub fn binary() -> impl Strategy<Value = Case> {
    let kind =
        prop_oneof![Just(BinaryKind::Add), Just(BinaryKind::Sub), Just(BinaryKind::Mul), Just(BinaryKind::Prelu)];
    (image(), kind, 0usize..4, clamp()).prop_flat_map(|(shape, kind, broadcast, clamp)| {
        let [n, h, w, c] = shape;
        let other = [[n, h, w, c], [1, 1, 1, c], [n, h, w, 1], [1, 1, 1, 1]][broadcast];
        case(Op::Binary(kind), clamp, vec![shape.to_vec(), other.to_vec()], shape.to_vec())
    })
}

pub fn pools() -> impl Strategy<Value = Case> {
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

pub fn activations() -> impl Strategy<Value = Case> {
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

pub fn rearrangements() -> impl Strategy<Value = Case> {
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

pub fn bilinear() -> impl Strategy<Value = Case> {
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

pub fn concat() -> impl Strategy<Value = Case> {
    (image(), 1usize..5, 1usize..4).prop_flat_map(|([n, h, w, c], other, axis)| {
        let (first, mut second) = (vec![n, h, w, c], vec![n, h, w, c]);
        second[axis] = other;
        let mut out = first.clone();
        out[axis] += other;
        case(Op::Concat { axis }, None, vec![first, second], out)
    })
}

impl Case {
    pub fn graph(&self) -> Arc<Graph> {
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

    pub fn quantized(&self, graph: &Graph) -> Quantized {
        let mut calibration = Calibration::new(graph);
        for (&value, range) in graph.inputs.iter().chain(&graph.outputs).zip(&self.ranges) {
            calibration.observe(value, range);
        }
        calibration.count_image();
        quantize(graph, &calibration, &self.options).unwrap()
    }
    /// The inputs' integers, cut to what their scales hold, as the reals that they stand for.
    pub fn inputs(&mut self, quantized: &Quantized) -> Vec<Tensor> {
        let ids = &quantized.program.inputs;
        let each = self.data.iter_mut().zip(&self.shapes).zip(ids).map(|((data, shape), &id)| {
            let scale = quantized.scale(id);
            data.iter_mut().for_each(|byte| *byte = (*byte).min(scale.max));
            let reals = data.iter().map(|&byte| scale.dequantize(byte) as f32).collect();
            Tensor::new(shape.clone(), reals).unwrap()
        });
        each.collect()
    }
}

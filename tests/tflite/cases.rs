//! Networks of one operator with odd shapes, extreme integers, large shifts and strange ranges: the same on every machine.

use std::collections::BTreeMap;
use std::sync::Arc;

use shiftwise::calibrate::Calibration;
use shiftwise::float;
use shiftwise::graph::{
    Activation, AveragePool, BinaryKind, Clamp, Conv, CoordinateMode, Graph, Layout, NearestMode, Node, Op, PadMode,
    Pool, Resize, ResizeMode, Tensor, Value, ValueId,
};
use shiftwise::npu::{Datapath, Profile};
use shiftwise::quantize::{QuantizeOptions, Quantized, Scheme, quantize};

/// xorshift.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            random.bits();
        }
        random
    }

    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 32
    }

    /// `low..=high`.
    pub fn whole(&mut self, low: usize, high: usize) -> usize {
        low + self.bits() as usize % (high - low + 1)
    }

    /// `-1.0..1.0`.
    pub fn real(&mut self) -> f32 {
        (self.bits() >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.whole(1, count) == 1
    }

    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.whole(0, choices.len() - 1)]
    }

    /// Numbers of very different magnitudes.
    fn magnitude(&mut self, exponents: std::ops::RangeInclusive<i32>) -> f32 {
        let (low, high) = exponents.into_inner();
        let exponent = low + self.whole(0, (high - low) as usize) as i32;
        libm::ldexp(1.5 + f64::from(self.real()) / 2.0, exponent) as f32
    }

    /// A range of reals: two-sided, one-sided, or of no width.
    fn range(&mut self) -> [f32; 2] {
        let width = self.magnitude(-4..=4);
        match self.whole(0, 7) {
            0 => [0.0, width],
            1 => [-width, 0.0],
            2 => [width / 2.0, width],
            3 => [0.0, 0.0],
            _ => {
                let below = 0.5 + self.real() / 2.0;
                [-width * below, width * (1.0 - below)]
            }
        }
    }

    /// Reals that reach every integer of the range, its ends and its zero oftener.
    fn tensor(&mut self, shape: &[usize], [low, high]: [f32; 2]) -> Tensor {
        let (low, high) = (low.min(0.0), high.max(0.0));
        let data = (0..shape.iter().product()).map(|_| match self.whole(0, 9) {
            0 => low,
            1 => high,
            2 => 0.0,
            _ => low + (high - low) * (0.5 + self.real() / 2.0),
        });
        Tensor::new(shape, data.collect()).unwrap()
    }
}

/// One operator, quantized on ranges that were seen or are strange.
pub struct Case {
    pub name: String,
    pub graph: Arc<Graph>,
    pub quantized: Quantized,
    pub inputs: Vec<Tensor>,
}

/// An operator before ranges and integers are drawn.
pub struct Plan {
    pub op: Op,
    pub clamp: Option<Clamp>,
    pub shapes: Vec<Vec<usize>>,
    pub out: Vec<usize>,
    /// Whether the last operand is known beforehand.
    pub constant: bool,
}

impl Plan {
    pub fn new(op: Op, shapes: &[&[usize]], out: &[usize]) -> Self {
        let shapes = shapes.iter().map(|shape| shape.to_vec()).collect();
        Plan { op, clamp: None, shapes, out: out.to_vec(), constant: false }
    }

    /// Draws what is left to chance.
    pub fn draw(self, name: String, scheme: Scheme, random: &mut Random) -> Case {
        let mut graph = Graph { name: name.clone(), ..Graph::default() };
        let value = |graph: &mut Graph, name: String, shape: &[usize], constant| {
            let layout = Layout::identity(shape.len());
            graph.add_value(Value { name, shape: shape.to_vec(), layout, constant })
        };
        let (mut inputs, mut operands) = (Vec::new(), Vec::new());
        for (index, shape) in self.shapes.iter().enumerate() {
            let range = random.range();
            let tensor = random.tensor(shape, range);
            let is_constant = self.constant && index + 1 == self.shapes.len();
            let id =
                value(&mut graph, format!("operand {index}"), shape, is_constant.then(|| Arc::new(tensor.clone())));
            operands.push(id);
            if !is_constant {
                graph.inputs.push(id);
                inputs.push(tensor);
            }
        }
        let output = value(&mut graph, "result".to_owned(), &self.out, None);
        graph.outputs = vec![output];
        let node = Node {
            name: self.op.label(),
            origin: Vec::new(),
            op: self.op,
            clamp: self.clamp,
            inputs: operands,
            output,
        };
        graph.nodes.push(node);
        let graph = Arc::new(graph);
        // Most results are used to the full; some saturate, some hardly move, some never did; some go below a ReLU's 0.
        let mirrored = random.one_in(6);
        let squeeze = random.of(&[1.0, 1.0, 1.0, 0.7, 0.3, 0.003, 8.0, 0.0]);
        let mut calibration = Calibration::new(&graph);
        let mut seen: BTreeMap<ValueId, Vec<f32>> = BTreeMap::new();
        float::Executor::new(Arc::clone(&graph))
            .unwrap()
            .run(&inputs, &mut |id, tensor| {
                let factor = if id == output { squeeze } else { 1.0 };
                let data = seen.entry(id).or_default();
                data.extend(tensor.data().iter().map(|&x| x * factor));
                if id == output && mirrored {
                    data.extend(tensor.data().iter().map(|&x| -x * factor));
                }
            })
            .unwrap();
        for (id, data) in seen {
            calibration.observe(id, &data);
        }
        calibration.count_image();
        let options = QuantizeOptions {
            shift_bits: random.of(&[4, 4, 5, 2]),
            weight_bits: random.of(&[8, 8, 8, 4]),
            profile: Profile::of(Datapath::Tflite),
            ..QuantizeOptions::new(scheme)
        };
        let quantized = quantize(&graph, &calibration, &options).unwrap();
        Case { name, graph, quantized, inputs }
    }
}

type Family = (&'static str, fn(&mut Random) -> Plan);

pub const FAMILIES: [Family; 22] = [
    ("convolution", convolution),
    ("depthwise", depthwise),
    ("fully connected", fully_connected),
    ("transposed convolution", transposed),
    ("add", |random| binary(random, BinaryKind::Add)),
    ("subtract", |random| binary(random, BinaryKind::Sub)),
    ("multiply", |random| binary(random, BinaryKind::Mul)),
    ("prelu", |random| binary(random, BinaryKind::Prelu)),
    ("max pool", |random| pool(random, None)),
    ("average pool", |random| pool(random, Some(false))),
    ("average pool with padding", |random| pool(random, Some(true))),
    ("mean", mean),
    ("sigmoid", |random| activation(random, Activation::Sigmoid)),
    ("tanh", |random| activation(random, Activation::Tanh)),
    ("hard swish", |random| activation(random, Activation::HardSwish)),
    ("silu", |random| activation(random, Activation::Silu)),
    ("hard sigmoid", |random| {
        let (alpha, beta) = random.of(&[(1.0 / 6.0, 0.5), (0.2, 0.5), (0.5, -0.25), (1.0, 0.0)]);
        activation(random, Activation::HardSigmoid { alpha, beta })
    }),
    ("leaky relu", |random| {
        let alpha = random.of(&[0.01, 0.1, 0.5, 1.5, 0.0, -0.25]);
        activation(random, Activation::LeakyRelu { alpha })
    }),
    ("clamp", |random| {
        let clamp = random.of(&CLAMPS).unwrap_or(Clamp { min: 0.25, max: 0.75 });
        activation(random, Activation::Clamp(clamp))
    }),
    ("concat", concat),
    ("movement", movement),
    ("resize", resize),
];

/// Cases of every family. `rounds` is how many of each; the first are always the same.
pub fn all(rounds: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for (number, (family, plan)) in FAMILIES.iter().enumerate() {
        for round in 0..rounds {
            let mut random = Random::new((number * 1_000_000 + round + 1) as u64);
            let scheme = [Scheme::ShiftWise, Scheme::ChannelWise, Scheme::LayerWise][round % 3];
            let plan = plan(&mut random);
            cases.push(plan.draw(format!("{family} {round}"), scheme, &mut random));
        }
    }
    cases
}

const CLAMPS: [Option<Clamp>; 6] = [
    None,
    None,
    Some(Clamp::RELU),
    Some(Clamp { min: 0.0, max: 6.0 }),
    Some(Clamp { min: -1.0, max: 1.0 }),
    Some(Clamp { min: -0.5, max: 3.0 }),
];

fn picture(random: &mut Random) -> [usize; 4] {
    [random.of(&[1, 1, 2]), random.whole(1, 7), random.whole(1, 7), random.whole(1, 5)]
}

/// Window, its padding included, and how often it fits.
fn window(random: &mut Random, sizes: [usize; 2], dilated: bool) -> (Pool, [usize; 2]) {
    let mut pool = Pool { kernel: [1; 2], stride: [1; 2], dilation: [1; 2], pads: [0; 4] };
    let mut out = [1; 2];
    for axis in 0..2 {
        let size = sizes[axis];
        loop {
            let (k, d) = (random.whole(1, 4), if dilated { random.of(&[1, 1, 2]) } else { 1 });
            let (before, after) = (random.whole(0, 2).min(k - 1), random.whole(0, 2).min(k - 1));
            let reach = (k - 1) * d + 1;
            if let Some(rest) = (size + before + after).checked_sub(reach) {
                (pool.kernel[axis], pool.dilation[axis], pool.stride[axis]) = (k, d, random.whole(1, 3));
                (pool.pads[axis], pool.pads[axis + 2]) = (before, after);
                out[axis] = rest / pool.stride[axis] + 1;
                break;
            }
        }
    }
    // Half of them as exporters pad to keep the size.
    if random.one_in(2) {
        for axis in 0..2 {
            let stride = pool.stride[axis];
            out[axis] = sizes[axis].div_ceil(stride);
            let reach = (pool.kernel[axis] - 1) * pool.dilation[axis] + 1;
            let total = ((out[axis] - 1) * stride + reach).saturating_sub(sizes[axis]);
            (pool.pads[axis], pool.pads[axis + 2]) = (total / 2, total - total / 2);
        }
    }
    (pool, out)
}

/// `[o, kh, kw, i]`, channels of very different magnitudes, some of them all zeros; and biases.
fn weights(random: &mut Random, shape: [usize; 4]) -> (Arc<Tensor>, Option<Vec<f32>>) {
    let taps = shape[1] * shape[2] * shape[3];
    let mut data = Vec::new();
    for _ in 0..shape[0] {
        let scale = if random.one_in(8) { 0.0 } else { random.magnitude(-14..=0) };
        data.extend((0..taps).map(|_| random.real() * scale));
    }
    let scale = random.of(&[0.1, 0.1, 1.0, 50.0]);
    let biases = (0..shape[0]).map(|_| random.real() * scale).collect();
    (Arc::new(Tensor::new(shape, data).unwrap()), (!random.one_in(6)).then_some(biases))
}

fn convolution(random: &mut Random) -> Plan {
    let [n, h, w, _] = picture(random);
    let groups = random.of(&[1, 1, 1, 2, 3]);
    let (c, o) = (groups * random.whole(1, 3), groups * random.whole(1, 3));
    linear(random, [n, h, w, c], groups, o)
}

fn depthwise(random: &mut Random) -> Plan {
    let shape = picture(random);
    let multiplier = random.of(&[1, 1, 2]);
    linear(random, shape, shape[3], shape[3] * multiplier)
}

fn linear(random: &mut Random, [n, h, w, c]: [usize; 4], groups: usize, o: usize) -> Plan {
    let (pool, [rows, columns]) = window(random, [h, w], true);
    let [kh, kw] = pool.kernel;
    let (weight, bias) = weights(random, [o, kh, kw, c / groups]);
    let Pool { kernel, stride, dilation, pads } = pool;
    let conv = Conv { kernel, stride, dilation, pads, groups, ..Conv::pointwise(weight, bias) };
    let clamp = random.of(&CLAMPS);
    Plan { clamp, ..Plan::new(Op::Conv(conv), &[&[n, h, w, c]], &[n, rows, columns, o]) }
}

fn fully_connected(random: &mut Random) -> Plan {
    let (n, c, o) = (random.whole(1, 3), random.whole(1, 40), random.whole(1, 9));
    let (weight, bias) = weights(random, [o, 1, 1, c]);
    let clamp = random.of(&CLAMPS);
    let op = Op::Conv(Conv::pointwise(weight, bias));
    let plan = match random.one_in(3) {
        true => Plan::new(op, &[&[n, 4, c]], &[n, 4, o]),
        false => Plan::new(op, &[&[n, c]], &[n, o]),
    };
    Plan { clamp, ..plan }
}

fn transposed(random: &mut Random) -> Plan {
    let [n, h, w, c] = picture(random);
    let (h, w, o) = (h.min(4), w.min(4), random.whole(1, 4));
    let upsample = random.of(&[[2, 2], [2, 2], [3, 2], [1, 2]]);
    let kernel = [random.whole(1, 4), random.whole(1, 4)];
    let mut pads = [0; 4];
    let mut out = [0; 2];
    for axis in 0..2 {
        let enlarged = ([h, w][axis] - 1) * upsample[axis] + 1;
        let most = kernel[axis] - 1;
        // What ONNX cuts off at either end, and output padding.
        let least = (kernel[axis] + 1).saturating_sub(enlarged + most);
        pads[axis] = random.whole(0, most).max(least);
        pads[axis + 2] = most + random.whole(0, upsample[axis] - 1);
        out[axis] = enlarged + pads[axis] + pads[axis + 2] - kernel[axis] + 1;
    }
    let (weight, bias) = weights(random, [o, kernel[0], kernel[1], c]);
    let conv = Conv { kernel, upsample, pads, ..Conv::pointwise(weight, bias) };
    let clamp = random.of(&CLAMPS);
    Plan { clamp, ..Plan::new(Op::Conv(conv), &[&[n, h, w, c]], &[n, out[0], out[1], o]) }
}

fn binary(random: &mut Random, kind: BinaryKind) -> Plan {
    let [n, h, w, c] = picture(random);
    let others = [vec![n, h, w, c], vec![1, 1, 1, c], vec![c], vec![n, 1, 1, c], vec![1], vec![h, w, 1]];
    let other: &[usize] = &others[random.whole(0, 5)];
    let shape: &[usize] = &[n, h, w, c];
    let op = Op::Binary(kind);
    let flipped = kind != BinaryKind::Prelu && random.one_in(3);
    let mut plan = Plan::new(op, &if flipped { [other, shape] } else { [shape, other] }, shape);
    plan.constant = random.one_in(3);
    plan.clamp = if kind == BinaryKind::Prelu { None } else { random.of(&CLAMPS) };
    plan
}

/// The largest of each window, or its average and whether padding counts.
fn pool(random: &mut Random, average: Option<bool>) -> Plan {
    let [n, h, w, c] = picture(random);
    let (pool, [rows, columns]) = window(random, [h, w], false);
    let op = match average {
        None => Op::MaxPool(pool),
        Some(count_include_pad) => Op::AveragePool(AveragePool { pool, count_include_pad }),
    };
    let clamp = if average.is_some() { random.of(&CLAMPS) } else { None };
    Plan { clamp, ..Plan::new(op, &[&[n, h, w, c]], &[n, rows, columns, c]) }
}

fn mean(random: &mut Random) -> Plan {
    let (n, c) = (random.of(&[1, 2]), random.whole(1, 6));
    let [h, w] = [random.of(&[1, 3, 7, 8, 16]), random.of(&[1, 5, 7, 8])];
    let clamp = random.of(&CLAMPS);
    let plan = match random.one_in(4) {
        true => Plan::new(Op::SpatialMean, &[&[n, h, c]], &[n, 1, c]),
        false => Plan::new(Op::SpatialMean, &[&[n, h, w, c]], &[n, 1, 1, c]),
    };
    Plan { clamp, ..plan }
}

/// On enough elements to see most integers.
fn activation(random: &mut Random, activation: Activation) -> Plan {
    let shape: &[usize] = [&[1, 8, 8, 4][..], &[2, 100], &[200]][random.whole(0, 2)];
    Plan::new(Op::Activation(activation), &[shape], shape)
}

fn concat(random: &mut Random) -> Plan {
    let [n, h, w, c] = picture(random);
    let axis = random.whole(1, 3);
    let mut shapes = Vec::new();
    let mut out = vec![n, h, w, c];
    out[axis] = 0;
    for _ in 0..random.whole(2, 4) {
        let mut shape = vec![n, h, w, c];
        shape[axis] = random.whole(1, 4);
        out[axis] += shape[axis];
        shapes.push(shape);
    }
    Plan { op: Op::Concat { axis }, clamp: None, shapes, out, constant: random.one_in(4) }
}

fn movement(random: &mut Random) -> Plan {
    let [n, h, w, c] = picture(random);
    let shape = [n, h, w, c];
    match random.whole(0, 6) {
        0 => Plan::new(Op::Reshape, &[&shape], &[n, h * w * c]),
        1 => {
            let permutation = random.of(&[[0, 3, 1, 2], [0, 2, 3, 1], [3, 2, 1, 0]]).to_vec();
            let out: Vec<usize> = permutation.iter().map(|&axis| shape[axis]).collect();
            Plan::new(Op::Transpose { permutation }, &[&shape], &out)
        }
        2 => {
            let permutation = vec![0, 1, 2, 4, 3];
            Plan::new(Op::Transpose { permutation }, &[&[n, h, w, 2, c]], &[n, h, w, c, 2])
        }
        3 => {
            let value = random.real() * 3.0;
            let mode = random.of(&[PadMode::Constant(0.0), PadMode::Constant(value), PadMode::Reflect, PadMode::Edge]);
            let most = if mode == PadMode::Reflect { h.min(w) - 1 } else { 1 };
            // As many as there may be, or one cut off.
            let mut side = |size: usize| random.whole(0, most.min(2) + 1) as isize - isize::from(size > 2);
            let [top, left, bottom, right] = [side(h), side(w), side(h), side(w)].map(|side| side.min(most as isize));
            let (rows, columns) = (h as isize + top + bottom, w as isize + left + right);
            let (before, after) = (vec![0, top, left, 0], vec![0, bottom, right, 0]);
            Plan::new(Op::Pad { before, after, mode }, &[&shape], &[n, rows as usize, columns as usize, c])
        }
        4 => {
            let op = Op::Slice { start: vec![0, h - 1, 0, 0], step: vec![1, -1, 2, 1] };
            Plan::new(op, &[&shape], &[n, h, w.div_ceil(2), c])
        }
        5 => {
            let op = Op::Slice { start: vec![0, h / 2, 0, 0], step: vec![1, 1, 1, 3] };
            Plan::new(op, &[&shape], &[n, h - h / 2, w, c.div_ceil(3)])
        }
        _ => {
            let (block, channel_major) = (random.whole(2, 3), random.one_in(2));
            let op = Op::DepthToSpace { block, channel_major };
            Plan::new(op, &[&[n, h, w, c * block * block]], &[n, h * block, w * block, c])
        }
    }
}

fn resize(random: &mut Random) -> Plan {
    let [n, h, w, c] = picture(random);
    let (rows, columns) = (random.whole(1, 12), random.whole(1, 12));
    let scales = [rows as f32 / h as f32, columns as f32 / w as f32];
    let coordinates = random.of(&[CoordinateMode::HalfPixel, CoordinateMode::AlignCorners, CoordinateMode::Asymmetric]);
    let mode = match random.one_in(3) {
        true => ResizeMode::Nearest(random.of(&[NearestMode::Floor, NearestMode::RoundPreferCeil])),
        false => ResizeMode::Bilinear,
    };
    Plan::new(Op::Resize(Resize { mode, coordinates, scales }), &[&[n, h, w, c]], &[n, rows, columns, c])
}

//! One output number of one convolution in full: what every block of the datapath holds (N5-N9).

use serde::Serialize;
use tsify::Tsify;

use super::graph::{IntegerGraph, IntegerOp};
use super::kernels::scalar::{Accumulator, ConvContext};
use super::profile::{Datapath, Rounding};
use super::rescale::{Rescale, round_shift};
use super::{check, ort, tflite};
use crate::error::{Code, Error, Result};

/// From the first product to the output byte. Activations and zero points are bytes under every profile.
#[derive(Debug, Clone, PartialEq, Serialize, Tsify)]
pub struct Trace {
    /// Row, column and channel of the output number.
    pub position: [u32; 3],
    /// Z_x.
    pub input_zero_point: u8,
    /// In the order in which they are added.
    pub taps: Vec<Tap>,
    pub bias: i32,
    /// With the bias, as the accumulator holds it.
    pub sum: i32,
    /// Additions, that of the bias included, whose exact sum did not fit the accumulator.
    pub overflows: u32,
    pub rescale: RescaleTrace,
    /// What the rescale came to, before the zero point; beyond 32 bits the nearest that they hold.
    pub rescaled: i32,
    /// Z_y.
    pub output_zero_point: u8,
    /// The clamp's bounds.
    pub min: u8,
    pub max: u8,
    pub result: u8,
}

impl Trace {
    /// Everything as indented JSON, without a line break at the end.
    ///
    /// # Errors
    /// None that is known of: the parts are plain data.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map_err(|error| Error::internal(format!("no JSON: {error}")))
    }
}

/// One product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Tsify)]
pub struct Tap {
    /// Row and column in the kernel.
    pub kernel: [u32; 2],
    /// Channel of the input tensor.
    pub channel: u32,
    /// Row and column of the input tensor; `null` in the padding.
    pub place: Option<[u32; 2]>,
    /// q_x; in the padding Z_x, which stands for real 0.
    pub activation: u8,
    /// q_w.
    pub weight: i8,
    /// (q_x - Z_x) * q_w.
    pub product: i32,
    /// The accumulator after this addition.
    pub accumulator: i32,
    /// Whether the exact sum did not fit.
    pub overflow: bool,
}

/// From the accumulator to the output's scale. 64-bit integers are decimal digits: a number of JavaScript's would round
/// them.
#[derive(Debug, Clone, PartialEq, Serialize, Tsify)]
#[serde(tag = "datapath", rename_all = "kebab-case")]
pub enum RescaleTrace {
    /// N6.
    Npu(ShiftTrace),
    /// N8.
    Tflite(tflite::FixedPointTrace),
    /// N9.
    Ort(ort::FloatTrace),
}

/// N6, block by block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
pub struct ShiftTrace {
    /// M.
    pub multiplier: u32,
    /// n, of the layer (channel-wise: of the channel).
    pub shift: i32,
    /// k[o].
    pub channel_shift: u8,
    /// acc * M.
    pub product: String,
    /// floor(product / 2^(n + k[o])): what is left after the shift.
    pub kept: String,
    /// The bits that fall off, as a number of n + k[o] bits.
    pub dropped: String,
    pub rounding: Rounding,
    /// Whether rounding adds one to what is left.
    pub rounds_up: bool,
}

/// The number at `[row, column, channel]` of the first picture of step `step`'s output, computed from the step's whole
/// input.
///
/// # Errors
/// `BadOption` when the step is no convolution or there is no such number; `ShapeMismatch` for an input of another size.
pub fn trace(graph: &IntegerGraph, step: usize, input: &[u8], position: [usize; 3]) -> Result<Trace> {
    let step = graph.steps.get(step).ok_or_else(|| Error::internal("there is no such step"))?;
    check::step(graph, step)?;
    let (IntegerOp::Conv(conv), Some(&from)) = (&step.op, step.inputs.first()) else {
        let hint = "choose a convolution or a fully connected layer";
        return Err(Error::new(Code::BadOption, "only layers with weights can be traced", hint).at(&step.name));
    };
    let (from, to) = (graph.tensor(from), graph.tensor(step.output));
    if input.len() != from.len() {
        let reason = format!("{} bytes for shape {:?}", input.len(), from.shape);
        return Err(Error::new(Code::ShapeMismatch, reason, "give the layer's whole input").at(&step.name));
    }
    let context = ConvContext::new(conv, &graph.profile, from, to, step.bounds)
        .ok_or_else(|| Error::internal("a convolution without NHWC reading").at(&step.name))?;
    let [row, column, channel] = position;
    if row >= context.output.h || column >= context.output.w || channel >= context.output.c {
        let size = format!("{} rows, {} columns and {} channels", context.output.h, context.output.w, context.output.c);
        let reason = format!("there is no row {row}, column {column}, channel {channel}: the layer has {size}");
        return Err(Error::new(Code::BadOption, reason, "count from 0").at(&step.name));
    }
    let mut accumulator = Accumulator::new(&graph.profile);
    let taps = taps(&context, input, position, &mut accumulator);
    let bias = conv.bias[channel];
    accumulator.add(i64::from(bias));
    let sum = accumulator.value;
    let k = conv.shifts.get(channel).copied().unwrap_or(0);
    let rescale = conv.channel_rescale(channel);
    let rescale = match graph.profile.datapath {
        Datapath::Npu => RescaleTrace::Npu(ShiftTrace::new(sum, rescale, k, graph.profile.rounding)),
        Datapath::Tflite => RescaleTrace::Tflite(tflite::FixedPointTrace::new(sum, rescale)),
        Datapath::Ort => RescaleTrace::Ort(ort::FloatTrace::new(sum, rescale)),
    };
    let rescaled = match &rescale {
        RescaleTrace::Npu(shift) => shift.result(),
        RescaleTrace::Tflite(multiply) => i64::from(multiply.divided),
        RescaleTrace::Ort(multiply) => multiply.result(),
    };
    Ok(Trace {
        position: position.map(|at| at as u32),
        input_zero_point: from.zero_point,
        taps,
        bias,
        // Accumulators have at most 32 bits.
        sum: sum as i32,
        overflows: accumulator.events as u32,
        rescale,
        rescaled: rescaled.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32,
        output_zero_point: to.zero_point,
        min: step.bounds.min,
        max: step.bounds.max,
        result: step.bounds.place(to.zero_point, rescaled),
    })
}

/// Every product of the window, in the order of N5, added up as they come.
fn taps(context: &ConvContext, input: &[u8], [row, column, o]: [usize; 3], accumulator: &mut Accumulator) -> Vec<Tap> {
    let (window, shape) = (context.conv.window, context.input);
    let per_group = context.input_channels_per_group();
    let first = o / context.output_channels_per_group() * per_group;
    let weights = &context.conv.weight[o * context.taps()..][..context.taps()];
    let mut taps = Vec::with_capacity(weights.len());
    for (index, &weight) in weights.iter().enumerate() {
        let (ky, kx, i) =
            (index / per_group / window.kernel[1], index / per_group % window.kernel[1], index % per_group);
        let place = window.input_index(0, row, ky, shape.h).zip(window.input_index(1, column, kx, shape.w));
        let channel = first + i;
        let zero_point = context.input_zero_point;
        let activation = place.map_or(zero_point, |(y, x)| input[(y * shape.w + x) * shape.c + channel]);
        let product = (i32::from(activation) - i32::from(zero_point)) * i32::from(weight);
        let before = accumulator.events;
        accumulator.add(i64::from(product));
        taps.push(Tap {
            kernel: [ky as u32, kx as u32],
            channel: channel as u32,
            place: place.map(|(y, x)| [y as u32, x as u32]),
            activation,
            weight,
            product,
            accumulator: accumulator.value as i32,
            overflow: accumulator.events > before,
        });
    }
    taps
}

impl ShiftTrace {
    /// `rescale` has k[o] in its shift already.
    fn new(sum: i64, rescale: Rescale, k: u8, rounding: Rounding) -> Self {
        let product = sum * i64::from(rescale.multiplier);
        let total = rescale.shift;
        // Without bits to drop the product is raised; with more than it has, only its sign is left.
        let kept = match total {
            ..=0 => round_shift(product, total, rounding),
            1..=62 => product >> total,
            _ => product >> 63,
        };
        let dropped = if (1..=62).contains(&total) { product - (kept << total) } else { 0 };
        let result = round_shift(product, total, rounding);
        ShiftTrace {
            multiplier: rescale.multiplier,
            shift: total - i32::from(k),
            channel_shift: k,
            product: product.to_string(),
            kept: kept.to_string(),
            dropped: dropped.to_string(),
            rounding,
            rounds_up: result != kept,
        }
    }

    fn result(&self) -> i64 {
        self.kept.parse::<i64>().unwrap_or(0) + i64::from(self.rounds_up)
    }
}

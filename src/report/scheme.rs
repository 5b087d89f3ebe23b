//! One scheme's choices, layer by layer, and one layer's channels in detail.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::npu::Rescale;
use crate::quantize::QuantizeOptions;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct SchemeReport {
    pub options: QuantizeOptions,
    /// One per node with weights, in execution order.
    pub layers: Vec<LayerReport>,
    /// Nodes in the middle of the network that run in float.
    pub fallbacks: Vec<Fallback>,
    /// What the scheme's rescale parameters take: multipliers, shifts and k. The weights themselves are not counted.
    pub added_bytes: f64,
    /// Bytes of integer weights and biases.
    pub weight_bytes: f64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct Fallback {
    /// Index into [`super::ModelReport::nodes`].
    pub node: u32,
    pub name: String,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct LayerReport {
    /// Index into [`super::ModelReport::nodes`].
    pub node: u32,
    pub name: String,
    pub channels: u32,
    /// R: the largest weight magnitude of the layer.
    pub range: f64,
    /// S_w; for channel-wise the largest of the channels' scales.
    pub weight_scale: f64,
    /// Activation scales S_x and S_y, with their zero points.
    pub input_scale: f64,
    pub input_zero_point: u8,
    pub output_scale: f64,
    pub output_zero_point: u8,
    /// M and n; channel-wise: of the first channel.
    pub rescale: Rescale,
    /// How many channels use shift 0, 1, 2, ... up to the largest in use.
    pub shift_histogram: Vec<u32>,
    /// Fewest and median number of distinct integers used by a channel's weights.
    pub levels_min: u32,
    pub levels_median: u32,
    /// Channels whose weights use five levels or fewer.
    pub channels_with_few_levels: u32,
    /// 10 log10(sum w^2 / sum (w - w^)^2) over the layer, in dB; `null` when exact.
    pub weight_sqnr_db: Option<f64>,
    /// Signed bits that the worst-case sum needs, and the profile's width.
    pub accumulator_bits: u8,
    pub accumulator_width: u8,
    /// Signed bits that the largest bias needs.
    pub bias_bits: u8,
    /// Whether the accumulator provably cannot overflow (N5).
    pub fits: bool,
    /// Channels whose shift was lowered (channel-wise: whose scale was raised) so that bias and sum fit (N4).
    pub lowered_channels: Vec<u32>,
    /// Channels whose bias had to be saturated (N4).
    pub saturated_biases: Vec<u32>,
    /// Bits that the scheme stores beside weights and biases for this layer: M, n and k.
    pub added_bits: u32,
}

/// Everything per channel of one layer under one scheme; every list has one entry per output channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct LayerDetail {
    pub node: u32,
    pub name: String,
    /// r[o]: the largest weight magnitude, float.
    pub ranges: Vec<f64>,
    /// r[o] * 2^k[o]: what the grid sees (equal to `ranges` where there are no shifts).
    pub shifted_ranges: Vec<f64>,
    /// k[o].
    pub shifts: Vec<u8>,
    /// S_w of each channel: the step of the grid that the shifted weights are rounded to.
    pub scales: Vec<f64>,
    /// Distinct integers among the channel's weights.
    pub levels: Vec<u32>,
    /// Weight SQNR in dB; `null` when exact.
    pub sqnr_db: Vec<Option<f64>>,
    /// Integer bias.
    pub biases: Vec<i32>,
    /// What bias correction took off the real bias; zeros without it.
    pub bias_corrections: Vec<f64>,
    pub rescales: Vec<Rescale>,
}

/// The weights of one output channel under one scheme, tap by tap in order `[kh, kw, i]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ChannelDetail {
    pub node: u32,
    pub channel: u32,
    /// `[kh, kw, i]`.
    pub shape: [u32; 3],
    pub weights: Vec<f32>,
    /// q_w, within -Q..=Q.
    pub integers: Vec<i8>,
    /// Q = 2^(b-1) - 1.
    pub q_max: u8,
    pub shift: u8,
    /// S_w: the real value of one integer step after the shift was applied (real weight = q * scale / 2^shift).
    pub scale: f64,
    pub bias: Option<f32>,
    pub integer_bias: i32,
    pub rescale: Rescale,
}

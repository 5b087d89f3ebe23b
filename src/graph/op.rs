//! The operators of the float graph. Shapes and axes are those of the *stored* (NHWC) tensors.

use std::sync::Arc;

use super::{ChannelMoments, Resize, Tensor};

/// What a node computes. The output shape stands in the output value, so operators whose geometry follows from it
/// (reshape, resize, slice) do not repeat it.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// Convolution, depthwise and transposed convolution, fully connected layer, batch normalization: see [`Conv`].
    Conv(Conv),
    Activation(Activation),
    /// Element by element with NumPy broadcasting; either input may be a constant.
    Binary(BinaryKind),
    MaxPool(Pool),
    AveragePool(AveragePool),
    /// Mean over every axis but the first and the last; `[n, h, w, c]` -> `[n, 1, 1, c]`.
    SpatialMean,
    Concat {
        axis: usize,
    },
    Reshape,
    /// Output axis `i` is input axis `permutation[i]`.
    Transpose {
        permutation: Vec<usize>,
    },
    /// `before[i]` and `after[i]` elements are added (negative: removed) around axis `i`.
    Pad {
        before: Vec<isize>,
        after: Vec<isize>,
        mode: PadMode,
    },
    Resize(Resize),
    /// Element `i` of the output along an axis is element `start + i * step` of the input.
    Slice {
        start: Vec<usize>,
        step: Vec<isize>,
    },
    /// Blocks of channels become blocks of pixels. `channel_major` is ONNX's `CRD` mode, otherwise `DCR`.
    DepthToSpace {
        block: usize,
        channel_major: bool,
    },
    Softmax {
        axis: usize,
    },
    LogSoftmax {
        axis: usize,
    },
    GroupNorm(GroupNorm),
}

impl Op {
    /// Short name for people: `conv 3x3`, `depthwise 3x3`, `fully connected`, `add`, ...
    pub fn label(&self) -> String {
        match self {
            Op::Conv(conv) => conv.label(),
            Op::Activation(activation) => activation.label().to_owned(),
            Op::Binary(kind) => kind.label().to_owned(),
            Op::MaxPool(pool) => format!("max pool {}x{}", pool.kernel[0], pool.kernel[1]),
            Op::AveragePool(pool) => format!("average pool {}x{}", pool.pool.kernel[0], pool.pool.kernel[1]),
            Op::SpatialMean => "global average pool".to_owned(),
            Op::Concat { .. } => "concat".to_owned(),
            Op::Reshape => "reshape".to_owned(),
            Op::Transpose { .. } => "transpose".to_owned(),
            Op::Pad { .. } => "pad".to_owned(),
            Op::Resize(_) => "resize".to_owned(),
            Op::Slice { .. } => "slice".to_owned(),
            Op::DepthToSpace { .. } => "depth to space".to_owned(),
            Op::Softmax { .. } => "softmax".to_owned(),
            Op::LogSoftmax { .. } => "log softmax".to_owned(),
            Op::GroupNorm(norm) => norm.label().to_owned(),
        }
    }

    /// Whether a following ReLU-like clamp can be fused: operators that end in a rescale (N7), and those that the host
    /// computes in float. A PReLU is an activation itself.
    pub fn accepts_clamp(&self) -> bool {
        match self {
            Op::Binary(kind) => *kind != BinaryKind::Prelu,
            Op::Conv(_) | Op::AveragePool(_) | Op::SpatialMean | Op::GroupNorm(_) => true,
            _ => false,
        }
    }
}

/// Every linear layer with weights. The input is read as `[n, h, w, c]`: a rank-2 tensor `[n, c]` as `[n, 1, 1, c]`
/// and a rank-3 tensor `[n, t, c]` as `[n, 1, t, c]`, so a fully connected layer is a 1x1 convolution. A batch
/// normalization that could not be folded is a depthwise 1x1 convolution.
///
/// A transposed convolution is the convolution of a picture in which zeros have been put between the samples; its
/// weights are those of ONNX with height and width reversed and the channel axes exchanged.
#[derive(Debug, Clone, PartialEq)]
pub struct Conv {
    /// `[o, kh, kw, i / groups]`.
    pub weight: Arc<Tensor>,
    /// `[o]`.
    pub bias: Option<Vec<f32>>,
    /// `[kh, kw]`; so are `stride` and `dilation`.
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    /// Before anything else, `upsample - 1` zeros go between neighbouring rows and columns of the input: the stride of a
    /// transposed convolution. An ordinary one has `[1, 1]`; where it is more, `stride` is 1.
    pub upsample: [usize; 2],
    /// Zeros added at the top, left, bottom and right.
    pub pads: [usize; 4],
    pub groups: usize,
    /// Of the outputs before the clamp, where a batch normalization was folded in (or is what this stands for).
    pub moments: Option<Arc<ChannelMoments>>,
}

impl Conv {
    /// A 1x1 convolution with one group, as a fully connected layer is.
    pub fn pointwise(weight: Arc<Tensor>, bias: Option<Vec<f32>>) -> Self {
        let one = [1, 1];
        Conv {
            weight,
            bias,
            kernel: one,
            stride: one,
            dilation: one,
            upsample: one,
            pads: [0; 4],
            groups: 1,
            moments: None,
        }
    }

    pub fn output_channels(&self) -> usize {
        self.weight.shape().first().copied().unwrap_or(0)
    }

    pub fn input_channels_per_group(&self) -> usize {
        self.weight.shape().get(3).copied().unwrap_or(0)
    }

    /// One filter per channel (a channel multiplier above 1 is a grouped convolution, but still depthwise).
    pub fn is_depthwise(&self) -> bool {
        self.groups > 1 && self.input_channels_per_group() == 1
    }

    /// Weights of output channel `o`, in the order `[kh, kw, i]`.
    pub fn channel(&self, o: usize) -> &[f32] {
        let taps = self.kernel[0] * self.kernel[1] * self.input_channels_per_group();
        &self.weight.data()[o * taps..(o + 1) * taps]
    }

    pub fn is_transposed(&self) -> bool {
        self.upsample != [1, 1]
    }

    fn label(&self) -> String {
        let [h, w] = self.kernel;
        let transposed = if self.is_transposed() { "transposed " } else { "" };
        if self.is_depthwise() {
            format!("{transposed}depthwise {h}x{w}")
        } else if self.groups > 1 {
            format!("{transposed}grouped conv {h}x{w}")
        } else if [h, w] == [1, 1] && !self.is_transposed() {
            "pointwise".to_owned()
        } else {
            format!("{transposed}conv {h}x{w}")
        }
    }
}

/// `min(max(x, min), max)`; a ReLU is `0..inf`, a ReLU6 `0..6`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clamp {
    pub min: f32,
    pub max: f32,
}

impl Clamp {
    pub const RELU: Clamp = Clamp { min: 0.0, max: f32::INFINITY };

    pub fn apply(self, x: f32) -> f32 {
        // Not `f32::clamp`, which panics on a NaN or reversed bound, nor `f32::max`, which may return either zero of
        // max(-0, 0). A NaN becomes `min`.
        let x = if x > self.min { x } else { self.min };
        if x < self.max { x } else { self.max }
    }

    /// First `self`, then `next`.
    pub fn then(self, next: Clamp) -> Clamp {
        Clamp { min: next.apply(self.min), max: next.apply(self.max) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// ReLU, ReLU6 and ONNX Clip.
    Clamp(Clamp),
    LeakyRelu {
        alpha: f32,
    },
    Sigmoid,
    /// `max(0, min(1, alpha * x + beta))`.
    HardSigmoid {
        alpha: f32,
        beta: f32,
    },
    /// `x * max(0, min(1, x / 6 + 1/2))`.
    HardSwish,
    /// `x * sigmoid(x)`.
    Silu,
    Tanh,
}

impl Activation {
    pub fn label(self) -> &'static str {
        match self {
            Activation::Clamp(clamp) if clamp == Clamp::RELU => "ReLU",
            Activation::Clamp(Clamp { min: 0.0, max: 6.0 }) => "ReLU6",
            Activation::Clamp(_) => "clip",
            Activation::LeakyRelu { .. } => "leaky ReLU",
            Activation::Sigmoid => "sigmoid",
            Activation::HardSigmoid { .. } => "hard sigmoid",
            Activation::HardSwish => "hard swish",
            Activation::Silu => "SiLU",
            Activation::Tanh => "tanh",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryKind {
    Add,
    Sub,
    Mul,
    Div,
    /// Parametric ReLU: `a` where it is positive, `a * b` where it is not. The result has the shape of `a`.
    Prelu,
}

impl BinaryKind {
    pub fn label(self) -> &'static str {
        match self {
            BinaryKind::Add => "add",
            BinaryKind::Sub => "subtract",
            BinaryKind::Mul => "multiply",
            BinaryKind::Div => "divide",
            BinaryKind::Prelu => "PReLU",
        }
    }
}

/// Window geometry. The output size stands in the output value (so ceil mode needs no flag); windows that reach
/// beyond the padded input are cut there.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    /// Top, left, bottom, right.
    pub pads: [usize; 4],
}

impl Pool {
    /// Whether a result of stored shape `to` takes windows that begin in the padded picture of shape `from` but do not
    /// end there: ONNX's ceil mode.
    pub fn rounds_up(&self, from: &[usize], to: &[usize]) -> bool {
        (0..2).any(|axis| {
            let (Some(size), Some(&windows)) = (from.get(axis + 1), to.get(axis + 1)) else { return false };
            let reach = self.dilation[axis] * (self.kernel[axis] - 1) + 1;
            let whole = (size + self.pads[axis] + self.pads[axis + 2]).checked_sub(reach);
            whole.map_or(0, |rest| rest / self.stride[axis] + 1) != windows
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct AveragePool {
    pub pool: Pool,
    /// Whether padded positions (never those beyond the padding) count in the divisor.
    pub count_include_pad: bool,
}

/// Each group of channels of `[n, .., c]` is brought to mean 0 and variance 1 over all its positions, then scaled and
/// shifted per channel: `(x - mean) / sqrt(variance + epsilon) * scale[c] + shift[c]`. The statistics are those of the
/// tensor at hand, one picture each. With one channel a group it is an instance normalization.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupNorm {
    /// Divides the number of channels; neighbouring channels form a group.
    pub groups: usize,
    pub epsilon: f32,
    /// `[c]`, as is `shift`.
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
}

impl GroupNorm {
    fn label(&self) -> &'static str {
        if self.groups == self.scale.len() { "instance normalization" } else { "group normalization" }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PadMode {
    Constant(f32),
    Reflect,
    Edge,
    Wrap,
}

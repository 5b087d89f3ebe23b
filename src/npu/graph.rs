//! The integer network: plain data, everything an NPU needs and nothing else. No real numbers: the scales that give
//! the integers their meaning stay with the quantizer.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::profile::Profile;
use super::rescale::Rescale;
use super::verify;
use crate::error::Result;

/// Index into [`IntegerGraph::tensors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TensorId(pub usize);

/// An 8-bit activation tensor in row-major (NHWC) order. Every profile holds unsigned bytes here; the int8 of `tflite`
/// is the byte less 128, for integers and zero points alike, and only differences of the two matter to most operators.
#[derive(Debug, Clone, PartialEq)]
pub struct IntegerTensor {
    pub name: String,
    pub shape: Vec<usize>,
    /// The integer that stands for real 0 (N3).
    pub zero_point: u8,
    /// The largest integer in use: 2^bits - 1.
    pub max: u8,
    /// `Some` for an operand known before execution.
    pub constant: Option<Arc<[u8]>>,
}

impl IntegerTensor {
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Bounds of the final clamp in the output's integer domain (N7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    pub min: u8,
    pub max: u8,
}

impl Bounds {
    /// Adds the zero point and clamps: the last two blocks of every datapath.
    pub fn place(self, zero_point: u8, y: i64) -> u8 {
        // The clamp makes the conversion lossless; `max` before `min`, so that reversed bounds cannot panic.
        y.saturating_add(i64::from(zero_point)).max(i64::from(self.min)).min(i64::from(self.max)) as u8
    }
}

/// Window geometry of convolutions and pools on `[n, h, w, c]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    /// The window moves over the input with `upsample - 1` rows and columns of padding between its own: the stride of a
    /// transposed convolution, otherwise 1.
    pub upsample: [usize; 2],
    /// Top, left. What lies beyond the input on any side is padding.
    pub pads: [usize; 2],
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegerConv {
    pub window: Window,
    pub groups: usize,
    /// `[o, kh, kw, i / groups]`, within -Q..=Q.
    pub weight: Vec<i8>,
    /// `[o]`, in units of the accumulator.
    pub bias: Vec<i32>,
    /// One rescale for the layer, or one per output channel (channel-wise).
    pub rescale: Vec<Rescale>,
    /// k[o] per output channel; empty means all zero. Added to the rescale's shift.
    pub shifts: Vec<u8>,
    /// Whether no order of summation can leave the accumulator's range (N5): the fast kernels may run.
    pub fits: bool,
}

impl IntegerConv {
    pub fn output_channels(&self) -> usize {
        self.bias.len()
    }

    /// The rescale of channel `o` with k[o] already added to its shift.
    pub fn channel_rescale(&self, o: usize) -> Rescale {
        let rescale = self.rescale.get(o).or(self.rescale.first()).copied().unwrap_or_default();
        rescale.shifted(self.shifts.get(o).copied().unwrap_or(0))
    }
}

/// What padding positions hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum IntegerPad {
    Constant(u8),
    Reflect,
    Edge,
    Wrap,
}

/// One step of linear interpolation: `(low, high, weight)` takes `(2^f - weight)` parts of row (or column) `low` and
/// `weight` parts of `high`.
pub type LinearTap = (usize, usize, u32);

/// How two operands come to the scale of their sum (N10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum AddRescale {
    /// `npu`: `round_shift(a * M_a + b * M_b, shift)`.
    Shared { multipliers: [u32; 2], shift: i32 },
    /// `tflite`: each operand, times 2^20, to a common scale; the sum from there to the output's.
    Staged { operands: [Rescale; 2], sum: Rescale },
    /// `ort`, sums: the float32 factors S_a / S_y and S_b / S_y.
    Float { factors: [Rescale; 2] },
    /// `ort`, differences: the scales of the operands and of the result.
    Dequantized { operands: [Rescale; 2], output: Rescale },
}

/// How a PReLU comes to the scale of its result (N10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PreluRescale {
    /// `npu` and `tflite`: one factor for activations that stay, one for their products with slopes.
    Split { positive: Rescale, negative: Rescale },
    /// `ort`: the scales of activation, slope and result, in float32.
    Float { input: Rescale, slope: Rescale, output: Rescale },
}

/// How the sum over a window becomes its mean on the output's scale (N10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum MeanRescale {
    /// `npu`: one factor for each number of positions counted, less one.
    ByCount(Vec<Rescale>),
    /// `tflite`: input and output have one scale; the sum is divided.
    Divide,
    /// `ort`: in float32, from the input's scale to the output's.
    Float { input: Rescale, output: Rescale },
    /// The same where the engine has no quantized kernel, and converts before and after.
    Dequantized { input: Rescale, output: Rescale },
}

/// How a bilinear sum becomes an integer again (N10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LinearRescale {
    /// By dividing it by `2^(2 bits)`.
    Divide,
    /// `ort`: everything is float32, on values dequantized with this scale.
    Float { scale: Rescale },
}

/// What happens to one input of a concatenation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ConcatPart {
    /// Scale and zero point are the output's already.
    Copy,
    Rescale(Rescale),
    /// `table[x]`, 256 entries (`ort`).
    Table(Vec<u8>),
}

/// An operator in integers. docs/numerics.md gives the arithmetic of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum IntegerOp {
    Conv(IntegerConv),
    /// Sum or difference of two operands relative to their zero points, each rescaled; with broadcasting.
    Add {
        rescale: AddRescale,
        subtract: bool,
    },
    /// Product of two operands relative to their zero points, rescaled; with broadcasting.
    Mul {
        rescale: Rescale,
    },
    /// The first operand where it is not negative, its product with the second where it is; with broadcasting.
    Prelu {
        rescale: PreluRescale,
    },
    MaxPool {
        window: Window,
    },
    AveragePool {
        window: Window,
        pads_end: [usize; 2],
        count_include_pad: bool,
        rescale: MeanRescale,
    },
    /// Global average over every axis but the first and last; the factor holds the division.
    SpatialMean {
        rescale: Rescale,
    },
    /// `table[x]`: any function of one integer. Always 256 entries.
    Lookup {
        table: Vec<u8>,
    },
    Concat {
        axis: usize,
        parts: Vec<ConcatPart>,
    },
    Reshape,
    Transpose {
        permutation: Vec<usize>,
    },
    Pad {
        before: Vec<isize>,
        mode: IntegerPad,
    },
    Slice {
        start: Vec<usize>,
        step: Vec<isize>,
    },
    DepthToSpace {
        block: usize,
        channel_major: bool,
    },
    /// Row and column indices to copy.
    ResizeNearest {
        rows: Vec<usize>,
        columns: Vec<usize>,
    },
    /// The weights have `bits` fraction bits.
    ResizeBilinear {
        rows: Vec<LinearTap>,
        columns: Vec<LinearTap>,
        bits: u32,
        rescale: LinearRescale,
    },
    /// Not an NPU operator: the host computes this tensor from the inputs (see [`super::Host`]).
    Host,
}

/// One operator application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub name: String,
    /// Index of the float graph's node that this step executes.
    pub node: usize,
    pub op: IntegerOp,
    /// Fused activation and the range of the output type.
    pub bounds: Bounds,
    pub inputs: Vec<TensorId>,
    pub output: TensorId,
}

/// Steps are in execution order, each with one output.
#[derive(Debug, Clone, PartialEq)]
pub struct IntegerGraph {
    pub name: String,
    pub profile: Profile,
    pub tensors: Vec<IntegerTensor>,
    pub steps: Vec<Step>,
    pub inputs: Vec<TensorId>,
    pub outputs: Vec<TensorId>,
}

impl IntegerGraph {
    pub fn tensor(&self, id: TensorId) -> &IntegerTensor {
        &self.tensors[id.0]
    }

    /// Whether a graph from elsewhere can be executed: no reference leads nowhere, every shape fits, every parameter is
    /// within its range, and sums that are said to fit do fit.
    ///
    /// # Errors
    /// `ShapeMismatch` or `BadOption`, at the step or tensor concerned.
    pub fn check(&self) -> Result<()> {
        verify::graph(self)
    }
}

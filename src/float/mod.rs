//! The float32 reference executor: what the network computes before quantization, and where calibration looks.
//!
//! ONNX Runtime is the referee for what every operator means. Unlike it, this executor gives the same bits everywhere
//! (N11 of the numerics contract): every output is summed in an order that depends on the shapes alone, with one
//! rounding per multiplication and per addition, and `exp` and its kin come from software. Vector instructions only
//! ever compute several *independent* outputs at once, so they cannot change a result.
//!
//! (The one thing outside that promise is the payload of a NaN, which hardware is free to choose.)

mod check;
mod executor;
pub(crate) mod kernels;

pub use executor::Executor;

use crate::error::{Error, Result};
use crate::graph::{Conv, Node, Op, Tensor, TensorView};
use crate::strided;
use kernels::{
    Image,
    conv::{PackedConv, Scratch},
    depthwise::PackedDepthwise,
};

/// Computes one node: what the integer executor does for operators that the NPU does not run, and what folds
/// constants. `inputs` and `output_shape` are as stored; the node's clamp is applied.
///
/// # Errors
/// `ShapeMismatch` when operator, inputs and output shape do not fit together.
pub fn evaluate(node: &Node, inputs: &[&Tensor], output_shape: &[usize]) -> Result<Tensor> {
    let shapes: Vec<&[usize]> = inputs.iter().map(|input| input.shape()).collect();
    let inputs: Vec<TensorView> = inputs.iter().map(|input| input.view()).collect();
    let mut output = Tensor::zeros(output_shape);
    let to = (output_shape, output.data_mut());
    Prepared::new(node, &shapes, output_shape)?.run(node, &inputs, to, &mut Scratch::default())?;
    Ok(output)
}

/// A node that has been checked against its shapes, with its weights arranged for the kernels.
enum Prepared {
    Conv(PackedConv),
    Depthwise(PackedDepthwise),
    /// An operator without weights.
    Direct,
}

impl Prepared {
    fn new(node: &Node, inputs: &[&[usize]], output: &[usize]) -> Result<Self> {
        check::check(node, inputs, output).map_err(|error| error.at(node.name.as_str()))?;
        Ok(match &node.op {
            Op::Conv(conv) if is_one_filter_per_channel(conv) => Prepared::Depthwise(PackedDepthwise::new(conv)),
            Op::Conv(conv) => Prepared::Conv(PackedConv::new(conv)),
            _ => Prepared::Direct,
        })
    }

    /// `inputs` and `shape` are those that [`Prepared::new`] has seen. Every element of `output` is written.
    fn run(
        &self,
        node: &Node,
        inputs: &[TensorView],
        (shape, output): (&[usize], &mut [f32]),
        scratch: &mut Scratch,
    ) -> Result<()> {
        let first = inputs.first().ok_or_else(|| Error::internal("a node without inputs").at(node.name.as_str()))?;
        let (from, to) = (Image::of(first.shape()), Image::of(shape));
        match self {
            Prepared::Conv(conv) => conv.run((first.data(), from), (output, to), node.clamp, scratch),
            Prepared::Depthwise(conv) => conv.run((first.data(), from), (output, to), node.clamp),
            Prepared::Direct => {
                fill(&node.op, *first, inputs, (shape, output));
                if let Some(clamp) = node.clamp {
                    kernels::elementwise::clamp(output, clamp);
                }
            }
        }
        Ok(())
    }
}

/// An operator without weights.
fn fill(op: &Op, first: TensorView, inputs: &[TensorView], (shape, y): (&[usize], &mut [f32])) {
    let (from, to) = (Image::of(first.shape()), Image::of(shape));
    let x = first.data();
    match op {
        Op::Activation(activation) => kernels::elementwise::activation(*activation, x, y),
        Op::Binary(kind) => {
            let second = *inputs.get(1).unwrap_or(&first);
            kernels::broadcast::binary(*kind, first, second, shape, y);
        }
        Op::MaxPool(pool) => kernels::pool::max(pool, x, from, y, to),
        Op::AveragePool(pool) => kernels::pool::average(pool, x, from, y, to),
        Op::SpatialMean => kernels::pool::spatial_mean(first, y),
        Op::Concat { axis } => kernels::concat::concat(*axis, inputs, shape, y),
        Op::Reshape | Op::Conv(_) => y.copy_from_slice(x),
        Op::Transpose { permutation } => strided::transpose(permutation, x, first.shape(), y),
        Op::Pad { before, after, mode } => kernels::pad::pad(before, after, *mode, first, shape, y),
        Op::Resize(resize) => kernels::resize::resize(resize, x, from, y, to),
        Op::Slice { start, step } => strided::slice((start, step), x, first.shape(), shape, y),
        Op::DepthToSpace { block, channel_major } => {
            strided::depth_to_space((*block, *channel_major), x, [from.n, from.h, from.w, from.c], y);
        }
        Op::Softmax { axis } => kernels::softmax::softmax(*axis, first, y),
        Op::LogSoftmax { axis } => kernels::softmax::log_softmax(*axis, first, y),
        Op::GroupNorm(norm) => kernels::normalize::group(norm, x, from, y),
    }
}

fn is_one_filter_per_channel(conv: &Conv) -> bool {
    conv.input_channels_per_group() == 1 && conv.output_channels() == conv.groups
}

//! CONV_2D, DEPTHWISE_CONV_2D and TRANSPOSE_CONV. A fully connected layer is a 1x1 convolution here as everywhere (the kernel of
//! FULLY_CONNECTED multiplies its scales in float32, that of CONV_2D in float64, and only the latter has every scheme).

use super::schema::{Builtin, Options, Padding};
use super::window::{Placement, pair};
use super::writer::{Writer, dimension, dimensions, exact, lacks};
use crate::error::{Error, Result};
use crate::npu::kernels::Nhwc;
use crate::npu::{IntegerConv, Step, Window};

impl Writer<'_> {
    pub fn convolution(&mut self, step: &Step, conv: &IntegerConv) -> Result<()> {
        let (source, from, to) = self.picture(step)?;
        let (source, padding) = self.placed(step, source, from, Placement::of(&conv.window, from, to))?;
        let target = self.target(step, true)?;
        let depthwise = conv.groups > 1 && conv.groups == from.c;
        let [weights, biases] = self.parameters(step, conv, from, depthwise)?;
        let [stride, dilation] = [pair(conv.window.stride)?, pair(conv.window.dilation)?];
        let (builtin, version, options) = if depthwise {
            let multiplier = dimension(to.c / from.c)?;
            let options = Options::depthwise(padding, stride, multiplier, dilation, target.fused);
            (Builtin::DepthwiseConv2d, Builtin::DepthwiseConv2d.version(), options)
        } else {
            let version = if conv.groups > 1 { 6 } else { Builtin::Conv2d.version() };
            (Builtin::Conv2d, version, Options::conv(padding, stride, dilation, target.fused))
        };
        self.push_picture(step, target, |writer, output| {
            writer.push_version(builtin, version, vec![source, weights, biases], output, options);
            Ok(())
        })?;
        self.clamp_to(step, target)
    }

    /// A convolution of an enlarged picture by the kernel turned around is a transposed convolution by the kernel itself.
    /// What the engine cuts off around the result is what SAME says; anything else is cut off after.
    pub fn transposed_convolution(&mut self, step: &Step, conv: &IntegerConv) -> Result<()> {
        let Window { kernel, upsample: stride, pads, .. } = conv.window;
        if conv.groups != 1 || conv.window.dilation != [1, 1] {
            return Err(lacks("transposed convolution with groups or dilation"));
        }
        let (Some(top), Some(left)) = (kernel[0].checked_sub(pads[0] + 1), kernel[1].checked_sub(pads[1] + 1)) else {
            return Err(lacks("transposed convolution with padding around its result"));
        };
        let (source, from, to) = self.picture(step)?;
        let axis = |from: usize, to: usize, axis: usize, cut: usize| Cut {
            from,
            to,
            kernel: kernel[axis],
            stride: stride[axis],
            cut,
        };
        let axes = [axis(from.h, to.h, 0, top), axis(from.w, to.w, 1, left)];
        let same = axes.iter().all(|axis| axis.same());
        let [h, w] = axes.map(|axis| if same { axis.to } else { axis.whole() });
        let target = self.target(step, true)?;
        let weight = turned(&conv.weight, kernel[0] * kernel[1], from.c);
        let [weights, biases] = self.parameters(step, &IntegerConv { weight, ..conv.clone() }, from, false)?;
        let shape = dimensions(&[to.n, h, w, to.c])?;
        let size = self.setting(self.part(step, "size"), &[4], &shape)?;
        let padding = if same { Padding::Same } else { Padding::Valid };
        let options = Options::transpose_conv(padding, pair(stride)?, target.fused);
        let inputs = vec![size, weights, source, biases];
        self.push_picture(step, target, |writer, output| {
            if (h, w) == (to.h, to.w) {
                writer.push(Builtin::TransposeConv, inputs, output, options);
                return Ok(());
            }
            let uncut = writer.like(output, writer.part(step, "uncut"), shape);
            writer.push(Builtin::TransposeConv, inputs, uncut, options);
            writer.push_slice(step, [uncut, output], (&[0, top, left, 0], &[1; 4], &[to.n, to.h, to.w, to.c]))
        })?;
        self.clamp_to(step, target)
    }

    /// Weights and biases with their scales: one for the layer, or one per output channel.
    fn parameters(&mut self, step: &Step, conv: &IntegerConv, input: Nhwc, depthwise: bool) -> Result<[i32; 2]> {
        let layer = self.quantized.layer(step.node).ok_or_else(|| Error::internal("a convolution without weights"))?;
        let steps = &layer.weights.steps;
        let channels = conv.output_channels();
        let shared = steps.iter().all(|step| Some(step) == steps.first());
        let steps = if shared { steps.get(..1).unwrap_or_default() } else { steps.as_slice() };
        let scales = steps.iter().map(|&step| exact(step)).collect::<Result<Vec<f32>>>()?;
        let input_scale = exact(self.scale(self.input(step)?).scale)?;
        let bias_scales = scales.iter().map(|&scale| input_scale * scale).collect();
        let [kh, kw] = conv.window.kernel;
        let per_group = input.c / conv.groups;
        let (shape, dimension, weights) = if depthwise {
            // [o, kh, kw, 1] -> [1, kh, kw, o].
            let taps = kh * kw;
            let weights = (0..conv.weight.len()).map(|at| conv.weight[at % channels * taps + at / channels]).collect();
            ([1, kh, kw, channels], 3, weights)
        } else {
            ([channels, kh, kw, per_group], 0, conv.weight.clone())
        };
        let weights = self.weights(self.part(step, "weights"), dimensions(&shape)?, &weights, scales, dimension);
        Ok([weights, self.biases(self.part(step, "biases"), &conv.bias, bias_scales)?])
    }
}

/// One axis of a transposed convolution: sizes, and what is cut off in front of the result.
#[derive(Debug, Clone, Copy)]
struct Cut {
    from: usize,
    to: usize,
    kernel: usize,
    stride: usize,
    cut: usize,
}

impl Cut {
    /// Whether the engine's SAME cuts off as much: the padding of the convolution that leads back.
    fn same(self) -> bool {
        let steps = self.to.div_ceil(self.stride);
        steps == self.from
            && ((steps.saturating_sub(1)) * self.stride + self.kernel).saturating_sub(self.to) / 2 == self.cut
    }

    /// Up to the last element that is kept or computed.
    fn whole(self) -> usize {
        (self.from.saturating_sub(1) * self.stride + self.kernel).max(self.cut + self.to)
    }
}

/// Kernels with their rows and columns reversed; `[o, taps, i]`.
fn turned(weight: &[i8], taps: usize, channels: usize) -> Vec<i8> {
    let kernels = weight.chunks_exact((taps * channels).max(1));
    kernels.flat_map(|kernel| kernel.chunks_exact(channels.max(1)).rev().flatten().copied()).collect()
}

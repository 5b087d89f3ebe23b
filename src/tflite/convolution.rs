//! CONV_2D and DEPTHWISE_CONV_2D. A fully connected layer is a 1x1 convolution here as everywhere (the kernel of
//! FULLY_CONNECTED multiplies its scales in float32, that of CONV_2D in float64, and only the latter has every scheme).

use super::schema::{Builtin, Options};
use super::window::{Placement, pair};
use super::writer::{Writer, dimension, dimensions, exact};
use crate::error::{Error, Result};
use crate::npu::kernels::Nhwc;
use crate::npu::{IntegerConv, Step};

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

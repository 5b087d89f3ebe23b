//! Convolutions of every kind, and the global average pool: operators on pictures.

use super::builder::{int, ints};
use super::{Real, Writer, axes};
use crate::error::{Error, Result};
use crate::graph::Conv;
use crate::npu::{IntegerConv, Step, TensorId};

impl Writer<'_> {
    pub(super) fn convolution(&mut self, step: &Step, integer: &IntegerConv, conv: &Conv) -> Result<()> {
        let &[input] = step.inputs.as_slice() else {
            return Err(Error::internal("a convolution without its one input"));
        };
        let rank = self.quantized.program.tensor(input).shape.len();
        if rank == 2 && conv.groups == 1 && conv.kernel == [1, 1] && !conv.is_transposed() {
            return self.fully_connected(step, integer, input);
        }
        self.on_picture(step, input, |writer, picture, out, name| {
            let [o, rows, columns, i] =
                [integer.output_channels(), conv.kernel[0], conv.kernel[1], conv.input_channels_per_group()];
            if conv.is_transposed() {
                return writer.transposed(step, integer, conv, (picture, out), name);
            }
            let weight = axes::permuted(&[o, rows, columns, i], &integer.weight, &[0, 3, 1, 2]);
            let [weight, bias] = writer.parameters(step, input, integer, (&weight, &[o, i, rows, columns], 0))?;
            let attributes = vec![
                ints("kernel_shape", conv.kernel),
                ints("strides", conv.stride),
                ints("dilations", conv.dilation),
                ints("pads", conv.pads),
                int("group", conv.groups as i64),
            ];
            Ok(writer.builder.node("Conv", &[&picture.name, &weight, &bias], name, attributes))
        })
    }

    fn fully_connected(&mut self, step: &Step, integer: &IntegerConv, input: TensorId) -> Result<()> {
        let o = integer.output_channels();
        let i = integer.weight.len() / o.max(1);
        let x = self.dequantize(input, 2)?;
        let [weight, bias] = self.parameters(step, input, integer, (&integer.weight, &[o, i], 0))?;
        let name = format!("{}/real", self.quantized.program.tensor(step.output).name);
        let real = self.builder.node("Gemm", &[&x.name, &weight, &bias], &name, vec![int("transB", 1)]);
        self.finish(step, &real)
    }

    /// `ConvTranspose`, whose weights are those of the equivalent convolution with rows and columns reversed and the
    /// channel axes exchanged, and whose padding is what that convolution's window reaches beyond its own.
    fn transposed(
        &mut self,
        step: &Step,
        integer: &IntegerConv,
        conv: &Conv,
        (picture, out): (&Real, &[usize]),
        name: &str,
    ) -> Result<String> {
        let &[input] = step.inputs.as_slice() else { return Err(Error::internal("no input")) };
        let [rows, columns] = conv.kernel;
        let (o, i, groups) = (integer.output_channels() / conv.groups, conv.input_channels_per_group(), conv.groups);
        let mut weight = axes::permuted(&[groups, o, rows, columns, i], &integer.weight, &[0, 4, 1, 2, 3]);
        for filter in weight.chunks_mut((rows * columns).max(1)) {
            filter.reverse();
        }
        let shape = [groups * i, o, rows, columns];
        let [weight, bias] = self.parameters(step, input, integer, (&weight, &shape, 1))?;
        let mut pads = [0usize; 4];
        let mut extra = [0usize; 2];
        let mut more = [0usize; 2];
        for axis in 0..2 {
            let (reach, stride) = (conv.dilation[axis] * (conv.kernel[axis] - 1), conv.upsample[axis]);
            // A window that starts before everything the kernel reaches: real zeros go in front of the picture.
            extra[axis] = conv.pads[axis].saturating_sub(reach).div_ceil(stride);
            pads[axis] = reach + extra[axis] * stride - conv.pads[axis];
            let all = (picture.shape[axis + 1] + extra[axis] - 1) * stride + reach + 1;
            let end = out[axis + 1] + pads[axis];
            pads[axis + 2] = all.saturating_sub(end);
            more[axis] = end.saturating_sub(all);
        }
        // Rows and columns beyond the last: zeros behind the picture, then cut to size.
        let behind: Vec<usize> = (0..2).map(|axis| more[axis].div_ceil(conv.upsample[axis])).collect();
        for axis in 0..2 {
            pads[axis + 2] += behind[axis] * conv.upsample[axis] - more[axis];
        }
        let mut x = picture.name.clone();
        if extra.iter().chain(&behind).any(|&pad| pad > 0) {
            let around = [0, 0, extra[0], extra[1], 0, 0, behind[0], behind[1]].map(|pad| pad as i64);
            let around = self.builder.int64s(&format!("{name}/pads"), &around);
            x = self.builder.node("Pad", &[&x, &around], &format!("{name}/padded"), Vec::new());
        }
        let attributes = vec![
            ints("kernel_shape", conv.kernel),
            ints("strides", conv.upsample),
            ints("dilations", conv.dilation),
            ints("pads", pads),
            int("group", groups as i64),
        ];
        Ok(self.builder.node("ConvTranspose", &[&x, &weight, &bias], name, attributes))
    }

    pub(super) fn spatial_mean(&mut self, step: &Step) -> Result<()> {
        let &[input] = step.inputs.as_slice() else {
            return Err(Error::internal("a global average without its one input"));
        };
        self.on_picture(step, input, |writer, picture, _, name| {
            Ok(writer.builder.node("GlobalAveragePool", &[&picture.name], name, Vec::new()))
        })
    }

    /// Gives `operator` the input with four axes, whatever it has, and its result the axes of the step's output.
    /// `operator` is also told the stored shape and the name of its result.
    fn on_picture(
        &mut self,
        step: &Step,
        input: TensorId,
        operator: impl FnOnce(&mut Self, &Real, &[usize], &str) -> Result<String>,
    ) -> Result<()> {
        let (from, to) = (self.quantized.program.tensor(input), self.quantized.program.tensor(step.output));
        let (picture, out) = (as_picture(&from.shape)?, as_picture(&to.shape)?);
        let (from_name, name, to_shape) = (from.name.clone(), to.name.clone(), to.shape.clone());
        let real = self.dequantize(input, 4)?;
        if to_shape.len() == 4 && real.shape.len() == 4 {
            let result = operator(self, &real, &out, &format!("{name}/real"))?;
            return self.finish(step, &result);
        }
        // Reshaping between integers, so that the operator itself stands between them too.
        let reshaped = self.reshaped(&real, &picture, &format!("{from_name}/picture"))?;
        let reshaped = self.requantized(&reshaped, input, &format!("{from_name}/picture"));
        let result = operator(self, &Real { name: reshaped, shape: picture }, &out, &format!("{name}/picture"))?;
        let result = self.requantized(&result, step.output, &format!("{name}/picture"));
        let result = self.reshaped(&Real { name: result, shape: out }, &to_shape, &format!("{name}/real"))?;
        self.finish(step, &result)
    }

    /// Dequantized weights, of which `shape[axis]` are the output channels, and biases.
    fn parameters(
        &mut self,
        step: &Step,
        input: TensorId,
        integer: &IntegerConv,
        (weight, shape, axis): (&[i8], &[usize], i64),
    ) -> Result<[String; 2]> {
        let layer = self.quantized.layer(step.node).ok_or_else(|| Error::internal("a layer without weights"))?;
        let steps: Vec<f32> = layer.weights.steps.iter().map(|&step| step as f32).collect();
        let input_scale = self.quantized.scale(input).scale as f32;
        let uniform = steps.iter().all(|step| step.to_bits() == steps[0].to_bits());
        let (dims, count): (&[usize], usize) = if uniform { (&[], 1) } else { (&[steps.len()], steps.len()) };
        let along = |axis: i64| if uniform { Vec::new() } else { vec![int("axis", axis)] };
        let name = step.name.as_str();
        let builder = &mut self.builder;
        let weights = builder.int8s(&format!("{name}/weight/integers"), shape, weight);
        // Where output channels are spread over two axes, one scale of 1 for all and a product with theirs.
        let spread = axis == 1 && integer.groups > 1 && !uniform;
        let weights = if spread {
            let one = builder.floats(&format!("{name}/weight/one"), &[], &[1.0]);
            let weights =
                builder.node("DequantizeLinear", &[&weights, &one], &format!("{name}/weight/unscaled"), Vec::new());
            let (inputs, outputs) = (shape[0] / integer.groups, shape[1]);
            let scales: Vec<f32> = steps.chunks(outputs.max(1)).flat_map(|group| group.repeat(inputs)).collect();
            let scales = builder.floats(&format!("{name}/weight/scale"), &[shape[0], outputs, 1, 1], &scales);
            builder.node("Mul", &[&weights, &scales], &format!("{name}/weight"), Vec::new())
        } else {
            let scale = builder.floats(&format!("{name}/weight/scale"), dims, &steps[..count]);
            let zero_point = builder.int8s(&format!("{name}/weight/zero_point"), dims, &vec![0; count]);
            let inputs = [weights.as_str(), &scale, &zero_point];
            builder.node("DequantizeLinear", &inputs, &format!("{name}/weight"), along(axis))
        };
        let bias_scales: Vec<f32> = steps[..count].iter().map(|step| input_scale * step).collect();
        let biases = builder.int32s(&format!("{name}/bias/integers"), &[integer.bias.len()], &integer.bias);
        let scale = builder.floats(&format!("{name}/bias/scale"), dims, &bias_scales);
        let zero_point = builder.int32s(&format!("{name}/bias/zero_point"), dims, &vec![0; count]);
        let inputs = [biases.as_str(), &scale, &zero_point];
        let bias = builder.node("DequantizeLinear", &inputs, &format!("{name}/bias"), along(0));
        Ok([weights, bias])
    }
}

/// `[n, c]` as `[n, 1, 1, c]`, `[n, t, c]` as `[n, 1, t, c]`.
fn as_picture(shape: &[usize]) -> Result<Vec<usize>> {
    match *shape {
        [c] => Ok(vec![1, 1, 1, c]),
        [n, c] => Ok(vec![n, 1, 1, c]),
        [n, t, c] => Ok(vec![n, 1, t, c]),
        [..] if shape.len() == 4 => Ok(shape.to_vec()),
        _ => Err(Error::internal(format!("shape {shape:?} is no picture"))),
    }
}

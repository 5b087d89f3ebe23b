//! Float operators as ONNX nodes, in the file's order of axes.

use super::builder::{float, int, ints, string};
use super::{Real, Writer, axes, axis};
use crate::error::{Error, Result};
use crate::graph::{Activation, AveragePool, Clamp, GroupNorm, Node, Op, PadMode, Pool, Resize, ResizeMode};
use crate::onnx::proto::AttributeProto;

impl Writer<'_> {
    /// Everything but convolutions, global averages and operators that broadcast. `shape` is the result's, as stored.
    pub(super) fn operator(&mut self, node: &Node, inputs: &[Real], shape: &[usize], name: &str) -> Result<String> {
        let rank = shape.len();
        let [input, ..] = inputs else { return Err(Error::internal("an operator without inputs")) };
        let builder = &mut self.builder;
        Ok(match &node.op {
            Op::Activation(activation) => self.activation(*activation, &input.name, name),
            Op::MaxPool(pool) => {
                let attributes = window(pool, &input.shape, shape);
                builder.node("MaxPool", &[&input.name], name, attributes)
            }
            Op::AveragePool(average) => self.average_pool(average, input, shape, name),
            Op::Concat { axis: stored } => {
                let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
                builder.node("Concat", &names, name, vec![axis(*stored, rank)])
            }
            Op::Softmax { axis: stored } => builder.node("Softmax", &[&input.name], name, vec![axis(*stored, rank)]),
            Op::LogSoftmax { axis: stored } => {
                builder.node("LogSoftmax", &[&input.name], name, vec![axis(*stored, rank)])
            }
            Op::Reshape => self.reshaped(input, shape, name)?,
            Op::Transpose { permutation } => {
                let from = input.shape.len();
                let axes_in_file =
                    axes::stored_axes(rank).into_iter().map(|axis| axes::file_axis(from, permutation[axis]));
                builder.node("Transpose", &[&input.name], name, vec![ints("perm", axes_in_file)])
            }
            Op::Pad { before, after, mode } => {
                let pads: Vec<i64> =
                    [axes::to_file(before), axes::to_file(after)].concat().iter().map(|&pad| pad as i64).collect();
                let pads = builder.int64s(&format!("{name}/pads"), &pads);
                let (mode, constant) = match mode {
                    PadMode::Constant(value) => ("constant", Some(*value)),
                    PadMode::Reflect => ("reflect", None),
                    PadMode::Edge => ("edge", None),
                    PadMode::Wrap => ("wrap", None),
                };
                if mode == "wrap" {
                    builder.require(19);
                }
                let constant = constant.map(|value| builder.floats(&format!("{name}/constant"), &[], &[value]));
                let inputs: Vec<&str> = [Some(&input.name), Some(&pads), constant.as_ref()]
                    .into_iter()
                    .flatten()
                    .map(String::as_str)
                    .collect();
                builder.node("Pad", &inputs, name, vec![string("mode", mode)])
            }
            Op::Slice { start, step } => self.slice(input, (start, step), shape, name),
            Op::DepthToSpace { block, channel_major } => {
                let mode = string("mode", if *channel_major { "CRD" } else { "DCR" });
                builder.node("DepthToSpace", &[&input.name], name, vec![int("blocksize", *block as i64), mode])
            }
            Op::Resize(resize) => self.resize(resize, input, shape, name),
            Op::GroupNorm(norm) => self.group_norm(norm, input, name)?,
            Op::Binary(_) => {
                let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
                builder.node("Div", &names, name, Vec::new())
            }
            Op::Conv(_) | Op::SpatialMean => {
                return Err(Error::internal(format!("'{}' is none of the host's operators", node.op.label())));
            }
        })
    }

    fn average_pool(&mut self, average: &AveragePool, input: &Real, shape: &[usize], name: &str) -> String {
        let mut attributes = window(&average.pool, &input.shape, shape);
        attributes.push(int("count_include_pad", i64::from(average.count_include_pad)));
        if average.pool.dilation == [1, 1] {
            attributes.retain(|attribute| attribute.name != "dilations");
        } else {
            self.builder.require(19);
        }
        self.builder.node("AveragePool", &[&input.name], name, attributes)
    }

    fn activation(&mut self, activation: Activation, input: &str, name: &str) -> String {
        let builder = &mut self.builder;
        match activation {
            Activation::Clamp(clamp) => self.clip(input, clamp, name),
            Activation::LeakyRelu { alpha } => builder.node("LeakyRelu", &[input], name, vec![float("alpha", alpha)]),
            Activation::Sigmoid => builder.node("Sigmoid", &[input], name, Vec::new()),
            Activation::Tanh => builder.node("Tanh", &[input], name, Vec::new()),
            Activation::HardSigmoid { alpha, beta } => {
                builder.node("HardSigmoid", &[input], name, vec![float("alpha", alpha), float("beta", beta)])
            }
            Activation::HardSwish => {
                builder.require(14);
                builder.node("HardSwish", &[input], name, Vec::new())
            }
            Activation::Silu => {
                let sigmoid = builder.node("Sigmoid", &[input], &format!("{name}/sigmoid"), Vec::new());
                builder.node("Mul", &[input, &sigmoid], name, Vec::new())
            }
        }
    }

    pub(super) fn clip(&mut self, input: &str, clamp: Clamp, name: &str) -> String {
        let builder = &mut self.builder;
        if clamp == Clamp::RELU {
            return builder.node("Relu", &[input], name, Vec::new());
        }
        let mut bound = |what: &str, value: f32| {
            // An absent bound has an empty name.
            if value.is_finite() { builder.floats(&format!("{name}/{what}"), &[], &[value]) } else { String::new() }
        };
        let (min, max) = (bound("min", clamp.min), bound("max", clamp.max));
        builder.node("Clip", &[input, &min, &max], name, Vec::new())
    }

    fn slice(&mut self, input: &Real, (start, step): (&[usize], &[isize]), shape: &[usize], name: &str) -> String {
        let ends: Vec<i64> = (0..shape.len())
            .map(|axis| {
                let last = start[axis] as i64 + (shape[axis] as i64 - 1) * step[axis] as i64;
                // Backwards to the first element: an end before it, which -1 is not.
                match last + step[axis].signum() as i64 {
                    -1 => i64::from(i32::MIN),
                    end => end,
                }
            })
            .collect();
        let starts: Vec<i64> = start.iter().map(|&start| start as i64).collect();
        let steps: Vec<i64> = step.iter().map(|&step| step as i64).collect();
        let builder = &mut self.builder;
        let mut list = |what: &str, values: &[i64]| builder.int64s(&format!("{name}/{what}"), values);
        let all: Vec<i64> = (0..shape.len() as i64).collect();
        let lists = [
            list("starts", &axes::to_file(&starts)),
            list("ends", &axes::to_file(&ends)),
            list("axes", &all),
            list("steps", &axes::to_file(&steps)),
        ];
        let inputs: Vec<&str> = [&input.name].into_iter().chain(&lists).map(String::as_str).collect();
        builder.node("Slice", &inputs, name, Vec::new())
    }

    fn resize(&mut self, resize: &Resize, input: &Real, shape: &[usize], name: &str) -> String {
        let builder = &mut self.builder;
        let mut attributes = vec![string("coordinate_transformation_mode", resize.coordinates.as_str())];
        match resize.mode {
            ResizeMode::Bilinear => attributes.push(string("mode", "linear")),
            ResizeMode::Nearest(nearest) => {
                attributes.extend([string("mode", "nearest"), string("nearest_mode", nearest.as_str())]);
            }
        }
        // Sizes say what scales do wherever these are their quotients, and round to nothing else.
        let from_sizes = [1, 2].map(|axis| shape[axis] as f32 / input.shape[axis] as f32);
        if from_sizes == resize.scales {
            let sizes: Vec<i64> = axes::to_file(shape).iter().map(|&dim| dim as i64).collect();
            let sizes = builder.int64s(&format!("{name}/sizes"), &sizes);
            return builder.node("Resize", &[&input.name, "", "", &sizes], name, attributes);
        }
        let [rows, columns] = resize.scales;
        let scales = builder.floats(&format!("{name}/scales"), &[4], &[1.0, 1.0, rows, columns]);
        builder.node("Resize", &[&input.name, "", &scales], name, attributes)
    }

    /// One group a channel is ONNX's `InstanceNormalization`; fewer groups are brought to that form.
    fn group_norm(&mut self, norm: &GroupNorm, input: &Real, name: &str) -> Result<String> {
        let (Some(&n), Some(&c)) = (input.shape.first(), input.shape.last()) else {
            return Err(Error::internal("a normalization of a number"));
        };
        let per_group = input.shape.iter().product::<usize>() / (n * norm.groups).max(1);
        // Channels first, then a group's elements in one row.
        let rank = input.shape.len();
        let stored: Vec<usize> = [0, rank - 1].into_iter().chain(1..rank - 1).collect();
        let file: Vec<usize> = stored.iter().map(|&axis| axes::file_axis(rank, axis)).collect();
        let first = self.moved(&input.name, &axes::to_file(&input.shape), &file, name);
        let builder = &mut self.builder;
        let rows = [n, norm.groups, per_group].map(|dim| dim as i64);
        let rows = builder.int64s(&format!("{name}/groups"), &rows);
        let rows = builder.node("Reshape", &[&first, &rows], &format!("{name}/grouped"), Vec::new());
        let ones = builder.floats(&format!("{name}/ones"), &[norm.groups], &vec![1.0; norm.groups]);
        let zeros = builder.floats(&format!("{name}/zeros"), &[norm.groups], &vec![0.0; norm.groups]);
        let epsilon = vec![float("epsilon", norm.epsilon)];
        let standard =
            builder.node("InstanceNormalization", &[&rows, &ones, &zeros], &format!("{name}/standard"), epsilon);
        let dims: Vec<i64> = stored.iter().map(|&axis| input.shape[axis] as i64).collect();
        let dims = builder.int64s(&format!("{name}/shape"), &dims);
        let standard = builder.node("Reshape", &[&standard, &dims], &format!("{name}/reshaped"), Vec::new());
        let inverse: Vec<usize> =
            (0..rank).map(|axis| file.iter().position(|&of| of == axis).unwrap_or(axis)).collect();
        let moved_shape: Vec<usize> = stored.iter().map(|&axis| input.shape[axis]).collect();
        let standard = self.moved(&standard, &moved_shape, &inverse, &format!("{name}/reshaped"));
        let channels = axes::to_file(&axes::padded(&[c], rank));
        let builder = &mut self.builder;
        let scale = builder.floats(&format!("{name}/channel_scale"), &channels, &norm.scale);
        let shift = builder.floats(&format!("{name}/channel_shift"), &channels, &norm.shift);
        let scaled = builder.node("Mul", &[&standard, &scale], &format!("{name}/scaled"), Vec::new());
        Ok(builder.node("Add", &[&scaled, &shift], name, Vec::new()))
    }
}

/// Attributes of a pool whose result has the stored shape `to`.
fn window(pool: &Pool, from: &[usize], to: &[usize]) -> Vec<AttributeProto> {
    vec![
        ints("kernel_shape", pool.kernel),
        ints("strides", pool.stride),
        ints("dilations", pool.dilation),
        ints("pads", pool.pads),
        int("ceil_mode", i64::from(pool.rounds_up(from, to))),
    ]
}

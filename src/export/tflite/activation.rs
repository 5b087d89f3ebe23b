//! Tables as the operators whose composition they are (N10).

use super::arithmetic::addition_exists;
use super::schema::{Builtin, Fused, Options};
use super::writer::{Writer, dimensions, lacks};
use crate::error::{Error, Result};
use crate::graph::{Activation, Op};
use crate::npu::{Bounds, Step};
use crate::quantize::{ActivationScale, HardSigmoid, SIGMOID_SCALE, activation_product, tflite_table};

impl Writer<'_> {
    pub fn activation(&mut self, step: &Step, table: &[u8]) -> Result<()> {
        let Op::Activation(activation) = self.node(step)?.op else {
            return Err(Error::internal("a table of a node that is no activation"));
        };
        let id = self.input(step)?;
        let (from, to) = (self.scale(id), self.scale(step.output));
        let composed = tflite_table(activation, from, to)
            .ok_or_else(|| lacks(format!("{} on these scales", activation.label())))?;
        if composed != table {
            return Err(Error::internal("a table that the engine's operators do not give"));
        }
        let [input, output] = self.ends(step)?;
        let one = |builtin: Builtin, options: Options, writer: &mut Self| {
            writer.push(builtin, vec![input], output, options);
            Ok(())
        };
        match activation {
            Activation::Sigmoid => one(Builtin::Logistic, Options::none(), self),
            Activation::Tanh => one(Builtin::Tanh, Options::none(), self),
            Activation::HardSwish => one(Builtin::HardSwish, Options::hard_swish(), self),
            Activation::LeakyRelu { alpha } => one(Builtin::LeakyRelu, Options::leaky_relu(alpha), self),
            Activation::Clamp(clamp) => self.requantize(step, to.bounds(Some(clamp))),
            Activation::Silu => {
                let shape = dimensions(self.shape(id))?;
                let sigmoid = self.intermediate(self.part(step, "sigmoid"), shape, SIGMOID_SCALE)?;
                self.push(Builtin::Logistic, vec![input], sigmoid, Options::none());
                let rescale = activation_product([from, SIGMOID_SCALE], to);
                self.push_product(rescale, vec![input, sigmoid], output, Options::mul(Fused::None));
                Ok(())
            }
            Activation::HardSigmoid { alpha, beta } => {
                let parts = HardSigmoid::new(alpha, beta, from, to).ok_or_else(|| lacks("such a hard sigmoid"))?;
                self.hard_sigmoid(step, &parts, to)
            }
        }
    }

    /// From one scale to another, then within bounds.
    fn requantize(&mut self, step: &Step, bounds: Bounds) -> Result<()> {
        let [input, output] = self.ends(step)?;
        self.push_clamped(step, bounds, output, |writer, target| {
            writer.push(Builtin::Quantize, vec![input], target, Options::quantize());
        })
    }

    /// `alpha * clamp(x + beta / alpha, 0, 1 / alpha)`.
    fn hard_sigmoid(&mut self, step: &Step, parts: &HardSigmoid, to: ActivationScale) -> Result<()> {
        addition_exists(parts.sum)?;
        let [input, output] = self.ends(step)?;
        let shape = dimensions(self.shape(step.output))?;
        let (offset, offset_scale) = parts.offset;
        let offset = self.scalar(self.part(step, "offset"), offset, offset_scale)?;
        let (factor, factor_scale) = parts.factor;
        let factor = self.scalar(self.part(step, "factor"), factor, factor_scale)?;
        let raised = self.intermediate(self.part(step, "raised"), shape, parts.raised)?;
        self.push_clamped(step, parts.bounds, raised, |writer, target| {
            writer.push(Builtin::Add, vec![input, offset], target, Options::add(Fused::None));
        })?;
        let rescale = activation_product([parts.raised, factor_scale], to);
        self.push_product(rescale, vec![raised, factor], output, Options::mul(Fused::None));
        Ok(())
    }

    /// Lets `push` write what becomes `output` within bounds.
    fn push_clamped(
        &mut self,
        step: &Step,
        bounds: Bounds,
        output: i32,
        push: impl FnOnce(&mut Self, i32),
    ) -> Result<()> {
        if bounds == (Bounds { min: 0, max: u8::MAX }) {
            push(self, output);
            return Ok(());
        }
        let shape = dimensions(self.shape(step.output))?;
        let unclamped = self.like(output, self.part(step, "unclamped"), shape);
        push(self, unclamped);
        self.clamp(unclamped, output, bounds)
    }
}

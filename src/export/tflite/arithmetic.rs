//! ADD, SUB, MUL, PRELU and CONCATENATION.

use super::schema::{Builtin, Options};
use super::writer::{Writer, dimension, dimensions, lacks};
use crate::error::{Error, Result};
use crate::npu::{AddRescale, ConcatPart, Rescale, Step};

impl Writer<'_> {
    pub fn add(&mut self, step: &Step, rescale: AddRescale, subtract: bool) -> Result<()> {
        addition_exists(rescale)?;
        let operands = self.operands(step)?;
        let target = self.target(step, true)?;
        let (builtin, options) = if subtract {
            (Builtin::Sub, Options::sub(target.fused))
        } else {
            (Builtin::Add, Options::add(target.fused))
        };
        self.push(builtin, operands, target.tensor, options);
        self.clamp_to(step, target)
    }

    pub fn multiply(&mut self, step: &Step, rescale: Rescale) -> Result<()> {
        let operands = self.operands(step)?;
        let target = self.target(step, true)?;
        self.push_product(rescale, operands, target.tensor, Options::mul(target.fused));
        self.clamp_to(step, target)
    }

    pub fn push_product(&mut self, rescale: Rescale, operands: Vec<i32>, output: i32, options: Options) {
        // The next version is the one that allows factors from 1 on.
        let version = if rescale.shift < 31 { 3 } else { Builtin::Mul.version() };
        self.push_version(Builtin::Mul, version, operands, output, options);
    }

    pub fn prelu(&mut self, step: &Step) -> Result<()> {
        let operands = self.operands(step)?;
        if self.shape(self.input(step)?) != self.shape(step.output) {
            return Err(lacks("PReLU with more slopes than activations"));
        }
        let target = self.target(step, false)?;
        self.push(Builtin::Prelu, operands, target.tensor, Options::none());
        self.clamp_to(step, target)
    }

    fn operands(&mut self, step: &Step) -> Result<Vec<i32>> {
        if step.inputs.iter().chain([&step.output]).any(|&tensor| self.shape(tensor).len() > 4) {
            return Err(lacks("arithmetic on more than 4 axes"));
        }
        step.inputs.iter().map(|&input| self.tensor(input)).collect()
    }

    /// The operator takes inputs on its own scale only; others pass a QUANTIZE first.
    pub fn concat(&mut self, step: &Step, axis: usize, parts: &[ConcatPart]) -> Result<()> {
        let mut inputs = Vec::with_capacity(parts.len());
        for (index, (&input, part)) in step.inputs.iter().zip(parts).enumerate() {
            let tensor = self.tensor(input)?;
            inputs.push(match part {
                ConcatPart::Copy => tensor,
                ConcatPart::Rescale(_) => {
                    let name = self.part(step, &format!("input {index}"));
                    let shape = dimensions(self.shape(input))?;
                    let rescaled = self.intermediate(name, shape, self.scale(step.output))?;
                    self.push(Builtin::Quantize, vec![tensor], rescaled, Options::quantize());
                    rescaled
                }
                ConcatPart::Table(_) => return Err(Error::internal("a table in a concatenation of profile tflite")),
            });
        }
        let output = self.tensor(step.output)?;
        self.push(Builtin::Concatenation, inputs, output, Options::concatenation(dimension(axis)?));
        Ok(())
    }
}

/// The engine's addition refuses a factor of 1 or more behind the sum.
pub fn addition_exists(rescale: AddRescale) -> Result<()> {
    match rescale {
        AddRescale::Staged { sum, .. } if sum.multiplier == 0 || sum.shift >= 31 => Ok(()),
        AddRescale::Staged { .. } => Err(lacks("addition whose output's scale is 2^19 times finer than its operands'")),
        _ => Err(Error::internal("an addition of another profile")),
    }
}

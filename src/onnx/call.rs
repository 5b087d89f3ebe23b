//! One node about to be evaluated or lowered, with its inputs looked up.

use std::sync::Arc;

use super::attributes::Attributes;
use super::literal::Literal;
use crate::error::{Code, Error, Result};
use crate::graph::{Layout, ValueId};

/// A tensor computed when the network runs. Its layout is kept here and not only in the graph's value, because an ONNX
/// `Transpose` gives the same stored data another layout.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    pub id: ValueId,
    pub layout: Layout,
}

/// What an ONNX tensor name stands for.
#[derive(Debug, Clone)]
pub enum Binding {
    Constant(Arc<Literal>),
    Data(Operand),
}

pub struct Call<'a> {
    /// Unique in the graph.
    pub name: String,
    pub op: &'a str,
    pub opset: i64,
    pub attributes: Attributes<'a>,
    /// `None` for an optional input that is left out.
    pub inputs: Vec<Option<Binding>>,
    pub input_names: &'a [String],
    pub outputs: &'a [String],
}

impl Call<'_> {
    /// Name of the first output.
    pub fn output(&self) -> &str {
        self.outputs.first().map_or("", String::as_str)
    }

    pub fn input(&self, index: usize) -> Option<&Binding> {
        self.inputs.get(index)?.as_ref()
    }

    /// A required input.
    pub fn required(&self, index: usize) -> Result<&Binding> {
        self.input(index).ok_or_else(|| {
            Error::new(
                Code::MissingTensor,
                format!("{} lacks its input number {index}", self.op),
                "the exporter wrote an invalid model; check it with onnx.checker",
            )
        })
    }

    /// An optional input that must be known before execution.
    pub fn literal(&self, index: usize) -> Result<Option<&Arc<Literal>>> {
        match self.input(index) {
            None => Ok(None),
            Some(Binding::Constant(literal)) => Ok(Some(literal)),
            Some(Binding::Data(_)) => Err(Error::new(
                Code::UnsupportedOperator,
                format!("{} needs '{}' to be a constant, but it is computed", self.op, self.input_names[index]),
                "export with fixed sizes and simplify the model (for instance with onnxsim)",
            )),
        }
    }

    /// A required input that must be known before execution.
    pub fn required_literal(&self, index: usize) -> Result<&Arc<Literal>> {
        self.required(index)?;
        self.literal(index)?.ok_or_else(|| Error::internal("an input vanished"))
    }

    /// Integers that older opsets give as an attribute and newer ones as an input.
    pub fn ints(&self, attribute: &str, index: usize) -> Result<Option<Vec<i64>>> {
        if let Some(values) = self.attributes.ints(attribute)? {
            return Ok(Some(values.to_vec()));
        }
        match self.literal(index)? {
            Some(literal) => Ok(Some(literal.as_ints()?.to_vec())),
            None => Ok(None),
        }
    }
}

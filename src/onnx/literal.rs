//! Tensors known while reading: weights, and the integers that exporters compute shapes with.

use std::ops::RangeInclusive;

use super::proto::data_type;
use crate::error::{Code, Error, Result};

/// The element types that constants may have. Only `Float` may take part in the network itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementType {
    Float,
    Double,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Bool,
}

impl ElementType {
    /// # Errors
    /// `UnsupportedType` for float16, strings and everything else that Shiftwise does not read.
    pub fn from_onnx(value: i32) -> Result<Self> {
        Ok(match value {
            data_type::FLOAT => ElementType::Float,
            data_type::DOUBLE => ElementType::Double,
            data_type::INT8 => ElementType::Int8,
            data_type::INT16 => ElementType::Int16,
            data_type::INT32 => ElementType::Int32,
            data_type::INT64 => ElementType::Int64,
            data_type::UINT8 => ElementType::Uint8,
            data_type::UINT16 => ElementType::Uint16,
            data_type::UINT32 => ElementType::Uint32,
            data_type::UINT64 => ElementType::Uint64,
            data_type::BOOL => ElementType::Bool,
            other => return Err(unsupported_type(other)),
        })
    }

    pub fn label(self) -> &'static str {
        match self {
            ElementType::Float => "float32",
            ElementType::Double => "float64",
            ElementType::Int8 => "int8",
            ElementType::Int16 => "int16",
            ElementType::Int32 => "int32",
            ElementType::Int64 => "int64",
            ElementType::Uint8 => "uint8",
            ElementType::Uint16 => "uint16",
            ElementType::Uint32 => "uint32",
            ElementType::Uint64 => "uint64",
            ElementType::Bool => "bool",
        }
    }

    /// The integers it can hold; `None` for the floating-point types. Unsigned 64-bit values stop at `i64::MAX`,
    /// which is how [`Elements`] holds them.
    pub fn range(self) -> Option<RangeInclusive<i64>> {
        match self {
            ElementType::Float | ElementType::Double => None,
            ElementType::Int8 => Some(i8::MIN.into()..=i8::MAX.into()),
            ElementType::Int16 => Some(i16::MIN.into()..=i16::MAX.into()),
            ElementType::Int32 => Some(i32::MIN.into()..=i32::MAX.into()),
            ElementType::Int64 => Some(i64::MIN..=i64::MAX),
            ElementType::Uint8 => Some(0..=u8::MAX.into()),
            ElementType::Uint16 => Some(0..=u16::MAX.into()),
            ElementType::Uint32 => Some(0..=u32::MAX.into()),
            ElementType::Uint64 => Some(0..=i64::MAX),
            ElementType::Bool => Some(0..=1),
        }
    }
}

fn unsupported_type(value: i32) -> Error {
    let (label, hint) = match value {
        data_type::FLOAT16 => ("float16", "export the model in float32"),
        data_type::BFLOAT16 => ("bfloat16", "export the model in float32"),
        data_type::STRING => ("string", "export the network without its labels or text processing"),
        _ => ("an element type that Shiftwise does not read", "export the model in float32"),
    };
    let reason =
        if label.contains(' ') { format!("{label} (number {value})") } else { format!("element type {label}") };
    Error::new(Code::UnsupportedType, reason, hint)
}

/// Elements in row-major order. All integers and booleans are held as `i64`.
#[derive(Debug, Clone, PartialEq)]
pub enum Elements {
    F32(Vec<f32>),
    F64(Vec<f64>),
    Int(Vec<i64>),
}

impl Elements {
    pub fn len(&self) -> usize {
        match self {
            Elements::F32(data) => data.len(),
            Elements::F64(data) => data.len(),
            Elements::Int(data) => data.len(),
        }
    }

    /// The elements at `indices`, in that order. Indices come from [`super::strided`] and are in range.
    pub fn gather(&self, indices: impl Iterator<Item = usize>) -> Elements {
        match self {
            Elements::F32(data) => Elements::F32(pick(data, indices)),
            Elements::F64(data) => Elements::F64(pick(data, indices)),
            Elements::Int(data) => Elements::Int(pick(data, indices)),
        }
    }
}

fn pick<T: Copy>(data: &[T], indices: impl Iterator<Item = usize>) -> Vec<T> {
    indices.filter_map(|index| data.get(index).copied()).collect()
}

/// A constant tensor with its ONNX shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal {
    /// Name of the ONNX tensor, for messages.
    pub name: String,
    pub element_type: ElementType,
    pub shape: Vec<usize>,
    pub elements: Elements,
}

impl Literal {
    pub fn ints(name: &str, shape: Vec<usize>, data: Vec<i64>) -> Self {
        Literal { name: name.to_owned(), element_type: ElementType::Int64, shape, elements: Elements::Int(data) }
    }

    pub fn floats(name: &str, shape: Vec<usize>, data: Vec<f32>) -> Self {
        Literal { name: name.to_owned(), element_type: ElementType::Float, shape, elements: Elements::F32(data) }
    }

    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// The elements, which must be integers.
    pub fn as_ints(&self) -> Result<&[i64]> {
        match &self.elements {
            Elements::Int(data) => Ok(data),
            _ => Err(self.wrong_type("integers")),
        }
    }

    /// The elements, which must be float32 (infinities and NaN included).
    pub fn as_floats(&self) -> Result<&[f32]> {
        match &self.elements {
            Elements::F32(data) => Ok(data),
            _ => Err(self.wrong_type("float32")),
        }
    }

    /// The elements of a tensor that takes part in the network's arithmetic: float32 and finite.
    ///
    /// # Errors
    /// `UnsupportedType`, or `NotFinite` with the place of the first NaN or infinity.
    pub fn as_weights(&self) -> Result<&[f32]> {
        let data = self.as_floats()?;
        match data.iter().position(|value| !value.is_finite()) {
            None => Ok(data),
            Some(index) => Err(Error::new(
                Code::NotFinite,
                format!("element {index} of tensor '{}' is {}", self.name, data[index]),
                "the training diverged or the file is damaged; export the model again from a sound checkpoint",
            )),
        }
    }

    /// The only element of a tensor of one float32.
    pub fn as_scalar(&self) -> Result<f32> {
        match self.as_floats()? {
            [value] => Ok(*value),
            _ => Err(Error::new(
                Code::ShapeMismatch,
                format!("tensor '{}' must hold one number, not shape {:?}", self.name, self.shape),
                "check the exporter",
            )),
        }
    }

    fn wrong_type(&self, wanted: &str) -> Error {
        let hint = match self.element_type {
            ElementType::Int8 | ElementType::Uint8 => {
                "the model looks quantized already; Shiftwise quantizes by itself and needs the float32 model"
            }
            _ => "export the model in float32",
        };
        Error::new(
            Code::UnsupportedType,
            format!("tensor '{}' holds {} where {wanted} is needed", self.name, self.element_type.label()),
            hint,
        )
    }
}

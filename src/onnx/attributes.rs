//! Typed access to a node's attributes. An attribute that nothing reads is an error: it might change the result.

use std::cell::RefCell;
use std::collections::HashSet;

use super::proto::{AttributeProto, NodeProto, TensorProto, attribute_type};
use crate::error::{Code, Error, Result};

#[derive(Clone)]
pub struct Attributes<'a> {
    attributes: &'a [AttributeProto],
    read: RefCell<HashSet<&'a str>>,
}

impl<'a> Attributes<'a> {
    /// # Errors
    /// `UnsupportedAttribute` for subgraphs, references and attributes given twice.
    pub fn new(node: &'a NodeProto) -> Result<Self> {
        let mut seen = HashSet::new();
        for attribute in &node.attribute {
            if !seen.insert(attribute.name.as_str()) {
                return Err(Error::new(
                    Code::NotOnnx,
                    format!("attribute '{}' is given twice", attribute.name),
                    "the file is damaged; export it again",
                ));
            }
            if !attribute.ref_attr_name.is_empty() {
                return Err(Error::new(
                    Code::UnsupportedAttribute,
                    format!("attribute '{}' refers to a function's parameter", attribute.name),
                    "inline the model's functions (onnx.inliner.inline_local_functions)",
                ));
            }
        }
        Ok(Attributes { attributes: &node.attribute, read: RefCell::default() })
    }

    fn find(&self, name: &str, kind: i32) -> Result<Option<&'a AttributeProto>> {
        let Some(attribute) = self.attributes.iter().find(|attribute| attribute.name == name) else {
            return Ok(None);
        };
        self.read.borrow_mut().insert(&attribute.name);
        if attribute.r#type != 0 && attribute.r#type != kind {
            return Err(Error::new(
                Code::UnsupportedAttribute,
                format!("attribute '{name}' has the wrong type"),
                "the exporter wrote an invalid model; check it with onnx.checker",
            ));
        }
        Ok(Some(attribute))
    }

    pub fn int(&self, name: &str) -> Result<Option<i64>> {
        Ok(self.find(name, attribute_type::INT)?.map(|attribute| attribute.i))
    }

    pub fn int_or(&self, name: &str, default: i64) -> Result<i64> {
        Ok(self.int(name)?.unwrap_or(default))
    }

    /// An integer that means no (0) or yes (anything else).
    pub fn flag(&self, name: &str) -> Result<bool> {
        Ok(self.int_or(name, 0)? != 0)
    }

    pub fn ints(&self, name: &str) -> Result<Option<&'a [i64]>> {
        Ok(self.find(name, attribute_type::INTS)?.map(|attribute| attribute.ints.as_slice()))
    }

    pub fn float(&self, name: &str) -> Result<Option<f32>> {
        Ok(self.find(name, attribute_type::FLOAT)?.map(|attribute| attribute.f))
    }

    /// A number that must be finite.
    pub fn float_or(&self, name: &str, default: f32) -> Result<f32> {
        let value = self.float(name)?.unwrap_or(default);
        if !value.is_finite() {
            return Err(Error::new(
                Code::NotFinite,
                format!("attribute '{name}' is {value}"),
                "export the model again from a sound checkpoint",
            ));
        }
        Ok(value)
    }

    pub fn floats(&self, name: &str) -> Result<Option<&'a [f32]>> {
        Ok(self.find(name, attribute_type::FLOATS)?.map(|attribute| attribute.floats.as_slice()))
    }

    pub fn string_or(&self, name: &str, default: &str) -> Result<String> {
        Ok(match self.find(name, attribute_type::STRING)? {
            Some(attribute) => String::from_utf8_lossy(&attribute.s).into_owned(),
            None => default.to_owned(),
        })
    }

    pub fn tensor(&self, name: &str) -> Result<Option<&'a TensorProto>> {
        Ok(self.find(name, attribute_type::TENSOR)?.and_then(|attribute| attribute.t.as_ref()))
    }

    /// Declares attributes that cannot change what Shiftwise computes.
    pub fn ignore(&self, names: &[&str]) {
        let ignored = self.attributes.iter().filter(|attribute| names.contains(&attribute.name.as_str()));
        self.read.borrow_mut().extend(ignored.map(|attribute| attribute.name.as_str()));
    }

    /// # Errors
    /// `UnsupportedAttribute` when an attribute has been neither read nor ignored.
    pub fn finish(&self) -> Result<()> {
        let read = self.read.borrow();
        match self.attributes.iter().find(|attribute| !read.contains(attribute.name.as_str())) {
            None => Ok(()),
            Some(attribute) => Err(Error::new(
                Code::UnsupportedAttribute,
                format!("Shiftwise does not know the attribute '{}'", attribute.name),
                "export the model with standard ONNX operators only",
            )),
        }
    }
}

/// The error for a known attribute with a value that Shiftwise does not run.
pub fn unsupported(name: &str, value: impl std::fmt::Display, hint: &str) -> Error {
    Error::new(Code::UnsupportedAttribute, format!("{name} = {value} is not supported"), hint)
}

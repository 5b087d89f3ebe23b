//! ONNX bytes -> [`Model`]: decoding, checking, and lowering node by node.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use prost::Message;

use super::attributes::Attributes;
use super::call::{Binding, Call, Operand};
use super::lower::{self, Builder};
use super::order::{execution_order, label};
use super::proto::{GraphProto, ModelProto, NodeProto, TensorProto, TypeProto, ValueInfoProto};
use super::{finish, peephole, tensors, wire};
use crate::error::{Code, Error, Result};
use crate::graph::{Graph, Layout, Value};
use crate::limits::Limits;

/// The oldest and the newest version of the operator set that is read.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=28;

/// A network read from an ONNX file.
#[derive(Debug, Clone)]
pub struct Model {
    pub graph: Graph,
    /// Version of the standard operator set that the file uses.
    pub opset: i64,
    /// Version of the file format.
    pub ir_version: i64,
    /// The exporter and its version, as far as the file says.
    pub producer: String,
}

/// Reads an ONNX file.
///
/// A `Vec<u8>` or [`Bytes`] is taken without copying. The first dimension of an input may be symbolic and becomes 1;
/// every other size must be known. Inputs of four dimensions are stored channels-last (as `[n, h, w, c]`), also where
/// the ONNX tensor itself is, which shows in the value's layout.
///
/// # Errors
/// Everything that [`Code`] has for models. Nothing panics, whatever the bytes.
pub fn read(bytes: impl Into<Bytes>, limits: &Limits) -> Result<Model> {
    let bytes = bytes.into();
    let model = decode(bytes, limits)?;
    let opset = opset(&model)?;
    let producer = [model.producer_name.as_str(), model.producer_version.as_str()].join(" ").trim().to_owned();
    let Some(proto) = &model.graph else {
        return Err(wire::broken("there is no graph in it"));
    };
    let graph = Reader::new(proto, opset, limits).read()?;
    Ok(Model { graph, opset, ir_version: model.ir_version, producer })
}

fn decode(bytes: Bytes, limits: &Limits) -> Result<ModelProto> {
    if bytes.len() > limits.model_bytes {
        return Err(Error::new(
            Code::TooLarge,
            format!("the file has {} bytes, more than {}", bytes.len(), limits.model_bytes),
            "use a smaller model, or raise the limit on the command line (--max-model-bytes)",
        ));
    }
    if bytes.is_empty() {
        return Err(Error::new(Code::NotOnnx, "the file is empty", "check that the file was downloaded completely"));
    }
    if let Some(format) = other_format(&bytes) {
        return Err(Error::new(
            Code::NotOnnx,
            format!("this is {format}, not an ONNX model"),
            "export the network as an .onnx file",
        ));
    }
    wire::check(&bytes, limits)?;
    ModelProto::decode(bytes).map_err(wire::broken)
}

/// Files that are often mistaken for models in ONNX format, by their first bytes.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => Some("a zip archive (perhaps a PyTorch or Keras checkpoint)"),
        [0x89, b'H', b'D', b'F', ..] => Some("an HDF5 file (perhaps Keras weights)"),
        [_, _, _, _, b'T', b'F', b'L', b'3', ..] => Some("a TensorFlow Lite model"),
        [_, _, _, _, b'O', b'R', b'T', b'M', ..] => Some("a model in ONNX Runtime's own format"),
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => Some("a picture"),
        [b'<', ..] => Some("an HTML or XML page"),
        [b'v', b'e', b'r', b's', b'i', b'o', b'n', b' ', ..] => Some("a Git LFS pointer, which stands for a file"),
        _ => None,
    }
}

fn is_standard(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

fn opset(model: &ModelProto) -> Result<i64> {
    let Some(import) = model.opset_import.iter().find(|import| is_standard(&import.domain)) else {
        return Err(wire::broken("it names no version of the standard operator set"));
    };
    if !OPSETS.contains(&import.version) {
        return Err(Error::new(
            Code::UnsupportedOperator,
            format!("the model uses operator set {}, not {} to {}", import.version, OPSETS.start(), OPSETS.end()),
            "convert it with onnx.version_converter, or export it with another opset_version",
        ));
    }
    Ok(import.version)
}

struct Reader<'m> {
    proto: &'m GraphProto,
    opset: i64,
    limits: &'m Limits,
    builder: Builder<'m>,
    /// Decoded when first used.
    initializers: HashMap<&'m str, &'m TensorProto>,
    bindings: HashMap<&'m str, Binding>,
}

impl<'m> Reader<'m> {
    fn new(proto: &'m GraphProto, opset: i64, limits: &'m Limits) -> Self {
        let inputs = proto.input.iter().map(|input| &input.name);
        let initializers = proto.initializer.iter().map(|initializer| &initializer.name);
        let outputs = proto.node.iter().flat_map(|node| &node.output);
        let names: HashSet<String> = inputs.chain(initializers).chain(outputs).cloned().collect();
        Reader {
            proto,
            opset,
            limits,
            builder: Builder::new(&proto.name, limits, names),
            initializers: proto.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect(),
            bindings: HashMap::new(),
        }
    }

    fn read(mut self) -> Result<Graph> {
        if !self.proto.sparse_initializer.is_empty() {
            return Err(Error::new(
                Code::UnsupportedType,
                "the model has sparse initializers",
                "export it with dense weights",
            ));
        }
        if self.proto.output.is_empty() {
            return Err(wire::broken("its graph has no outputs"));
        }
        let order = execution_order(self.proto)?;
        for input in &self.proto.input {
            if !self.initializers.contains_key(input.name.as_str()) {
                self.input(input).map_err(|error| error.at(&input.name))?;
            }
        }
        for index in order {
            let node = &self.proto.node[index];
            let name = self.builder.node_name(label(node));
            self.node(node, name.clone()).map_err(|error| error.at(name))?;
        }
        for output in &self.proto.output {
            let binding = self.binding(&output.name).map_err(|error| error.at(&output.name))?;
            finish::output(&mut self.builder, &output.name, binding).map_err(|error| error.at(&output.name))?;
        }
        peephole::flatten_in_stored_order(&mut self.builder)?;
        Ok(finish::tidied(self.builder.graph))
    }

    fn input(&mut self, input: &'m ValueInfoProto) -> Result<()> {
        let shape = input_shape(input)?;
        self.limits.elements(&shape)?;
        let layout = self.input_layout(&input.name, shape.len());
        let stored = layout.to_stored(&shape);
        let value = Value { name: input.name.clone(), shape: stored, layout: layout.clone(), constant: None };
        let id = self.builder.graph.add_value(value);
        self.builder.graph.inputs.push(id);
        self.bindings.insert(&input.name, Binding::Data(Operand { id, layout }));
        Ok(())
    }

    /// Images are stored channels-last. Converters from TensorFlow give an NHWC input and transpose it first thing;
    /// that input is already stored as it should be.
    fn input_layout(&self, name: &str, rank: usize) -> Layout {
        let mut consumers =
            self.proto.node.iter().filter(|node| node.input.iter().any(|input| input == name)).peekable();
        let to_channels_first = |node: &NodeProto| {
            let perm = node.attribute.iter().find(|attribute| attribute.name == "perm");
            node.op_type == "Transpose" && perm.is_some_and(|perm| perm.ints == [0, 3, 1, 2])
        };
        let is_channels_last = consumers.peek().is_some() && consumers.all(to_channels_first);
        if rank != 4 || is_channels_last { Layout::identity(rank) } else { Layout::channels_last(rank) }
    }

    fn node(&mut self, node: &'m NodeProto, name: String) -> Result<()> {
        if !is_standard(&node.domain) {
            return Err(lower::foreign(&node.domain, &node.op_type));
        }
        let inputs = node
            .input
            .iter()
            .map(|input| if input.is_empty() { Ok(None) } else { self.binding(input).map(Some) })
            .collect::<Result<Vec<_>>>()?;
        let attributes = Attributes::new(node)?;
        let call = Call {
            name,
            op: &node.op_type,
            opset: self.opset,
            attributes,
            inputs,
            input_names: &node.input,
            outputs: &node.output,
        };
        let outputs = lower::node(&mut self.builder, &call)?;
        for (name, binding) in node.output.iter().zip(outputs) {
            self.bindings.insert(name, binding);
        }
        Ok(())
    }

    /// What a tensor name stands for.
    fn binding(&mut self, name: &'m str) -> Result<Binding> {
        if let Some(binding) = self.bindings.get(name) {
            return Ok(binding.clone());
        }
        let Some(tensor) = self.initializers.get(name) else {
            // The order is right and every name has a producer, so this is an output that the producer does not give.
            return Err(Error::new(
                Code::UnsupportedAttribute,
                format!("'{name}' is an output that Shiftwise does not compute"),
                "only the first output is available (no masks, indices or running statistics)",
            ));
        };
        let literal = tensors::decode(tensor, name, &self.builder.remaining())?;
        let binding = self.builder.constant(literal)?;
        self.bindings.insert(name, binding.clone());
        Ok(binding)
    }
}

/// The shape of a graph input.
fn input_shape(input: &ValueInfoProto) -> Result<Vec<usize>> {
    let Some(TypeProto { tensor_type: Some(tensor) }) = &input.r#type else {
        return Err(Error::new(
            Code::UnsupportedType,
            "the input is not a dense tensor",
            "export the network with tensor inputs",
        ));
    };
    let element_type = super::literal::ElementType::from_onnx(tensor.elem_type)?;
    if element_type != super::literal::ElementType::Float {
        return Err(Error::new(
            Code::UnsupportedType,
            format!("the input has element type {}", element_type.label()),
            "Shiftwise feeds images as float32; export the network with a float32 input",
        ));
    }
    let Some(shape) = &tensor.shape else {
        return Err(dynamic("no shape at all"));
    };
    let mut dims = Vec::with_capacity(shape.dim.len());
    for (index, dim) in shape.dim.iter().enumerate() {
        dims.push(match dim.dim_value {
            Some(size) if size > 0 => usize::try_from(size).map_err(|_| absurd(index, size))?,
            Some(size) if size < -1 => return Err(absurd(index, size)),
            _ if index == 0 => 1,
            _ => {
                let name = dim.dim_param.as_deref().filter(|name| !name.is_empty());
                let name = name.map_or(String::new(), |name| format!(" ('{name}')"));
                return Err(dynamic(&format!("no fixed size for its dimension {index}{name}")));
            }
        });
    }
    Ok(dims)
}

fn dynamic(what: &str) -> Error {
    Error::new(
        Code::DynamicShape,
        format!("the input has {what}"),
        "export with a fixed input size, or fix it afterwards: python -m onnxruntime.tools.make_dynamic_shape_fixed",
    )
}

fn absurd(index: usize, size: i64) -> Error {
    Error::new(
        Code::ShapeMismatch,
        format!("dimension {index} of the input is {size}"),
        "the file is damaged; download or export it again",
    )
}

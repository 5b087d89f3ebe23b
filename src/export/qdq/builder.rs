//! An ONNX graph while it grows: nodes, initializers and names that are not taken.

use std::collections::HashSet;

use bytes::Bytes;
use prost::Message;

use crate::onnx::proto::{
    AttributeProto, DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto, attribute_type, data_type,
};

/// The first version of the operator set in which `DequantizeLinear` has an axis.
const LOWEST_OPSET: i64 = 13;

pub struct Builder {
    graph: GraphProto,
    names: HashSet<String>,
    opset: i64,
}

impl Builder {
    pub fn new(name: &str) -> Self {
        // A checker refuses graphs without a name.
        let name = if name.is_empty() { "network" } else { name };
        let graph = GraphProto { name: name.to_owned(), ..GraphProto::default() };
        Builder { graph, names: HashSet::new(), opset: LOWEST_OPSET }
    }

    /// An operator of this version is used.
    pub fn require(&mut self, opset: i64) {
        self.opset = self.opset.max(opset);
    }

    /// `wanted`, or with a number behind it where that is taken.
    pub fn name(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 1;
        while !self.names.insert(name.clone()) {
            number += 1;
            name = format!("{wanted}_{number}");
        }
        name
    }

    /// Adds a node with one output, which bears the node's name; returns that.
    pub fn node(&mut self, op: &str, inputs: &[&str], output: &str, attributes: Vec<AttributeProto>) -> String {
        let output = self.name(output);
        self.node_named(op, inputs, &output, attributes);
        output
    }

    /// The same for an output whose name was reserved with [`Builder::name`].
    pub fn node_named(&mut self, op: &str, inputs: &[&str], output: &str, attributes: Vec<AttributeProto>) {
        self.graph.node.push(NodeProto {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![output.to_owned()],
            name: output.to_owned(),
            op_type: op.to_owned(),
            attribute: attributes,
            domain: String::new(),
        });
    }

    pub fn input(&mut self, name: &str, shape: &[usize]) {
        self.graph.input.push(float_tensor(name, shape));
    }

    pub fn output(&mut self, name: &str, shape: &[usize]) {
        self.graph.output.push(float_tensor(name, shape));
    }

    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        self.initializer(name, shape, data_type::FLOAT, values.iter().flat_map(|v| v.to_le_bytes()).collect())
    }

    pub fn int64s(&mut self, name: &str, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.initializer(name, &[values.len()], data_type::INT64, bytes)
    }

    pub fn int32s(&mut self, name: &str, shape: &[usize], values: &[i32]) -> String {
        self.initializer(name, shape, data_type::INT32, values.iter().flat_map(|v| v.to_le_bytes()).collect())
    }

    pub fn int8s(&mut self, name: &str, shape: &[usize], values: &[i8]) -> String {
        self.initializer(name, shape, data_type::INT8, values.iter().flat_map(|v| v.to_le_bytes()).collect())
    }

    pub fn bytes(&mut self, name: &str, shape: &[usize], values: Vec<u8>) -> String {
        self.initializer(name, shape, data_type::UINT8, values)
    }

    fn initializer(&mut self, name: &str, shape: &[usize], data_type: i32, bytes: Vec<u8>) -> String {
        let name = self.name(name);
        self.graph.initializer.push(TensorProto {
            dims: shape.iter().map(|&dim| dim as i64).collect(),
            data_type,
            name: name.clone(),
            raw_data: Bytes::from(bytes),
            ..TensorProto::default()
        });
        name
    }

    /// The whole file.
    pub fn finish(self) -> Vec<u8> {
        ModelProto {
            // The version that came with the operator set, as checkers demand.
            ir_version: if self.opset < 19 { 8 } else { 9 },
            producer_name: "shiftwise".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            graph: Some(self.graph),
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version: self.opset }],
        }
        .encode_to_vec()
    }
}

fn float_tensor(name: &str, shape: &[usize]) -> ValueInfoProto {
    let dim = |&dim: &usize| DimensionProto { dim_value: Some(dim as i64), dim_param: None };
    let shape = TensorShapeProto { dim: shape.iter().map(dim).collect() };
    let tensor = TensorTypeProto { elem_type: data_type::FLOAT, shape: Some(shape) };
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { tensor_type: Some(tensor) }) }
}

pub fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto { name: name.to_owned(), i: value, r#type: attribute_type::INT, ..AttributeProto::default() }
}

pub fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { name: name.to_owned(), f: value, r#type: attribute_type::FLOAT, ..AttributeProto::default() }
}

pub fn ints(name: &str, values: impl IntoIterator<Item = usize>) -> AttributeProto {
    let ints = values.into_iter().map(|value| value as i64).collect();
    AttributeProto { name: name.to_owned(), ints, r#type: attribute_type::INTS, ..AttributeProto::default() }
}

pub fn string(name: &str, value: &'static str) -> AttributeProto {
    let s = Bytes::from_static(value.as_bytes());
    AttributeProto { name: name.to_owned(), s, r#type: attribute_type::STRING, ..AttributeProto::default() }
}

//! Small ONNX files made in memory, sound ones and broken ones.

use bytes::Bytes;
use prost::Message;
use shiftwise::onnx::proto::{
    AttributeProto, DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto, attribute_type, data_type,
};

pub fn node(op: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    let strings = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    NodeProto {
        op_type: op.to_owned(),
        name: format!("the_{}", op.to_lowercase()),
        input: strings(inputs),
        output: strings(outputs),
        ..NodeProto::default()
    }
}

pub fn with(mut node: NodeProto, attribute: AttributeProto) -> NodeProto {
    node.attribute.push(attribute);
    node
}

pub fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.to_owned(), i, r#type: attribute_type::INT, ..AttributeProto::default() }
}

pub fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto { name: name.to_owned(), ints: ints.to_vec(), r#type: attribute_type::INTS, ..Default::default() }
}

pub fn string(name: &str, s: &str) -> AttributeProto {
    let s = Bytes::copy_from_slice(s.as_bytes());
    AttributeProto { name: name.to_owned(), s, r#type: attribute_type::STRING, ..Default::default() }
}

/// Elements `0.01, 0.02, ...`.
pub fn floats(name: &str, dims: &[i64]) -> TensorProto {
    let count = dims.iter().product::<i64>();
    let raw: Vec<u8> = (1..=count).flat_map(|i| (i as f32 * 0.01).to_le_bytes()).collect();
    tensor(name, dims, data_type::FLOAT, raw)
}

pub fn int64s(name: &str, values: &[i64]) -> TensorProto {
    let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, &[values.len() as i64], data_type::INT64, raw)
}

pub fn tensor(name: &str, dims: &[i64], data_type: i32, raw: Vec<u8>) -> TensorProto {
    TensorProto { name: name.to_owned(), dims: dims.to_vec(), data_type, raw_data: raw.into(), ..Default::default() }
}

/// A dimension: a size, or a name where it is not a number, or nothing where empty.
pub fn value(name: &str, element_type: i32, dims: &[&str]) -> ValueInfoProto {
    let dim = |text: &&str| match text.parse() {
        Ok(size) => DimensionProto { dim_value: Some(size), dim_param: None },
        Err(_) => DimensionProto { dim_value: None, dim_param: (!text.is_empty()).then(|| (*text).to_owned()) },
    };
    let shape = Some(TensorShapeProto { dim: dims.iter().map(dim).collect() });
    let tensor_type = Some(TensorTypeProto { elem_type: element_type, shape });
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { tensor_type }) }
}

/// Input `x` of shape `[1, 2, 5, 4]`, output `y`.
pub fn model(nodes: Vec<NodeProto>, initializers: Vec<TensorProto>) -> ModelProto {
    ModelProto {
        ir_version: 8,
        producer_name: "tests".to_owned(),
        producer_version: "1".to_owned(),
        graph: Some(GraphProto {
            name: "graph".to_owned(),
            node: nodes,
            initializer: initializers,
            input: vec![value("x", data_type::FLOAT, &["1", "2", "5", "4"])],
            output: vec![value("y", data_type::FLOAT, &[])],
            sparse_initializer: Vec::new(),
        }),
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 13 }],
    }
}

/// The model that most tests break in one way or another: `y = Relu(Conv(x, w))`.
pub fn sound() -> ModelProto {
    model(vec![node("Conv", &["x", "w"], &["c"]), node("Relu", &["c"], &["y"])], vec![floats("w", &[3, 2, 3, 3])])
}

pub fn graph(model: &mut ModelProto) -> &mut GraphProto {
    model.graph.as_mut().unwrap()
}

pub fn bytes(model: &ModelProto) -> Vec<u8> {
    model.encode_to_vec()
}

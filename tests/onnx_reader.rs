//! What the reader refuses, with which code and which words.

use bytes::Bytes;
use shiftwise::error::{Code, Error};
use shiftwise::limits::Limits;
use shiftwise::onnx::proto::{
    ModelProto, NodeProto, OperatorSetIdProto, SparseTensorProto, StringStringEntryProto, Subgraph, TensorProto,
    attribute_type, data_type,
};
use shiftwise::onnx::{Model, read};

#[path = "onnx/build.rs"]
mod build;

use build::{bytes, floats, graph, int, int64s, ints, model, node, sound, string, tensor, value, with};

fn load(model: &ModelProto) -> Result<Model, Error> {
    read(bytes(model), &Limits::default())
}

/// Reading must fail with `code`, naming `node`, and with all of `words` somewhere in the sentence.
#[track_caller]
fn refused(model: &ModelProto, code: Code, node: &str, words: &[&str]) {
    refusal(load(model), code, node, words);
}

#[track_caller]
fn refusal(result: Result<Model, Error>, code: Code, node: &str, words: &[&str]) {
    let error = result.map(|model| model.graph).expect_err("must be refused");
    assert_eq!((error.code, error.node.as_deref().unwrap_or("")), (code, node), "{error}");
    assert!(!error.hint.is_empty(), "no hint: {error}");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "'{word}' is missing: {text}");
    }
}

/// `y = op(x, ...)` with the given initializers as further inputs.
fn single(op: &str, initializers: Vec<TensorProto>) -> ModelProto {
    let mut inputs = vec!["x"];
    inputs.extend(initializers.iter().map(|tensor| tensor.name.as_str()));
    model(vec![node(op, &inputs, &["y"])], initializers.clone())
}

fn attributed(node: NodeProto, initializers: Vec<TensorProto>) -> ModelProto {
    model(vec![node], initializers)
}

#[test]
fn a_sound_model_is_read() {
    let model = load(&sound()).unwrap();
    assert_eq!((model.opset, model.ir_version, model.producer.as_str()), (13, 8, "tests 1"));
    let names: Vec<&str> = model.graph.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["the_conv", "the_relu"]);
    let origins: Vec<&str> = model.graph.nodes.iter().map(|node| node.origin[0].as_str()).collect();
    assert_eq!(origins, ["Conv", "Relu"]);
    assert_eq!(model.graph.value(model.graph.outputs[0]).name, "y");
    assert_eq!(model.graph.parameters(), 54);
}

#[test]
fn node_names_become_unique() {
    let mut twins = model(vec![node("Relu", &["x"], &["r"]), node("Relu", &["r"], &["y"])], vec![]);
    let names = |model: &ModelProto| -> Vec<String> {
        load(model).unwrap().graph.nodes.iter().map(|node| node.name.clone()).collect()
    };
    assert_eq!(names(&twins), ["the_relu", "the_relu_2"]);
    for node in &mut graph(&mut twins).node {
        node.name.clear();
    }
    assert_eq!(names(&twins), ["r", "y"]);
}

#[test]
fn bytes_that_are_no_model() {
    let of = |bytes: &[u8]| read(bytes.to_vec(), &Limits::default());
    refusal(of(b""), Code::NotOnnx, "", &["empty"]);
    refusal(of(b"PK\x03\x04rest of a checkpoint"), Code::NotOnnx, "", &["zip", ".onnx"]);
    refusal(of(b"\x1c\0\0\0TFL3...."), Code::NotOnnx, "", &["TensorFlow Lite"]);
    refusal(of(b"<!DOCTYPE html>"), Code::NotOnnx, "", &["HTML"]);
    refusal(of(b"version https://git-lfs.github.com/spec/v1"), Code::NotOnnx, "", &["LFS"]);
    refusal(of(&[0xff; 40]), Code::NotOnnx, "", &["not a complete ONNX model"]);
    refusal(of(&[0x08, 0x08]), Code::NotOnnx, "", &["operator set"]);
    let whole = bytes(&sound());
    for length in 1..whole.len() {
        assert_eq!(of(&whole[..length]).map(|model| model.graph).unwrap_err().code, Code::NotOnnx, "{length} bytes");
    }
    let mut without_outputs = sound();
    graph(&mut without_outputs).output.clear();
    refused(&without_outputs, Code::NotOnnx, "", &["no outputs"]);
}

#[test]
fn operator_sets() {
    for (version, fits) in [(6, false), (7, true), (28, true), (29, false), (i64::MAX, false)] {
        let mut model = sound();
        model.opset_import[0].version = version;
        assert_eq!(load(&model).is_ok(), fits, "opset {version}");
        if !fits {
            refused(&model, Code::UnsupportedOperator, "", &["7 to 28", "version_converter"]);
        }
    }
    let mut named = sound();
    named.opset_import[0].domain = "ai.onnx".to_owned();
    named.opset_import.insert(0, OperatorSetIdProto { domain: "ai.onnx.ml".to_owned(), version: 2 });
    assert_eq!(load(&named).unwrap().opset, 13);
}

#[test]
fn unsupported_operators() {
    let words = ["Einsum", "opset 13", "the_einsum"];
    refused(&single("Einsum", vec![]), Code::UnsupportedOperator, "the_einsum", &words);
    for op in ["QuantizeLinear", "DequantizeLinear", "QLinearConv", "MatMulInteger"] {
        let place = format!("the_{}", op.to_lowercase());
        refused(&single(op, vec![]), Code::UnsupportedOperator, &place, &[op, "float32 model"]);
    }
    refused(&single("LSTM", vec![]), Code::UnsupportedOperator, "the_lstm", &["recurrent"]);
    refused(
        &single("NonMaxSuppression", vec![]),
        Code::UnsupportedOperator,
        "the_nonmaxsuppression",
        &["extract_model"],
    );
    let mut custom = single("FusedConv", vec![]);
    graph(&mut custom).node[0].domain = "com.microsoft".to_owned();
    refused(&custom, Code::UnsupportedOperator, "the_fusedconv", &["com.microsoft", "standard operators"]);
}

#[test]
fn subgraphs() {
    let branch = |name: &str| shiftwise::onnx::proto::AttributeProto {
        name: name.to_owned(),
        g: Some(Subgraph {}),
        r#type: 5,
        ..Default::default()
    };
    for op in ["If", "Loop", "Scan"] {
        let model = attributed(with(node(op, &["x"], &["y"]), branch("body")), vec![]);
        let place = format!("the_{}", op.to_lowercase());
        refused(&model, Code::UnsupportedOperator, &place, &[op, "control flow"]);
    }
    let hidden = attributed(with(node("Relu", &["x"], &["y"]), branch("then_branch")), vec![]);
    refused(&hidden, Code::UnsupportedAttribute, "the_relu", &["then_branch"]);
}

#[test]
fn dynamic_shapes() {
    let with_input = |dims: &[&str]| {
        let mut model = single("Relu", vec![]);
        graph(&mut model).input[0] = value("x", data_type::FLOAT, dims);
        model
    };
    for batch in ["N", "", "0", "-1", "1"] {
        let model = load(&with_input(&[batch, "2", "5", "4"])).unwrap();
        assert_eq!(model.graph.value(model.graph.inputs[0]).shape, [1, 5, 4, 2], "batch '{batch}'");
    }
    let size = "fixed input size";
    refused(&with_input(&["1", "2", "height", "4"]), Code::DynamicShape, "x", &["dimension 2", "'height'", size]);
    refused(&with_input(&["1", "", "5", "4"]), Code::DynamicShape, "x", &["dimension 1", size]);
    refused(&with_input(&["1", "2", "5", "0"]), Code::DynamicShape, "x", &["dimension 3", size]);
    refused(&with_input(&["-5", "2", "5", "4"]), Code::ShapeMismatch, "x", &["dimension 0", "-5"]);
    refused(&with_input(&["1", "2", "-7", "4"]), Code::ShapeMismatch, "x", &["dimension 2", "-7"]);
    refused(&with_input(&["1", "2", "100000", "100000"]), Code::TooLarge, "x", &["268435456"]);
    refused(&with_input(&["9223372036854775807", "9223372036854775807"]), Code::TooLarge, "x", &[]);
    let mut shapeless = single("Relu", vec![]);
    graph(&mut shapeless).input[0].r#type.as_mut().unwrap().tensor_type.as_mut().unwrap().shape = None;
    refused(&shapeless, Code::DynamicShape, "x", &["no shape"]);
}

#[test]
fn element_types() {
    let with_weight = |weight: TensorProto| {
        let mut model = sound();
        graph(&mut model).initializer[0] = weight;
        model
    };
    let dims = [3, 2, 3, 3];
    let half = tensor("w", &dims, data_type::FLOAT16, vec![0; 108]);
    refused(&with_weight(half), Code::UnsupportedType, "w", &["float16", "float32"]);
    let brain = tensor("w", &dims, data_type::BFLOAT16, vec![0; 108]);
    refused(&with_weight(brain), Code::UnsupportedType, "w", &["bfloat16", "float32"]);
    let small = tensor("w", &dims, data_type::INT8, vec![0; 54]);
    refused(&with_weight(small), Code::UnsupportedType, "the_conv", &["'w'", "int8", "quantized"]);
    let double = tensor("w", &dims, data_type::DOUBLE, vec![0; 432]);
    refused(&with_weight(double), Code::UnsupportedType, "the_conv", &["'w'", "float64"]);
    let text = tensor("w", &dims, data_type::STRING, vec![]);
    refused(&with_weight(text), Code::UnsupportedType, "w", &["string"]);
    refused(&with_weight(tensor("w", &dims, 99, vec![])), Code::UnsupportedType, "w", &["99"]);

    for (number, label) in [(data_type::INT64, "int64"), (data_type::FLOAT16, "float16"), (data_type::UINT8, "uint8")] {
        let mut model = single("Relu", vec![]);
        graph(&mut model).input[0] = value("x", number, &["1", "2", "5", "4"]);
        refused(&model, Code::UnsupportedType, "x", &[label, "float32"]);
    }
    let mut sequence = single("Relu", vec![]);
    graph(&mut sequence).input[0].r#type.as_mut().unwrap().tensor_type = None;
    refused(&sequence, Code::UnsupportedType, "x", &["tensor"]);
    let cast = attributed(with(node("Cast", &["x"], &["y"]), int("to", 7)), vec![]);
    refused(&cast, Code::UnsupportedType, "the_cast", &["int64"]);
}

#[test]
fn tensors_in_other_places() {
    let mut external = sound();
    let weight = &mut graph(&mut external).initializer[0];
    weight.data_location = 1;
    weight.external_data.push(StringStringEntryProto { key: "location".to_owned(), value: "weights.bin".to_owned() });
    refused(&external, Code::ExternalData, "w", &["weights.bin", "one file"]);
    let mut sparse = sound();
    graph(&mut sparse).sparse_initializer.push(SparseTensorProto {});
    refused(&sparse, Code::UnsupportedType, "", &["sparse"]);
}

#[test]
fn damaged_tensors() {
    let with_weight = |change: fn(&mut TensorProto)| {
        let mut model = sound();
        change(&mut graph(&mut model).initializer[0]);
        model
    };
    let short = with_weight(|weight| weight.raw_data = weight.raw_data.slice(..100));
    refused(&short, Code::ShapeMismatch, "w", &["25 elements", "[3, 2, 3, 3]"]);
    let odd = with_weight(|weight| weight.raw_data = weight.raw_data.slice(..101));
    refused(&odd, Code::ShapeMismatch, "w", &["101 bytes"]);
    let negative = with_weight(|weight| weight.dims[0] = -3);
    refused(&negative, Code::ShapeMismatch, "w", &["[-3, 2, 3, 3]"]);
    let absurd = with_weight(|weight| weight.dims[0] = i64::MAX);
    refused(&absurd, Code::TooLarge, "w", &["more than"]);
    let empty = with_weight(|weight| {
        weight.dims[0] = 0;
        weight.raw_data = Bytes::new();
    });
    refused(&empty, Code::ShapeMismatch, "the_conv", &["no elements"]);
    for (bad, word) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let mut model = sound();
        let weight = &mut graph(&mut model).initializer[0];
        let mut raw = weight.raw_data.to_vec();
        raw[4 * 17..4 * 18].copy_from_slice(&bad.to_le_bytes());
        weight.raw_data = raw.into();
        refused(&model, Code::NotFinite, "the_conv", &["element 17", "'w'", word]);
    }
    let large_boolean = tensor("k", &[1], data_type::BOOL, vec![7]);
    refused(&single("Add", vec![large_boolean]), Code::UnsupportedType, "k", &["7", "bool"]);
}

#[test]
fn missing_and_duplicate_names() {
    let mut lost_weight = sound();
    graph(&mut lost_weight).initializer.clear();
    refused(&lost_weight, Code::MissingTensor, "the_conv", &["'w'"]);
    let mut lost_output = sound();
    graph(&mut lost_output).output[0].name = "z".to_owned();
    refused(&lost_output, Code::MissingTensor, "", &["'z'"]);
    refused(&model(vec![node("Conv", &["x"], &["y"])], vec![]), Code::MissingTensor, "the_conv", &["input number 1"]);
    refused(&model(vec![node("Relu", &[], &["y"])], vec![]), Code::MissingTensor, "the_relu", &["input number 0"]);
    let twice = model(vec![node("Relu", &["x"], &["y"]), node("Tanh", &["x"], &["y"])], vec![]);
    refused(&twice, Code::NotOnnx, "the_tanh", &["two tensors", "'y'"]);
    let mut initializers = sound();
    graph(&mut initializers).initializer.push(floats("w", &[1]));
    refused(&initializers, Code::NotOnnx, "", &["'w'"]);
    let mut inputs = sound();
    graph(&mut inputs).input.push(value("x", data_type::FLOAT, &["1"]));
    refused(&inputs, Code::NotOnnx, "", &["'x'"]);
    // The default of an input, as files before IR version 4 have it.
    let mut listed = sound();
    graph(&mut listed).input.push(value("w", data_type::FLOAT, &["3", "2", "3", "3"]));
    assert_eq!(load(&listed).unwrap().graph.inputs.len(), 1);
    let indices = model(
        vec![
            with(node("MaxPool", &["x"], &["p", "i"]), ints("kernel_shape", &[2, 2])),
            node("Add", &["p", "i"], &["y"]),
        ],
        vec![],
    );
    refused(&indices, Code::UnsupportedAttribute, "the_add", &["'i'", "first output"]);
}

#[test]
fn cycles() {
    let pair = vec![node("Relu", &["y"], &["a"]), node("Tanh", &["a"], &["b"]), node("Add", &["x", "b"], &["y"])];
    let cycle = load(&model(pair, vec![])).map(|model| model.graph).unwrap_err();
    assert_eq!(cycle.code, Code::Cycle);
    assert!(["the_relu", "the_tanh", "the_add"].contains(&cycle.node.as_deref().unwrap()), "{cycle}");
    // A node behind the cycle is not the culprit.
    let tail = vec![node("Sigmoid", &["a"], &["y"]), node("Relu", &["a"], &["a"])];
    refused(&model(tail, vec![]), Code::Cycle, "the_relu", &["its own result"]);
}

#[test]
fn limits_are_kept() {
    let chain = |length: usize| {
        let name = |i: usize| {
            if i == length {
                "y".to_owned()
            } else if i == 0 {
                "x".to_owned()
            } else {
                format!("t{i}")
            }
        };
        model((0..length).map(|i| node("Relu", &[&name(i)], &[&name(i + 1)])).collect(), vec![])
    };
    assert!(load(&chain(4096)).is_ok());
    refused(&chain(4097), Code::TooLarge, "", &["4097 nodes", "4096"]);
    let small = Limits { model_bytes: 100, ..Limits::default() };
    refusal(read(bytes(&sound()), &small), Code::TooLarge, "", &["more than 100"]);
    let few = Limits { tensor_elements: 50, ..Limits::default() };
    refusal(read(bytes(&sound()), &few), Code::TooLarge, "w", &["50"]);
    // Two bytes a node: refused before they are decoded.
    let mut hollow = vec![0x3a, 0xa0, 0x8d, 0x06];
    hollow.extend([0x0a, 0x00].repeat(50_000));
    assert_eq!(hollow.len(), 4 + 100_000);
    refusal(read(hollow.clone(), &Limits::default()), Code::TooLarge, "", &["50000 nodes"]);
    // Nor do other hollow messages get through, whatever they are.
    let parts: Vec<u8> = [0x2a, 0x00].repeat(300_000);
    let mut hollow = vec![0x3a, 0xc0, 0xcf, 0x24];
    hollow.extend(parts);
    refusal(read(hollow, &Limits::default()), Code::TooLarge, "", &["parts"]);
}

/// A small file must not make large constants, not even in small steps.
#[test]
fn constants_have_a_budget() {
    let huge = int64s("s", &[1 << 20, 1 << 20]);
    let constant = node("ConstantOfShape", &["s"], &["k"]);
    let add = node("Add", &["x", "k"], &["y"]);
    refused(&model(vec![constant, add], vec![huge]), Code::TooLarge, "the_constantofshape", &["more than"]);
    let limits = Limits { tensor_elements: 1000, ..Limits::default() };
    let mut nodes: Vec<NodeProto> = (0..9).map(|i| node("ConstantOfShape", &["s"], &[&format!("k{i}")])).collect();
    nodes.push(node("Relu", &["x"], &["y"]));
    let many = model(nodes, vec![int64s("s", &[300])]);
    refusal(read(bytes(&many), &limits), Code::TooLarge, "the_constantofshape_4", &["more than"]);
    let scalar = |name: &str, value: i64| TensorProto { dims: vec![], ..int64s(name, &[value]) };
    let endless = [scalar("a", i64::MIN), scalar("b", i64::MAX), scalar("c", 1)];
    let range = model(vec![node("Range", &["a", "b", "c"], &["k"]), node("Relu", &["x"], &["y"])], endless.to_vec());
    refused(&range, Code::TooLarge, "the_range", &[]);
}

#[test]
fn shape_arithmetic_is_checked() {
    let of = |op: &str, left: i64, right: i64| {
        let nodes = vec![node(op, &["a", "b"], &["s"]), node("Reshape", &["x", "s"], &["y"])];
        model(nodes, vec![int64s("a", &[left]), int64s("b", &[right])])
    };
    assert!(load(&of("Mul", 10, 4)).is_ok());
    refused(&of("Mul", i64::MAX, 2), Code::TooLarge, "the_mul", &["overflows"]);
    refused(&of("Add", i64::MAX, 1), Code::TooLarge, "the_add", &["overflows"]);
    refused(&of("Sub", i64::MIN, 1), Code::TooLarge, "the_sub", &["overflows"]);
    refused(&of("Div", i64::MIN, -1), Code::TooLarge, "the_div", &["overflows"]);
    refused(&of("Pow", 10, 30), Code::TooLarge, "the_pow", &["overflows"]);
    refused(&of("Div", 1, 0), Code::ShapeMismatch, "the_div", &["division by zero"]);
    refused(&of("Mul", 41, 1), Code::ShapeMismatch, "the_reshape", &["[1, 2, 5, 4]", "[41]"]);
}

#[test]
fn windows_that_do_not_fit() {
    let conv =
        |attribute| attributed(with(node("Conv", &["x", "w"], &["y"]), attribute), vec![floats("w", &[3, 2, 3, 3])]);
    refused(&conv(ints("strides", &[0, 1])), Code::ShapeMismatch, "the_conv", &["strides", "at least 1"]);
    refused(&conv(ints("dilations", &[1, -1])), Code::ShapeMismatch, "the_conv", &["dilations"]);
    refused(&conv(ints("pads", &[0, -1, 0, 0])), Code::ShapeMismatch, "the_conv", &["pads"]);
    refused(&conv(ints("pads", &[0, 1])), Code::UnsupportedAttribute, "the_conv", &["pads"]);
    refused(&conv(ints("strides", &[i64::MAX, 1])), Code::TooLarge, "the_conv", &["strides"]);
    refused(&conv(ints("dilations", &[3, 1])), Code::ShapeMismatch, "the_conv", &["window of 7", "input of 5"]);
    refused(&conv(int("group", 2)), Code::ShapeMismatch, "the_conv", &["2 groups", "2 input"]);
    refused(&conv(int("group", 0)), Code::ShapeMismatch, "the_conv", &["0 groups"]);
    refused(&conv(int("group", i64::MIN)), Code::ShapeMismatch, "the_conv", &["groups"]);
    refused(&conv(ints("kernel_shape", &[3, 5])), Code::ShapeMismatch, "the_conv", &["kernel_shape"]);
    refused(&conv(string("auto_pad", "SOMEHOW")), Code::UnsupportedAttribute, "the_conv", &["SOMEHOW"]);
    refused(&conv(string("activation", "Relu")), Code::UnsupportedAttribute, "the_conv", &["'activation'"]);
    refused(&conv(int("strides", 2)), Code::UnsupportedAttribute, "the_conv", &["strides", "type"]);
    let large = attributed(node("Conv", &["x", "w"], &["y"]), vec![floats("w", &[3, 2, 6, 3])]);
    refused(&large, Code::ShapeMismatch, "the_conv", &["window of 6", "input of 5"]);
    let one_dimensional = attributed(node("Conv", &["x", "w"], &["y"]), vec![floats("w", &[3, 2, 3])]);
    refused(&one_dimensional, Code::ShapeMismatch, "the_conv", &["[3, 2, 3]"]);
    let pool = attributed(node("MaxPool", &["x"], &["y"]), vec![]);
    refused(&pool, Code::ShapeMismatch, "the_maxpool", &["kernel_shape"]);
    let computed = model(vec![node("Relu", &["x"], &["w"]), node("Conv", &["x", "w"], &["y"])], vec![]);
    refused(&computed, Code::UnsupportedOperator, "the_conv", &["'w'", "constant"]);
}

#[test]
fn transposed_windows_that_do_not_fit() {
    let conv = |attribute| {
        let node = with(node("ConvTranspose", &["x", "w"], &["y"]), attribute);
        attributed(node, vec![floats("w", &[2, 3, 3, 3])])
    };
    let refused = |attribute, code, words: &[&str]| refused(&conv(attribute), code, "the_convtranspose", words);
    refused(int("group", 3), Code::ShapeMismatch, &["2 input channels", "3 groups"]);
    refused(int("group", i64::MIN), Code::ShapeMismatch, &["groups"]);
    refused(ints("kernel_shape", &[3, 5]), Code::ShapeMismatch, &["kernel_shape"]);
    refused(ints("strides", &[0, 1]), Code::ShapeMismatch, &["strides", "at least 1"]);
    refused(ints("strides", &[i64::MAX, 1]), Code::TooLarge, &["strides"]);
    refused(ints("dilations", &[1, 1 << 16]), Code::TooLarge, &["the window"]);
    refused(ints("pads", &[4, 0, 4, 0]), Code::ShapeMismatch, &["4 + 4", "leave nothing", "5 elements"]);
    refused(ints("output_padding", &[1, -1]), Code::ShapeMismatch, &["output_padding"]);
    refused(ints("output_padding", &[1]), Code::UnsupportedAttribute, &["output_padding"]);
    refused(ints("output_shape", &[1, 3, 9, 9]), Code::UnsupportedAttribute, &["output_shape"]);
    refused(ints("output_shape", &[0, 9]), Code::ShapeMismatch, &["output_shape"]);
    refused(string("auto_pad", "SOMEHOW"), Code::UnsupportedAttribute, &["SOMEHOW"]);
    refused(ints("strides", &[1 << 16, 1 << 16]), Code::TooLarge, &["elements"]);
}

#[test]
fn parameters_that_do_not_fit() {
    let other_channels = floats("w", &[3, 2, 3, 3]);
    refused(&single("ConvTranspose", vec![other_channels]), Code::ShapeMismatch, "the_convtranspose", &["3 input"]);
    let one_dimensional = floats("w", &[2, 3, 3]);
    refused(&single("ConvTranspose", vec![one_dimensional]), Code::ShapeMismatch, "the_convtranspose", &["[2, 3, 3]"]);
    refused(&single("PRelu", vec![floats("k", &[3, 1, 1])]), Code::ShapeMismatch, "the_prelu", &["[3, 1, 1]"]);
    refused(&single("PRelu", vec![floats("k", &[2, 2, 5, 4])]), Code::ShapeMismatch, "the_prelu", &["[1, 2, 5, 4]"]);
    let slopes = model(vec![node("Relu", &["x"], &["k"]), node("PRelu", &["x", "k"], &["y"])], vec![]);
    refused(&slopes, Code::UnsupportedOperator, "the_prelu", &["'k'", "constant"]);
    let instance = single("InstanceNormalization", vec![floats("s", &[2]), floats("b", &[3])]);
    refused(&instance, Code::ShapeMismatch, "the_instancenormalization", &["'b'", "3 elements, not 2"]);
    for groups in [0, 3, -1, i64::MAX] {
        let node = with(node("GroupNormalization", &["x", "s", "b"], &["y"]), int("num_groups", groups));
        let model = attributed(node, vec![floats("s", &[2]), floats("b", &[2])]);
        refused(&model, Code::ShapeMismatch, "the_groupnormalization", &["2 channels", &groups.to_string()]);
    }
    let gather = |indices: &[i64]| {
        attributed(with(node("Gather", &["x", "i"], &["y"]), int("axis", 2)), vec![int64s("i", indices)])
    };
    refused(&gather(&[0, 1, 3]), Code::UnsupportedOperator, "the_gather", &["[0, 1, 3]", "equal distances"]);
    refused(&gather(&[2, 2]), Code::UnsupportedOperator, "the_gather", &["[2, 2]"]);
    refused(&gather(&[5]), Code::ShapeMismatch, "the_gather", &["element 5 of 5"]);
    refused(&gather(&[]), Code::UnsupportedOperator, "the_gather", &[]);
    let expand = |shape: &[i64]| single("Expand", vec![int64s("s", shape)]);
    refused(&expand(&[3, 2, 5, 4]), Code::UnsupportedOperator, "the_expand", &["height and width"]);
    refused(&expand(&[2, 3, 4]), Code::ShapeMismatch, "the_expand", &["[2, 3, 4]"]);
    refused(&expand(&[i64::MAX, 1, 1, 1, 1]), Code::UnsupportedOperator, "the_expand", &[]);
    let largest = model(vec![node("Max", &["x", "x"], &["y"])], vec![]);
    refused(&largest, Code::UnsupportedOperator, "the_max", &["one number"]);
    refused(&single("Min", vec![floats("k", &[4])]), Code::UnsupportedOperator, "the_min", &["one number"]);
}

#[test]
fn shapes_that_do_not_fit() {
    let reshape = |shape: &[i64]| single("Reshape", vec![int64s("s", shape)]);
    refused(&reshape(&[-1, -1]), Code::ShapeMismatch, "the_reshape", &["two dimensions open"]);
    refused(&reshape(&[-1, 7]), Code::ShapeMismatch, "the_reshape", &["[1, 2, 5, 4]"]);
    refused(&reshape(&[-2, 20]), Code::ShapeMismatch, "the_reshape", &["-2"]);
    refused(&reshape(&[1, 1, 1, 40, 0]), Code::ShapeMismatch, "the_reshape", &["dimension 4"]);
    refused(&reshape(&[i64::MAX, i64::MAX]), Code::TooLarge, "the_reshape", &[]);
    refused(&single("Add", vec![floats("k", &[3])]), Code::ShapeMismatch, "the_add", &["[3]"]);
    refused(&single("Add", vec![floats("k", &[2, 0, 4])]), Code::ShapeMismatch, "the_add", &["[2, 0, 4]"]);
    refused(&single("Gemm", vec![floats("k", &[4, 3])]), Code::ShapeMismatch, "the_gemm", &["4 dimensions"]);
    refused(&single("MatMul", vec![floats("k", &[5, 3])]), Code::ShapeMismatch, "the_matmul", &["5 inputs"]);
    refused(&single("MatMul", vec![floats("k", &[])]), Code::ShapeMismatch, "the_matmul", &["not a matrix"]);
    let more_than_there_is = single("Pad", vec![int64s("p", &[0, 0, -6, 0, 0, 0, 9, 0])]);
    refused(&more_than_there_is, Code::UnsupportedAttribute, "the_pad", &["-6 and 9", "5 elements", "take away"]);
    let transpose = |perm: &[i64]| attributed(with(node("Transpose", &["x"], &["y"]), ints("perm", perm)), vec![]);
    for perm in [&[0, 1, 2][..], &[0, 1, 2, 2], &[0, 1, 2, 4], &[0, 1, 2, i64::MIN]] {
        refused(&transpose(perm), Code::ShapeMismatch, "the_transpose", &[]);
    }
    let statistics = ["s", "o", "m", "v"].map(|name| floats(name, &[3])).to_vec();
    refused(&single("BatchNormalization", statistics), Code::ShapeMismatch, "the_batchnormalization", &["2 channels"]);
    let slice = single("Slice", vec![int64s("a", &[9]), int64s("b", &[9])]);
    refused(&slice, Code::ShapeMismatch, "the_slice", &["no elements"]);
}

#[test]
fn modes_that_are_not_supported() {
    let resize = |attribute| {
        let shape = int64s("s", &[1, 2, 9, 9]);
        attributed(with(node("Resize", &["x", "", "", "s"], &["y"]), attribute), vec![shape])
    };
    refused(&resize(string("mode", "cubic")), Code::UnsupportedAttribute, "the_resize", &["mode = cubic"]);
    refused(&resize(int("antialias", 1)), Code::UnsupportedAttribute, "the_resize", &["antialias"]);
    let crop = string("coordinate_transformation_mode", "tf_crop_and_resize");
    refused(&resize(crop), Code::UnsupportedAttribute, "the_resize", &["tf_crop_and_resize"]);
    let channels = attributed(node("Resize", &["x", "", "", "s"], &["y"]), vec![int64s("s", &[1, 4, 5, 8])]);
    refused(&channels, Code::UnsupportedOperator, "the_resize", &["height and width"]);
    let training = {
        let mut statistics = single("BatchNormalization", ["s", "o", "m", "v"].map(|name| floats(name, &[2])).to_vec());
        statistics.opset_import[0].version = 14;
        graph(&mut statistics).node[0].attribute.push(int("training_mode", 1));
        statistics
    };
    refused(&training, Code::UnsupportedAttribute, "the_batchnormalization", &["inference mode"]);
    let mean = attributed(with(node("ReduceMean", &["x"], &["y"]), ints("axes", &[0, 2])), vec![]);
    assert!(load(&mean).is_ok(), "a batch of one has nothing to average");
    let mut batch = mean;
    graph(&mut batch).input[0] = value("x", data_type::FLOAT, &["2", "2", "5", "4"]);
    refused(&batch, Code::UnsupportedOperator, "the_reducemean", &["batch"]);
}

#[test]
fn functions_and_repeated_attributes() {
    let mut reference = single("LeakyRelu", vec![]);
    graph(&mut reference).node[0].attribute.push(shiftwise::onnx::proto::AttributeProto {
        name: "alpha".to_owned(),
        r#type: attribute_type::FLOAT,
        ref_attr_name: "slope".to_owned(),
        ..Default::default()
    });
    refused(&reference, Code::UnsupportedAttribute, "the_leakyrelu", &["function"]);
    let twice = with(with(node("Flatten", &["x"], &["y"]), int("axis", 1)), int("axis", 2));
    refused(&attributed(twice, vec![]), Code::NotOnnx, "the_flatten", &["'axis'", "twice"]);
}

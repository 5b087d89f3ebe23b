//! Damaged ONNX files: whatever the bytes, reading ends in a model or in an error.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use proptest::prelude::*;
use prost::Message;
use shiftwise::error::Code;
use shiftwise::float::Executor;
use shiftwise::graph::{Tensor, passes};
use shiftwise::limits::Limits;
use shiftwise::onnx::proto::{ModelProto, data_type};
use shiftwise::onnx::read;

/// Models that use every part of the reader, to be damaged.
static SPECIMENS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/onnx/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|folder| std::fs::read(folder.join("model.onnx")).unwrap()).collect()
});

/// Every number of a model that a file could hold otherwise: sizes, attributes and integer constants.
fn numbers(model: &mut ModelProto) -> Vec<&mut i64> {
    let mut numbers = Vec::new();
    for import in &mut model.opset_import {
        numbers.push(&mut import.version);
    }
    let Some(graph) = &mut model.graph else {
        return numbers;
    };
    for tensor in &mut graph.initializer {
        if tensor.data_type == data_type::INT64 {
            tensor.int64_data =
                tensor.raw_data.as_chunks::<8>().0.iter().map(|word| i64::from_le_bytes(*word)).collect();
            tensor.raw_data = Bytes::new();
            numbers.extend(&mut tensor.int64_data);
        }
        numbers.extend(&mut tensor.dims);
    }
    for node in &mut graph.node {
        for attribute in &mut node.attribute {
            numbers.push(&mut attribute.i);
            numbers.extend(&mut attribute.ints);
        }
    }
    for input in &mut graph.input {
        let shape = input.r#type.as_mut().and_then(|of| of.tensor_type.as_mut()).and_then(|of| of.shape.as_mut());
        numbers.extend(shape.into_iter().flat_map(|shape| &mut shape.dim).filter_map(|dim| dim.dim_value.as_mut()));
    }
    numbers
}

proptest! {
    // The same cases every time, so that a failure can be looked into.
    #![proptest_config(ProptestConfig { cases: 4000, rng_seed: prop::test_runner::RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is changed, cut or repeated in a file, reading it ends in a model or in an error.
    #[test]
    fn damaged_files_never_panic(
        which in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        doubled in prop::option::weighted(0.2, any::<(prop::sample::Index, prop::sample::Index)>()),
    ) {
        let mut bytes = which.get(&SPECIMENS).clone();
        for (index, byte) in flips {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some((from, to)) = doubled {
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            let part = bytes[from.min(to)..from.max(to)].to_vec();
            bytes.splice(from.min(to)..from.min(to), part);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        // A flipped size may ask for a lot; small limits keep the test quick.
        let limits = Limits { tensor_elements: 1 << 16, ..Limits::default() };
        if let Err(error) = read(bytes, &limits) {
            prop_assert!(error.code != Code::Internal, "{error}");
            prop_assert!(!error.reason.is_empty());
        }
    }

    /// Sound framing, absurd numbers: what is read can be simplified and executed as well.
    #[test]
    fn absurd_numbers_never_panic(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![
            -3i64..10,
            prop::sample::select(vec![i64::MIN, i64::MIN + 1, i64::from(i32::MIN), 1 << 16, 1 << 31, 1 << 62, i64::MAX]),
            any::<i64>(),
        ]), 1..4),
    ) {
        let mut model = ModelProto::decode(which.get(&SPECIMENS).as_slice()).unwrap();
        for (index, value) in changes {
            let mut numbers = numbers(&mut model);
            let at = index.index(numbers.len());
            *numbers[at] = value;
        }
        let limits = Limits { tensor_elements: 1 << 13, ..Limits::default() };
        match read(model.encode_to_vec(), &limits) {
            Ok(mut model) => {
                passes::simplify(&mut model.graph).unwrap();
                let graph = Arc::new(model.graph);
                let inputs: Vec<Tensor> =
                    graph.inputs.iter().map(|&id| Tensor::zeros(graph.value(id).shape.clone())).collect();
                Executor::new(graph).unwrap().run(&inputs, &mut |_, _| {}).unwrap();
            }
            Err(error) => prop_assert!(error.code != Code::Internal, "{error}"),
        }
    }
}

//! What the ONNX tests share: tensors in files, and comparison with ONNX Runtime.

use std::path::Path;

use prost::Message;
use shiftwise::graph::{Layout, Tensor};
use shiftwise::onnx::proto::TensorProto;

/// A float32 TensorProto file: its name, and its data as ONNX has it.
pub fn tensor_file(path: &Path) -> (String, Tensor) {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let proto = TensorProto::decode(bytes.as_slice()).unwrap();
    assert_eq!(proto.data_type, 1, "{} is not float32", path.display());
    let data: Vec<f32> = if proto.raw_data.is_empty() {
        proto.float_data.clone()
    } else {
        proto.raw_data.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
    };
    let shape: Vec<usize> = proto.dims.iter().map(|&dim| usize::try_from(dim).unwrap()).collect();
    (proto.name, Tensor::new(shape, data).unwrap())
}

/// ONNX order -> stored order.
pub fn to_stored(tensor: &Tensor, layout: &Layout) -> Tensor {
    tensor.transposed(&layout.0)
}

/// Stored order -> ONNX order.
pub fn to_onnx(tensor: &Tensor, layout: &Layout) -> Tensor {
    tensor.transposed(&layout.permutation_to(&Layout::identity(layout.rank())))
}

/// The largest difference, relative to the largest magnitude of the expected tensor (1 where that is all zeros).
pub fn relative_error(actual: &Tensor, expected: &Tensor) -> f64 {
    assert_eq!(actual.shape(), expected.shape(), "shapes differ");
    let largest = f64::from(expected.max_abs());
    let worst = actual.data().iter().zip(expected.data()).map(|(a, e)| (f64::from(*a) - f64::from(*e)).abs());
    // A NaN must not be lost in a maximum.
    let worst = worst.fold(0.0, |most: f64, error| if error > most || error.is_nan() { error } else { most });
    worst / if largest > 0.0 { largest } else { 1.0 }
}

//! What to say about an operator that Shiftwise does not run.

use crate::error::{Code, Error};
use crate::onnx::call::Call;

pub fn operator(call: &Call) -> Error {
    let op = call.op;
    let hint = if op.starts_with("QLinear")
        || matches!(op, "QuantizeLinear" | "DequantizeLinear" | "DynamicQuantizeLinear")
        || op.ends_with("Integer")
    {
        "the model is quantized already; Shiftwise quantizes by itself and needs the float32 model"
    } else if matches!(op, "If" | "Loop" | "Scan" | "SequenceMap") {
        "export the network without control flow, with a fixed input size"
    } else if matches!(op, "NonMaxSuppression" | "TopK" | "ArgMax" | "ArgMin" | "NonZero" | "RoiAlign") {
        "cut the post-processing off (onnx.utils.extract_model); Shiftwise runs the network before it"
    } else if matches!(op, "LSTM" | "GRU" | "RNN" | "Attention" | "MultiHeadAttention" | "LayerNormalization") {
        "Shiftwise runs convolutional networks, not recurrent networks or transformers"
    } else {
        "simplify the model (for instance with onnxsim), or replace this operator before exporting"
    };
    Error::new(Code::UnsupportedOperator, format!("the operator {op} (opset {}) is not supported", call.opset), hint)
}

/// An operator from outside the ONNX standard.
pub fn domain(domain: &str, op: &str) -> Error {
    Error::new(
        Code::UnsupportedOperator,
        format!("the operator {op} of the domain '{domain}' is not a standard ONNX operator"),
        "export the model with standard operators only, without a runtime's own optimizations and fusions",
    )
}

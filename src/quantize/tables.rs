//! Activations as 256-entry tables (N10), evaluated in f64 with software routines only (N11).

use super::activation::ActivationScale;
use super::tflite;
use crate::graph::Activation;
use crate::npu::Datapath;

/// `table[x]` is the output integer of input integer `x`.
pub fn table(activation: Activation, input: ActivationScale, output: ActivationScale, datapath: Datapath) -> Vec<u8> {
    let entry = |x| match datapath {
        Datapath::Npu => output.quantize(evaluate(activation, input.dequantize(x))),
        Datapath::Tflite | Datapath::Ort => {
            let real = evaluate(activation, f64::from(dequantize(input, x)));
            quantize(output, real as f32)
        }
    };
    let composed = (datapath == Datapath::Tflite).then(|| tflite::table(activation, input, output)).flatten();
    composed.unwrap_or_else(|| (0..=255).map(entry).collect())
}

/// From one scale to another by way of float32 (`ort`).
pub fn requantization(from: ActivationScale, to: ActivationScale) -> Vec<u8> {
    (0..=255).map(|x| quantize(to, dequantize(from, x))).collect()
}

/// In float32, as both engines do.
fn dequantize(scale: ActivationScale, x: u8) -> f32 {
    scale.scale as f32 * (f32::from(x) - f32::from(scale.zero_point))
}

/// In float32, ties to even.
fn quantize(scale: ActivationScale, real: f32) -> u8 {
    let steps = (real / scale.scale as f32).round_ties_even();
    if steps.is_nan() {
        return scale.zero_point;
    }
    (steps + f32::from(scale.zero_point)).clamp(0.0, f32::from(scale.max)) as u8
}

/// The real function.
pub fn evaluate(activation: Activation, x: f64) -> f64 {
    let sigmoid = |x: f64| 1.0 / (1.0 + libm::exp(-x));
    match activation {
        Activation::Clamp(clamp) => x.max(f64::from(clamp.min)).min(f64::from(clamp.max)),
        Activation::LeakyRelu { alpha } if x < 0.0 => x * f64::from(alpha),
        Activation::LeakyRelu { .. } => x,
        Activation::Sigmoid => sigmoid(x),
        Activation::HardSigmoid { alpha, beta } => (f64::from(alpha) * x + f64::from(beta)).clamp(0.0, 1.0),
        Activation::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Activation::Silu => x * sigmoid(x),
        Activation::Tanh => libm::tanh(x),
    }
}

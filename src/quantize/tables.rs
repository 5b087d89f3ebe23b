//! Activations as 256-entry tables (N10), evaluated in f64 with software routines only (N11).

use super::activation::ActivationScale;
use super::tflite;
use crate::graph::Activation;
use crate::npu::Datapath;

/// `table[x]` is the output integer of input integer `x`.
pub fn table(activation: Activation, input: ActivationScale, output: ActivationScale, datapath: Datapath) -> Vec<u8> {
    let entry = |x| match datapath {
        Datapath::Npu => output.quantize(evaluate(activation, input.dequantize(x))),
        Datapath::Ort if activation == Activation::Sigmoid => output.quantize_single(logistic(dequantize(input, x))),
        Datapath::Ort if activation == Activation::Silu => {
            let x = dequantize(input, x);
            output.quantize_single(x * logistic(x))
        }
        Datapath::Tflite | Datapath::Ort => {
            output.quantize_single(evaluate(activation, f64::from(dequantize(input, x))) as f32)
        }
    };
    let composed = (datapath == Datapath::Tflite).then(|| tflite::table(activation, input, output)).flatten();
    composed.unwrap_or_else(|| (0..=255).map(entry).collect())
}

/// From one scale to another by way of float32 (`ort`).
pub fn requantization(from: ActivationScale, to: ActivationScale) -> Vec<u8> {
    (0..=255).map(|x| to.quantize_single(dequantize(from, x))).collect()
}

/// In float32, as both engines do.
fn dequantize(scale: ActivationScale, x: u8) -> f32 {
    scale.scale as f32 * (f32::from(x) - f32::from(scale.zero_point))
}

/// ONNX Runtime's sigmoid: the quotient of an odd and an even polynomial of the argument, which is limited to -18..18
/// (onnxruntime/core/mlas/lib/logistic.cpp), in float32 with fused multiply-adds.
fn logistic(x: f32) -> f32 {
    const ODD: [f32; 5] = [4.370_31e-11, 1.156_273_2e-7, 6.085_749e-5, 8.513_771e-3, 2.482_879_5e-1];
    const EVEN: [f32; 6] =
        [6.102_473_7e-13, 5.761_021_4e-9, 6.291_068e-6, 1.701_988_2e-3, 1.168_176_5e-1, 9.931_519e-1];
    let x = x.clamp(-18.0, 18.0);
    let square = x * x;
    let polynomial = |terms: &[f32]| terms.iter().skip(1).fold(terms[0], |sum, &term| libm::fmaf(sum, square, term));
    (polynomial(&ODD) * x / polynomial(&EVEN) + 0.5).clamp(0.0, 1.0)
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

//! Activations as 256-entry tables (N10), evaluated in f64 with software routines only (N11).

use super::activation::ActivationScale;
use crate::graph::Activation;

/// `table[x]` is the output integer of input integer `x`.
pub fn table(activation: Activation, input: ActivationScale, output: ActivationScale) -> Vec<u8> {
    (0..=255).map(|x| output.quantize(evaluate(activation, input.dequantize(x)))).collect()
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

//! What profile `tflite` computes from one integer (N10): the tables of the activations, as the engine's reference
//! kernels make them or compute each entry. Real arithmetic is float32 where the engine's is.

use super::activation::ActivationScale;
use super::factor;
use crate::graph::{Activation, Clamp};
use crate::npu::{AddRescale, Bounds, Datapath, Profile, Rescale, hard_swish, tflite_add};

/// The scale that the engine demands of a sigmoid's output: all of the function's range.
pub const SIGMOID_SCALE: ActivationScale = ActivationScale { scale: 1.0 / 256.0, zero_point: 0, max: 255 };
const TANH_SCALE: ActivationScale = ActivationScale { scale: 1.0 / 128.0, zero_point: 128, max: 255 };

/// The scale that the engine prescribes for an activation's output.
pub fn prescribed_scale(activation: Activation) -> Option<ActivationScale> {
    match activation {
        Activation::Sigmoid => Some(SIGMOID_SCALE),
        Activation::Tanh => Some(TANH_SCALE),
        _ => None,
    }
}

/// `table[x]` is the output integer of input integer `x`; `None` where the engine has no such operator on these scales.
pub fn table(activation: Activation, from: ActivationScale, to: ActivationScale) -> Option<Vec<u8>> {
    match activation {
        Activation::Sigmoid => Some(float_table(from, to, sigmoid)),
        // tanhf is within an ulp or two of the exact value everywhere; so is this.
        Activation::Tanh => Some(float_table(from, to, |x| libm::tanh(f64::from(x)) as f32)),
        Activation::LeakyRelu { alpha } => Some(leaky_relu(alpha, from, to)),
        Activation::HardSwish => hard_swish_table(from, to),
        Activation::Clamp(clamp) => {
            let rescale = factor::quotient(&profile(), from.scale, to.scale);
            Some(integer_table(from, to.zero_point, to.bounds(Some(clamp)), |x| profile().rescale(x, rescale)))
        }
        Activation::Silu => {
            let sigmoid = float_table(from, SIGMOID_SCALE, sigmoid);
            let rescale = activation_product([from, SIGMOID_SCALE], to);
            let product = |x: i64| {
                let integer = (x + i64::from(from.zero_point)) as usize;
                x * sigmoid.get(integer).map_or(0, |&s| i64::from(s) - i64::from(SIGMOID_SCALE.zero_point))
            };
            Some(integer_table(from, to.zero_point, to.bounds(None), |x| profile().rescale(product(x), rescale)))
        }
        Activation::HardSigmoid { alpha, beta } => {
            HardSigmoid::new(alpha, beta, from, to).map(|parts| parts.table(from, to))
        }
    }
}

/// The factor of a product of two activations, which the engine computes in float32 (tensorflow/lite/kernels/mul.cc).
pub fn activation_product([a, b]: [ActivationScale; 2], y: ActivationScale) -> Rescale {
    factor::elementwise(&profile(), &[a.scale, b.scale], y.scale)
}

/// A hard sigmoid by an addition and a multiplication: `alpha * clamp(x + beta / alpha, 0, 1 / alpha)`.
#[derive(Debug, Clone, PartialEq)]
pub struct HardSigmoid {
    /// `beta / alpha`.
    pub offset: (u8, ActivationScale),
    /// Scale of the sum: the output's, divided by alpha.
    pub raised: ActivationScale,
    pub sum: AddRescale,
    /// The sum's bounds.
    pub bounds: Bounds,
    /// alpha.
    pub factor: (u8, ActivationScale),
}

impl HardSigmoid {
    /// `None` unless alpha is positive and everything within float32.
    pub fn new(alpha: f32, beta: f32, from: ActivationScale, to: ActivationScale) -> Option<Self> {
        let offset = beta / alpha;
        let raised = ActivationScale { scale: f64::from(to.scale as f32 / alpha), ..to };
        if !(alpha > 0.0 && alpha.is_normal() && offset.is_finite() && (raised.scale as f32).is_normal()) {
            return None;
        }
        let magnitude = offset.abs() / 255.0;
        let scale = if magnitude.is_normal() { f64::from(magnitude) } else { 1.0 };
        // The end of the range; real 0 is the other one.
        let (integer, zero_point) = if offset < 0.0 { (0, 255) } else { (255, 0) };
        let integer = if magnitude.is_normal() { integer } else { zero_point };
        let offset_scale = ActivationScale { scale, zero_point, max: 255 };
        Some(HardSigmoid {
            offset: (integer, offset_scale),
            raised,
            sum: factor::sum(&profile(), [from.scale, scale], raised.scale, false),
            bounds: to.bounds(Some(Clamp { min: 0.0, max: 1.0 })),
            factor: (1, ActivationScale { scale: f64::from(alpha), zero_point: 0, max: 255 }),
        })
    }

    fn table(&self, from: ActivationScale, to: ActivationScale) -> Vec<u8> {
        let AddRescale::Staged { operands, sum } = self.sum else { return Vec::new() };
        let (integer, scale) = self.offset;
        let offset = i64::from(integer) - i64::from(scale.zero_point);
        let raised = |x: i64| self.bounds.place(to.zero_point, tflite_add([x, offset], false, operands, sum));
        let (factor, scale) = self.factor;
        let rescale = activation_product([self.raised, scale], to);
        integer_table(from, to.zero_point, to.bounds(None), |x| {
            profile().rescale((i64::from(raised(x)) - i64::from(to.zero_point)) * i64::from(factor), rescale)
        })
    }
}

fn profile() -> Profile {
    Profile::of(Datapath::Tflite)
}

/// `f` of every input integer relative to its zero point, placed in the output.
fn integer_table(from: ActivationScale, zero_point: u8, bounds: Bounds, f: impl Fn(i64) -> i64) -> Vec<u8> {
    (0..=255).map(|x| bounds.place(zero_point, f(x - i64::from(from.zero_point)))).collect()
}

/// `LUTPopulate` (tensorflow/lite/kernels/internal/common.h): all in float32, rounded half away from zero.
fn float_table(from: ActivationScale, to: ActivationScale, f: impl Fn(f32) -> f32) -> Vec<u8> {
    let inverse = 1.0 / to.scale as f32;
    let entry = |x: u8| {
        let real = from.scale as f32 * (f32::from(x) - f32::from(from.zero_point));
        let steps = (f(real) * inverse).round();
        (steps + f32::from(to.zero_point)).clamp(0.0, f32::from(to.max)) as u8
    };
    (0..=255).map(entry).collect()
}

fn sigmoid(x: f32) -> f32 {
    // The float32 nearest to the exponential, as a good expf gives.
    1.0 / (1.0 + libm::exp(f64::from(-x)) as f32)
}

/// One factor for either sign (tensorflow/lite/kernels/activations.cc, `LeakyReluPrepare`).
fn leaky_relu(alpha: f32, from: ActivationScale, to: ActivationScale) -> Vec<u8> {
    let (input, output) = (from.scale as f32, to.scale as f32);
    let positive = factor::fixed_point(f64::from(input / output));
    let slope = input * alpha / output;
    let negative = factor::fixed_point(f64::from(slope.abs()));
    integer_table(from, to.zero_point, to.bounds(None), |x| {
        if x >= 0 {
            profile().rescale(x, positive)
        } else if slope < 0.0 {
            -profile().rescale(x, negative)
        } else {
            profile().rescale(x, negative)
        }
    })
}

/// `None` where a scale is so fine or so coarse that the engine's shifts leave their 16 bits.
fn hard_swish_table(from: ActivationScale, to: ActivationScale) -> Option<Vec<u8>> {
    // 7 bits more for the input; 3 is 2^15 (`HardSwishPrepare`).
    let fine = 1.0 / 128.0 * from.scale as f32;
    let output = factor::fixed_point(f64::from(fine / to.scale as f32));
    let gate = factor::fixed_point(f64::from(fine / (3.0 / 32768.0)));
    if !(31..=46).contains(&output.shift) || !(0..=46).contains(&gate.shift) || gate.multiplier == 0 {
        return None;
    }
    Some(integer_table(from, to.zero_point, to.bounds(None), |x| hard_swish(x, output, gate)))
}

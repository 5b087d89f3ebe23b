//! Activations, value by value. `exp` and `tanh` are software (the `libm` crate), the same on every target.

use wide::f32x4;

use crate::graph::{Activation, Clamp};
use crate::splat;

/// [`Clamp::apply`] to each value.
pub fn clamp(values: &mut [f32], clamp: Clamp) {
    let [min, max] = [splat::f32x4(clamp.min), splat::f32x4(clamp.max)];
    map(values, |x| {
        let x = x.simd_gt(min).select(x, min);
        x.simd_lt(max).select(x, max)
    });
}

/// `values[i] = f(values[i])`, four values at a time.
#[inline(always)]
pub fn map(values: &mut [f32], f: impl Fn(f32x4) -> f32x4) {
    let (fours, rest) = values.as_chunks_mut();
    for four in fours {
        *four = f(f32x4::new(*four)).to_array();
    }
    let last = f(part(rest)).to_array();
    rest.copy_from_slice(&last[..rest.len()]);
}

/// `values[i] = f(values[i], others[i])`; both are equally long.
#[inline(always)]
pub fn update(values: &mut [f32], others: &[f32], f: impl Fn(f32x4, f32x4) -> f32x4) {
    let (fours, rest) = values.as_chunks_mut();
    let (other_fours, others) = others.as_chunks();
    for (four, other) in fours.iter_mut().zip(other_fours) {
        *four = f(f32x4::new(*four), f32x4::new(*other)).to_array();
    }
    let last = f(part(rest), part(others)).to_array();
    rest.copy_from_slice(&last[..rest.len()]);
}

/// The last values, less than four.
fn part(rest: &[f32]) -> f32x4 {
    let mut four = [0.0; 4];
    four[..rest.len()].copy_from_slice(rest);
    f32x4::new(four)
}

/// `output[i] = activation(input[i])`.
pub fn activation(activation: Activation, input: &[f32], output: &mut [f32]) {
    match activation {
        Activation::Clamp(bounds) => {
            output.copy_from_slice(input);
            clamp(output, bounds);
        }
        Activation::LeakyRelu { alpha } => {
            output.copy_from_slice(input);
            map(output, |x| x.simd_lt(f32x4::ZERO).select(splat::f32x4(alpha) * x, x));
        }
        Activation::Sigmoid => each(input, output, sigmoid),
        Activation::HardSigmoid { alpha, beta } => each(input, output, |x| hard_sigmoid(x, alpha, beta)),
        Activation::HardSwish => each(input, output, |x| x * hard_sigmoid(x, 1.0 / 6.0, 0.5)),
        Activation::Silu => each(input, output, |x| x * sigmoid(x)),
        Activation::Tanh => each(input, output, libm::tanhf),
    }
}

fn each(input: &[f32], output: &mut [f32], f: impl Fn(f32) -> f32) {
    for (y, &x) in output.iter_mut().zip(input) {
        *y = f(x);
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}

fn hard_sigmoid(x: f32, alpha: f32, beta: f32) -> f32 {
    Clamp { min: 0.0, max: 1.0 }.apply(alpha * x + beta)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(op: Activation, x: f32) -> f32 {
        let mut y = [f32::NAN];
        activation(op, &[x], &mut y);
        y[0]
    }

    #[test]
    fn clamps_of_many_are_those_of_each() {
        let values = [f32::NAN, -0.0, 0.0, f32::INFINITY, f32::NEG_INFINITY, -1.0, 0.5, 6.0, 7.0, 1e-40];
        for bounds in [Clamp::RELU, Clamp { min: 0.0, max: 6.0 }, Clamp { min: -0.0, max: -0.0 }] {
            let mut clamped = values;
            clamp(&mut clamped, bounds);
            assert_eq!(clamped.map(f32::to_bits), values.map(|value| bounds.apply(value).to_bits()));
        }
    }

    #[test]
    fn known_values() {
        let table = [
            (Activation::Clamp(Clamp::RELU), -1.5, 0.0),
            (Activation::Clamp(Clamp { min: 0.0, max: 6.0 }), 7.5, 6.0),
            (Activation::LeakyRelu { alpha: 0.1 }, -2.0, -0.2),
            (Activation::LeakyRelu { alpha: 0.1 }, 2.0, 2.0),
            (Activation::Sigmoid, 0.0, 0.5),
            (Activation::Sigmoid, 1.0, 0.731_058_6),
            (Activation::Sigmoid, -200.0, 0.0),
            (Activation::Sigmoid, 200.0, 1.0),
            (Activation::HardSigmoid { alpha: 0.2, beta: 0.5 }, 1.0, 0.7),
            (Activation::HardSigmoid { alpha: 0.2, beta: 0.5 }, 3.0, 1.0),
            (Activation::HardSwish, -4.0, 0.0),
            (Activation::HardSwish, 1.0, 2.0 / 3.0),
            (Activation::HardSwish, 5.0, 5.0),
            (Activation::Silu, 1.0, 0.731_058_6),
            (Activation::Silu, -30.0, -2.807_287e-12),
            (Activation::Tanh, 0.5, 0.462_117_16),
        ];
        for (op, x, expected) in table {
            let y = apply(op, x);
            assert!((y - expected).abs() <= 1.2e-7 * expected.abs(), "{op:?}({x}) = {y}, not {expected}");
        }
    }

    #[test]
    fn not_a_number_goes_through_without_a_panic() {
        for op in [Activation::Sigmoid, Activation::Silu, Activation::Tanh, Activation::LeakyRelu { alpha: 0.1 }] {
            assert!(apply(op, f32::NAN).is_nan());
        }
        assert_eq!(apply(Activation::Clamp(Clamp { min: -1.0, max: 1.0 }), f32::NAN), -1.0);
        assert_eq!(apply(Activation::HardSigmoid { alpha: 0.2, beta: 0.5 }, f32::NAN), 0.0);
    }
}

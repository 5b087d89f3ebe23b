//! What functions make of a normally distributed number: mean and standard deviation afterwards.

use crate::float::kernels::elementwise;
use crate::graph::{Activation, Clamp};

/// Mean and standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    pub mean: f64,
    pub std: f64,
}

/// The quadrature's points lie evenly within so many standard deviations of the mean.
const REACH: f64 = 8.0;
const POINTS: usize = 256;

const SQRT_2: f64 = std::f64::consts::SQRT_2;
const SQRT_2_PI: f64 = 2.506_628_274_631_000_5;

impl Normal {
    /// From the means of a number and of its square; rounding may have made their difference negative.
    pub fn of_moments(mean: f64, mean_square: f64) -> Self {
        Normal { mean, std: (mean_square - mean * mean).max(0.0).sqrt() }
    }

    pub fn mean_square(self) -> f64 {
        self.mean * self.mean + self.std * self.std
    }

    /// In closed form: a clipped normal distribution has all that lies beyond a bound at the bound.
    pub fn clamped(self, clamp: Clamp) -> Normal {
        let Normal { mean, std } = self;
        if std == 0.0 {
            return Normal { mean: f64::from(clamp.apply(mean as f32)), std };
        }
        let [low, high] = [clamp.min, clamp.max].map(|bound| Bound::new(f64::from(bound), self));
        let inside = high.below - low.below;
        let first = low.value * low.below + high.value * (1.0 - high.below) + mean * inside
            - std * (high.density - low.density);
        let second = low.value * low.value * low.below
            + high.value * high.value * (1.0 - high.below)
            + self.mean_square() * inside
            - 2.0 * mean * std * (high.density - low.density)
            - std * std * (high.steps * high.density - low.steps * low.density);
        Normal::of_moments(first, second)
    }

    /// By the midpoint rule.
    pub fn through(self, activation: Activation) -> Normal {
        if let Activation::Clamp(clamp) = activation {
            return self.clamped(clamp);
        }
        let step = 2.0 * REACH / POINTS as f64;
        let at: [f64; POINTS] = std::array::from_fn(|i| (i as f64 + 0.5) * step - REACH);
        let x = at.map(|z| (self.mean + self.std * z) as f32);
        let mut y = [0.0; POINTS];
        elementwise::activation(activation, &x, &mut y);
        let (mut first, mut second) = (0.0, 0.0);
        for (z, y) in at.into_iter().zip(y.map(f64::from)) {
            let weight = density(z) * step;
            first += weight * y;
            second += weight * y * y;
        }
        Normal::of_moments(first, second)
    }
}

/// One bound of a clamp.
struct Bound {
    /// 0 for a bound that nothing reaches.
    value: f64,
    /// Distance from the mean in standard deviations; 0 where the density is 0 anyway.
    steps: f64,
    /// Probability of what lies below.
    below: f64,
    density: f64,
}

impl Bound {
    fn new(value: f64, normal: Normal) -> Self {
        let steps = (value - normal.mean) / normal.std;
        let below = 0.5 * libm::erfc(-steps / SQRT_2);
        if !steps.is_finite() {
            return Bound { value: 0.0, steps: 0.0, below, density: 0.0 };
        }
        Bound { value, steps, below, density: density(steps) }
    }
}

/// Of the standard normal distribution.
fn density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / SQRT_2_PI
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the midpoint rule with a million points.
    fn integrated(normal: Normal, f: impl Fn(f64) -> f64) -> Normal {
        let step = 24.0 / 1e6;
        let (mut first, mut second) = (0.0, 0.0);
        for i in 0..1_000_000 {
            let z = (f64::from(i) + 0.5) * step - 12.0;
            let (weight, y) = (density(z) * step, f(normal.mean + normal.std * z));
            first += weight * y;
            second += weight * y * y;
        }
        Normal::of_moments(first, second)
    }

    const CASES: [Normal; 6] = [
        Normal { mean: 0.0, std: 1.0 },
        Normal { mean: -2.0, std: 0.7 },
        Normal { mean: 3.0, std: 2.0 },
        Normal { mean: 5.5, std: 4.0 },
        Normal { mean: -40.0, std: 1.0 },
        Normal { mean: 0.5, std: 0.01 },
    ];

    fn assert_near(actual: Normal, expected: Normal, tolerance: f64, what: &str) {
        let off = (actual.mean - expected.mean).abs().max((actual.std - expected.std).abs());
        assert!(off < tolerance, "{what}: {actual:?} instead of {expected:?}");
    }

    #[test]
    fn clamps_in_closed_form() {
        let six = Clamp { min: 0.0, max: 6.0 };
        for clamp in [Clamp::RELU, six, Clamp { min: -1.5, max: 0.25 }, Clamp { min: f32::NEG_INFINITY, max: 2.0 }] {
            for normal in CASES {
                let expected = integrated(normal, |x| x.max(f64::from(clamp.min)).min(f64::from(clamp.max)));
                assert_near(normal.clamped(clamp), expected, 1e-6, &format!("{clamp:?} of {normal:?}"));
            }
        }
        // Known: a standard normal number after a ReLU has mean 1 / sqrt(2 pi) and mean square 1/2.
        let relu = CASES[0].clamped(Clamp::RELU);
        assert_near(relu, Normal::of_moments(1.0 / SQRT_2_PI, 0.5), 1e-15, "ReLU");
    }

    #[test]
    fn curves_by_quadrature() {
        let sigmoid = |x: f64| 1.0 / (1.0 + libm::exp(-x));
        type Function = Box<dyn Fn(f64) -> f64>;
        let table: [(Activation, Function); 6] = [
            (Activation::Sigmoid, Box::new(sigmoid)),
            (Activation::Silu, Box::new(move |x| x * sigmoid(x))),
            (Activation::Tanh, Box::new(libm::tanh)),
            (Activation::LeakyRelu { alpha: 0.25 }, Box::new(|x| if x < 0.0 { x / 4.0 } else { x })),
            (Activation::HardSigmoid { alpha: 0.25, beta: 0.5 }, Box::new(|x| (x / 4.0 + 0.5).clamp(0.0, 1.0))),
            (Activation::HardSwish, Box::new(|x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0))),
        ];
        for (activation, function) in &table {
            for normal in CASES {
                let expected = integrated(normal, function);
                assert_near(normal.through(*activation), expected, 2e-4, &format!("{activation:?} of {normal:?}"));
            }
        }
    }

    #[test]
    fn a_number_without_spread() {
        let fixed = |mean| Normal { mean, std: 0.0 };
        assert_eq!(fixed(-1.0).clamped(Clamp::RELU), fixed(0.0));
        assert_eq!(fixed(2.0).clamped(Clamp::RELU), fixed(2.0));
        assert_near(fixed(1.0).through(Activation::LeakyRelu { alpha: 0.1 }), fixed(1.0), 1e-7, "leaky ReLU");
    }
}

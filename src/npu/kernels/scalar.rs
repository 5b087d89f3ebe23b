//! The oracle: convolution as the contract words it, one product at a time, with a checked accumulator (N5).
//!
//! It also is the kernel that runs layers whose sums may leave the accumulator's range.

use super::Nhwc;
use crate::npu::graph::{Bounds, IntegerConv, IntegerTensor};
use crate::npu::profile::{Overflow, Profile};

/// A signed accumulator register of a given width that applies the overflow policy at every addition.
#[derive(Debug, Clone, Copy)]
pub struct Accumulator {
    min: i64,
    max: i64,
    overflow: Overflow,
    pub value: i64,
    /// Additions whose exact result did not fit.
    pub events: u64,
}

impl Accumulator {
    pub fn new(profile: &Profile) -> Self {
        let (min, max) = Profile::signed_range(profile.accumulator_bits);
        Accumulator { min, max, overflow: profile.overflow, value: 0, events: 0 }
    }

    pub fn add(&mut self, term: i64) {
        let exact = self.value + term;
        if (self.min..=self.max).contains(&exact) {
            self.value = exact;
            return;
        }
        self.events += 1;
        self.value = match self.overflow {
            Overflow::Saturate => exact.clamp(self.min, self.max),
            Overflow::Wrap => (exact - self.min).rem_euclid(self.max - self.min + 1) + self.min,
        };
    }
}

/// What surrounds the sums of a convolution: shapes, zero points and the datapath's settings.
#[derive(Debug, Clone)]
pub struct ConvContext<'a> {
    pub conv: &'a IntegerConv,
    pub profile: &'a Profile,
    pub input: Nhwc,
    pub output: Nhwc,
    pub input_zero_point: u8,
    pub output_zero_point: u8,
    pub bounds: Bounds,
}

impl<'a> ConvContext<'a> {
    /// `None` when a shape has no NHWC reading.
    pub fn new(
        conv: &'a IntegerConv,
        profile: &'a Profile,
        input: &IntegerTensor,
        output: &IntegerTensor,
        bounds: Bounds,
    ) -> Option<Self> {
        Some(ConvContext {
            conv,
            profile,
            input: Nhwc::of(&input.shape)?,
            output: Nhwc::of(&output.shape)?,
            input_zero_point: input.zero_point,
            output_zero_point: output.zero_point,
            bounds,
        })
    }

    pub fn input_channels_per_group(&self) -> usize {
        self.input.c / self.conv.groups
    }

    pub fn output_channels_per_group(&self) -> usize {
        self.output.c / self.conv.groups
    }

    /// Weights of one output channel.
    pub fn taps(&self) -> usize {
        self.conv.window.kernel[0] * self.conv.window.kernel[1] * self.input_channels_per_group()
    }
}

/// Sum of products and bias for output channel `o` at `(n, y, x)`, and the additions that overflowed.
///
/// Order: kernel rows, kernel columns, input channels, then the bias.
pub fn accumulate(context: &ConvContext, input: &[u8], [n, y, x, o]: [usize; 4]) -> (i64, u64) {
    let ConvContext { conv, input: shape, .. } = context;
    let window = conv.window;
    let per_group = context.input_channels_per_group();
    let first = o / context.output_channels_per_group() * per_group;
    let weights = &conv.weight[o * context.taps()..][..context.taps()];
    let mut accumulator = Accumulator::new(context.profile);
    for ky in 0..window.kernel[0] {
        for kx in 0..window.kernel[1] {
            let position = (window.input_index(0, y, ky, shape.h), window.input_index(1, x, kx, shape.w));
            let (Some(iy), Some(ix)) = position else { continue };
            for i in 0..per_group {
                let activation = input[((n * shape.h + iy) * shape.w + ix) * shape.c + first + i];
                let weight = weights[(ky * window.kernel[1] + kx) * per_group + i];
                accumulator.add((i64::from(activation) - i64::from(context.input_zero_point)) * i64::from(weight));
            }
        }
    }
    accumulator.add(i64::from(conv.bias[o]));
    (accumulator.value, accumulator.events)
}

/// The whole layer; returns the number of overflowing additions.
pub fn conv(context: &ConvContext, input: &[u8], output: &mut [u8]) -> u64 {
    let shape = context.output;
    let mut events = 0;
    for n in 0..shape.n {
        for y in 0..shape.h {
            for x in 0..shape.w {
                for o in 0..shape.c {
                    let (sum, overflowed) = accumulate(context, input, [n, y, x, o]);
                    events += overflowed;
                    let scaled = context.profile.rescale(sum, context.conv.channel_rescale(o));
                    output[((n * shape.h + y) * shape.w + x) * shape.c + o] =
                        context.bounds.place(context.output_zero_point, scaled);
                }
            }
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accumulator(bits: u8, overflow: Overflow) -> Accumulator {
        Accumulator::new(&Profile { accumulator_bits: bits, overflow, ..Profile::default() })
    }

    #[test]
    fn a_sum_that_does_not_fit_wraps_or_saturates_and_is_counted() {
        for (overflow, expected) in [(Overflow::Wrap, -32768), (Overflow::Saturate, 32767)] {
            let mut sum = accumulator(16, overflow);
            sum.add(32767);
            assert_eq!((sum.value, sum.events), (32767, 0));
            sum.add(1);
            assert_eq!((sum.value, sum.events), (expected, 1), "{overflow:?}");
        }
        let mut sum = accumulator(16, Overflow::Wrap);
        sum.add(-32769);
        assert_eq!((sum.value, sum.events), (32767, 1));
    }

    #[test]
    fn wrapping_is_twos_complement() {
        let mut sum = accumulator(32, Overflow::Wrap);
        let mut reference = 0i32;
        for term in [i32::MAX, 12345, i32::MAX, -7, i32::MIN, i32::MIN] {
            sum.add(i64::from(term));
            reference = reference.wrapping_add(term);
            assert_eq!(sum.value, i64::from(reference));
        }
    }
}

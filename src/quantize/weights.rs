//! N1, N2, N4, N5: one layer's weights, biases and shifts under a scheme.

use super::QuantizeOptions;
use super::factor::power_of_two;
use super::options::Scheme;
use super::shifts;
use crate::calibrate::TapMeans;
use crate::error::{Code, Error, Result};
use crate::graph::Conv;
use crate::npu::Profile;

/// A layer's integers and what they stand for. Every list has one entry per output channel.
///
/// A weight is `q * step[o]`; `step[o] = scale[o] / 2^shift[o]`.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantizedWeights {
    /// r[o].
    pub ranges: Vec<f32>,
    /// S_w: all equal, but for channel-wise.
    pub scales: Vec<f64>,
    /// k[o]; zeros but for shift-wise.
    pub shifts: Vec<u8>,
    pub steps: Vec<f64>,
    /// `[o, kh, kw, i]`, as the float weights.
    pub integers: Vec<i8>,
    pub biases: Vec<i32>,
    /// What was subtracted from each real bias because rounding the weights adds as much on average (N4).
    pub corrections: Vec<f64>,
    /// Channels whose shift was lowered (channel-wise: scale raised) so that bias and sum fit (N4).
    pub lowered: Vec<usize>,
    /// Channels whose bias did not fit even so.
    pub saturated: Vec<usize>,
    /// Smallest and largest partial sum that any channel can reach, bias included, in any order (N5).
    pub sum_range: (i64, i64),
}

/// How far from the zero point activations can lie: `0 - Z` and `2^b - 1 - Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputSpan {
    pub low: i64,
    pub high: i64,
}

/// With `means`, what the taps see on average, the biases are corrected. Shift-wise takes the shifts `given`, one per
/// output channel, in place of those that N2's rule chooses.
///
/// # Errors
/// `NotFinite` when a weight or bias is NaN or infinite.
pub fn quantize(
    conv: &Conv,
    options: &QuantizeOptions,
    input_scale: f64,
    span: InputSpan,
    means: Option<&TapMeans>,
    given: Option<&[u8]>,
) -> Result<QuantizedWeights> {
    let channels = conv.output_channels();
    let finite = |values: &[f32]| values.iter().all(|v| v.is_finite());
    if !finite(conv.weight.data()) || !conv.bias.as_deref().is_none_or(finite) {
        return Err(Error::new(
            Code::NotFinite,
            "a weight or bias is NaN or infinite",
            "repair the model; training probably diverged",
        ));
    }
    let ranges = shifts::ranges(conv);
    let grid = Grid::new(&ranges, options, given);
    let mut result = QuantizedWeights {
        scales: Vec::with_capacity(channels),
        shifts: Vec::with_capacity(channels),
        steps: Vec::with_capacity(channels),
        integers: Vec::with_capacity(conv.weight.len()),
        biases: Vec::with_capacity(channels),
        corrections: Vec::with_capacity(channels),
        lowered: Vec::new(),
        saturated: Vec::new(),
        sum_range: (0, 0),
        ranges,
    };
    for o in 0..channels {
        let bias = conv.bias.as_ref().and_then(|bias| bias.get(o)).copied().unwrap_or(0.0);
        let means: Option<Vec<f64>> = means.map(|means| means.of_channel(o).collect());
        let float = FloatChannel { weights: conv.channel(o), bias, means: means.as_deref() };
        let candidate = |step: f64| Channel::new(&float, step, input_scale, options, span);
        let (coarser, channel) = choose(o, &grid, candidate, &options.profile);
        if coarser > 0 {
            result.lowered.push(o);
        }
        if channel.saturated {
            result.saturated.push(o);
        }
        let (scale, shift) = match options.scheme {
            Scheme::ChannelWise => (channel.step, 0),
            _ => (grid.scales[o], grid.shifts[o] - coarser),
        };
        result.scales.push(scale);
        result.shifts.push(shift);
        result.steps.push(channel.step);
        result.integers.extend(channel.integers);
        result.biases.push(channel.bias);
        result.corrections.push(channel.correction);
        result.sum_range.0 = result.sum_range.0.min(channel.sum_range.0);
        result.sum_range.1 = result.sum_range.1.max(channel.sum_range.1);
    }
    Ok(result)
}

/// Scales and shifts before N4 has had its say.
struct Grid {
    scales: Vec<f64>,
    shifts: Vec<u8>,
    /// How often a channel's step may be doubled to make its bias and sum fit.
    slack: Vec<u8>,
}

impl Grid {
    fn new(ranges: &[f32], options: &QuantizeOptions, given: Option<&[u8]>) -> Self {
        let q_max = f64::from(options.q_max());
        let layer = ranges.iter().fold(0.0f32, |max, &range| max.max(range));
        // A layer of zeros: any scale will do.
        let positive = |range: f64| if range > 0.0 { range } else { 1.0 };
        let zeros = vec![0u8; ranges.len()];
        match options.scheme {
            Scheme::ChannelWise => {
                // A channel of zeros takes the layer's scale, so that its bias is on a sensible grid.
                let range = |r: f32| if r > 0.0 { f64::from(r) } else { positive(f64::from(layer)) };
                Grid {
                    scales: ranges.iter().map(|&r| options.scale(range(r) / q_max)).collect(),
                    shifts: zeros,
                    // Beyond 2^31 the weights are all 0 and only the bias is left.
                    slack: vec![31; ranges.len()],
                }
            }
            Scheme::ShiftWise => {
                let shifts = shifts::chosen(ranges, options.shift_max(), given);
                let scale = options.scale(shifts::scale(ranges, &shifts, options.q_max()));
                Grid { scales: vec![scale; ranges.len()], slack: shifts.clone(), shifts }
            }
            Scheme::Float | Scheme::LayerWise => Grid {
                scales: vec![options.scale(positive(f64::from(layer)) / q_max); ranges.len()],
                shifts: zeros.clone(),
                slack: zeros,
            },
        }
    }
}

/// One channel before quantization.
struct FloatChannel<'a> {
    weights: &'a [f32],
    bias: f32,
    /// What each weight meets on average.
    means: Option<&'a [f64]>,
}

/// One channel on a given grid.
struct Channel {
    step: f64,
    integers: Vec<i8>,
    correction: f64,
    bias: i32,
    saturated: bool,
    sum_range: (i64, i64),
}

impl Channel {
    fn new(float: &FloatChannel, step: f64, input_scale: f64, options: &QuantizeOptions, span: InputSpan) -> Channel {
        let q_max = f64::from(options.q_max());
        let integers: Vec<i8> =
            float.weights.iter().map(|&w| (f64::from(w) / step).round_ties_even().clamp(-q_max, q_max) as i8).collect();
        let correction = correction(float, &integers, step);
        let (low, high) = Profile::signed_range(options.profile.bias_bits);
        let real = ((f64::from(float.bias) - correction) / (input_scale * step)).round_ties_even();
        let saturated = !(real >= low as f64 && real <= high as f64);
        // The conversion saturates, and turns NaN (0 / 0) into 0.
        let bias = (real as i64).clamp(low, high) as i32;
        Channel { step, sum_range: sum_range(&integers, bias, span), integers, correction, bias, saturated }
    }

    fn fits(&self, profile: &Profile) -> bool {
        let (low, high) = Profile::signed_range(profile.accumulator_bits);
        self.sum_range.0 >= low && self.sum_range.1 <= high
    }
}

/// By how much the mean output grows when the integers take the place of the weights.
fn correction(float: &FloatChannel, integers: &[i8], step: f64) -> f64 {
    let errors = float.weights.iter().zip(integers).map(|(&w, &q)| f64::from(q) * step - f64::from(w));
    errors.zip(float.means.unwrap_or_default()).fold(0.0, |sum, (error, mean)| sum + error * mean)
}

/// Every partial sum, in whatever order the terms are added, lies between the sum of the negative terms and the sum
/// of the positive ones.
fn sum_range(integers: &[i8], bias: i32, span: InputSpan) -> (i64, i64) {
    let bias = i64::from(bias);
    integers.iter().map(|&q| i64::from(q)).fold((bias.min(0), bias.max(0)), |(low, high), q| {
        let (a, b) = (q * span.low, q * span.high);
        (low + a.min(b).min(0), high + a.max(b).max(0))
    })
}

/// N4: the finest grid on which bias and worst-case sum fit; where the sum fits on none, the finest on which the bias
/// does (N5 then watches the sum); where not even that, the coarsest. Returns how many doublings coarser it is.
fn choose(o: usize, grid: &Grid, candidate: impl Fn(f64) -> Channel, profile: &Profile) -> (u8, Channel) {
    let step = |coarser: u8| grid.scales[o] * power_of_two(i32::from(coarser) - i32::from(grid.shifts[o]));
    let finest = candidate(step(0));
    if !finest.saturated && finest.fits(profile) {
        return (0, finest);
    }
    let mut bias_fits = (!finest.saturated).then_some((0, finest));
    for coarser in 1..=grid.slack[o] {
        let channel = candidate(step(coarser));
        if !channel.saturated {
            if channel.fits(profile) {
                return (coarser, channel);
            }
            bias_fits = bias_fits.or(Some((coarser, channel)));
        }
    }
    bias_fits.unwrap_or_else(|| (grid.slack[o], candidate(step(grid.slack[o]))))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::calibrate::TapSums;
    use crate::graph::Tensor;

    const SPAN: InputSpan = InputSpan { low: 0, high: 255 };

    /// Two taps a channel.
    fn conv(weights: &[[f32; 2]], biases: &[f32]) -> Conv {
        let tensor = Tensor::new([weights.len(), 1, 1, 2], weights.concat()).unwrap();
        Conv::pointwise(Arc::new(tensor), Some(biases.to_vec()))
    }

    fn options(scheme: Scheme) -> QuantizeOptions {
        QuantizeOptions::new(scheme)
    }

    #[test]
    fn the_three_schemes_on_a_wide_and_a_narrow_channel() {
        let conv = conv(&[[1.0, -0.5], [0.01, -0.004]], &[0.0, 0.0]);
        let layer = quantize(&conv, &options(Scheme::LayerWise), 1.0, SPAN, None, None).unwrap();
        assert_eq!(layer.integers, [127, -64, 1, -1]);
        let shift = quantize(&conv, &options(Scheme::ShiftWise), 1.0, SPAN, None, None).unwrap();
        assert_eq!(shift.shifts, [0, 6]);
        assert_eq!(shift.integers, [127, -64, 81, -33]);
        let channel = quantize(&conv, &options(Scheme::ChannelWise), 1.0, SPAN, None, None).unwrap();
        assert_eq!(channel.integers, [127, -64, 127, -51]);
    }

    /// Ranges 1, 0.3 and 0.01: N2 chooses 0, 1 and 6.
    #[test]
    fn given_shifts_take_the_place_of_the_rule() {
        let conv = conv(&[[1.0, -0.5], [0.3, 0.1], [0.01, -0.004]], &[0.0; 3]);
        let given =
            |shifts: &[u8]| quantize(&conv, &options(Scheme::ShiftWise), 1.0, SPAN, None, Some(shifts)).unwrap();
        let rule = quantize(&conv, &options(Scheme::ShiftWise), 1.0, SPAN, None, None).unwrap();
        assert_eq!(given(&[0, 1, 6]), rule);
        // 0.3 * 4 = 1.2 is beyond R = 1: the common scale grows to hold it, and everybody's step with it.
        let beyond = given(&[0, 2, 6]);
        assert_eq!(beyond.scales, [f64::from(0.3f32) * 4.0 / 127.0; 3]);
        assert_eq!(beyond.integers, [106, -53, 127, 42, 68, -27]);
        // Shifts beyond 2^B - 1 are cut to it.
        assert_eq!(given(&[0, 1, 200]).shifts, [0, 1, 15]);
        // Other schemes have no shifts to give.
        let layer = |given| quantize(&conv, &options(Scheme::LayerWise), 1.0, SPAN, None, given).unwrap();
        assert_eq!(layer(Some(&[3, 3, 3])), layer(None));
    }

    /// Shift 15 is given, and N4 lowers it as if the rule had chosen it.
    #[test]
    fn given_shifts_are_lowered_until_the_bias_fits() {
        let conv = conv(&[[1.0, 1.0], [1e-5, 1e-5]], &[0.0, 0.1]);
        let by_hand = quantize(&conv, &options(Scheme::ShiftWise), 1e-6, SPAN, None, Some(&[0, 15])).unwrap();
        let by_rule = quantize(&conv, &options(Scheme::ShiftWise), 1e-6, SPAN, None, None).unwrap();
        assert_eq!(by_hand.lowered, [1]);
        assert_eq!(by_hand, by_rule);
    }

    #[test]
    fn zero_shift_bits_are_layer_wise() {
        let conv = conv(&[[1.0, -0.5], [0.01, -0.004], [0.0, 0.0]], &[0.5, -0.25, 0.1]);
        let layer = quantize(&conv, &options(Scheme::LayerWise), 0.02, SPAN, None, None).unwrap();
        let zero = QuantizeOptions { shift_bits: 0, ..options(Scheme::ShiftWise) };
        assert_eq!(quantize(&conv, &zero, 0.02, SPAN, None, None).unwrap(), layer);
    }

    #[test]
    fn a_nearly_dead_channel_with_a_real_bias_gets_a_lower_shift() {
        // Input scale 1e-6: a bias of 50 at shift 15 would be 50 / (1e-6 * 1/127 * 2^-15) = 2e14 > 2^31.
        let conv = conv(&[[1.0, 1.0], [1e-5, 1e-5]], &[0.0, 0.1]);
        let plain = quantize(&conv, &options(Scheme::ShiftWise), 1e-3, SPAN, None, None).unwrap();
        assert_eq!((plain.shifts[1], plain.lowered.len()), (15, 0));
        let tight = quantize(&conv, &options(Scheme::ShiftWise), 1e-6, SPAN, None, None).unwrap();
        assert_eq!(tight.lowered, [1]);
        assert!(tight.shifts[1] < 15 && tight.saturated.is_empty());
        let real = f64::from(tight.biases[1]) * 1e-6 * tight.steps[1];
        assert!((real - 0.1).abs() < 1e-6, "{real}");
        // One shift more would not fit.
        assert!(f64::from(tight.biases[1]) * 2.0 > f64::from(i32::MAX) - 255.0 * 127.0 * 2.0);
        // Channel-wise has the same trouble and the same way out.
        let channel = quantize(&conv, &options(Scheme::ChannelWise), 1e-6, SPAN, None, None).unwrap();
        assert_eq!(channel.lowered, [1]);
        assert_eq!(channel.shifts, [0, 0]);
    }

    #[test]
    fn a_bias_that_fits_nowhere_saturates_and_is_reported() {
        let conv = conv(&[[1.0, 1.0]], &[1e9]);
        let result = quantize(&conv, &options(Scheme::LayerWise), 1e-3, SPAN, None, None).unwrap();
        assert_eq!((result.biases[0], result.saturated.as_slice()), (i32::MAX, [0].as_slice()));
    }

    /// Means 3 and 0.25 for the two taps.
    fn means() -> TapMeans {
        let conv = Conv::pointwise(Arc::new(Tensor::zeros([2, 1, 1, 2])), None);
        let mut sums = TapSums::new(&conv, &[1, 2], &[1, 2]);
        sums.observe(&[3.0, 0.25]);
        sums.means().unwrap()
    }

    #[test]
    fn the_mean_error_of_the_weights_is_taken_off_the_bias() {
        let conv = conv(&[[1.0, -0.3], [0.3, 0.007]], &[0.5, -0.25]);
        for scheme in [Scheme::LayerWise, Scheme::ShiftWise, Scheme::ChannelWise] {
            let options = QuantizeOptions { weight_bits: 3, ..options(scheme) };
            let input_scale = 1e-6;
            let plain = quantize(&conv, &options, input_scale, SPAN, None, None).unwrap();
            let corrected = quantize(&conv, &options, input_scale, SPAN, Some(&means()), None).unwrap();
            assert_eq!(corrected.integers, plain.integers);
            assert_eq!(plain.corrections, [0.0; 2]);
            for o in 0..2 {
                let step = corrected.steps[o];
                let mean = |weights: [f64; 2], bias: f64| weights[0] * 3.0 + weights[1] * 0.25 + bias;
                let [a, b] = [0, 1].map(|tap| f64::from(conv.channel(o)[tap]));
                let [q, p] = [0, 1].map(|tap| f64::from(corrected.integers[2 * o + tap]) * step);
                let float = mean([a, b], f64::from(conv.bias.as_ref().unwrap()[o]));
                let quantized = mean([q, p], f64::from(corrected.biases[o]) * input_scale * step);
                assert!((quantized - float).abs() <= input_scale * step, "{scheme:?}: {quantized}, not {float}");
                let off = mean([q, p], f64::from(plain.biases[o]) * input_scale * step) - float;
                assert!((off - corrected.corrections[o]).abs() <= input_scale * step);
                assert!(off.abs() > 1e-3, "{scheme:?}: nothing to correct");
            }
        }
    }

    /// The second channel's correction alone is too large for 16 bits on the finest grid.
    #[test]
    fn a_corrected_bias_that_overflows_lowers_the_shift() {
        let conv = conv(&[[1.0, 0.2], [0.01, 0.003]], &[0.0, 0.0]);
        let profile = Profile { bias_bits: 16, ..Profile::default() };
        let options = QuantizeOptions { weight_bits: 2, profile, ..options(Scheme::ShiftWise) };
        let plain = quantize(&conv, &options, 3e-5, SPAN, None, None).unwrap();
        assert_eq!((plain.shifts.as_slice(), plain.lowered.as_slice()), ([0, 6].as_slice(), [].as_slice()));
        let corrected = quantize(&conv, &options, 3e-5, SPAN, Some(&means()), None).unwrap();
        assert_eq!(corrected.lowered, [1]);
        assert!(corrected.shifts[1] < 6 && corrected.saturated.is_empty());
        // The correction is that of the integers on the grid that was taken.
        let step = corrected.steps[1];
        let [q, p] = [2, 3].map(|tap| f64::from(corrected.integers[tap]) * step);
        let expected = (q - f64::from(0.01f32)) * 3.0 + (p - f64::from(0.003f32)) * 0.25;
        assert!((corrected.corrections[1] - expected).abs() < 1e-12);
        assert_eq!(corrected.biases[1], (-expected / (3e-5 * step)).round_ties_even() as i32);
    }

    #[test]
    fn the_sum_range_bounds_every_order() {
        assert_eq!(sum_range(&[2, -3], 10, InputSpan { low: -5, high: 250 }), (-10 - 750, 10 + 500 + 15));
        assert_eq!(sum_range(&[], -7, SPAN), (-7, 0));
    }

    #[test]
    fn a_layer_of_zeros_and_a_nan() {
        let zeros = conv(&[[0.0, 0.0]], &[0.25]);
        for scheme in [Scheme::LayerWise, Scheme::ShiftWise, Scheme::ChannelWise] {
            let result = quantize(&zeros, &options(scheme), 0.5, SPAN, None, None).unwrap();
            assert_eq!(result.integers, [0, 0]);
            assert!((f64::from(result.biases[0]) * 0.5 * result.steps[0] - 0.25).abs() < 0.01, "{scheme:?}");
        }
        let broken = conv(&[[f32::NAN, 0.0]], &[0.0]);
        assert_eq!(
            quantize(&broken, &options(Scheme::LayerWise), 1.0, SPAN, None, None).unwrap_err().code,
            Code::NotFinite
        );
    }
}

//! N2: the binary shift of each output channel, the heart of the method
//! (Oh et al., "Weight Equalizing Shift Scaler-Coupled Post-training Quantization", arXiv:2008.05767).

/// `floor(log2(layer / channel))` clamped to `0..=2^shift_bits - 1`: how often the channel's range doubles before it
/// would exceed the layer's.
///
/// Exact: doubling an f32 in f64 and comparing loses nothing, and no logarithm is taken. A channel of range 0 gets 0.
pub fn shift(layer: f32, channel: f32, shift_bits: u8) -> u8 {
    let largest = ((1u32 << shift_bits) - 1) as u8;
    let (layer, mut scaled) = (f64::from(layer), f64::from(channel));
    if scaled <= 0.0 {
        return 0;
    }
    let mut k = 0;
    while k < largest && scaled * 2.0 <= layer {
        scaled *= 2.0;
        k += 1;
    }
    k
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn powers_of_two_are_exact() {
        for exponent in 0..15u8 {
            let channel = 1.0 / (1u32 << exponent) as f32;
            assert_eq!(shift(1.0, channel, 4), exponent);
            assert_eq!(shift(1.0, channel.next_up(), 4), exponent.saturating_sub(1));
        }
    }

    #[test]
    fn limits() {
        assert_eq!(shift(1.0, 1e-30, 4), 15);
        assert_eq!(shift(1.0, 1e-30, 5), 31);
        assert_eq!(shift(1.0, 1e-30, 0), 0);
        assert_eq!(shift(1.0, 0.0, 4), 0);
        assert_eq!(shift(0.0, 0.0, 4), 0);
        assert_eq!(shift(f32::MAX, f32::MIN_POSITIVE / 4.0, 5), 31);
    }

    proptest! {
        #[test]
        fn the_shifted_range_fills_the_upper_half(layer in 0.001f32..1000.0, part in 0.0001f32..1.0) {
            let channel = layer * part;
            let k = shift(layer, channel, 5);
            let shifted = f64::from(channel) * f64::from(1u32 << k);
            prop_assert!(shifted <= f64::from(layer));
            prop_assert!(k == 31 || shifted * 2.0 > f64::from(layer));
        }
    }
}

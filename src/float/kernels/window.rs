//! Where a sliding window meets the picture.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::graph::Conv;

/// The extents `[n, h, w, c]` under which an image operator sees a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image {
    pub n: usize,
    pub h: usize,
    pub w: usize,
    pub c: usize,
}

impl Image {
    /// `[n, c]` is read as `[n, 1, 1, c]` and `[n, t, c]` as `[n, 1, t, c]`; missing axes have extent 1, and surplus
    /// leading ones (which [`super::super::check`] admits only where they do not matter) count as `n`.
    pub fn of(shape: &[usize]) -> Self {
        match *shape {
            [] => Image { n: 1, h: 1, w: 1, c: 1 },
            [c] => Image { n: 1, h: 1, w: 1, c },
            [n, c] => Image { n, h: 1, w: 1, c },
            [n, w, c] => Image { n, h: 1, w, c },
            [ref n @ .., h, w, c] => Image { n: n.iter().product(), h, w, c },
        }
    }

    pub fn pixels(self) -> usize {
        self.n * self.h * self.w
    }
}

/// The taps `k` in `0..kernel` whose position `output * stride - pad + k * dilation` lies in `0..len`, and the position
/// of tap 0 (which may be negative). The caller has bounded every argument by 2^31, so nothing here overflows.
pub fn taps_inside(
    output: usize,
    stride: usize,
    pad: i64,
    dilation: usize,
    kernel: usize,
    len: usize,
) -> (Range<usize>, i64) {
    let origin = output as i64 * stride as i64 - pad;
    let step = (dilation as i64).max(1);
    // The first tap at or beyond `position`.
    let first_at = |position: i64| if position <= origin { 0 } else { (position - origin + step - 1) / step };
    let end = first_at(len as i64).min(kernel as i64);
    let start = first_at(0).min(end);
    (start as usize..end as usize, origin)
}

/// Output positions along one axis of a convolution at which the same taps meet samples of the input: all positions of an
/// ordinary convolution, every `upsample`-th of a transposed one. Among them it is an ordinary convolution with those taps.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// The first output position and the distance to the next.
    first: usize,
    every: usize,
    /// The taps in question: how many, the first, and the distance from one to the next.
    taps: usize,
    tap: usize,
    tap_step: usize,
    stride: usize,
    dilation: usize,
    pad: i64,
}

impl Phase {
    /// The phases of an axis (0: height, 1: width) that have taps. Other output positions see no sample.
    pub fn all(conv: &Conv, axis: usize) -> Vec<Phase> {
        let (every, dilation) = (conv.upsample[axis] as i64, conv.dilation[axis] as i64);
        let mut phases: BTreeMap<i64, Phase> = BTreeMap::new();
        for tap in 0..conv.kernel[axis] {
            // Output `first` has this tap on the sample number `(first - distance) / every`.
            let distance = conv.pads[axis] as i64 - tap as i64 * dilation;
            let first = distance.rem_euclid(every);
            let phase = phases.entry(first).or_insert(Phase {
                first: first as usize,
                every: every as usize,
                taps: 0,
                tap,
                tap_step: 1,
                stride: conv.stride[axis],
                dilation: 1,
                pad: (distance - first) / every,
            });
            if phase.taps == 1 {
                phase.tap_step = tap - phase.tap;
                phase.dilation = (phase.tap_step as i64 * dilation / every) as usize;
            }
            phase.taps += 1;
        }
        phases.into_values().collect()
    }

    /// How many taps the phase has.
    pub fn taps(&self) -> usize {
        self.taps
    }

    /// The kernel's index of the phase's tap `i`.
    pub fn tap(&self, i: usize) -> usize {
        self.tap + i * self.tap_step
    }

    /// How many samples lie between neighbouring taps.
    pub fn dilation(&self) -> usize {
        self.dilation
    }

    /// How many samples lie between what neighbouring outputs see.
    pub fn stride(&self) -> usize {
        self.stride
    }

    pub fn has(&self, output: usize) -> bool {
        output % self.every == self.first
    }

    /// The phase's positions among `0..len`.
    pub fn outputs(&self, len: usize) -> impl ExactSizeIterator<Item = usize> + use<> {
        (self.first..len.max(self.first)).step_by(self.every)
    }

    /// Those of the phase's taps that see one of `len` samples from output position `output`, and the sample of its
    /// tap 0 (which may be negative).
    pub fn inside(&self, output: usize, len: usize) -> (Range<usize>, i64) {
        taps_inside(output / self.every, self.stride, self.pad, self.dilation, self.taps, len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Tensor;
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #[test]
        fn taps_inside_are_those_that_a_loop_finds(
            output in 0usize..6, stride in 1usize..4, pad in -4i64..5, dilation in 1usize..4, kernel in 1usize..6,
            len in 1usize..9,
        ) {
            let (range, origin) = taps_inside(output, stride, pad, dilation, kernel, len);
            let expected: Vec<usize> = (0..kernel)
                .filter(|k| (0..len as i64).contains(&(origin + (k * dilation) as i64)))
                .collect();
            prop_assert_eq!(range.collect::<Vec<_>>(), expected);
            prop_assert_eq!(origin, (output * stride) as i64 - pad);
        }

        #[test]
        fn phases_visit_the_taps_that_meet_samples(
            upsample in 1usize..5, kernel in 1usize..7, dilation in 1usize..5, pad in 0usize..7, len in 1usize..5,
        ) {
            let mut conv = Conv::pointwise(Arc::new(Tensor::default()), None);
            (conv.kernel[0], conv.upsample[0], conv.dilation[0], conv.pads[0]) = (kernel, upsample, dilation, pad);
            let phases = Phase::all(&conv, 0);
            for output in 0..12 {
                let expected: Vec<(usize, usize)> = (0..kernel)
                    .filter_map(|tap| Some((tap, (output + tap * dilation).checked_sub(pad)?)))
                    .filter(|(_, position)| position % upsample == 0 && position / upsample < len)
                    .map(|(tap, position)| (tap, position / upsample))
                    .collect();
                let mut visited = Vec::new();
                for phase in phases.iter().filter(|phase| phase.has(output)) {
                    let (taps, origin) = phase.inside(output, len);
                    let sample = |i: usize| (origin + (i * phase.dilation()) as i64) as usize;
                    visited.extend(taps.map(|i| (phase.tap(i), sample(i))));
                    prop_assert!(phase.outputs(12).any(|other| other == output));
                }
                prop_assert_eq!(visited, expected);
            }
        }
    }

    #[test]
    fn low_ranks_are_images_of_one_row() {
        assert_eq!(Image::of(&[2, 10]), Image { n: 2, h: 1, w: 1, c: 10 });
        assert_eq!(Image::of(&[2, 7, 10]), Image { n: 2, h: 1, w: 7, c: 10 });
        assert_eq!(Image::of(&[2, 5, 7, 10]), Image { n: 2, h: 5, w: 7, c: 10 });
    }
}

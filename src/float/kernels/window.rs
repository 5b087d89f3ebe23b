//! Where a sliding window meets the picture.

use std::ops::Range;

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
    pad: usize,
    dilation: usize,
    kernel: usize,
    len: usize,
) -> (Range<usize>, i64) {
    let origin = output as i64 * stride as i64 - pad as i64;
    let step = (dilation as i64).max(1);
    // The first tap at or beyond `position`.
    let first_at = |position: i64| if position <= origin { 0 } else { (position - origin + step - 1) / step };
    let end = first_at(len as i64).min(kernel as i64);
    let start = first_at(0).min(end);
    (start as usize..end as usize, origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn taps_inside_are_those_that_a_loop_finds(
            output in 0usize..6, stride in 1usize..4, pad in 0usize..5, dilation in 1usize..4, kernel in 1usize..6,
            len in 1usize..9,
        ) {
            let (range, origin) = taps_inside(output, stride, pad, dilation, kernel, len);
            let expected: Vec<usize> = (0..kernel)
                .filter(|k| (0..len as i64).contains(&(origin + (k * dilation) as i64)))
                .collect();
            prop_assert_eq!(range.collect::<Vec<_>>(), expected);
            prop_assert_eq!(origin, (output * stride) as i64 - pad as i64);
        }
    }

    #[test]
    fn low_ranks_are_images_of_one_row() {
        assert_eq!(Image::of(&[2, 10]), Image { n: 2, h: 1, w: 1, c: 10 });
        assert_eq!(Image::of(&[2, 7, 10]), Image { n: 2, h: 1, w: 7, c: 10 });
        assert_eq!(Image::of(&[2, 5, 7, 10]), Image { n: 2, h: 5, w: 7, c: 10 });
    }
}

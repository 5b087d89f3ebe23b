//! What each tap of a convolution sees on average: the mean of the input channel over the positions that the tap visits,
//! the zeros included that padding adds and that a transposed convolution puts between the samples.

use crate::float::kernels::Image;
use crate::graph::Conv;

/// One mean for each tap and input channel.
#[derive(Debug, Clone, PartialEq)]
pub struct TapMeans {
    /// Input channels, of all groups.
    channels: usize,
    /// Input and output channels of one group.
    group: [usize; 2],
    /// `[kh, kw, channels]`.
    means: Vec<f64>,
}

impl TapMeans {
    /// `[kh, kw, channels]`, the channels of all groups.
    pub fn values(&self) -> &[f64] {
        &self.means
    }

    /// In the order `[kh, kw, i]` of [`Conv::channel`].
    pub fn of_channel(&self, o: usize) -> impl Iterator<Item = f64> + '_ {
        let [inputs, outputs] = self.group;
        let first = o / outputs.max(1) * inputs;
        self.means.chunks_exact(self.channels.max(1)).flat_map(move |tap| tap.iter().skip(first).take(inputs).copied())
    }
}

/// Sums over pictures, from which the means come.
#[derive(Debug, Clone, PartialEq)]
pub struct TapSums {
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    upsample: [usize; 2],
    /// Top and left.
    pads: [usize; 2],
    group: [usize; 2],
    from: Image,
    /// Height and width of the output.
    to: [usize; 2],
    pictures: usize,
    sums: Vec<f64>,
}

impl TapSums {
    /// `from` and `to` are the shapes of input and output.
    pub fn new(conv: &Conv, from: &[usize], to: &[usize]) -> Self {
        let (from, to) = (Image::of(from), Image::of(to));
        let [kh, kw] = conv.kernel;
        TapSums {
            kernel: conv.kernel,
            stride: conv.stride,
            dilation: conv.dilation,
            upsample: conv.upsample,
            pads: [conv.pads[0], conv.pads[1]],
            group: [conv.input_channels_per_group(), conv.output_channels() / conv.groups.max(1)],
            from,
            to: [to.h, to.w],
            pictures: 0,
            sums: vec![0.0; kh * kw * from.c],
        }
    }

    /// Adds an input of the convolution, in an order that depends on the shapes alone.
    pub fn observe(&mut self, input: &[f32]) {
        let Image { h, w, c, .. } = self.from;
        let [kh, kw] = self.kernel;
        let columns: Vec<_> = (0..kw).map(|kx| self.positions(1, kx, w)).collect();
        let rows: Vec<_> = (0..kh).map(|ky| self.positions(0, ky, h)).collect();
        let mut sums = vec![0.0; self.sums.len()];
        let mut row_sums = vec![0.0; kw * c];
        for (index, row) in input.chunks_exact((w * c).max(1)).enumerate() {
            let readers = || rows.iter().enumerate().filter(|(_, rows)| rows.binary_search(&(index % h)).is_ok());
            if readers().next().is_none() {
                continue;
            }
            row_sums.fill(0.0);
            for (sums, positions) in row_sums.chunks_exact_mut(c.max(1)).zip(&columns) {
                for &x in positions {
                    add(sums, row[x * c..][..c].iter().map(|&value| f64::from(value)));
                }
            }
            for (ky, _) in readers() {
                add(&mut sums[ky * kw * c..][..kw * c], row_sums.iter().copied());
            }
        }
        add(&mut self.sums, sums.into_iter());
        self.pictures += 1;
    }

    /// Adds what was seen of later pictures. The sums are rounded: to be independent of threads, merge one picture at a
    /// time, in order.
    pub fn merge(&mut self, later: &TapSums) {
        add(&mut self.sums, later.sums.iter().copied());
        self.pictures += later.pictures;
    }

    /// What was seen: the number of pictures, and the sums.
    pub(super) fn state(&self) -> (usize, &[f64]) {
        (self.pictures, &self.sums)
    }

    /// Takes over what [`TapSums::state`] told; `false`, and nothing, where these are not the sums of such a layer.
    pub(super) fn restore(&mut self, pictures: u32, sums: Vec<f64>) -> bool {
        let fits = sums.len() == self.sums.len();
        if fits {
            (self.pictures, self.sums) = (pictures as usize, sums);
        }
        fits
    }

    /// `None` before any picture was seen.
    pub fn means(&self) -> Option<TapMeans> {
        let visits = (self.pictures * self.from.n * self.to[0] * self.to[1]) as f64;
        let means = self.sums.iter().map(|sum| sum / visits).collect();
        (visits > 0.0).then_some(TapMeans { channels: self.from.c, group: self.group, means })
    }

    /// The positions in `0..len` that tap `k` of an axis visits, in ascending order.
    fn positions(&self, axis: usize, k: usize, len: usize) -> Vec<usize> {
        let upsample = self.upsample[axis].max(1);
        let position = |output: usize| {
            let spread = (output * self.stride[axis] + k * self.dilation[axis]).checked_sub(self.pads[axis])?;
            (spread.is_multiple_of(upsample) && spread / upsample < len).then_some(spread / upsample)
        };
        (0..self.to[axis]).filter_map(position).collect()
    }
}

fn add(sums: &mut [f64], values: impl Iterator<Item = f64>) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::float::kernels::testing::ConvCase;
    use crate::graph::Tensor;
    use proptest::prelude::*;

    /// With the tap's weight 1 and all others 0, the convolution's output is what the tap sees.
    fn seen_by_taps(case: &ConvCase, o: usize) -> Vec<f64> {
        let taps = case.conv.channel(o).len();
        (0..taps)
            .map(|tap| {
                let mut weight = Tensor::zeros(case.conv.weight.shape());
                weight.data_mut()[o * taps + tap] = 1.0;
                let conv = Conv { weight: Arc::new(weight), bias: None, ..case.conv.clone() };
                let outputs = ConvCase { conv, ..case.clone() }.expected();
                let channel = outputs.iter().skip(o).step_by(case.to.c).map(|&y| f64::from(y));
                channel.sum::<f64>() / case.to.pixels() as f64
            })
            .collect()
    }

    fn sums_of(case: &ConvCase) -> TapSums {
        let shape = |image: Image| [image.n, image.h, image.w, image.c];
        let mut sums = TapSums::new(&case.conv, &shape(case.from), &shape(case.to));
        sums.observe(&case.input);
        sums
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn means_are_what_the_convolution_reads(case in ConvCase::strategy()) {
            let means = sums_of(&case).means().unwrap();
            for o in [0, case.to.c - 1] {
                let expected = seen_by_taps(&case, o);
                let actual: Vec<f64> = means.of_channel(o).collect();
                prop_assert_eq!(actual.len(), expected.len());
                for (a, e) in actual.iter().zip(&expected) {
                    prop_assert!((a - e).abs() < 1e-6, "{} instead of {}", a, e);
                }
            }
        }

        #[test]
        fn depthwise(case in ConvCase::depthwise()) {
            let means = sums_of(&case).means().unwrap();
            let o = case.to.c / 2;
            for (a, e) in means.of_channel(o).zip(seen_by_taps(&case, o)) {
                prop_assert!((a - e).abs() < 1e-6, "{} instead of {}", a, e);
            }
        }
    }

    #[test]
    fn pictures_are_averaged_and_vectors_have_one_position() {
        let conv = Conv::pointwise(Arc::new(Tensor::zeros([4, 1, 1, 3])), None);
        let mut sums = TapSums::new(&conv, &[1, 3], &[1, 4]);
        assert_eq!(sums.means(), None);
        sums.observe(&[1.0, 2.0, 3.0]);
        let mut later = TapSums::new(&conv, &[1, 3], &[1, 4]);
        later.observe(&[2.0, 2.0, -5.0]);
        sums.merge(&later);
        assert_eq!(sums.means().unwrap().of_channel(3).collect::<Vec<_>>(), [1.5, 2.0, -1.0]);
    }

    #[test]
    fn a_window_beyond_the_picture_sees_nothing() {
        let conv =
            Conv { kernel: [1, 5], pads: [0, 2, 0, 2], ..Conv::pointwise(Arc::new(Tensor::zeros([1, 1, 5, 1])), None) };
        let mut sums = TapSums::new(&conv, &[1, 1, 1, 1], &[1, 1, 1, 1]);
        sums.observe(&[3.0]);
        assert_eq!(sums.means().unwrap().of_channel(0).collect::<Vec<_>>(), [0.0, 0.0, 3.0, 0.0, 0.0]);
    }
}

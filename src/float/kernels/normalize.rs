//! Instance and group normalization. Statistics are summed in f64, in row-major order, and each result is rounded once.

use super::Image;
use crate::graph::GroupNorm;

/// `[n, .., c]` -> the same shape, every picture by its own statistics.
pub fn group(norm: &GroupNorm, input: &[f32], image: Image, output: &mut [f32]) {
    let channels = image.c / norm.groups.max(1);
    let count = (image.h * image.w * channels) as f64;
    let picture = image.h * image.w * image.c;
    if picture == 0 {
        return;
    }
    for (input, output) in input.chunks_exact(picture).zip(output.chunks_exact_mut(picture)) {
        for first in (0..image.c).step_by(channels.max(1)) {
            let members = || input.chunks_exact(image.c).flat_map(|pixel| &pixel[first..first + channels]);
            let mean = members().map(|&x| f64::from(x)).sum::<f64>() / count;
            let squares = members().map(|&x| (f64::from(x) - mean) * (f64::from(x) - mean));
            let inverse = 1.0 / (squares.sum::<f64>() / count + f64::from(norm.epsilon)).sqrt();
            for (pixel, result) in input.chunks_exact(image.c).zip(output.chunks_exact_mut(image.c)) {
                for c in first..first + channels {
                    let standard = (f64::from(pixel[c]) - mean) * inverse;
                    result[c] = (standard * f64::from(norm.scale[c]) + f64::from(norm.shift[c])) as f32;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pictures of two pixels and four channels.
    const IMAGE: Image = Image { n: 2, h: 2, w: 1, c: 4 };

    fn run(groups: usize, epsilon: f32, input: &[f32]) -> Vec<f32> {
        let norm = GroupNorm { groups, epsilon, scale: vec![1.0, 2.0, 1.0, -1.0], shift: vec![0.0, 0.0, 5.0, 0.0] };
        let mut output = vec![f32::NAN; input.len()];
        group(&norm, input, IMAGE, &mut output);
        output
    }

    #[test]
    fn every_channel_of_every_picture_by_itself() {
        let input = [1.0, 10.0, 0.0, 3.0, 3.0, 30.0, 0.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 4.0];
        let expected = [-1.0, -2.0, 5.0, -1.0, 1.0, 2.0, 5.0, 1.0, 0.0, 0.0, 5.0, 1.0, 0.0, 0.0, 5.0, -1.0];
        let output = run(4, 1e-12, &input);
        assert!(output.iter().zip(expected).all(|(a, e)| (a - e).abs() < 1e-6), "{output:?}");
    }

    #[test]
    fn neighbouring_channels_share_their_statistics() {
        // Mean 2 and variance 1 in the first group of the first picture; epsilon 3 makes the divisor 2.
        let input = [1.0, 1.0, 0.0, 0.0, 3.0, 3.0, 0.0, 0.0, 0.0, 4.0, 1.0, 1.0, 4.0, 0.0, 1.0, 1.0];
        let output = run(2, 3.0, &input);
        let (root, four) = (2.0, 7f32.sqrt());
        let first = [-1.0 / root, -2.0 / root, 5.0, 0.0, 1.0 / root, 2.0 / root, 5.0, 0.0];
        let second = [-2.0 / four, 4.0 / four, 5.0, 0.0, 2.0 / four, -4.0 / four, 5.0, 0.0];
        assert!(output.iter().zip(first.iter().chain(&second)).all(|(a, e)| (a - e).abs() < 1e-6), "{output:?}");
    }
}

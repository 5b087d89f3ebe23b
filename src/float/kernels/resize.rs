//! Resizing of height and width, with ONNX Runtime's float32 coordinates: rounding there decides which pixel is nearest.

use super::Image;
use crate::graph::{Resize, ResizeMode};

pub fn resize(resize: &Resize, input: &[f32], from: Image, output: &mut [f32], to: Image) {
    match resize.mode {
        ResizeMode::Nearest(mode) => {
            let index = |axis, i, from, to| mode.index(resize.position(axis, i, from, to), from);
            let columns: Vec<usize> = (0..to.w).map(|x| index(1, x, from.w, to.w)).collect();
            for (row, out) in output.chunks_exact_mut((to.w * to.c).max(1)).enumerate() {
                let (n, y) = (row / to.h, index(0, row % to.h, from.h, to.h));
                for (&x, out) in columns.iter().zip(out.chunks_exact_mut(to.c.max(1))) {
                    out.copy_from_slice(&input[((n * from.h + y) * from.w + x) * from.c..][..from.c]);
                }
            }
        }
        ResizeMode::Bilinear => {
            let columns: Vec<Blend> = (0..to.w).map(|x| Blend::of(resize, 1, x, from.w, to.w)).collect();
            for (row, out) in output.chunks_exact_mut((to.w * to.c).max(1)).enumerate() {
                let (n, y) = (row / to.h, Blend::of(resize, 0, row % to.h, from.h, to.h));
                for (x, out) in columns.iter().zip(out.chunks_exact_mut(to.c.max(1))) {
                    let pixel = |y: usize, x: usize| &input[((n * from.h + y) * from.w + x) * from.c..][..from.c];
                    let near = pixel(y.near, x.near).iter().zip(pixel(y.near, x.far));
                    let far = pixel(y.far, x.near).iter().zip(pixel(y.far, x.far));
                    for ((value, (&a, &b)), (&c, &d)) in out.iter_mut().zip(near).zip(far) {
                        *value = x.near_weight * y.near_weight * a
                            + x.far_weight * y.near_weight * b
                            + x.near_weight * y.far_weight * c
                            + x.far_weight * y.far_weight * d;
                    }
                }
            }
        }
    }
}

/// The two input indices that an output index lies between, and their shares.
struct Blend {
    near: usize,
    far: usize,
    near_weight: f32,
    far_weight: f32,
}

impl Blend {
    fn of(resize: &Resize, axis: usize, i: usize, from: usize, to: usize) -> Self {
        let last = from.saturating_sub(1);
        let position = resize.position(axis, i, from, to);
        let position = if position > 0.0 { position } else { 0.0 };
        let position = if position < last as f32 { position } else { last as f32 };
        let near = (position as usize).min(last);
        let far = (near + 1).min(last);
        if near == far {
            return Blend { near, far, near_weight: 0.5, far_weight: 0.5 };
        }
        Blend { near, far, near_weight: far as f32 - position, far_weight: position - near as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{CoordinateMode, NearestMode};
    use CoordinateMode::*;
    use NearestMode::*;

    fn row(mode: ResizeMode, coordinates: CoordinateMode, scale: f32, from: usize) -> Vec<f32> {
        let to = (from as f32 * scale) as usize;
        let resize_ = Resize { mode, coordinates, scales: [1.0, scale] };
        let input: Vec<f32> = (0..from).map(|i| i as f32).collect();
        let mut output = vec![f32::NAN; to];
        let image = |w| Image { n: 1, h: 1, w, c: 1 };
        resize(&resize_, &input, image(from), &mut output, image(to));
        output
    }

    /// The answers are ONNX Runtime 1.32's.
    #[test]
    fn nearest_by_mode() {
        let nearest = |rounding, coordinates, scale, from| row(ResizeMode::Nearest(rounding), coordinates, scale, from);
        NEAREST
            .iter()
            .for_each(|&(r, c, s, from, expected)| assert_eq!(nearest(r, c, s, from), expected, "{r:?} {c:?} {s}"));
    }

    #[test]
    fn bilinear_by_mode() {
        for &(coordinates, scale, from, expected) in BILINEAR {
            let actual = row(ResizeMode::Bilinear, coordinates, scale, from);
            assert_eq!(actual.len(), expected.len());
            for (a, e) in actual.iter().zip(expected) {
                assert!((a - e).abs() < 1e-6, "{coordinates:?} {scale}: {actual:?}, not {expected:?}");
            }
        }
    }

    #[test]
    fn bilinear_blends_both_axes() {
        let resize_ = Resize { mode: ResizeMode::Bilinear, coordinates: AlignCorners, scales: [1.5, 1.5] };
        let mut output = [0.0; 9];
        let image = |len| Image { n: 1, h: len, w: len, c: 1 };
        resize(&resize_, &[0.0, 1.0, 2.0, 3.0], image(2), &mut output, image(3));
        assert_eq!(output, [0.0, 0.5, 1.0, 1.0, 1.5, 2.0, 2.0, 2.5, 3.0]);
    }

    #[rustfmt::skip]
    const NEAREST: &[(NearestMode, CoordinateMode, f32, usize, &[f32])] = &[
        (RoundPreferFloor, HalfPixel, 2.0, 3, &[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        (RoundPreferFloor, HalfPixel, 1.7, 4, &[0.0, 0.0, 1.0, 2.0, 2.0, 3.0]),
        (RoundPreferFloor, HalfPixel, 0.5, 6, &[0.0, 2.0, 4.0]),
        (RoundPreferFloor, HalfPixel, 0.3, 4, &[1.0]),
        (RoundPreferCeil, HalfPixel, 2.0, 3, &[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        (RoundPreferCeil, HalfPixel, 1.7, 4, &[0.0, 0.0, 1.0, 2.0, 2.0, 3.0]),
        (RoundPreferCeil, HalfPixel, 0.5, 6, &[1.0, 3.0, 5.0]),
        (RoundPreferCeil, HalfPixel, 0.3, 4, &[1.0]),
        (Floor, HalfPixel, 2.0, 3, &[0.0, 0.0, 0.0, 1.0, 1.0, 2.0]),
        (Floor, HalfPixel, 1.7, 4, &[0.0, 0.0, 0.0, 1.0, 2.0, 2.0]),
        (Floor, HalfPixel, 0.5, 6, &[0.0, 2.0, 4.0]),
        (Floor, HalfPixel, 0.3, 4, &[1.0]),
        (Ceil, HalfPixel, 2.0, 3, &[0.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
        (Ceil, HalfPixel, 1.7, 4, &[0.0, 1.0, 1.0, 2.0, 3.0, 3.0]),
        (Ceil, HalfPixel, 0.5, 6, &[1.0, 3.0, 5.0]),
        (Ceil, HalfPixel, 0.3, 4, &[2.0]),
        (RoundPreferFloor, PytorchHalfPixel, 2.0, 3, &[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        (RoundPreferFloor, PytorchHalfPixel, 1.7, 4, &[0.0, 0.0, 1.0, 2.0, 2.0, 3.0]),
        (RoundPreferFloor, PytorchHalfPixel, 0.5, 6, &[0.0, 2.0, 4.0]),
        (RoundPreferFloor, PytorchHalfPixel, 0.3, 4, &[0.0]),
        (RoundPreferCeil, PytorchHalfPixel, 2.0, 3, &[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        (RoundPreferCeil, PytorchHalfPixel, 1.7, 4, &[0.0, 0.0, 1.0, 2.0, 2.0, 3.0]),
        (RoundPreferCeil, PytorchHalfPixel, 0.5, 6, &[1.0, 3.0, 5.0]),
        (RoundPreferCeil, PytorchHalfPixel, 0.3, 4, &[0.0]),
        (Floor, PytorchHalfPixel, 2.0, 3, &[0.0, 0.0, 0.0, 1.0, 1.0, 2.0]),
        (Floor, PytorchHalfPixel, 1.7, 4, &[0.0, 0.0, 0.0, 1.0, 2.0, 2.0]),
        (Floor, PytorchHalfPixel, 0.5, 6, &[0.0, 2.0, 4.0]),
        (Floor, PytorchHalfPixel, 0.3, 4, &[0.0]),
        (Ceil, PytorchHalfPixel, 2.0, 3, &[0.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
        (Ceil, PytorchHalfPixel, 1.7, 4, &[0.0, 1.0, 1.0, 2.0, 3.0, 3.0]),
        (Ceil, PytorchHalfPixel, 0.5, 6, &[1.0, 3.0, 5.0]),
        (Ceil, PytorchHalfPixel, 0.3, 4, &[0.0]),
        (RoundPreferFloor, AlignCorners, 2.0, 3, &[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        (RoundPreferFloor, AlignCorners, 1.7, 4, &[0.0, 1.0, 1.0, 2.0, 2.0, 3.0]),
        (RoundPreferFloor, AlignCorners, 0.5, 6, &[0.0, 2.0, 5.0]),
        (RoundPreferFloor, AlignCorners, 0.3, 4, &[0.0]),
        (RoundPreferCeil, AlignCorners, 2.0, 3, &[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        (RoundPreferCeil, AlignCorners, 1.7, 4, &[0.0, 1.0, 1.0, 2.0, 2.0, 3.0]),
        (RoundPreferCeil, AlignCorners, 0.5, 6, &[0.0, 3.0, 5.0]),
        (RoundPreferCeil, AlignCorners, 0.3, 4, &[0.0]),
        (Floor, AlignCorners, 2.0, 3, &[0.0, 0.0, 0.0, 1.0, 1.0, 2.0]),
        (Floor, AlignCorners, 1.7, 4, &[0.0, 0.0, 1.0, 1.0, 2.0, 3.0]),
        (Floor, AlignCorners, 0.5, 6, &[0.0, 2.0, 5.0]),
        (Floor, AlignCorners, 0.3, 4, &[0.0]),
        (Ceil, AlignCorners, 2.0, 3, &[0.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
        (Ceil, AlignCorners, 1.7, 4, &[0.0, 1.0, 2.0, 2.0, 3.0, 3.0]),
        (Ceil, AlignCorners, 0.5, 6, &[0.0, 3.0, 5.0]),
        (Ceil, AlignCorners, 0.3, 4, &[0.0]),
        (RoundPreferFloor, Asymmetric, 2.0, 3, &[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        (RoundPreferFloor, Asymmetric, 1.7, 4, &[0.0, 1.0, 1.0, 2.0, 2.0, 3.0]),
        (RoundPreferFloor, Asymmetric, 0.5, 6, &[0.0, 2.0, 4.0]),
        (RoundPreferFloor, Asymmetric, 0.3, 4, &[0.0]),
        (RoundPreferCeil, Asymmetric, 2.0, 3, &[0.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
        (RoundPreferCeil, Asymmetric, 1.7, 4, &[0.0, 1.0, 1.0, 2.0, 2.0, 3.0]),
        (RoundPreferCeil, Asymmetric, 0.5, 6, &[0.0, 2.0, 4.0]),
        (RoundPreferCeil, Asymmetric, 0.3, 4, &[0.0]),
        (Floor, Asymmetric, 2.0, 3, &[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        (Floor, Asymmetric, 1.7, 4, &[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        (Floor, Asymmetric, 0.5, 6, &[0.0, 2.0, 4.0]),
        (Floor, Asymmetric, 0.3, 4, &[0.0]),
        (Ceil, Asymmetric, 2.0, 3, &[0.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
        (Ceil, Asymmetric, 1.7, 4, &[0.0, 1.0, 2.0, 2.0, 3.0, 3.0]),
        (Ceil, Asymmetric, 0.5, 6, &[0.0, 2.0, 4.0]),
        (Ceil, Asymmetric, 0.3, 4, &[0.0]),
        (RoundPreferFloor, TfHalfPixelForNn, 2.0, 3, &[0.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
        (RoundPreferFloor, TfHalfPixelForNn, 1.7, 4, &[0.0, 1.0, 1.0, 2.0, 3.0, 3.0]),
        (RoundPreferFloor, TfHalfPixelForNn, 0.5, 6, &[1.0, 3.0, 5.0]),
        (RoundPreferFloor, TfHalfPixelForNn, 0.3, 4, &[2.0]),
        (RoundPreferCeil, TfHalfPixelForNn, 2.0, 3, &[0.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
        (RoundPreferCeil, TfHalfPixelForNn, 1.7, 4, &[0.0, 1.0, 1.0, 2.0, 3.0, 3.0]),
        (RoundPreferCeil, TfHalfPixelForNn, 0.5, 6, &[1.0, 3.0, 5.0]),
        (RoundPreferCeil, TfHalfPixelForNn, 0.3, 4, &[2.0]),
        (Floor, TfHalfPixelForNn, 2.0, 3, &[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        (Floor, TfHalfPixelForNn, 1.7, 4, &[0.0, 0.0, 1.0, 2.0, 2.0, 3.0]),
        (Floor, TfHalfPixelForNn, 0.5, 6, &[1.0, 3.0, 5.0]),
        (Floor, TfHalfPixelForNn, 0.3, 4, &[1.0]),
        (Ceil, TfHalfPixelForNn, 2.0, 3, &[1.0, 1.0, 2.0, 2.0, 2.0, 2.0]),
        (Ceil, TfHalfPixelForNn, 1.7, 4, &[1.0, 1.0, 2.0, 3.0, 3.0, 3.0]),
        (Ceil, TfHalfPixelForNn, 0.5, 6, &[1.0, 3.0, 5.0]),
        (Ceil, TfHalfPixelForNn, 0.3, 4, &[2.0]),
    ];

    #[rustfmt::skip]
    const BILINEAR: &[(CoordinateMode, f32, usize, &[f32])] = &[
        (HalfPixel, 2.0, 3, &[0.0, 0.25, 0.75, 1.25, 1.75, 2.0]),
        (HalfPixel, 1.7, 4, &[0.0, 0.3823529, 0.9705882, 1.5588236, 2.1470587, 2.735294]),
        (HalfPixel, 0.5, 6, &[0.5, 2.5, 4.5]),
        (HalfPixel, 0.3, 4, &[1.1666666]),
        (HalfPixel, 0.4, 5, &[0.75, 3.25]),
        (PytorchHalfPixel, 2.0, 3, &[0.0, 0.25, 0.75, 1.25, 1.75, 2.0]),
        (PytorchHalfPixel, 1.7, 4, &[0.0, 0.3823529, 0.9705882, 1.5588236, 2.1470587, 2.735294]),
        (PytorchHalfPixel, 0.5, 6, &[0.5, 2.5, 4.5]),
        (PytorchHalfPixel, 0.3, 4, &[0.0]),
        (PytorchHalfPixel, 0.4, 5, &[0.75, 3.25]),
        (AlignCorners, 2.0, 3, &[0.0, 0.4, 0.8, 1.2, 1.6, 2.0]),
        (AlignCorners, 1.7, 4, &[0.0, 0.6, 1.2, 1.8, 2.4, 3.0]),
        (AlignCorners, 0.5, 6, &[0.0, 2.5, 5.0]),
        (AlignCorners, 0.3, 4, &[0.0]),
        (AlignCorners, 0.4, 5, &[0.0, 4.0]),
        (Asymmetric, 2.0, 3, &[0.0, 0.5, 1.0, 1.5, 2.0, 2.0]),
        (Asymmetric, 1.7, 4, &[0.0, 0.58823526, 1.1764705, 1.7647058, 2.352941, 2.9411764]),
        (Asymmetric, 0.5, 6, &[0.0, 2.0, 4.0]),
        (Asymmetric, 0.3, 4, &[0.0]),
        (Asymmetric, 0.4, 5, &[0.0, 2.5]),
    ];
}

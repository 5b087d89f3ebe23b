//! Resizing in integers: which pixels are copied or mixed, and in what parts (N10).

use super::factor;
use crate::error::{Error, Result};
use crate::graph::{CoordinateMode, Resize, ResizeMode};
use crate::npu::{Datapath, IntegerOp, LinearRescale, LinearTap};

/// Fraction bits of the interpolation weights of `npu`.
const LINEAR_BITS: u32 = 11;
/// Those of `ort`: a float32 position that is no nearer to a pixel than 1/256 is held exactly.
const ORT_BITS: u32 = 31;
/// Those of TensorFlow Lite's integer kernel (`ResizeBilinearInteger`).
const TFLITE_BITS: u32 = 10;

/// `from` and `to` are `[n, h, w, c]`; `scale` is that of both.
pub(super) fn lower(
    settings: &Resize,
    from: &[usize],
    to: &[usize],
    (datapath, scale): (Datapath, f64),
) -> Result<IntegerOp> {
    let (&[_, h, w, _], &[_, rows, columns, _]) = (from, to) else {
        return Err(Error::internal(format!("resize of shape {from:?} to {to:?}")));
    };
    let axis = |which: usize, input: usize, output: usize| {
        (0..output).map(move |x| settings.position(which, x, input, output))
    };
    Ok(match settings.mode {
        ResizeMode::Nearest(nearest) => IntegerOp::ResizeNearest {
            rows: axis(0, h, rows).map(|position| nearest.index(position, h)).collect(),
            columns: axis(1, w, columns).map(|position| nearest.index(position, w)).collect(),
        },
        ResizeMode::Bilinear if datapath == Datapath::Tflite => IntegerOp::ResizeBilinear {
            rows: (0..rows).map(|y| tflite_tap(settings.coordinates, y, h, rows)).collect(),
            columns: (0..columns).map(|x| tflite_tap(settings.coordinates, x, w, columns)).collect(),
            bits: TFLITE_BITS,
            rescale: LinearRescale::Divide,
        },
        ResizeMode::Bilinear => {
            let (bits, rescale) = match datapath {
                Datapath::Ort => (ORT_BITS, LinearRescale::Float { scale: factor::exact(scale as f32) }),
                Datapath::Npu | Datapath::Tflite => (LINEAR_BITS, LinearRescale::Divide),
            };
            IntegerOp::ResizeBilinear {
                rows: axis(0, h, rows).map(|position| linear_tap(position, h, bits)).collect(),
                columns: axis(1, w, columns).map(|position| linear_tap(position, w, bits)).collect(),
                bits,
                rescale,
            }
        }
    })
}

/// The position in integers of 10 fraction bits, from a step rounded to as many. Coordinate modes that the engine has
/// not are taken as half pixels.
fn tflite_tap(coordinates: CoordinateMode, i: usize, from: usize, to: usize) -> LinearTap {
    let (input, one) = (from as i64, 1i64 << TFLITE_BITS);
    // Beyond the first and last pixel both neighbours are the same, whatever the weight.
    let position = tflite_position(coordinates, i, from, to).clamp(0, (input - 1) * one);
    let low = position / one;
    (low as usize, (low + 1).min(input - 1) as usize, (position % one) as u32)
}

/// Where TensorFlow Lite takes output index `i` from, in units of 2^-10 pixels, before any clamp.
pub fn tflite_position(coordinates: CoordinateMode, i: usize, from: usize, to: usize) -> i64 {
    let (i, input, output) = (i as i64, from as i64, to as i64);
    let one = 1i64 << TFLITE_BITS;
    let step = match coordinates {
        CoordinateMode::AlignCorners if to > 1 => (one * (input - 1) + (output - 1) / 2) / (output - 1),
        _ => (one * input + output / 2) / output.max(1),
    };
    match coordinates {
        CoordinateMode::AlignCorners | CoordinateMode::Asymmetric => step * i,
        _ => step * i + step / 2 - one / 2,
    }
}

/// The two neighbours of a position, clamped to the picture, and the second's part in units of 2^-bits.
fn linear_tap(position: f32, size: usize, bits: u32) -> LinearTap {
    let last = size.saturating_sub(1);
    let position = f64::from(position).clamp(0.0, last as f64);
    let low = position.floor();
    let weight = ((position - low) * f64::from(1u32 << bits)).round_ties_even() as u32;
    let low = low as usize;
    (low, (low + 1).min(last), weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::NearestMode;

    #[test]
    fn doubling_two_pixels() {
        let settings = |mode, coordinates| Resize { mode, coordinates, scales: [1.0, 2.0] };
        let lower = |mode, coordinates| {
            lower(&settings(mode, coordinates), &[1, 1, 2, 3], &[1, 1, 4, 3], (Datapath::Npu, 1.0)).unwrap()
        };
        let nearest = lower(ResizeMode::Nearest(NearestMode::Floor), CoordinateMode::Asymmetric);
        assert_eq!(nearest, IntegerOp::ResizeNearest { rows: vec![0], columns: vec![0, 0, 1, 1] });
        let linear = lower(ResizeMode::Bilinear, CoordinateMode::HalfPixel);
        let columns = vec![(0, 1, 0), (0, 1, 512), (0, 1, 1536), (1, 1, 0)];
        assert_eq!(
            linear,
            IntegerOp::ResizeBilinear { rows: vec![(0, 0, 0)], columns, bits: 11, rescale: LinearRescale::Divide }
        );
    }
}

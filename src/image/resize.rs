//! The antialiased triangle filter that Pillow calls `BILINEAR`, on 8-bit samples, to the bit.
//!
//! Written here rather than taken from a crate: the ones at hand round their factors to other widths than Pillow's, so
//! that samples differ by a level, and bring vector instructions into every WebAssembly build. Integer sums in a fixed
//! order make the bytes the same everywhere (N11).

use std::borrow::Cow;

use super::{check_pixels, too_large};
use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::manifest::ResizeSpec;

/// Beyond this many input pixels per output pixel a factor is less than 2^6 of [`FACTOR_BITS`]: too coarse.
const MOST_REDUCTION: u32 = 1 << 16;

/// Fraction bits of the factors; with 8 bits of a sample and a sign they fill 32 bits but one.
const FACTOR_BITS: u32 = 22;

/// Width and height after resizing a picture of `[width, height]`. The longer side of `ShorterSide` is
/// `size * long / short` with the fraction dropped, as torchvision's `Resize` has it.
///
/// # Errors
/// `TooLarge` when the result exceeds [`Limits::image_pixels`].
pub(super) fn target(spec: ResizeSpec, [width, height]: [u32; 2], limits: &Limits) -> Result<[u32; 2]> {
    let [width, height] = match spec {
        ResizeSpec::Stretch { size } => size,
        ResizeSpec::ShorterSide { size } => {
            let longer = |long: u32, short: u32| {
                // A `u32` times a `u32` fits; a picture has no side of 0, but 1 keeps the division safe by itself.
                let side = u64::from(size) * u64::from(long) / u64::from(short.max(1));
                u32::try_from(side).map_err(|_| too_large(format!("a picture resized to {size}x{side}"), limits))
            };
            if width <= height { [size, longer(height, width)?] } else { [longer(width, height)?, size] }
        }
    };
    check_pixels(width, height, limits)?;
    Ok([width, height])
}

/// `samples` holds `per_pixel` (1 or 4) bytes per pixel of a picture of size `from` = `[width, height]`.
///
/// # Errors
/// `TooLarge` when the picture on the way (new width, old height) exceeds [`Limits::image_pixels`]; `BadImage` for
/// a reduction beyond [`MOST_REDUCTION`].
pub(super) fn resize<'a>(
    samples: Cow<'a, [u8]>,
    per_pixel: usize,
    from: [u32; 2],
    to: [u32; 2],
    limits: &Limits,
) -> Result<Cow<'a, [u8]>> {
    if from.iter().zip(to).any(|(&from, to)| from / to.max(1) >= MOST_REDUCTION) {
        return Err(Error::new(
            Code::BadImage,
            format!("reducing {}x{} pixels to {}x{} leaves nothing of the picture", from[0], from[1], to[0], to[1]),
            "use a picture of usual proportions",
        ));
    }
    check_pixels(to[0], from[1], limits)?;
    let halfway = across(samples, per_pixel, from, to[0]);
    Ok(down(halfway, to[0] as usize * per_pixel, from[1], to[1]))
}

/// Across: rows keep their number. Nothing to do where the sizes are equal.
fn across<'a>(samples: Cow<'a, [u8]>, per_pixel: usize, from: [u32; 2], to: u32) -> Cow<'a, [u8]> {
    if from[0] == to {
        return samples;
    }
    let taps = triangle(from[0], to);
    let mut resized = vec![0; taps.len() * from[1] as usize * per_pixel];
    let rows = samples.chunks_exact(from[0] as usize * per_pixel);
    for (row, line) in rows.zip(resized.chunks_exact_mut(taps.len() * per_pixel)) {
        for (Tap { start, factors }, place) in taps.iter().zip(line.chunks_exact_mut(per_pixel)) {
            let mut sums = [HALF; 4];
            for (pixel, factor) in row[start * per_pixel..].chunks_exact(per_pixel).zip(factors) {
                for (sum, &sample) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(sample) * factor;
                }
            }
            for (sample, sum) in place.iter_mut().zip(sums) {
                *sample = to_sample(sum);
            }
        }
    }
    Cow::Owned(resized)
}

/// Down: `row` bytes a row. Nothing to do where the sizes are equal.
fn down<'a>(samples: Cow<'a, [u8]>, row: usize, from: u32, to: u32) -> Cow<'a, [u8]> {
    if from == to {
        return samples;
    }
    let mut resized = vec![0; row * to as usize];
    let mut sums = vec![0i32; row];
    for (Tap { start, factors }, line) in triangle(from, to).iter().zip(resized.chunks_exact_mut(row)) {
        sums.fill(HALF);
        for (source, factor) in samples[start * row..].chunks_exact(row).zip(factors) {
            for (sum, &sample) in sums.iter_mut().zip(source) {
                *sum += i32::from(sample) * factor;
            }
        }
        for (sample, &sum) in line.iter_mut().zip(&sums) {
            *sample = to_sample(sum);
        }
    }
    Cow::Owned(resized)
}

const HALF: i32 = 1 << (FACTOR_BITS - 1);

#[inline(always)]
fn to_sample(sum: i32) -> u8 {
    (sum >> FACTOR_BITS).clamp(0, 255) as u8
}

/// What one output sample is made of.
struct Tap {
    /// The first input sample.
    start: usize,
    /// In units of 2^-FACTOR_BITS.
    factors: Vec<i32>,
}

/// A triangle as wide as the reduction (at least one sample to each side) around each output sample's centre, its
/// weights normalised to 1 and rounded: Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc` (libImaging/Resample.c),
/// in f64 as there.
fn triangle(from: u32, to: u32) -> Vec<Tap> {
    let scale = f64::from(from) / f64::from(to);
    let support = scale.max(1.0);
    let narrowed = 1.0 / support;
    let tap = |index: u32| {
        let centre = (f64::from(index) + 0.5) * scale;
        // Towards 0, as a cast to an integer rounds.
        let start = ((centre - support + 0.5).max(0.0)) as u32;
        let end = ((centre + support + 0.5) as u32).min(from);
        let weights: Vec<f64> = (0..end.saturating_sub(start))
            .map(|x| (1.0 - ((f64::from(x + start) - centre + 0.5) * narrowed).abs()).max(0.0))
            .collect();
        let sum: f64 = weights.iter().sum();
        let factor = |weight: f64| {
            let weight = if sum == 0.0 { weight } else { weight / sum };
            (0.5 + weight * f64::from(1u32 << FACTOR_BITS)) as i32
        };
        Tap { start: start as usize, factors: weights.into_iter().map(factor).collect() }
    };
    (0..to).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_of_a_pixel_add_up_to_one() {
        for (from, to) in [(500, 341), (3, 224), (1900, 1), (7, 7), (1, 5), (65_000, 2)] {
            for Tap { start, factors } in triangle(from, to) {
                let sum: i32 = factors.iter().sum();
                let error = (sum - (1 << FACTOR_BITS)).unsigned_abs() as usize;
                assert!(error <= factors.len() && start + factors.len() <= from as usize, "{from} -> {to}");
            }
        }
    }

    #[test]
    fn longer_side_is_truncated() {
        let limits = Limits::default();
        let shorter = |size, from| target(ResizeSpec::ShorterSide { size }, from, &limits).unwrap();
        assert_eq!(shorter(256, [500, 375]), [341, 256]); // 341.33
        assert_eq!(shorter(256, [375, 500]), [256, 341]);
        assert_eq!(shorter(256, [300, 300]), [256, 256]);
        assert_eq!(shorter(7, [3, 5]), [7, 11]); // 11.67
    }

    #[test]
    fn absurd_proportions_are_refused_before_allocation() {
        let limits = Limits::default();
        for from in [[1, 60_000_000], [60_000_000, 1]] {
            let error = target(ResizeSpec::ShorterSide { size: 256 }, from, &limits).unwrap_err();
            assert_eq!(error.code, Code::TooLarge, "{error}");
        }
        let error = resize(Cow::Borrowed(&[]), 4, [1, 60_000_000], [320, 240], &limits).unwrap_err();
        assert_eq!(error.code, Code::BadImage, "{error}");
        let error = resize(Cow::Borrowed(&[]), 4, [1, 6_000_000], [320, 240], &limits).unwrap_err();
        assert_eq!(error.code, Code::TooLarge, "{error}");
    }
}

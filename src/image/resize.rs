//! The antialiased triangle filter that Pillow calls `BILINEAR`, on 8-bit samples.
//!
//! `fast_image_resize` computes it in fixed point (15-bit factors, 32-bit sums), with the same result on every
//! processor and in WebAssembly. Two differences from Pillow are left, each of at most one level of 255: Pillow's
//! factors have 22 bits, and the crate would resize down first and across second. The order is put right here by
//! resizing one axis at a time; tests/image.rs counts what the factors leave (mostly where a picture is enlarged).

use std::borrow::Cow;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::{check_pixels, too_large};
use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::manifest::ResizeSpec;

/// Beyond this many input pixels per output pixel the 15-bit factors are too coarse to average with.
const MOST_REDUCTION: u32 = 1 << 16;

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
    let halfway = [to[0], from[1]];
    check_pixels(halfway[0], halfway[1], limits)?;
    let mut resizer = Resizer::new();
    let across = pass(&mut resizer, samples, per_pixel, from, halfway)?;
    pass(&mut resizer, across, per_pixel, halfway, to)
}

/// One axis; nothing to do where the sizes are equal.
fn pass<'a>(
    resizer: &mut Resizer,
    samples: Cow<'a, [u8]>,
    per_pixel: usize,
    from: [u32; 2],
    to: [u32; 2],
) -> Result<Cow<'a, [u8]>> {
    if from == to {
        return Ok(samples);
    }
    let pixel_type = if per_pixel == 1 { PixelType::U8 } else { PixelType::U8x4 };
    let failed = |error: &dyn std::fmt::Display| Error::internal(format!("the picture could not be resized: {error}"));
    let source = ImageRef::new(from[0], from[1], &samples, pixel_type).map_err(|error| failed(&error))?;
    let mut resized = Image::new(to[0], to[1], pixel_type);
    // `use_alpha(false)`: the fourth byte is unused, not a transparency to weigh colours with.
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).use_alpha(false);
    resizer.resize(&source, &mut resized, &options).map_err(|error| failed(&error))?;
    Ok(Cow::Owned(resized.into_vec()))
}

#[cfg(test)]
mod tests {
    use fast_image_resize::CpuExtensions;

    use super::*;

    /// N11: whatever instructions the processor has, the same bytes. (Native here; the page's tests compare wasm.)
    #[test]
    fn simd_and_scalar_agree() {
        let mut state = 1u32;
        let mut noise = |count: usize| -> Vec<u8> {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            };
            (0..count).map(|_| next()).collect()
        };
        let mut best = Resizer::new();
        let mut scalar = Resizer::new();
        // SAFETY: no extension at all is supported everywhere.
        unsafe { scalar.set_cpu_extensions(CpuExtensions::None) };
        assert_ne!(best.cpu_extensions(), CpuExtensions::None, "nothing to compare on this machine");
        for per_pixel in [1, 4] {
            for (from, to) in [
                ([500, 375], [341, 375]),
                ([341, 375], [341, 256]),
                ([37, 53], [224, 53]),
                ([224, 53], [224, 224]),
                ([1900, 3], [32, 3]),
                ([5, 2], [5, 1]),
                ([1, 9], [31, 9]),
            ] {
                let samples = noise(from[0] as usize * from[1] as usize * per_pixel);
                let run =
                    |resizer: &mut Resizer| pass(resizer, samples.as_slice().into(), per_pixel, from, to).unwrap();
                assert_eq!(run(&mut best), run(&mut scalar), "{from:?} -> {to:?}, {per_pixel} bytes a pixel");
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

//! RGBA bytes -> input tensor: resize, crop and normalise exactly as the manifest's [`InputSpec`] says.
//!
//! The order is fixed, because every step rounds to 8 bits as it does where networks are trained:
//!
//! 1. transparent pixels are laid over white;
//! 2. `gray` and `luma` become one channel, L = (19595 R + 38470 G + 7471 B + 32768) >> 16, Pillow's `convert("L")`;
//! 3. resize, across and then down, each rounded to 8 bits ([`mod@resize`]);
//! 4. central crop;
//! 5. `(v - mean) / std` in f32: the subtraction is rounded, then the division.
//!
//! Everything before step 5 is integer arithmetic and step 5 is two IEEE operations, so that the page and the command
//! line feed a network the same bits (N11).

#[cfg(not(target_arch = "wasm32"))]
mod decode;
mod guess;
mod resize;

use std::borrow::Cow;

use crate::error::{Code, Error, Result};
use crate::graph::Tensor;
use crate::limits::Limits;
use crate::manifest::{Channels, InputSpec, ResizeSpec};

pub use guess::guess;

/// A decoded picture: 8-bit RGBA with straight (not premultiplied) alpha, row by row from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

impl Picture {
    /// # Errors
    /// `BadImage` for a picture without pixels or a number of bytes that is not `width * height * 4`; `TooLarge`
    /// beyond [`Limits::image_pixels`].
    pub fn new(width: u32, height: u32, rgba: Vec<u8>, limits: &Limits) -> Result<Self> {
        let pixels = check_pixels(width, height, limits)?;
        // No overflow: whoever holds `rgba` in memory cannot have a limit near `usize::MAX`.
        if pixels.checked_mul(4) != Some(rgba.len()) {
            return Err(Error::new(
                Code::BadImage,
                format!("{} bytes are not the {width}x{height} RGBA pixels that were announced", rgba.len()),
                "pass four bytes per pixel",
            ));
        }
        Ok(Picture { width, height, rgba })
    }

    pub fn width(&self) -> u32 {
        self.width
    }

    pub fn height(&self) -> u32 {
        self.height
    }

    /// Four bytes per pixel: red, green, blue, alpha.
    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    pub fn into_rgba(self) -> Vec<u8> {
        self.rgba
    }

    /// The rectangle of `width` x `height` pixels whose top left pixel is `(x, y)`.
    ///
    /// # Errors
    /// `BadImage` when it is empty or reaches beyond the picture.
    pub fn cut(&self, x: u32, y: u32, width: u32, height: u32) -> Result<Picture> {
        let inside =
            |start: u32, size: u32, whole: u32| size > 0 && u64::from(start) + u64::from(size) <= u64::from(whole);
        if !inside(x, width, self.width) || !inside(y, height, self.height) {
            return Err(Error::new(
                Code::BadImage,
                format!("a part of {width}x{height} pixels at ({x}, {y}) is not inside {}x{}", self.width, self.height),
                "check the picture's size",
            ));
        }
        let rgba = cut(&self.rgba, 4, self.width as usize, [x, y, width, height].map(|v| v as usize));
        Ok(Picture { width, height, rgba })
    }
}

/// Number of pixels, once it is known to be between 1 and [`Limits::image_pixels`].
fn check_pixels(width: u32, height: u32, limits: &Limits) -> Result<usize> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(Error::new(Code::BadImage, format!("a picture of {width}x{height} has no pixels"), ""));
    }
    if pixels > limits.image_pixels as u64 {
        return Err(too_large(format!("a picture of {width}x{height} pixels"), limits));
    }
    Ok(pixels as usize)
}

fn too_large(what: impl std::fmt::Display, limits: &Limits) -> Error {
    Error::new(
        Code::TooLarge,
        format!("{what} exceeds {} pixels", limits.image_pixels),
        "use a smaller picture, or raise the limit on the command line (--max-image-pixels)",
    )
}

/// The rectangle `[x, y, width, height]` of samples stored row by row, `bytes` per pixel and `stride` pixels per row.
fn cut(samples: &[u8], bytes: usize, stride: usize, [x, y, width, height]: [usize; 4]) -> Vec<u8> {
    let rows = samples.chunks_exact(stride * bytes).skip(y).take(height);
    let mut cut = Vec::with_capacity(width * height * bytes);
    for row in rows {
        cut.extend_from_slice(row.get(x * bytes..(x + width) * bytes).unwrap_or_default());
    }
    cut
}

/// The picture as the network's input, `[1, h, w, c]` in the channel order of `spec`.
///
/// # Errors
/// `BadOption` for a specification that is wrong in itself, `BadImage` when the crop does not fit, `TooLarge` when the
/// resized picture or the tensor exceeds `limits`.
pub fn prepare(picture: &Picture, spec: &InputSpec, limits: &Limits) -> Result<Tensor> {
    spec.check()?;
    let seen = Samples::seen(picture, spec, limits)?;
    let channels = spec.channels.count();
    let shape = vec![1, seen.height as usize, seen.width as usize, channels];
    limits.elements(&shape)?;
    let order: &[usize] = match spec.channels {
        Channels::Rgb => &[0, 1, 2],
        Channels::Bgr => &[2, 1, 0],
        Channels::Gray | Channels::Luma => &[0],
    };
    let tables: Vec<[f32; 256]> = (0..channels).map(|channel| normalisation(spec, channel)).collect();
    let mut data = vec![0.0; shape.iter().product()];
    let pixels = seen.bytes.chunks_exact(seen.per_pixel);
    for (pixel, values) in pixels.zip(data.chunks_exact_mut(channels)) {
        for ((value, &channel), table) in values.iter_mut().zip(order).zip(&tables) {
            *value = table[usize::from(pixel[channel])];
        }
    }
    Tensor::new(shape, data)
}

/// What the network sees, for people: the picture after resizing and cropping, opaque; gray for one channel.
///
/// # Errors
/// As [`prepare`].
pub fn preview(picture: &Picture, spec: &InputSpec, limits: &Limits) -> Result<Picture> {
    spec.check()?;
    let Samples { width, height, per_pixel, bytes } = Samples::seen(picture, spec, limits)?;
    let rgba = match per_pixel {
        1 => bytes.iter().flat_map(|&luma| [luma, luma, luma, 255]).collect(),
        _ => bytes.into_owned(),
    };
    Picture::new(width, height, rgba, limits)
}

/// Smallest and largest value that a picture can give each channel of the input.
pub fn extremes(spec: &InputSpec) -> Vec<[f32; 2]> {
    let ends = |channel| {
        let [first, .., last] = normalisation(spec, channel);
        [first.min(last), first.max(last)]
    };
    (0..spec.channels.count()).map(ends).collect()
}

/// `(v - mean) / std` of every 8-bit value of one channel.
fn normalisation(spec: &InputSpec, channel: usize) -> [f32; 256] {
    let of = |values: &[f64]| values.get(channel).or(values.first()).copied().unwrap_or_default() as f32;
    let (mean, std) = (of(&spec.mean), of(&spec.std));
    std::array::from_fn(|value| (value as f32 - mean) / std)
}

/// Opaque 8-bit pixels: RGB and an unused byte, or luminance alone.
struct Samples<'a> {
    width: u32,
    height: u32,
    /// 4 or 1.
    per_pixel: usize,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Samples<'a> {
    /// Steps 1 to 4 of the [module](self).
    fn seen(picture: &'a Picture, spec: &InputSpec, limits: &Limits) -> Result<Self> {
        Samples::opaque(picture, spec.channels).resized(spec.resize, limits)?.cropped(spec.crop)
    }

    fn opaque(picture: &'a Picture, channels: Channels) -> Self {
        let pixels = picture.rgba.as_chunks::<4>().0;
        let (per_pixel, bytes) = match channels {
            Channels::Gray | Channels::Luma => (1, pixels.iter().map(|&pixel| luma(over_white(pixel))).collect()),
            // The usual case costs nothing.
            Channels::Rgb | Channels::Bgr if pixels.iter().all(|pixel| pixel[3] == 255) => {
                (4, Cow::Borrowed(picture.rgba.as_slice()))
            }
            Channels::Rgb | Channels::Bgr => (4, pixels.iter().flat_map(|&pixel| over_white(pixel)).collect()),
        };
        Samples { width: picture.width, height: picture.height, per_pixel, bytes }
    }

    fn resized(self, spec: ResizeSpec, limits: &Limits) -> Result<Self> {
        let [width, height] = resize::target(spec, [self.width, self.height], limits)?;
        let bytes = resize::resize(self.bytes, self.per_pixel, [self.width, self.height], [width, height], limits)?;
        Ok(Samples { width, height, per_pixel: self.per_pixel, bytes })
    }

    fn cropped(self, crop: Option<[u32; 2]>) -> Result<Self> {
        let Some([width, height]) = crop else { return Ok(self) };
        let (Some(x), Some(y)) = (margin(self.width, width), margin(self.height, height)) else {
            return Err(Error::new(
                Code::BadImage,
                format!(
                    "a crop of {width}x{height} does not fit in the resized picture of {}x{}",
                    self.width, self.height
                ),
                "resize to a larger size or crop less",
            ));
        };
        if [width, height] == [self.width, self.height] {
            return Ok(self);
        }
        let rectangle = [x, y, width, height].map(|v| v as usize);
        let bytes = cut(&self.bytes, self.per_pixel, self.width as usize, rectangle).into();
        Ok(Samples { width, height, per_pixel: self.per_pixel, bytes })
    }
}

/// What is cut off at the left (or top): `round((whole - part) / 2)`, a half to the even number, as torchvision's
/// `CenterCrop` does. `None` when the part is larger than the whole.
fn margin(whole: u32, part: u32) -> Option<u32> {
    let rest = whole.checked_sub(part)?;
    let half = rest / 2;
    Some(half + (rest % 2) * (half % 2))
}

/// Each colour `c` with opacity `a` becomes `(c a + 255 (255 - a)) / 255`, rounded to nearest.
fn over_white([r, g, b, alpha]: [u8; 4]) -> [u8; 4] {
    let lay = |colour: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(alpha));
        ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    [lay(r), lay(g), lay(b), 255]
}

/// 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point; the three factors sum to 2^16.
fn luma([r, g, b, _]: [u8; 4]) -> u8 {
    ((19595 * u32::from(r) + 38470 * u32::from(g) + 7471 * u32::from(b) + 32768) >> 16) as u8
}

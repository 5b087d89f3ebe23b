//! JPEG, PNG, WebP, BMP and GIF files, for the command line and tests; in the page the browser decodes.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageReader};

use super::{Picture, check_pixels};
use crate::error::{Code, Error, Result};
use crate::limits::Limits;

/// A JPEG file begins with the marker "start of image".
const JPEG_START: [u8; 2] = [0xff, 0xd8];

impl Picture {
    /// The first frame, turned upright where the file says so, as browsers do; colour profiles are ignored.
    ///
    /// # Errors
    /// `TooLarge` when the file announces more than [`Limits::image_pixels`] (nothing is allocated for it then),
    /// `BadImage` when it is no picture or a damaged one.
    pub fn decode(file: &[u8], limits: &Limits) -> Result<Self> {
        let bad = |error: &dyn std::fmt::Display| {
            Error::new(
                Code::BadImage,
                format!("the picture cannot be decoded: {error}"),
                "use an undamaged JPEG, PNG, WebP, BMP or GIF file",
            )
        };
        if file.starts_with(&JPEG_START) && !jpeg_is_complete(file) {
            return Err(bad(&"the JPEG data ends too early"));
        }
        let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|error| bad(&error))?;
        let mut memory = image::Limits::default();
        // Decoders ask for a few copies of at most 8 bytes a pixel, and for tables.
        memory.max_alloc = Some((limits.image_pixels as u64).saturating_mul(32).saturating_add(1 << 20));
        reader.limits(memory);
        let mut decoder = reader.into_decoder().map_err(|error| bad(&error))?;
        let (width, height) = decoder.dimensions();
        check_pixels(width, height, limits)?;
        let orientation = decoder.orientation().map_err(|error| bad(&error))?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(|error| bad(&error))?;
        image.apply_orientation(orientation);
        let rgba = image.into_rgba8();
        let (width, height) = rgba.dimensions();
        Picture::new(width, height, rgba.into_raw(), limits)
    }
}

/// Whether the marker "end of image" is there. The decoder fills what is missing with gray instead of failing.
///
/// Marker segments state their length and are skipped, because an embedded thumbnail has an end of its own.
fn jpeg_is_complete(file: &[u8]) -> bool {
    let mut rest = file.get(JPEG_START.len()..).unwrap_or_default();
    loop {
        let Some(at) = rest.iter().position(|&byte| byte == 0xff) else { return false };
        rest = rest.get(at + 1..).unwrap_or_default();
        match rest {
            [] => return false,
            [0xd9, ..] => return true,
            // 0xff itself is written as ff 00 in coded data and may be repeated as filling; restart markers stand alone.
            [0x00 | 0x01 | 0xd0..=0xd8, after @ ..] => rest = after,
            [0xff, ..] => {}
            [_, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = rest.get(1 + length..).unwrap_or_default();
            }
            _ => return false,
        }
    }
}

//! JPEG, PNG, WebP, BMP and GIF files, for the command line and tests; in the page the browser decodes.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageReader};

use super::{Picture, check_pixels};
use crate::error::{Code, Error, Result};
use crate::limits::Limits;

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

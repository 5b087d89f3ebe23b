//! What a model's input probably wants, for models that come without a manifest.

use crate::error::{Code, Error, Result};
use crate::manifest::{Channels, InputSpec, ResizeSpec};

/// Guesses from the ONNX shape `[1, c, h, w]` of the input; the caller says that it is a guess.
///
/// Three channels are taken as RGB and one as gray. An input of 224x224 is taken for an ImageNet classifier, whose
/// pictures are customarily resized to 256 on the shorter side and cropped; any other size is stretched to. The values
/// become -1..1, `(v - 127.5) / 127.5`, the convention of the TensorFlow and Keras MobileNets.
///
/// # Errors
/// `ShapeMismatch` when the shape is not that of one picture.
pub fn guess(shape_nchw: &[usize]) -> Result<InputSpec> {
    let picture = |size: usize| u32::try_from(size).ok().filter(|&size| size > 0);
    let (channels, height, width) = match *shape_nchw {
        [1, channels @ (1 | 3), height, width] => (channels, picture(height), picture(width)),
        _ => (0, None, None),
    };
    let (Some(height), Some(width)) = (height, width) else {
        return Err(Error::new(
            Code::ShapeMismatch,
            format!("an input of shape {shape_nchw:?} is not one picture of 1 or 3 channels"),
            "Shiftwise wants a model whose input is [1, 3, height, width] or [1, 1, height, width]",
        ));
    };
    let (resize, crop) = match [width, height] {
        size @ [224, 224] => (ResizeSpec::ShorterSide { size: 256 }, Some(size)),
        size => (ResizeSpec::Stretch { size }, None),
    };
    Ok(InputSpec {
        channels: if channels == 1 { Channels::Gray } else { Channels::Rgb },
        resize,
        crop,
        mean: vec![127.5; channels],
        std: vec![127.5; channels],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_by_shape() {
        let imagenet = guess(&[1, 3, 224, 224]).unwrap();
        assert_eq!(imagenet.channels, Channels::Rgb);
        assert_eq!(imagenet.resize, ResizeSpec::ShorterSide { size: 256 });
        assert_eq!(imagenet.crop, Some([224, 224]));
        let wide = guess(&[1, 1, 240, 320]).unwrap();
        assert_eq!(wide.channels, Channels::Gray);
        assert_eq!(wide.resize, ResizeSpec::Stretch { size: [320, 240] });
        assert_eq!((wide.crop, wide.mean), (None, vec![127.5]));
        for shape in [&[1, 3, 224][..], &[2, 3, 32, 32], &[1, 4, 32, 32], &[1, 3, 0, 32], &[1, 224, 224, 3], &[]] {
            assert_eq!(guess(shape).unwrap_err().code, Code::ShapeMismatch, "{shape:?}");
        }
    }
}

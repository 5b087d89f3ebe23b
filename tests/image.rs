//! Preprocessing against Pillow: the files in tests/image/ were made by tests/image/make_resize.py.

#[path = "image/pillow.rs"]
mod pillow;

use pillow::{difference, picture, spec, stretch};
use shiftwise::error::Code;
use shiftwise::image::{Picture, prepare, preview};
use shiftwise::limits::Limits;
use shiftwise::manifest::{Channels, InputSpec, ResizeSpec};

fn solid(width: u32, height: u32, pixel: [u8; 4]) -> Picture {
    Picture::new(width, height, pixel.repeat((width * height) as usize), &Limits::default()).unwrap()
}

#[test]
fn resizing_is_pillows() {
    pillow::compare();
}

#[test]
fn normalises_each_channel_in_the_order_asked_for() {
    let pixel = [10, 20, 30, 255];
    let mut spec = spec(Channels::Rgb, stretch(2, 1), None);
    spec.mean = vec![1.0, 2.0, 3.0];
    spec.std = vec![3.0, 5.0, 7.0];
    let values = |spec: &InputSpec| prepare(&solid(2, 1, pixel), spec, &Limits::default()).unwrap();
    let rgb = values(&spec);
    assert_eq!(rgb.shape(), [1, 1, 2, 3]);
    assert_eq!(rgb.data()[..3], [9.0 / 3.0, 18.0 / 5.0, 27.0 / 7.0]);
    spec.channels = Channels::Bgr;
    assert_eq!(values(&spec).data()[..3], [29.0 / 3.0, 18.0 / 5.0, 7.0 / 7.0], "mean and std follow the order");
    spec.channels = Channels::Gray;
    (spec.mean, spec.std) = (vec![127.5], vec![127.5]);
    let gray = values(&spec);
    assert_eq!(gray.shape(), [1, 1, 2, 1]);
    // 0.299 * 10 + 0.587 * 20 + 0.114 * 30 = 18.15
    assert_eq!(gray.data(), [(18.0 - 127.5) / 127.5; 2]);
}

#[test]
fn transparency_is_laid_over_white() {
    let seen = |pixel| {
        let preview = preview(&solid(1, 1, pixel), &spec(Channels::Rgb, stretch(1, 1), None), &Limits::default());
        <[u8; 4]>::try_from(preview.unwrap().into_rgba()).unwrap()
    };
    assert_eq!(seen([10, 20, 30, 0]), [255, 255, 255, 255]);
    assert_eq!(seen([10, 20, 30, 255]), [10, 20, 30, 255]);
    assert_eq!(seen([0, 255, 100, 128]), [127, 255, 177, 255]); // 255 - 155 * 128 / 255 = 177.2
}

#[test]
fn preview_is_what_the_tensor_holds() {
    for (channels, of_pixel) in [(Channels::Rgb, [0, 1, 2]), (Channels::Bgr, [2, 1, 0]), (Channels::Gray, [0, 0, 0])] {
        let spec = spec(channels, ResizeSpec::ShorterSide { size: 20 }, Some([16, 12]));
        let tensor = prepare(&picture(), &spec, &Limits::default()).unwrap();
        let seen = preview(&picture(), &spec, &Limits::default()).unwrap();
        assert_eq!(([seen.width(), seen.height()], tensor.shape()), ([16, 12], &[1, 12, 16, channels.count()][..]));
        for (pixel, values) in seen.rgba().chunks_exact(4).zip(tensor.data().chunks_exact(channels.count())) {
            for (value, index) in values.iter().zip(of_pixel) {
                assert_eq!(*value, f32::from(pixel[index]), "{channels:?}");
            }
        }
    }
}

#[test]
fn crop_offsets_round_half_to_even() {
    // One row whose pixels are numbered; 5 pixels off 10 and 3 off 10 leave halves of 2.5 and 3.5.
    let row: Vec<u8> = (0..10).flat_map(|x| [x, x, x, 255]).collect();
    let row = Picture::new(10, 1, row, &Limits::default()).unwrap();
    let first = |width| {
        let spec = spec(Channels::Gray, stretch(10, 1), Some([width, 1]));
        prepare(&row, &spec, &Limits::default()).unwrap().data()[0]
    };
    assert_eq!((first(5), first(3), first(4), first(10)), (2.0, 4.0, 3.0, 0.0));
}

#[test]
fn wrong_pictures_are_refused() {
    let limits = Limits { image_pixels: 100, ..Limits::default() };
    let code = |width, height, bytes: usize| Picture::new(width, height, vec![0; bytes], &limits).unwrap_err().code;
    assert_eq!(code(0, 4, 0), Code::BadImage);
    assert_eq!(code(4, 4, 63), Code::BadImage);
    assert_eq!(code(4, 4, 48), Code::BadImage);
    assert_eq!(code(101, 1, 404), Code::TooLarge);
    assert_eq!(code(u32::MAX, u32::MAX, 0), Code::TooLarge);

    let prepare = |resize, crop| {
        let error = prepare(&solid(8, 8, [0; 4]), &spec(Channels::Rgb, resize, crop), &limits).unwrap_err();
        (error.code, error.reason)
    };
    let (code, reason) = prepare(stretch(9, 9), Some([9, 10]));
    assert_eq!(code, Code::BadImage);
    assert!(reason.contains("crop of 9x10") && reason.contains("9x9"), "{reason}");
    assert_eq!(prepare(stretch(11, 10), None).0, Code::TooLarge);
    assert_eq!(prepare(stretch(0, 10), None).0, Code::BadOption);
}

#[test]
fn parts_are_cut_out_of_a_picture() {
    let picture = picture();
    let part = picture.cut(80, 58, 3, 2).unwrap();
    assert_eq!((part.width(), part.height()), (3, 2));
    assert_eq!(part.rgba()[12..24], picture.rgba()[(59 * 83 + 80) * 4..(59 * 83 + 83) * 4]);
    for (x, y, width, height) in [(81, 0, 3, 1), (0, 60, 1, 2), (0, 0, 0, 1), (u32::MAX, 0, 2, 1)] {
        assert_eq!(picture.cut(x, y, width, height).unwrap_err().code, Code::BadImage);
    }
}

/// Decoding files is native: in the page the browser does it.
#[cfg(not(target_arch = "wasm32"))]
mod decode {
    use super::*;

    fn decode(file: &[u8]) -> Picture {
        Picture::decode(file, &Limits::default()).unwrap()
    }

    #[test]
    fn png_is_exact() {
        assert_eq!(decode(include_bytes!("image/picture.png")), picture());
    }

    /// The decoder and Pillow's (libjpeg-turbo) round the inverse DCT differently and spread subsampled colours by other
    /// filters. As measured: how many of 15189 samples differ, and by how much at most. A worse decoder shows.
    #[test]
    fn jpeg_differs_from_pillow_no_more_than_known() {
        /// File, Pillow's samples, and the known difference: how many, and by how much at most.
        type Case = (&'static [u8], &'static [u8], (usize, u8));
        let cases: [Case; 3] = [
            (include_bytes!("image/jpeg_444.jpg"), include_bytes!("image/jpeg_444.rgb"), (605, 2)),
            (include_bytes!("image/jpeg_422.jpg"), include_bytes!("image/jpeg_422.rgb"), (2122, 3)),
            (include_bytes!("image/jpeg_420.jpg"), include_bytes!("image/jpeg_420.rgb"), (3891, 3)),
        ];
        for (file, pillow, (count, most)) in cases {
            let rgb: Vec<u8> = decode(file).rgba().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
            let found = difference(&rgb, pillow);
            assert!(found.0 <= count && found.1 <= most, "{found:?}, known: {:?}", (count, most));
        }
    }

    #[test]
    fn damaged_files_are_refused() {
        let png = include_bytes!("image/picture.png");
        let jpeg = include_bytes!("image/jpeg_420.jpg");
        for file in
            [&b""[..], b"not a picture", &png[..png.len() / 2], &jpeg[..jpeg.len() / 2], &jpeg[..40], &jpeg[..2]]
        {
            let decoded = Picture::decode(file, &Limits::default());
            let code = decoded.map(|_| "a picture").map_err(|error| error.code);
            assert_eq!(code, Err(Code::BadImage), "{} bytes", file.len());
        }
    }

    #[test]
    fn the_limit_is_checked_before_decoding() {
        // The header of a 100000 x 100000 picture with nothing behind it.
        let mut png = include_bytes!("image/picture.png")[..33].to_vec();
        png[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
        let error = Picture::decode(&png, &Limits::default()).unwrap_err();
        assert!(matches!(error.code, Code::BadImage | Code::TooLarge), "{error}");
        let limits = Limits { image_pixels: 83 * 61 - 1, ..Limits::default() };
        let error = Picture::decode(include_bytes!("image/picture.png"), &limits).unwrap_err();
        assert_eq!(error.code, Code::TooLarge, "{error}");
    }
}

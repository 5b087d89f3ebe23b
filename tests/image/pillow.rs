//! Pictures that Pillow resized (make_resize.py), against ours. Native tests and the browser's run the same comparison.

use shiftwise::image::{Picture, prepare};
use shiftwise::limits::Limits;
use shiftwise::manifest::{Channels, InputSpec, ResizeSpec};

/// Every sample is Pillow's.
pub fn compare() {
    use Channels::{Luma, Rgb};
    let shorter = ResizeSpec::ShorterSide { size: 40 };
    type Case = (Channels, ResizeSpec, Option<[u32; 2]>, &'static [u8]);
    let cases: [Case; 7] = [
        (Rgb, stretch(27, 19), None, include_bytes!("stretch_27x19.rgb")),
        (Rgb, stretch(90, 50), None, include_bytes!("stretch_90x50.rgb")),
        (Rgb, stretch(5, 70), None, include_bytes!("stretch_5x70.rgb")),
        (Rgb, stretch(83, 24), None, include_bytes!("stretch_83x24.rgb")),
        (Rgb, stretch(3, 2), None, include_bytes!("stretch_3x2.rgb")),
        (Rgb, shorter, Some([37, 29]), include_bytes!("shorter_40_crop_37x29.rgb")),
        (Luma, stretch(28, 28), None, include_bytes!("luma_28x28.l")),
    ];
    for (channels, resize, crop, pillow) in cases {
        let tensor = prepare(&picture(), &spec(channels, resize, crop), &Limits::default()).unwrap();
        let ours: Vec<u8> = tensor.data().iter().map(|&value| value as u8).collect();
        let different = difference(&ours, pillow);
        assert_eq!(different, (0, 0), "{resize:?}: samples that differ, and by how much at most");
    }
}

/// How many bytes differ, and by how much at most.
pub fn difference(a: &[u8], b: &[u8]) -> (usize, u8) {
    assert_eq!(a.len(), b.len());
    let apart = || a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
    (apart().filter(|&by| by > 0).count(), apart().max().unwrap_or(0))
}

pub fn picture() -> Picture {
    Picture::new(83, 61, include_bytes!("picture.rgba").to_vec(), &Limits::default()).unwrap()
}

/// Leaves the values 0..255 as they are.
pub fn spec(channels: Channels, resize: ResizeSpec, crop: Option<[u32; 2]>) -> InputSpec {
    InputSpec { channels, resize, crop, mean: vec![0.0], std: vec![1.0] }
}

pub fn stretch(width: u32, height: u32) -> ResizeSpec {
    ResizeSpec::Stretch { size: [width, height] }
}

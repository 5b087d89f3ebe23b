//! What a model is for, guessed from the shapes of its outputs; the caller says that it is a guess.

use super::detection::candidates;
use super::elements;
use crate::manifest::Task;
use crate::report::TensorInfo;

/// Of ONNX shapes, the first that fits:
///
/// 1. `[1, n, c]` scores beside `[1, n, 4]` boxes: detection;
/// 2. a first output `[1, c, h, w]` with `h` and `w` above 1: image to image where it has one channel, or as many as the
///    input and its size or an enlargement of it by whole factors; segmentation otherwise;
/// 3. a first output of one number: regression;
/// 4. anything else: classification.
pub fn guess(outputs: &[TensorInfo], input: &TensorInfo) -> Task {
    if candidates(outputs).is_some() {
        return Task::Detection;
    }
    let Some(first) = outputs.first() else { return Task::Classification };
    match *first.shape.as_slice() {
        [1, 1, h, w] if h > 1 && w > 1 => Task::Image,
        [1, c, h, w] if h > 1 && w > 1 => match *input.shape.as_slice() {
            [_, channels, height, width] if channels == c && is_whole(h, height) && is_whole(w, width) => Task::Image,
            _ => Task::Segmentation,
        },
        _ if elements(first) == 1 => Task::Regression,
        _ => Task::Classification,
    }
}

fn is_whole(size: u32, of: u32) -> bool {
    size >= of && size.checked_rem(of) == Some(0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::info;
    use super::*;

    #[test]
    fn shapes_tell_the_task() {
        let input = info("input", &[1, 3, 48, 64]);
        for (shapes, task) in [
            (&[&[1, 4420, 2][..], &[1, 4420, 4]][..], Task::Detection),
            (&[&[4420, 4], &[4420, 1]], Task::Detection),
            (&[&[1, 10, 2], &[1, 11, 4]], Task::Classification),
            (&[&[1, 10, 4]], Task::Classification),
            (&[&[1, 21, 48, 64]], Task::Segmentation),
            (&[&[1, 2, 24, 32]], Task::Segmentation),
            // Three channels, but smaller than the input, or not enlarged by a whole factor.
            (&[&[1, 3, 24, 32]], Task::Segmentation),
            (&[&[1, 3, 60, 64]], Task::Segmentation),
            (&[&[1, 3, 48, 64]], Task::Image),
            (&[&[1, 3, 96, 128]], Task::Image),
            (&[&[1, 1, 48, 64]], Task::Image),
            (&[&[1, 1]], Task::Regression),
            (&[&[1, 1, 1, 1]], Task::Regression),
            (&[&[1]], Task::Regression),
            (&[&[1, 1000]], Task::Classification),
            (&[&[1, 1000, 1, 1]], Task::Classification),
            (&[&[1, 2]], Task::Classification),
            (&[], Task::Classification),
        ] {
            let outputs: Vec<TensorInfo> = shapes.iter().map(|shape| info("y", shape)).collect();
            assert_eq!(guess(&outputs, &input), task, "{shapes:?}");
        }
        let gray = info("input", &[1, 1, 48, 64]);
        assert_eq!(guess(&[info("y", &[1, 3, 48, 64])], &gray), Task::Segmentation, "three classes of gray pictures");
    }
}

//! Class scores of every pixel -> mask.

use super::{label_of, unreadable};
use crate::error::Result;
use crate::graph::Tensor;
use crate::manifest::Task;
use crate::order;
use crate::report::{ClassShare, TaskResult, TensorInfo};

/// A mask holds one byte a pixel.
const MOST_CLASSES: u32 = 256;

/// # Errors
/// `BadManifest` unless the output's shape is `[1, classes, height, width]` with 2 to 256 classes.
pub fn check(output: &TensorInfo) -> Result<()> {
    match *output.shape.as_slice() {
        [1, 2..=MOST_CLASSES, height, width] if height > 0 && width > 0 => Ok(()),
        _ => Err(unreadable(Task::Segmentation, output, "scores [1, 2 to 256 classes, height, width]")),
    }
}

/// Every pixel gets the class with the highest score; among equals the lowest class.
pub fn decode(scores: &Tensor, labels: &[String]) -> TaskResult {
    let &[_, classes, height, width] = scores.shape() else {
        return TaskResult::Mask { width: 0, height: 0, pixels: Vec::new(), classes: Vec::new() };
    };
    let plane = height * width;
    let mut pixels = vec![0u8; plane];
    let mut best = vec![f32::NEG_INFINITY; plane];
    for (class, scores) in scores.data().chunks_exact(plane.max(1)).enumerate() {
        for ((pixel, best), &score) in pixels.iter_mut().zip(&mut best).zip(scores) {
            if score > *best {
                (*pixel, *best) = (class as u8, score);
            }
        }
    }
    let mut counts = vec![0usize; classes];
    for &pixel in &pixels {
        counts[usize::from(pixel)] += 1;
    }
    let by_share = order::by(classes, &|a, b| counts[b].cmp(&counts[a]));
    let present = by_share.into_iter().filter(|&class| counts[class] > 0);
    let share = |class: usize| counts[class] as f64 / plane as f64;
    TaskResult::Mask {
        width: width as u32,
        height: height as u32,
        pixels,
        classes: present
            .map(|class| ClassShare { class: class as u32, label: label_of(class, labels), share: share(class) })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_score_wins_and_ties_go_to_the_lowest_class() {
        // Two rows of two pixels, three classes.
        let scores = vec![1.0, 5.0, 0.0, f32::NAN, 2.0, 5.0, 0.0, 0.5, 3.0, 4.0, 0.0, 0.25];
        let result = decode(&Tensor::new([1, 3, 2, 2], scores).unwrap(), &["sky".into(), "sea".into()]);
        let TaskResult::Mask { width: 2, height: 2, pixels, classes } = result else { panic!("{result:?}") };
        assert_eq!(pixels, [2, 0, 0, 1]);
        let told: Vec<_> = classes.iter().map(|c| (c.class, c.label.as_str(), c.share)).collect();
        assert_eq!(told, [(0, "sky", 0.5), (1, "sea", 0.25), (2, "2", 0.25)]);
    }
}

//! How well a scheme's results agree with float's.
//!
//! A figure is made of sums that add up over pictures, so that the figure of a set does not depend on how it is divided:
//!
//! | task | figure | of a set |
//! |---|---|---|
//! | classification | `top-1` | pictures with the same best class / pictures |
//! | detection | `f1@0.5` | 2 m / (f + s): m matched boxes, f of float's, s of the scheme's, all pooled; 1 where neither has any |
//! | segmentation | `miou` | mean over pictures of the mean over classes, those in either mask, of intersection / union in pixels |
//! | image to image | `psnr_db` | 10 log10(255^2 / mean squared difference of the 8-bit samples of all pictures) |
//! | regression | `mae` | mean absolute difference, in the unit of the number |
//!
//! Boxes are matched greedily, as the evaluation of COCO does (Lin et al., arXiv:1405.0312): the scheme's, by falling
//! score, each take that box of float's, among those of the same class that are not taken yet, with which their
//! intersection over union is largest, if it is at least 0.5. Intersection over union of a class is that of PASCAL VOC's
//! segmentation (Everingham et al., IJCV 2010, section 4.3) with float's mask as the truth; unlike there it is taken
//! picture by picture, so that every picture counts the same, and a class that float sees once does not weigh as much as
//! one that it sees everywhere. PSNR is that of the pictures as they are shown, but for added colours.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::detection::iou;
use crate::report::{DetectedBox, TaskResult};

/// Least intersection over union of boxes that match.
const MATCH: f64 = 0.5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub enum Metric {
    #[serde(rename = "top-1")]
    Top1,
    #[serde(rename = "f1@0.5")]
    F1,
    #[serde(rename = "miou")]
    MeanIou,
    #[serde(rename = "psnr_db")]
    PsnrDb,
    #[serde(rename = "mae")]
    MeanAbsoluteError,
}

/// Sums over any number of pictures; tallies of one metric are added entry by entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Tally {
    pub metric: Metric,
    /// `top-1`: equal, pictures. `f1@0.5`: matched, float's boxes, the scheme's. `miou`: sum of the pictures' means,
    /// pictures. `psnr_db`: sum of squares, samples. `mae`: sum, pictures.
    pub sums: Vec<f64>,
}

impl Tally {
    /// Of one picture; `None` for results of different kinds or sizes.
    pub fn of(float: &TaskResult, scheme: &TaskResult) -> Option<Self> {
        use TaskResult::{Boxes, Classes, Image, Mask, Value};
        let (metric, sums) = match (float, scheme) {
            (Classes { top: f }, Classes { top: s }) => {
                let equal = f.first()?.class == s.first()?.class;
                (Metric::Top1, vec![f64::from(u8::from(equal)), 1.0])
            }
            (Boxes { boxes: f }, Boxes { boxes: s }) => {
                (Metric::F1, vec![matched(f, s) as f64, f.len() as f64, s.len() as f64])
            }
            (Mask { pixels: f, .. }, Mask { pixels: s, .. }) if f.len() == s.len() => {
                (Metric::MeanIou, vec![mean_iou(f, s), 1.0])
            }
            (Image { rgba: f, .. }, Image { rgba: s, .. }) if f.len() == s.len() => {
                (Metric::PsnrDb, squares(f, s).to_vec())
            }
            (Value { value: f, .. }, Value { value: s, .. }) => (Metric::MeanAbsoluteError, vec![(f - s).abs(), 1.0]),
            _ => return None,
        };
        Some(Tally { metric, sums })
    }

    /// Adds the sums of more pictures, which are of the same metric.
    pub fn merge(&mut self, other: &Tally) {
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum += more;
        }
    }

    /// The figure; `None` when it is infinite (`psnr_db` of equal pictures) or of nothing.
    pub fn value(&self) -> Option<f64> {
        let ratio = |over: f64, under: f64| (under > 0.0).then(|| over / under);
        match (self.metric, self.sums.as_slice()) {
            (Metric::Top1 | Metric::MeanIou | Metric::MeanAbsoluteError, &[sum, pictures]) => ratio(sum, pictures),
            (Metric::F1, &[matched, float, scheme]) => Some(ratio(2.0 * matched, float + scheme).unwrap_or(1.0)),
            (Metric::PsnrDb, &[squares, samples]) => {
                ratio(255.0 * 255.0 * samples, squares).map(|ratio| 10.0 * libm::log10(ratio))
            }
            _ => None,
        }
    }
}

/// Number of the scheme's boxes (by falling score) that find one of float's.
fn matched(float: &[DetectedBox], scheme: &[DetectedBox]) -> usize {
    let mut taken = vec![false; float.len()];
    for found in scheme {
        let mut best: Option<(usize, f64)> = None;
        for (index, wanted) in float.iter().enumerate() {
            let overlap = iou(&wanted.corners, &found.corners);
            // Among equals the first, which has the higher score.
            let is_better = overlap >= MATCH && best.is_none_or(|(_, most)| overlap > most);
            if is_better && wanted.class == found.class && !taken[index] {
                best = Some((index, overlap));
            }
        }
        if let Some((index, _)) = best {
            taken[index] = true;
        }
    }
    taken.into_iter().filter(|&taken| taken).count()
}

/// Over the classes in either mask.
fn mean_iou(float: &[u8], scheme: &[u8]) -> f64 {
    let (mut both, mut either) = ([0u32; 256], [0u32; 256]);
    for (&f, &s) in float.iter().zip(scheme) {
        let [f, s] = [usize::from(f), usize::from(s)];
        either[f] += 1;
        if f == s {
            both[f] += 1;
        } else {
            either[s] += 1;
        }
    }
    let occurring = both.iter().zip(&either).filter(|&(_, &either)| either > 0);
    let ious = occurring.map(|(&both, &either)| f64::from(both) / f64::from(either));
    let (sum, classes) = ious.fold((0.0, 0u32), |(sum, classes), iou| (sum + iou, classes + 1));
    sum / f64::from(classes.max(1))
}

/// Sum of squared differences of red, green and blue, and how many samples there are.
fn squares(float: &[u8], scheme: &[u8]) -> [f64; 2] {
    let (f, s) = (float.as_chunks::<4>().0, scheme.as_chunks::<4>().0);
    let samples = f.iter().zip(s).flat_map(|(f, s)| f[..3].iter().zip(&s[..3]));
    let (sum, count) = samples.fold((0u64, 0u64), |(sum, count), (&f, &s)| {
        let difference = u64::from(f.abs_diff(s));
        (sum + difference * difference, count + 1)
    });
    [sum as f64, count as f64]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxes(list: &[(u32, f64, [f64; 4])]) -> TaskResult {
        let boxes =
            list.iter().map(|&(class, score, corners)| DetectedBox { class, label: class.to_string(), score, corners });
        TaskResult::Boxes { boxes: boxes.collect() }
    }

    fn mask(pixels: &[u8]) -> TaskResult {
        TaskResult::Mask { width: pixels.len() as u32, height: 1, pixels: pixels.to_vec(), classes: Vec::new() }
    }

    fn figure(float: &TaskResult, scheme: &TaskResult) -> Option<f64> {
        Tally::of(float, scheme).unwrap().value()
    }

    #[test]
    fn boxes_are_matched_once_and_by_class() {
        let here = [0.0, 0.0, 0.5, 0.5];
        // IoU with `here`: 0.8 and 0.5.
        let (close, closer) = ([0.0, 0.0, 0.5, 0.25], [0.0, 0.0, 0.5, 0.4]);
        let float = boxes(&[(1, 0.9, here), (1, 0.8, [0.5, 0.5, 1.0, 1.0])]);
        let f1 = |list: &[(u32, f64, [f64; 4])]| figure(&float, &boxes(list)).unwrap();
        assert_eq!(figure(&float, &float), Some(1.0));
        assert_eq!(f1(&[(1, 0.7, close)]), 2.0 / 3.0, "an IoU of just 0.5 matches");
        assert_eq!(f1(&[(1, 0.7, [0.0, 0.0, 0.5, 0.24])]), 0.0);
        assert_eq!(f1(&[(2, 0.7, here)]), 0.0, "another class");
        assert_eq!(f1(&[(1, 0.7, close), (1, 0.6, closer)]), 0.5, "one of float's is found once");
        assert_eq!(f1(&[]), 0.0);
        assert_eq!(figure(&boxes(&[]), &boxes(&[])), Some(1.0), "both see nothing");
        assert_eq!(figure(&boxes(&[]), &float), Some(0.0));
    }

    #[test]
    fn the_better_of_two_overlaps_is_taken() {
        let float = boxes(&[(0, 0.9, [0.0, 0.0, 1.0, 0.6]), (0, 0.8, [0.0, 0.0, 1.0, 1.0])]);
        // 0.6 with the first, 1 with the second; then 1 with the first.
        let scheme = boxes(&[(0, 0.9, [0.0, 0.0, 1.0, 1.0]), (0, 0.8, [0.0, 0.0, 1.0, 0.6])]);
        assert_eq!(figure(&float, &scheme), Some(1.0));
    }

    #[test]
    fn masks_are_compared_class_by_class_and_picture_by_picture() {
        // Class 0: 2 of 3, class 2: 0 of 1, class 5: 1 of 1.
        let first = Tally::of(&mask(&[0, 0, 0, 5]), &mask(&[0, 0, 2, 5])).unwrap();
        assert!((first.value().unwrap() - 5.0 / 9.0).abs() < 1e-15);
        let mut both = Tally::of(&mask(&[0; 4]), &mask(&[0; 4])).unwrap();
        assert_eq!(both.value(), Some(1.0));
        both.merge(&first);
        assert!((both.value().unwrap() - 7.0 / 9.0).abs() < 1e-15, "the mean of 1 and 5 / 9");
        assert_eq!(Tally::of(&mask(&[0]), &mask(&[0, 1])), None);
    }

    #[test]
    fn pictures_and_numbers() {
        let image = |red: u8| TaskResult::Image { width: 1, height: 1, rgba: vec![red, 100, 100, 255] };
        assert_eq!(figure(&image(9), &image(9)), None, "infinite");
        // One of three samples is off by 51, a fifth of 255: 10 log10(25 * 3).
        assert!((figure(&image(100), &image(151)).unwrap() - 18.750_612_633_917).abs() < 1e-9);
        let value = |value: f64| TaskResult::Value { value, label: None, unit: None };
        let mut error = Tally::of(&value(1.0), &value(-1.5)).unwrap();
        error.merge(&Tally::of(&value(1.0), &value(1.5)).unwrap());
        assert_eq!(error.value(), Some(1.5));
        assert_eq!(Tally::of(&value(1.0), &image(1)), None);
    }

    #[test]
    fn names_of_the_metrics() {
        let names = [Metric::Top1, Metric::F1, Metric::MeanIou, Metric::PsnrDb, Metric::MeanAbsoluteError]
            .map(|metric| serde_json::to_value(metric).unwrap());
        assert_eq!(names, ["top-1", "f1@0.5", "miou", "psnr_db", "mae"]);
    }
}

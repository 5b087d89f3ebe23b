//! Scores and boxes -> detected boxes.
//!
//! 1. **Scores** become probabilities (softmax over a box's classes, sigmoid, or as they are). Every class but the
//!    background with a score of at least the threshold is a candidate.
//! 2. **Boxes** `corners` are left, top, right, bottom. Boxes `ssd` are offsets `(a, b, c, d)` from a prior `(x, y, w, h)`
//!    with variances `(v, u)` (Liu et al., "SSD: Single Shot MultiBox Detector", arXiv:1512.02325, equation 2, inverted;
//!    the variances come from its implementation):
//!
//!    ```text
//!    centre = (x + a v w, y + b v h)        size = (w exp(c u), h exp(d u))
//!    ```
//! 3. Boxes are cut to the picture; empty ones and those that are not finite are dropped.
//! 4. **Non-maximum suppression** (Felzenszwalb et al., PAMI 2010, section 3), class by class: the best box stays, and every
//!    box whose intersection over union with a better one that stayed exceeds the threshold is dropped. Among equal
//!    scores the earlier box counts as better, so that the result does not depend on a sort's whims.
//! 5. The best boxes of all classes stay, as many as the manifest allows; among equals the lower class, then the earlier
//!    box, comes first.

use std::cmp::Ordering;

use super::{Facts, as_rows, find, label_of, priors, unreadable};
use crate::error::{Code, Error, Result};
use crate::graph::Tensor;
use crate::manifest::{BoxEncoding, BoxUnits, OutputSpec, ScoreActivation, Task};
use crate::order;
use crate::report::{DetectedBox, TensorInfo};

#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    scores: usize,
    boxes: usize,
    classes: usize,
    geometry: Geometry,
    activation: ScoreActivation,
    background: Option<usize>,
    score_threshold: f64,
    iou_threshold: f64,
    max_boxes: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum Geometry {
    /// What left, top, right and bottom are divided by.
    Corners([f64; 4]),
    Ssd {
        priors: Vec<[f64; 4]>,
        variances: [f64; 2],
    },
}

#[derive(Clone, Copy)]
struct Candidate {
    class: usize,
    score: f64,
    corners: [f64; 4],
}

impl Detection {
    /// # Errors
    /// `BadManifest` when there are no scores `[1, n, classes]` and boxes `[1, n, 4]`, or the manifest does not say what
    /// the boxes' numbers are.
    pub fn new(spec: &OutputSpec, facts: Facts) -> Result<Self> {
        let outputs = facts.outputs;
        let Some(found) = candidates(outputs).or_else(|| (outputs.len() > 1).then_some([0, 1])) else {
            return Err(Error::new(
                Code::BadManifest,
                format!("detection wants scores and boxes, but the model has {} output(s)", outputs.len()),
                "choose another task",
            ));
        };
        let scores = if spec.scores.is_some() { find(&spec.scores, "scores", outputs)?.0 } else { found[0] };
        let boxes = if spec.boxes.is_some() { find(&spec.boxes, "boxes", outputs)?.0 } else { found[1] };
        let Some([count, 4]) = as_rows(&outputs[boxes]) else {
            return Err(unreadable(Task::Detection, &outputs[boxes], "boxes [1, n, 4]"));
        };
        let classes = match as_rows(&outputs[scores]) {
            Some([rows, classes]) if rows == count && classes > 0 => classes,
            _ => return Err(unreadable(Task::Detection, &outputs[scores], &format!("scores [1, {count}, classes]"))),
        };
        Ok(Detection {
            scores,
            boxes,
            classes,
            geometry: Geometry::new(spec, facts, &outputs[boxes].name, count)?,
            activation: spec.score_activation,
            background: spec.background.map(|class| class as usize).filter(|_| classes > 1),
            score_threshold: spec.score_threshold,
            iou_threshold: spec.iou_threshold,
            max_boxes: spec.max_boxes as usize,
        })
    }

    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Highest score first.
    pub fn decode(&self, outputs: &[Tensor], labels: &[String]) -> Vec<DetectedBox> {
        let data = |index: usize| outputs.get(index).map_or(&[][..], Tensor::data);
        let (boxes, _) = data(self.boxes).as_chunks::<4>();
        let rows = data(self.scores).chunks_exact(self.classes).zip(boxes).enumerate();
        let mut candidates = Vec::new();
        for (index, (scores, numbers)) in rows {
            let scores = self.probabilities(scores);
            let passing =
                |&(class, score): &(usize, f64)| Some(class) != self.background && score >= self.score_threshold;
            let mut passing = scores.into_iter().enumerate().filter(passing).peekable();
            if passing.peek().is_none() {
                continue;
            }
            let Some(corners) = self.geometry.corners(index, numbers.map(f64::from)) else { continue };
            candidates.extend(passing.map(|(class, score)| Candidate { class, score, corners }));
        }
        // Among equals the earlier box stays first.
        let candidates = ordered(&candidates, &|a, b| a.class.cmp(&b.class).then(b.score.total_cmp(&a.score)));
        let mut kept: Vec<Candidate> = Vec::new();
        for group in candidates.chunk_by(|a, b| a.class == b.class) {
            let start = kept.len();
            for &Candidate { class, score, corners } in group {
                let of_class = &kept[start..];
                if of_class.len() == self.max_boxes {
                    break;
                }
                if of_class.iter().all(|better| iou(&better.corners, &corners) <= self.iou_threshold) {
                    kept.push(Candidate { class, score, corners });
                }
            }
        }
        ordered(&kept, &|a, b| b.score.total_cmp(&a.score))
            .into_iter()
            .take(self.max_boxes)
            .map(|Candidate { class, score, corners }| DetectedBox {
                class: class as u32,
                label: label_of(class, labels),
                score,
                corners,
            })
            .collect()
    }

    fn probabilities(&self, scores: &[f32]) -> Vec<f64> {
        let scores = scores.iter().map(|&score| f64::from(score));
        match self.activation {
            ScoreActivation::None => scores.collect(),
            ScoreActivation::Sigmoid => scores.map(|score| 1.0 / (1.0 + libm::exp(-score))).collect(),
            ScoreActivation::Softmax => {
                let max = scores.clone().fold(f64::NEG_INFINITY, f64::max);
                let exponentials: Vec<f64> = scores.map(|score| libm::exp(score - max)).collect();
                let sum: f64 = exponentials.iter().sum();
                exponentials.into_iter().map(|e| e / sum).collect()
            }
        }
    }
}

impl Geometry {
    fn new(spec: &OutputSpec, Facts { width, height, .. }: Facts, output: &str, count: usize) -> Result<Self> {
        let missing = |reason: String, hint: &str| Err(Error::new(Code::BadManifest, reason, hint));
        match (spec.encoding, &spec.priors) {
            (None, _) => missing(
                format!("output '{output}' may hold ready-made boxes or offsets from priors, and nothing says which"),
                "give outputs.encoding in the manifest: \"corners\", or \"ssd\" with priors and variances",
            ),
            (Some(BoxEncoding::Ssd), None) => missing(
                format!("output '{output}' holds offsets from {count} prior boxes that are not known"),
                "give outputs.priors in the manifest: strides and min_sizes of each feature map, or a list",
            ),
            (Some(BoxEncoding::Ssd), Some(described)) => {
                let priors = priors::priors(described, [width, height], count)?;
                Ok(Geometry::Ssd { priors, variances: spec.variances })
            }
            (Some(BoxEncoding::Corners), _) => Ok(Geometry::Corners(match spec.units {
                BoxUnits::Normalized => [1.0; 4],
                BoxUnits::Pixels => [width as f64, height as f64, width as f64, height as f64],
            })),
        }
    }

    /// Within the picture; `None` for an empty box or one that is not finite.
    fn corners(&self, index: usize, numbers: [f64; 4]) -> Option<[f64; 4]> {
        let [left, top, right, bottom] = match self {
            Geometry::Corners(size) => std::array::from_fn(|i| numbers[i] / size[i]),
            Geometry::Ssd { priors, variances: [v, u] } => {
                let [x, y, w, h] = *priors.get(index)?;
                let [a, b, c, d] = numbers;
                let centre = [x + a * v * w, y + b * v * h];
                let half = [w * libm::exp(c * u) / 2.0, h * libm::exp(d * u) / 2.0];
                [centre[0] - half[0], centre[1] - half[1], centre[0] + half[0], centre[1] + half[1]]
            }
        };
        let corners = [left, top, right, bottom];
        if !corners.iter().all(|v| v.is_finite()) {
            return None;
        }
        let corners = corners.map(|v| v.clamp(0.0, 1.0));
        (corners[2] > corners[0] && corners[3] > corners[1]).then_some(corners)
    }
}

/// Intersection over union of two boxes that are not empty.
pub fn iou(a: &[f64; 4], b: &[f64; 4]) -> f64 {
    let overlap = |low: usize, high: usize| (a[high].min(b[high]) - a[low].max(b[low])).max(0.0);
    let area = |corners: &[f64; 4]| (corners[2] - corners[0]) * (corners[3] - corners[1]);
    let intersection = overlap(0, 2) * overlap(1, 3);
    intersection / (area(a) + area(b) - intersection)
}

/// The outputs that may be scores `[1, n, classes]` and boxes `[1, n, 4]`, in this order. Where several may, names decide
/// (`box`, `loc`; `score`, `conf`, `cls`), and then the order of the outputs.
pub fn candidates(outputs: &[TensorInfo]) -> Option<[usize; 2]> {
    let is_named = |index: usize, words: &[&str]| {
        let name = outputs[index].name.to_ascii_lowercase();
        words.iter().any(|word| name.contains(word))
    };
    let mut best = None;
    for (scores, score_output) in outputs.iter().enumerate() {
        for (boxes, box_output) in outputs.iter().enumerate() {
            let (Some([rows, _]), Some([count, 4])) = (as_rows(score_output), as_rows(box_output)) else { continue };
            if scores == boxes || rows != count || count < 2 {
                continue;
            }
            let unnamed = (!is_named(boxes, &["box", "loc"]), !is_named(scores, &["score", "conf", "cls"]));
            if best.is_none_or(|(least, _)| unnamed < least) {
                best = Some((unnamed, [scores, boxes]));
            }
        }
    }
    best.map(|(_, found)| found)
}

fn ordered(candidates: &[Candidate], compare: &dyn Fn(&Candidate, &Candidate) -> Ordering) -> Vec<Candidate> {
    let order = order::by(candidates.len(), &|a, b| compare(&candidates[a], &candidates[b]));
    order.into_iter().map(|index| candidates[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{decoder, info};
    use super::*;
    use crate::manifest::Priors;
    use crate::report::TaskResult;

    fn corners() -> OutputSpec {
        OutputSpec { encoding: Some(BoxEncoding::Corners), background: None, ..OutputSpec::default() }
    }

    /// Class, score and corners of what is found in boxes of `classes` scores each.
    fn detect(spec: &OutputSpec, classes: usize, scores: &[f32], boxes: &[f32]) -> Vec<(u32, f64, [f64; 4])> {
        let count = boxes.len() / 4;
        let outputs = [info("scores", &[1, count as u32, classes as u32]), info("boxes", &[1, count as u32, 4])];
        let decoder = decoder(Task::Detection, spec, &outputs).unwrap();
        let scores = Tensor::new([1, count, classes], scores.to_vec()).unwrap();
        let boxes = Tensor::new([1, count, 4], boxes.to_vec()).unwrap();
        match decoder.decode(&[scores, boxes], &[]) {
            TaskResult::Boxes { boxes } => boxes.into_iter().map(|b| (b.class, b.score, b.corners)).collect(),
            other => panic!("{other:?}"),
        }
    }

    const LEFT: [f32; 4] = [0.0, 0.0, 0.5, 0.5];
    /// Overlaps `LEFT` by a third.
    const NEAR: [f32; 4] = [0.25, 0.0, 0.75, 0.5];
    const FAR: [f32; 4] = [0.5, 0.5, 1.0, 1.0];

    #[test]
    fn intersection_over_union() {
        let [left, near, far] = [LEFT, NEAR, FAR].map(|b| b.map(f64::from));
        assert_eq!(iou(&left, &left), 1.0);
        assert!((iou(&left, &near) - 1.0 / 3.0).abs() < 1e-15);
        assert_eq!(iou(&left, &far), 0.0, "they touch");
        assert_eq!(iou(&[0.0, 0.0, 1.0, 1.0], &left), 0.25, "one within the other");
    }

    #[test]
    fn suppression_is_per_class_and_above_the_threshold() {
        let boxes = [LEFT, NEAR, FAR].concat();
        let spec = OutputSpec { iou_threshold: 0.3, ..corners() };
        let found = detect(&spec, 1, &[0.6, 0.75, 0.5], &boxes);
        assert_eq!(found, [(0, 0.75, NEAR.map(f64::from)), (0, 0.5, FAR.map(f64::from))], "0.5 is the threshold");
        // Another class in the same place stays.
        let found = detect(&spec, 2, &[0.6, 0.0, 0.0, 0.75, 0.25, 0.25], &boxes);
        assert_eq!(found.iter().map(|f| (f.0, f.1)).collect::<Vec<_>>(), [(1, 0.75), (0, f64::from(0.6f32))]);
        let lenient = OutputSpec { iou_threshold: 0.34, ..corners() };
        assert_eq!(detect(&lenient, 1, &[0.6, 0.75, 0.5], &boxes).len(), 3);
    }

    #[test]
    fn ties_go_to_the_earlier_box_and_the_lower_class() {
        let boxes = [NEAR, LEFT, FAR].concat();
        let spec = OutputSpec { iou_threshold: 0.3, ..corners() };
        let found = detect(&spec, 2, &[0.75, 0.0, 0.75, 0.0, 0.75, 0.75], &boxes);
        let [near, far] = [NEAR, FAR].map(|b| b.map(f64::from));
        assert_eq!(found, [(0, 0.75, near), (0, 0.75, far), (1, 0.75, far)]);
        let one = OutputSpec { max_boxes: 1, ..spec };
        assert_eq!(detect(&one, 2, &[0.75, 0.0, 0.75, 0.0, 0.75, 0.75], &boxes), [(0, 0.75, near)]);
    }

    #[test]
    fn offsets_move_and_stretch_priors() {
        let spec = OutputSpec {
            encoding: Some(BoxEncoding::Ssd),
            priors: Some(Priors::List(vec![[0.5, 0.5, 0.25, 0.5]; 2])),
            variances: [0.5, 0.25],
            background: None,
            ..OutputSpec::default()
        };
        // Centre (0.5 + 1 * 0.5 * 0.25, 0.5 - 0.5 * 0.5 * 0.5) = (0.625, 0.375); sizes doubled by exp(u ln 2 / u).
        let doubled = (4.0 * std::f64::consts::LN_2) as f32;
        let found = detect(&spec, 1, &[1.0, 0.0], &[1.0, -0.5, doubled, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let [(0, 1.0, corners)] = found[..] else { panic!("{found:?}") };
        for (corner, wanted) in corners.into_iter().zip([0.375, 0.125, 0.875, 0.625]) {
            assert!((corner - wanted).abs() < 1e-7, "{corners:?}");
        }
    }

    #[test]
    fn scores_become_probabilities() {
        let boxes = [LEFT, FAR].concat();
        let logits = [0.0, libm::logf(3.0), 0.0, 0.0];
        let softmax = OutputSpec { score_activation: ScoreActivation::Softmax, background: Some(0), ..corners() };
        let found = detect(&softmax, 2, &logits, &boxes);
        assert_eq!(found.len(), 2, "0.75 and just 0.5");
        assert!((found[0].1 - 0.75).abs() < 1e-6 && found[0].0 == 1 && found[1].1 == 0.5);
        let sigmoid = OutputSpec { score_activation: ScoreActivation::Sigmoid, ..corners() };
        assert!((detect(&sigmoid, 1, &[libm::logf(3.0), -1.0], &boxes)[0].1 - 0.75).abs() < 1e-6);
    }

    #[test]
    fn pixels_are_those_of_the_input_and_boxes_are_cut_to_it() {
        let spec = OutputSpec { units: BoxUnits::Pixels, ..corners() };
        // The input has 64x48 pixels. The second box is outside, the others are nothing.
        let boxes = [16.0, -5.0, 32.0, 24.0, 70.0, 0.0, 80.0, 9.0, 9.0, 9.0, 9.0, 20.0, f32::NAN, 0.0, 9.0, 9.0];
        assert_eq!(detect(&spec, 1, &[1.0; 4], &boxes), [(0, 1.0, [0.25, 0.0, 0.5, 0.5])]);
        assert_eq!(detect(&spec, 1, &[f32::NAN; 4], &boxes), []);
    }

    #[test]
    fn what_the_manifest_must_say_is_said() {
        let outputs = [info("scores", &[1, 9, 2]), info("loc", &[1, 9, 4])];
        let refused = |spec: &OutputSpec| decoder(Task::Detection, spec, &outputs).unwrap_err();
        let error = refused(&OutputSpec::default());
        assert!(error.to_string().contains("'loc'") && error.hint.contains("outputs.encoding"), "{error}");
        let error = refused(&OutputSpec { encoding: Some(BoxEncoding::Ssd), ..OutputSpec::default() });
        assert!(error.reason.contains("9 prior boxes") && error.hint.contains("outputs.priors"), "{error}");
        let swapped = OutputSpec { scores: Some("loc".into()), boxes: Some("scores".into()), ..corners() };
        assert!(refused(&swapped).reason.contains("boxes [1, n, 4]"));
    }

    #[test]
    fn names_decide_between_scores_and_boxes() {
        let four = |names: [&str; 2]| candidates(&names.map(|name| info(name, &[1, 9, 4])));
        assert_eq!(four(["a", "b"]), Some([0, 1]));
        assert_eq!(four(["pred_boxes", "b"]), Some([1, 0]));
        assert_eq!(four(["a", "conf"]), Some([1, 0]));
        let three = [info("loc", &[1, 9, 4]), info("landms", &[1, 9, 10]), info("conf", &[1, 9, 2])];
        assert_eq!(candidates(&three), Some([2, 0]));
        assert_eq!(candidates(&[info("boxes", &[1, 1, 4]), info("scores", &[1, 1, 2])]), None, "a single box");
    }
}

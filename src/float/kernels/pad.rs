//! Padding in every ONNX mode. Negative amounts remove elements first; the mode then continues what is left, as ONNX
//! Runtime does.

use crate::graph::{PadMode, TensorView};

pub fn pad(before: &[isize], after: &[isize], mode: PadMode, input: TensorView, shape: &[usize], output: &mut [f32]) {
    if let PadMode::Constant(value) = mode {
        output.fill(value);
    }
    // For each axis and output index, the input index it shows.
    let sources: Vec<Vec<Option<usize>>> = (0..shape.len())
        .map(|axis| {
            let len = input.shape()[axis] as i64;
            let (before, after) = (before[axis] as i64, after[axis] as i64);
            let kept = (-before).max(0)..len - (-after).max(0);
            (0..shape[axis] as i64).map(|i| source(i - before, &kept, mode).map(|i| i as usize)).collect()
        })
        .collect();
    copy(&sources, input.shape(), input.data(), output);
}

/// The position within `kept` that is seen at `position`; `None` where the constant stays.
fn source(position: i64, kept: &std::ops::Range<i64>, mode: PadMode) -> Option<i64> {
    if kept.contains(&position) {
        return Some(position);
    }
    let len = kept.end - kept.start;
    if len <= 0 {
        return None;
    }
    let offset = position - kept.start;
    match mode {
        PadMode::Constant(_) => None,
        PadMode::Edge => Some(position.clamp(kept.start, kept.end - 1)),
        PadMode::Wrap => Some(kept.start + offset.rem_euclid(len)),
        PadMode::Reflect => {
            // There and back again, the ends once each: a period of 2 (len - 1).
            let period = (2 * (len - 1)).max(1);
            let offset = offset.rem_euclid(period);
            Some(kept.start + offset.min(period - offset).min(len - 1))
        }
    }
}

fn copy(sources: &[Vec<Option<usize>>], shape: &[usize], input: &[f32], output: &mut [f32]) {
    let Some((axis, inner)) = sources.split_first() else {
        output.copy_from_slice(input);
        return;
    };
    if axis.is_empty() {
        return;
    }
    let (to, from) = (output.len() / axis.len(), input.len() / shape[0].max(1));
    if to == 0 {
        return;
    }
    for (source, output) in axis.iter().zip(output.chunks_exact_mut(to)) {
        if let Some(source) = source {
            copy(inner, &shape[1..], &input[source * from..][..from], output);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Tensor;

    fn row(before: isize, after: isize, mode: PadMode) -> Vec<f32> {
        let input = Tensor::new([4], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        let len = (4 + before + after) as usize;
        let mut output = vec![0.0; len];
        pad(&[before], &[after], mode, input.view(), &[len], &mut output);
        output
    }

    #[test]
    fn modes() {
        assert_eq!(row(2, 1, PadMode::Constant(9.0)), [9.0, 9.0, 1.0, 2.0, 3.0, 4.0, 9.0]);
        assert_eq!(row(2, 1, PadMode::Edge), [1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 4.0]);
        assert_eq!(row(2, 2, PadMode::Reflect), [3.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 2.0]);
        assert_eq!(row(2, 1, PadMode::Wrap), [3.0, 4.0, 1.0, 2.0, 3.0, 4.0, 1.0]);
    }

    #[test]
    fn negative_amounts_remove() {
        assert_eq!(row(-1, 2, PadMode::Constant(0.0)), [2.0, 3.0, 4.0, 0.0, 0.0]);
        assert_eq!(row(-1, 2, PadMode::Reflect), [2.0, 3.0, 4.0, 3.0, 2.0]);
        assert_eq!(row(1, -2, PadMode::Edge), [1.0, 1.0, 2.0]);
        assert!(row(-2, -2, PadMode::Edge).is_empty());
    }

    #[test]
    fn several_axes() {
        let input = Tensor::new([1, 2, 2, 1], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        let mut output = [f32::NAN; 12];
        pad(&[0, 1, 0, 0], &[0, 0, 2, 0], PadMode::Constant(0.0), input.view(), &[1, 3, 4, 1], &mut output);
        assert_eq!(output, [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 3.0, 4.0, 0.0, 0.0]);
    }
}

//! Arithmetic with NumPy broadcasting.

use wide::f32x4;

use super::elementwise;
use crate::graph::{BinaryKind, TensorView};
use crate::splat;

/// `output = a kind b`; `shape` is the broadcast shape.
pub fn binary(kind: BinaryKind, a: TensorView, b: TensorView, shape: &[usize], output: &mut [f32]) {
    match kind {
        BinaryKind::Add => apply(a, b, shape, output, |x, y| x + y),
        BinaryKind::Sub => apply(a, b, shape, output, |x, y| x - y),
        BinaryKind::Mul => apply(a, b, shape, output, |x, y| x * y),
        BinaryKind::Div => apply(a, b, shape, output, |x, y| x / y),
        BinaryKind::Prelu => {
            apply(a, b, shape, output, |x, slope| x.simd_lt(f32x4::ZERO).select(slope * x, x));
        }
    }
}

/// One axis of the output, and how far each input moves along it (0: its one element is repeated).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Axis {
    len: usize,
    a: usize,
    b: usize,
}

fn apply(a: TensorView, b: TensorView, shape: &[usize], output: &mut [f32], f: impl Fn(f32x4, f32x4) -> f32x4 + Copy) {
    let mut axes = axes(a.shape(), b.shape(), shape);
    let inner = axes.pop().unwrap_or(Axis { len: 1, a: 0, b: 0 });
    let (a, b) = (a.data(), b.data());
    let mut index = vec![0; axes.len()];
    let (mut at_a, mut at_b) = (0, 0);
    for row in output.chunks_exact_mut(inner.len.max(1)) {
        // The row holds one operand, the other one is repeated or comes from its own row.
        match (inner.a, inner.b) {
            (0, 0) => {
                let [value, ..] = f(splat::f32x4(a[at_a]), splat::f32x4(b[at_b])).to_array();
                row.fill(value);
            }
            (0, _) => {
                row.copy_from_slice(&b[at_b..][..row.len()]);
                let x = splat::f32x4(a[at_a]);
                elementwise::map(row, |y| f(x, y));
            }
            (_, 0) => {
                row.copy_from_slice(&a[at_a..][..row.len()]);
                let y = splat::f32x4(b[at_b]);
                elementwise::map(row, |x| f(x, y));
            }
            _ => {
                row.copy_from_slice(&a[at_a..][..row.len()]);
                elementwise::update(row, &b[at_b..][..row.len()], f);
            }
        }
        // Count up, the innermost of the outer axes first.
        for (i, axis) in index.iter_mut().zip(&axes).rev() {
            *i += 1;
            at_a += axis.a;
            at_b += axis.b;
            if *i < axis.len {
                break;
            }
            at_a -= axis.a * axis.len;
            at_b -= axis.b * axis.len;
            *i = 0;
        }
    }
}

/// The output's axes with those merged along which both inputs behave alike, so that most operands need no counting.
fn axes(a: &[usize], b: &[usize], shape: &[usize]) -> Vec<Axis> {
    let strides = |input: &[usize]| {
        let mut strides = vec![0; shape.len()];
        let mut step = 1;
        for (stride, &len) in strides.iter_mut().rev().zip(input.iter().rev()) {
            *stride = if len == 1 { 0 } else { step };
            step *= len;
        }
        strides
    };
    let mut axes: Vec<Axis> = Vec::new();
    for ((&len, a), b) in shape.iter().zip(strides(a)).zip(strides(b)) {
        if len == 1 {
            continue;
        }
        match axes.last_mut() {
            Some(outer) if outer.a == a * len && outer.b == b * len => *outer = Axis { len: outer.len * len, a, b },
            _ => axes.push(Axis { len, a, b }),
        }
    }
    axes
}

#[cfg(test)]
mod tests {
    use super::super::testing::random;
    use super::*;
    use crate::graph::Tensor;
    use ndarray::{ArrayViewD, IxDyn};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn binary_is_what_numpy_does(
            dims in prop::collection::vec((1usize..4, 0u8..3), 0..5), drop_a in 0usize..3, drop_b in 0usize..3,
        ) {
            let shape: Vec<usize> = dims.iter().map(|&(len, _)| len).collect();
            // Per axis: both inputs have it in full, or one of them is repeated; leading axes may be missing altogether.
            let input = |which: u8, drop: usize| {
                let shape: Vec<usize> = dims.iter().map(|&(len, kind)| if kind == which { 1 } else { len }).collect();
                let shape = if shape.iter().take(drop).all(|&len| len == 1) { shape.into_iter().skip(drop).collect() } else { shape };
                let len = shape.iter().product();
                Tensor::new(shape, random(len, u64::from(which))).unwrap()
            };
            let (a, b) = (input(1, drop_a), input(2, drop_b));
            let mut output = vec![f32::NAN; shape.iter().product()];
            binary(BinaryKind::Sub, a.view(), b.view(), &shape, &mut output);
            let view = |t: &Tensor| {
                let own = ArrayViewD::from_shape(IxDyn(t.shape()), t.data()).unwrap();
                own.broadcast(shape.clone()).unwrap().iter().copied().collect::<Vec<_>>()
            };
            let expected: Vec<f32> = view(&a).into_iter().zip(view(&b)).map(|(x, y)| x - y).collect();
            prop_assert_eq!(output, expected);
        }
    }

    #[test]
    fn every_kind() {
        let table = [
            (BinaryKind::Add, 6.0, 10.0),
            (BinaryKind::Sub, 6.0, 2.0),
            (BinaryKind::Mul, 6.0, 24.0),
            (BinaryKind::Div, 6.0, 1.5),
            (BinaryKind::Prelu, 6.0, 6.0),
            (BinaryKind::Prelu, -0.5, -2.0),
        ];
        for (kind, a, expected) in table {
            let mut output = [0.0];
            binary(kind, Tensor::scalar(a).view(), Tensor::scalar(4.0).view(), &[], &mut output);
            assert_eq!(output, [expected]);
        }
    }

    #[test]
    fn axes_that_behave_alike_are_merged() {
        let both = [2, 3, 4, 5];
        assert_eq!(axes(&both, &both, &both), [Axis { len: 120, a: 1, b: 1 }]);
        assert_eq!(axes(&both, &[5], &both), [Axis { len: 24, a: 5, b: 0 }, Axis { len: 5, a: 1, b: 1 }]);
        assert_eq!(axes(&both, &[2, 1, 1, 5], &both).len(), 3);
    }
}

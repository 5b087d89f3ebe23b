use crate::graph::TensorView;

/// Tensors one after the other along `axis`; `shape` is the output's.
pub fn concat(axis: usize, inputs: &[TensorView], shape: &[usize], output: &mut [f32]) {
    let inner: usize = shape[axis + 1..].iter().product();
    let row = shape[axis] * inner;
    let mut at = 0;
    for input in inputs {
        let len = input.shape()[axis] * inner;
        if len > 0 {
            for (target, source) in output.chunks_exact_mut(row).zip(input.data().chunks_exact(len)) {
                target[at..at + len].copy_from_slice(source);
            }
        }
        at += len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Tensor;

    fn counting(shape: &[usize]) -> Tensor {
        let len = shape.iter().product();
        Tensor::new(shape, (0..len).map(|i: usize| i as f32).collect()).unwrap()
    }

    #[test]
    fn concat_on_either_side_of_other_axes() {
        let (a, b) = (counting(&[2, 1, 2]), counting(&[2, 2, 2]));
        let mut output = [0.0; 12];
        concat(1, &[a.view(), b.view()], &[2, 3, 2], &mut output);
        assert_eq!(output, [0.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        let mut output = [0.0; 8];
        concat(2, &[a.view(), a.view()], &[2, 1, 4], &mut output);
        assert_eq!(output, [0.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 3.0]);
    }
}

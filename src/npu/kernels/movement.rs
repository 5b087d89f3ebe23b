//! Operators that move bytes: pad, concat.

use crate::npu::graph::{Bounds, ConcatPart, IntegerPad};
use crate::npu::profile::Profile;
use crate::strided;

/// Calls `visit(index, position)` for every element of `shape` in row-major order.
fn for_each_position(shape: &[usize], mut visit: impl FnMut(usize, &[usize])) {
    let mut position = vec![0usize; shape.len()];
    for index in 0..shape.iter().product() {
        visit(index, &position);
        for axis in (0..shape.len()).rev() {
            position[axis] += 1;
            if position[axis] < shape[axis] {
                break;
            }
            position[axis] = 0;
        }
    }
}

/// `before[axis]` elements in front of each axis (negative: cut off); the output shape says how many follow.
pub fn pad((before, mode): (&[isize], IntegerPad), shape: &[usize], out: &[usize], input: &[u8], output: &mut [u8]) {
    let source = strided::row_major(shape);
    for_each_position(out, |index, position| {
        let mut offset = Some(0);
        for (axis, &p) in position.iter().enumerate() {
            let at = source_index(p as isize - before[axis], shape[axis], mode);
            offset = offset.zip(at).map(|(sum, at)| sum + at as i64 * source[axis]);
        }
        output[index] = match (offset, mode) {
            (Some(offset), _) => input[offset as usize],
            (None, IntegerPad::Constant(value)) => value,
            (None, _) => 0,
        };
    });
}

/// Which element padding position `at` (0 is the first real element) repeats; `None` for the constant.
fn source_index(at: isize, size: usize, mode: IntegerPad) -> Option<usize> {
    let last = size as isize - 1;
    let index = match mode {
        IntegerPad::Constant(_) => at,
        IntegerPad::Edge => at.clamp(0, last),
        IntegerPad::Wrap => at.rem_euclid(last + 1),
        IntegerPad::Reflect if last == 0 => 0,
        IntegerPad::Reflect => {
            let folded = at.rem_euclid(2 * last);
            folded.min(2 * last - folded)
        }
    };
    (0..=last).contains(&index).then_some(index as usize)
}

/// One input of a concatenation: its shape, its bytes, its zero point and what happens to it.
pub type Part<'a> = (&'a [usize], &'a [u8], u8, &'a ConcatPart);

/// Inputs one after the other along `axis`, each brought to the output's scale.
pub fn concat(axis: usize, parts: &[Part], (zero_point, bounds, profile): (u8, Bounds, &Profile), output: &mut [u8]) {
    let inner = |shape: &[usize]| shape[axis..].iter().product::<usize>();
    let row: usize = parts.iter().map(|(shape, ..)| inner(shape)).sum();
    let mut start = 0;
    for &(shape, input, input_zero, part) in parts {
        let run = inner(shape);
        if run == 0 {
            continue;
        }
        for (source, destination) in input.chunks_exact(run).zip(output.chunks_exact_mut(row)) {
            let destination = &mut destination[start..start + run];
            match part {
                ConcatPart::Copy => destination.copy_from_slice(source),
                ConcatPart::Table(table) => super::elementwise::lookup(table, source, destination),
                ConcatPart::Rescale(rescale) => {
                    for (byte, &value) in destination.iter_mut().zip(source) {
                        let value = i64::from(value) - i64::from(input_zero);
                        *byte = bounds.place(zero_point, profile.rescale(value, *rescale));
                    }
                }
            }
        }
        start += run;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_modes() {
        let row = |mode, before: isize, length: usize| {
            let mut output = vec![0; length];
            pad((&[before], mode), &[3], &[length], &[10, 20, 30], &mut output);
            output
        };
        assert_eq!(row(IntegerPad::Constant(7), 1, 5), [7, 10, 20, 30, 7]);
        assert_eq!(row(IntegerPad::Constant(7), -1, 3), [20, 30, 7]);
        assert_eq!(row(IntegerPad::Reflect, 2, 7), [30, 20, 10, 20, 30, 20, 10]);
        assert_eq!(row(IntegerPad::Edge, 2, 6), [10, 10, 10, 20, 30, 30]);
        assert_eq!(row(IntegerPad::Wrap, 1, 5), [30, 10, 20, 30, 10]);
    }
}

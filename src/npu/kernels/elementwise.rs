//! Addition, multiplication and tables.

use crate::npu::graph::Bounds;
use crate::npu::profile::Rounding;
use crate::npu::rescale::{Rescale, round_shift};

/// For every output element, the offsets of its two operands under NumPy broadcasting, in row-major order.
pub fn for_each_broadcast(shapes: [&[usize]; 2], out: &[usize], mut visit: impl FnMut(usize, usize, usize)) {
    let length: usize = out.iter().product();
    let strides = shapes.map(|shape| broadcast_strides(shape, out));
    if shapes[0] == out && shapes[1] == out {
        (0..length).for_each(|index| visit(index, index, index));
        return;
    }
    let mut position = vec![0usize; out.len()];
    let mut offsets = [0usize; 2];
    for index in 0..length {
        visit(index, offsets[0], offsets[1]);
        for axis in (0..out.len()).rev() {
            position[axis] += 1;
            for (offset, stride) in offsets.iter_mut().zip(&strides) {
                *offset += stride[axis];
            }
            if position[axis] < out[axis] {
                break;
            }
            for (offset, stride) in offsets.iter_mut().zip(&strides) {
                *offset -= stride[axis] * out[axis];
            }
            position[axis] = 0;
        }
    }
}

/// Row-major strides of `shape` aligned to the last axes of `out`; 0 along broadcast axes.
fn broadcast_strides(shape: &[usize], out: &[usize]) -> Vec<usize> {
    let mut strides = vec![0; out.len()];
    let mut stride = 1;
    for (axis, &dim) in shape.iter().enumerate().rev() {
        let Some(target) = (axis + out.len()).checked_sub(shape.len()) else { break };
        if dim > 1 {
            strides[target] = stride;
        }
        stride *= dim;
    }
    strides
}

/// Shapes, zero points and bounds of a two-operand operator.
#[derive(Debug, Clone, Copy)]
pub struct Binary<'a> {
    pub shapes: [&'a [usize]; 2],
    pub out: &'a [usize],
    /// Of the operands and the result.
    pub zero_points: [u8; 3],
    pub bounds: Bounds,
    pub rounding: Rounding,
}

/// `Z_y + round_shift((a - Z_a) * M_a + (b - Z_b) * M_b, shift)`.
pub fn add(binary: Binary, multipliers: [i64; 2], shift: i32, inputs: [&[u8]; 2], output: &mut [u8]) {
    let [za, zb, zy] = binary.zero_points;
    for_each_broadcast(binary.shapes, binary.out, |index, a, b| {
        let a = (i64::from(inputs[0][a]) - i64::from(za)) * multipliers[0];
        let b = (i64::from(inputs[1][b]) - i64::from(zb)) * multipliers[1];
        output[index] = binary.bounds.place(zy, round_shift(a + b, shift, binary.rounding));
    });
}

/// `Z_y + round_shift((a - Z_a) * (b - Z_b) * M, n)`.
pub fn mul(binary: Binary, rescale: Rescale, inputs: [&[u8]; 2], output: &mut [u8]) {
    let [za, zb, zy] = binary.zero_points;
    for_each_broadcast(binary.shapes, binary.out, |index, a, b| {
        let product = (i64::from(inputs[0][a]) - i64::from(za)) * (i64::from(inputs[1][b]) - i64::from(zb));
        output[index] = binary.bounds.place(zy, rescale.apply(product, 0, binary.rounding));
    });
}

/// `table[x]`; an integer beyond the table (there is none in a 256-entry table) stays 0.
pub fn lookup(table: &[u8], input: &[u8], output: &mut [u8]) {
    for (byte, &index) in output.iter_mut().zip(input) {
        *byte = table.get(usize::from(index)).copied().unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcasting_visits_the_right_elements() {
        let mut visited = Vec::new();
        for_each_broadcast([&[2, 1, 3], &[2, 1]], &[2, 2, 3], |index, a, b| visited.push((index, a, b)));
        let expected: Vec<_> = (0..12).map(|index| (index, index / 6 * 3 + index % 3, index / 3 % 2)).collect();
        assert_eq!(visited, expected);
    }
}

//! Addition, multiplication, PReLU and tables.

use super::residual::Residual;
use crate::npu::graph::{AddRescale, Bounds, PreluRescale};
use crate::npu::profile::{Datapath, Profile};
use crate::npu::rescale::{Rescale, round_shift};
use crate::npu::{ort, tflite};

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
    pub profile: &'a Profile,
}

impl Binary<'_> {
    /// Fills `output` with `combine(a, b)`, the operands relative to their zero points, plus the output's.
    fn relative(&self, inputs: [&[u8]; 2], output: &mut [u8], combine: impl Fn(i64, i64) -> i64) {
        let [za, zb, zy] = self.zero_points;
        for_each_broadcast(self.shapes, self.out, |index, a, b| {
            let (a, b) = (i64::from(inputs[0][a]) - i64::from(za), i64::from(inputs[1][b]) - i64::from(zb));
            output[index] = self.bounds.place(zy, combine(a, b));
        });
    }
}

/// Sum or difference (N10).
pub fn add(binary: Binary, rescale: AddRescale, subtract: bool, inputs: [&[u8]; 2], output: &mut [u8]) {
    match rescale {
        AddRescale::Shared { multipliers, shift } => {
            if let Some(fast) = Residual::new(&binary, multipliers, shift, subtract) {
                return fast.run(inputs, output);
            }
            let [ma, mb] = multipliers.map(i64::from);
            let mb = if subtract { -mb } else { mb };
            let rounding = binary.profile.rounding;
            binary.relative(inputs, output, |a, b| round_shift(a * ma + b * mb, shift, rounding));
        }
        AddRescale::Staged { operands, sum } => {
            let sum = tflite::Add::new(operands, sum, subtract, binary.zero_points);
            for_each_broadcast(binary.shapes, binary.out, |index, a, b| {
                output[index] = binary.bounds.place(binary.zero_points[2], sum.apply(inputs[0][a], inputs[1][b]));
            });
        }
        AddRescale::Dequantized { operands, output: scale } => {
            binary.relative(inputs, output, |a, b| ort::subtract([a, b], operands, scale));
        }
        AddRescale::Float { factors } => {
            let sum = ort::Add::new(factors, binary.zero_points);
            for_each_broadcast(binary.shapes, binary.out, |index, a, b| {
                output[index] = binary.bounds.place(0, sum.apply(inputs[0][a], inputs[1][b]));
            });
        }
    }
}

/// Product (N10).
pub fn mul(binary: Binary, rescale: Rescale, inputs: [&[u8]; 2], output: &mut [u8]) {
    let profile = binary.profile;
    if profile.datapath == Datapath::Ort {
        let zero_point = binary.zero_points[2];
        let no_zero_point = Binary { zero_points: [binary.zero_points[0], binary.zero_points[1], 0], ..binary };
        no_zero_point.relative(inputs, output, |a, b| ort::product(a * b, rescale, zero_point));
    } else {
        binary.relative(inputs, output, |a, b| profile.rescale(a * b, rescale));
    }
}

/// Parametric ReLU (N10).
pub fn prelu(binary: Binary, rescale: PreluRescale, inputs: [&[u8]; 2], output: &mut [u8]) {
    let profile = binary.profile;
    binary.relative(inputs, output, |x, slope| match rescale {
        PreluRescale::Split { positive, .. } if x >= 0 => profile.rescale(x, positive),
        PreluRescale::Split { negative, .. } => profile.rescale(x * slope, negative),
        PreluRescale::Float { input, slope: slope_scale, output } => ort::prelu(x, slope, [input, slope_scale, output]),
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

    /// Scales 1/2 (input), 1/4 (slope) and 1 (output); zero points 10, 4 and 100; slopes -1/2 and 3/4 per channel.
    #[test]
    fn prelu_has_a_factor_for_either_sign() {
        let power = |shift| Rescale { multiplier: 1 << 15, shift: 15 + shift };
        let split = PreluRescale::Split { positive: power(1), negative: power(3) };
        let float = PreluRescale::Float { input: power(1), slope: power(2), output: power(0) };
        let inputs: [&[u8]; 2] = [&[10, 10, 13, 14, 4, 3, 0, 0, 255, 255], &[2, 7]];
        // x: 0, 0, 1.5, 2, -3, -3.5, -5, -5, 122.5, 122.5; halves up for npu, to even for ort.
        let expected = [
            (Datapath::Npu, split, [100, 100, 102, 102, 102, 97, 103, 96, 223, 223]),
            (Datapath::Ort, float, [100, 100, 102, 102, 102, 97, 102, 96, 222, 222]),
        ];
        for (datapath, rescale, expected) in expected {
            let binary = Binary {
                shapes: [&[5, 2], &[2]],
                out: &[5, 2],
                zero_points: [10, 4, 100],
                bounds: Bounds { min: 0, max: 255 },
                profile: &Profile::of(datapath),
            };
            let mut output = [0; 10];
            prelu(binary, rescale, inputs, &mut output);
            assert_eq!(output, expected, "{datapath:?}");
        }
    }

    #[test]
    fn broadcasting_visits_the_right_elements() {
        let mut visited = Vec::new();
        for_each_broadcast([&[2, 1, 3], &[2, 1]], &[2, 2, 3], |index, a, b| visited.push((index, a, b)));
        let expected: Vec<_> = (0..12).map(|index| (index, index / 6 * 3 + index % 3, index / 3 % 2)).collect();
        assert_eq!(visited, expected);
    }
}

//! Every integer operator under every profile and scheme, driven with extreme values, odd shapes, large shifts and
//! ranges without width: the result is what the real operator makes of the dequantized operands, to within one step and
//! what the multiplier's width costs.
//!
//! The reference is not the integer executor's arithmetic: convolutions are added up here, everything else is the float
//! executor's, which ONNX Runtime judges (tests/onnx_operators.rs).

mod extreme;

use std::sync::Arc;

use extreme::{Case, activations, bilinear, binary, concat, convolution, pools, power_of_two, rearrangements};
use proptest::prelude::*;
use shiftwise::float;
use shiftwise::graph::{Activation, BinaryKind, Conv, Graph, Op, Resize, ResizeMode, Tensor};
use shiftwise::host::{self, QuantizedNetwork};
use shiftwise::npu::{Datapath, KernelChoice};
use shiftwise::quantize::Quantized;

/// The exact outputs in units of the output's step, from the zero point; and what a step of the reference's own error is.
fn reference(case: &Case, graph: &Graph, quantized: &Quantized, inputs: &[Tensor]) -> (Vec<f64>, f64) {
    let output = quantized.scale(*quantized.program.outputs.first().unwrap());
    let scale_of = |index: usize| quantized.scale(quantized.program.inputs[index]).scale;
    let bits = i32::from(case.options.profile.multiplier_bits);
    // What an operand's integers can reach, present or not: the larger scale decides how many bits are left to the other.
    let largest = |index: usize| {
        let scale = quantized.scale(quantized.program.inputs[index]);
        scale.dequantize(0).abs().max(scale.dequantize(scale.max).abs())
    };
    if let Op::Conv(conv) = &case.op {
        let weights = &quantized.layers[0].weights;
        let sums = sums(conv, weights.integers.as_slice(), &weights.biases, &case.data[0], case, quantized);
        let steps: Vec<f64> = sums
            .iter()
            .enumerate()
            .map(|(index, &sum)| sum as f64 * scale_of(0) * weights.steps[index % weights.steps.len()] / output.scale)
            .collect();
        return (steps, 256.0 * power_of_two(-bits));
    }
    let operands: Vec<&Tensor> = inputs.iter().collect();
    let result = float::evaluate(&graph.nodes[0], &operands, &case.out).unwrap();
    let steps = result.data().iter().map(|&real| f64::from(real) / output.scale).collect();
    let magnitude = match &case.op {
        Op::Binary(BinaryKind::Mul) => largest(0) * largest(1),
        Op::Binary(BinaryKind::Prelu) => largest(0) * largest(1).max(1.0),
        _ => (0..inputs.len()).map(largest).sum::<f64>(),
    };
    // Operands of opposite signs cancel, the errors of their multipliers do not; float32's likewise.
    let slack = match &case.op {
        Op::Resize(Resize { mode: ResizeMode::Bilinear, .. }) => 2.5,
        _ => (magnitude / output.scale + 256.0) * (power_of_two(1 - bits) + 1e-6),
    };
    let composed = if case.options.profile.datapath == Datapath::Tflite { composed(&case.op) } else { 0.0 };
    (steps, slack + composed * magnitude / output.scale)
}

/// What profile `tflite` loses, relative to the input, where it composes an activation of coarser parts (N10): half a
/// step of the sigmoid's 1/256; two roundings and a saturation of hard swish's gate, of 16 bits.
fn composed(op: &Op) -> f64 {
    match op {
        Op::Activation(Activation::Silu) => power_of_two(-9),
        Op::Activation(Activation::HardSwish) => power_of_two(-14),
        _ => 0.0,
    }
}

/// Sums of products, one at a time in 64 bits.
fn sums(conv: &Conv, weights: &[i8], biases: &[i32], data: &[u8], case: &Case, quantized: &Quantized) -> Vec<i64> {
    let (shape, out) = (&case.shapes[0], &case.out);
    let zero = i64::from(quantized.scale(quantized.program.inputs[0]).zero_point);
    let per_group = conv.input_channels_per_group();
    let taps = conv.kernel[0] * conv.kernel[1] * per_group;
    let mut sums = Vec::new();
    for index in 0..out.iter().product::<usize>() {
        let (o, x, y, n) = (
            index % out[3],
            index / out[3] % out[2],
            index / (out[3] * out[2]) % out[1],
            index / (out[3] * out[2] * out[1]),
        );
        let first = o / (out[3] / conv.groups) * per_group;
        let mut sum = i64::from(biases[o]);
        for tap in 0..taps {
            let (i, kx, ky) = (tap % per_group, tap / per_group % conv.kernel[1], tap / (per_group * conv.kernel[1]));
            let iy = (y * conv.stride[0] + ky * conv.dilation[0]) as isize - conv.pads[0] as isize;
            let ix = (x * conv.stride[1] + kx * conv.dilation[1]) as isize - conv.pads[1] as isize;
            // What lies between the rows and columns of a transposed convolution's input is zero.
            let [up, across] = conv.upsample.map(|step| step as isize);
            if iy.rem_euclid(up) != 0 || ix.rem_euclid(across) != 0 {
                continue;
            }
            let (iy, ix) = (iy.div_euclid(up), ix.div_euclid(across));
            if (0..shape[1] as isize).contains(&iy) && (0..shape[2] as isize).contains(&ix) {
                let at = ((n * shape[1] + iy as usize) * shape[2] + ix as usize) * shape[3] + first + i;
                sum += (i64::from(data[at]) - zero) * i64::from(weights[o * taps + tap]);
            }
        }
        sums.push(sum);
    }
    sums
}

fn check(case: &Case) -> std::result::Result<(), TestCaseError> {
    let graph = case.graph();
    let quantized = case.quantized(&graph);
    let mut case = case.clone();
    let inputs = case.inputs(&quantized);
    let scale = quantized.scale(quantized.program.outputs[0]);
    let bounds = scale.bounds(case.clamp);
    let (steps, slack) = reference(&case, &graph, &quantized, &inputs);
    let run = |kernels| {
        let network = QuantizedNetwork::new(Arc::clone(&graph), quantized.clone(), kernels).unwrap();
        let mut integers = Vec::new();
        let mut overflows = 0;
        let run = network.run(&inputs, &mut |id, activation| {
            if let (true, host::Activation::Integers(bytes, _)) = (id == graph.outputs[0], activation) {
                integers = bytes.to_vec();
            }
        });
        overflows += run.unwrap().events.overflows;
        (integers, overflows)
    };
    let (integers, overflows) = run(KernelChoice::Fast);
    prop_assert_eq!(&run(KernelChoice::Oracle), &(integers.clone(), overflows));
    prop_assert_eq!(integers.len(), steps.len());
    if let Op::Conv(_) = case.op {
        check_traces(&case, &graph, &quantized, &inputs, &integers)?;
    }
    // An accumulator that wrapped holds no sum to compare with.
    if overflows > 0 {
        return Ok(());
    }
    for (index, (&integer, &step)) in integers.iter().zip(&steps).enumerate() {
        // There the engine's own 32-bit intermediate wraps (N8).
        if case.options.profile.datapath == Datapath::Tflite && step.abs() >= power_of_two(24) {
            continue;
        }
        let exact = (step + f64::from(scale.zero_point)).clamp(f64::from(bounds.min), f64::from(bounds.max));
        prop_assert!((bounds.min..=bounds.max).contains(&integer), "{index}: {integer} is outside {bounds:?}");
        prop_assert!(
            (f64::from(integer) - exact).abs() <= 1.0 + slack,
            "output {index} is {integer}, exactly {exact} (slack {slack})"
        );
    }
    Ok(())
}

/// A trace ends in the executor's byte, and its parts fit together.
fn check_traces(
    case: &Case,
    graph: &Arc<Graph>,
    quantized: &Quantized,
    inputs: &[Tensor],
    integers: &[u8],
) -> std::result::Result<(), TestCaseError> {
    let network = QuantizedNetwork::new(Arc::clone(graph), quantized.clone(), KernelChoice::Fast).unwrap();
    let (columns, channels) = match *case.out.as_slice() {
        [_, _, columns, channels] => (columns, channels),
        [_, channels] => (1, channels),
        _ => panic!("{:?}", case.out),
    };
    let picture = integers.len() / case.out[0];
    for index in [0, picture / 2, picture - 1] {
        let position = [index / channels / columns, index / channels % columns, index % channels];
        let trace = network.trace(0, position, inputs).unwrap();
        prop_assert_eq!(trace.result, integers[index], "{:?}: {:?}", position, trace);
        if trace.overflows == 0 {
            let products: i64 = trace.taps.iter().map(|tap| i64::from(tap.product)).sum();
            prop_assert_eq!(i64::from(trace.sum), products + i64::from(trace.bias));
        }
        let last = trace.taps.last().unwrap();
        prop_assert_eq!(
            last.product,
            (i32::from(last.activation) - i32::from(trace.input_zero_point)) * i32::from(last.weight)
        );
    }
    prop_assert!(network.trace(0, [0, columns, 0], inputs).is_err());
    prop_assert!(network.trace(0, [0, 0, channels], inputs).is_err());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn convolutions(case in convolution()) { check(&case)?; }

    #[test]
    fn sums_differences_and_products(case in binary()) { check(&case)?; }

    #[test]
    fn windows(case in pools()) { check(&case)?; }

    #[test]
    fn tables(case in activations()) { check(&case)?; }

    #[test]
    fn global_averages_and_what_only_moves(case in rearrangements()) { check(&case)?; }

    #[test]
    fn bilinear_resizes(case in bilinear()) { check(&case)?; }

    #[test]
    fn concatenations(case in concat()) { check(&case)?; }
}

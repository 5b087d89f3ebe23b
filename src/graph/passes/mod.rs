//! Simplifications of the float graph that do not change what it computes (beyond float rounding).
//!
//! Each pass looks at one node and its neighbours, rewrites them when a rule applies, and notes what it did. A merged
//! node keeps the name of its first node (the convolution, where there is one), stands for the ONNX operators of all of
//! them, and writes the last one's value: the values that survive keep their ONNX names, and so do the graph's outputs.

mod affine;
mod broadcast;
mod clamps;
mod constants;
mod dead;
mod edit;
mod fold;
mod layout;
mod padding;
mod patterns;
pub mod unbalance;

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::Graph;
use crate::error::Result;

/// Something a pass did, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct PassNote {
    pub pass: String,
    pub node: String,
    pub text: String,
}

/// A pass applies its rule wherever it can and notes every application.
type Pass = fn(&mut Graph, &mut Vec<PassNote>) -> Result<()>;

/// Patterns come before affine layers and fused clamps, which would take apart what an exporter spelled out; folding comes
/// before fused clamps because nothing folds into a convolution that already clamps.
const PASSES: [Pass; 10] = [
    constants::run,
    layout::run,
    broadcast::run,
    clamps::merge,
    patterns::run,
    affine::run,
    fold::run,
    padding::run,
    clamps::fuse,
    dead::run,
];

/// Runs all passes until none finds anything to do, and returns what they did, in order.
///
/// # Errors
/// Those of [`crate::float::evaluate`], when a node of constants cannot be computed.
pub fn simplify(graph: &mut Graph) -> Result<Vec<PassNote>> {
    let mut notes = Vec::new();
    // Ends: every noted rewrite removes a node, takes a detour out of an edge or turns a binary operator into a
    // convolution, and none is ever undone.
    loop {
        let before = notes.len();
        for pass in PASSES {
            pass(graph, &mut notes)?;
        }
        if notes.len() == before {
            return Ok(notes);
        }
    }
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use super::testing::*;
    use crate::graph::build::Builder;
    use crate::graph::{Activation, BinaryKind, Clamp, Op, PadMode, Pool, ValueId};
    use proptest::prelude::*;

    #[test]
    fn an_inverted_residual_block_becomes_three_convolutions_and_an_add() {
        let mut b = Builder::new(3);
        let x = b.input("x", &[1, 6, 6, 4]);
        let mut y = x;
        for (name, channels, kernel) in [("expand", 12, 1), ("depthwise", 12, 3), ("project", 4, 1)] {
            y = b.conv(name, y, channels, kernel, |conv| {
                if kernel == 3 {
                    (conv.groups, conv.pads) = (12, [1; 4]);
                }
            });
            y = b.batch_norm(&format!("{name}_bn"), y);
            if name != "project" {
                y = b.clip(&format!("{name}_relu6"), y, 0.0, 6.0);
            }
        }
        y = b.binary(BinaryKind::Add, "add", x, y);
        let (after, notes) = simplified(&b.finish(&[y]));
        let names: Vec<&str> = after.nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["expand", "depthwise", "project", "add"]);
        assert_eq!(after.nodes[1].origin, ["Conv", "BatchNormalization", "Clip"]);
        assert_eq!(after.nodes[1].clamp, Some(Clamp { min: 0.0, max: 6.0 }));
        assert_eq!(after.value(after.nodes[1].output).name, "depthwise_relu6.out");
        assert_eq!(notes[0].text, "batch normalization 'expand_bn' folded into 'expand'");
        // Nothing but the inputs and outputs of the four nodes is left.
        assert_eq!(after.values.len(), 5);
    }

    /// One step of a random chain of operators.
    fn step(b: &mut Builder, name: &str, kind: u8, y: ValueId, early: ValueId) -> ValueId {
        let shape = b.shape(y);
        let c = shape[3];
        match kind {
            0 => b.conv(name, y, 5, 1, |_| ()),
            1 => b.conv(name, y, c, 3, |conv| (conv.groups, conv.pads) = (c, [1; 4])),
            2 => b.conv(name, y, 4, 3, |conv| conv.pads = [0, 1, 2, 1]),
            3 | 4 => b.batch_norm(name, y),
            5 => b.relu(name, y),
            6 => b.clip(name, y, -1.0, 2.0),
            7 | 8 => {
                let data = b.random(c);
                let constant = b.constant(&format!("{name}.c"), &[c], &data);
                b.binary(if kind == 7 { BinaryKind::Mul } else { BinaryKind::Sub }, name, y, constant)
            }
            9 => {
                let constant = b.constant(&format!("{name}.c"), &[], &[1.5]);
                b.binary(BinaryKind::Div, name, y, constant)
            }
            10 => {
                let wide = [shape[0], shape[1] + 1, shape[2] + 2, c];
                let op = Op::Pad { before: vec![0, 1, 0, 0], after: vec![0, 0, 2, 0], mode: PadMode::Constant(0.0) };
                b.node("Pad", name, op, &[y], &wide)
            }
            11 => {
                let op = Op::Transpose { permutation: vec![0, 2, 1, 3] };
                b.node("Transpose", name, op, &[y], &[shape[0], shape[2], shape[1], c])
            }
            12 => b.activation(name, Activation::HardSwish, y),
            13 => b.conv(name, y, 3, 2, |conv| (conv.upsample, conv.pads) = ([2, 1], [0, 1, 0, 0])),
            14 => {
                let slopes = b.random(c);
                let slopes = b.constant(&format!("{name}.slopes"), &[c], &slopes);
                b.binary(BinaryKind::Prelu, name, y, slopes)
            }
            15 => {
                let pool = Pool { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads: [1; 4] };
                b.node("MaxPool", name, Op::MaxPool(pool), &[y], &shape)
            }
            _ if b.shape(early) == shape => b.binary(BinaryKind::Add, name, y, early),
            _ => y,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn simplify_does_not_change_what_a_random_graph_computes(
            kinds in prop::collection::vec((0u8..17, any::<bool>()), 1..12), seed in 0u64..1000,
        ) {
            let mut b = Builder::new(seed);
            let mut y = b.input("x", &[1, 6, 5, 3]);
            let (mut early, mut outputs) = (y, Vec::new());
            for (i, (kind, keep)) in kinds.into_iter().enumerate() {
                y = step(&mut b, &format!("n{i}"), kind, y, early);
                if keep && i % 2 == 0 {
                    early = y;
                }
                if keep && i % 5 == 4 {
                    outputs.push(y);
                }
            }
            outputs.push(y);
            let before = b.finish(&outputs);
            let (after, _) = simplified(&before);
            prop_assert!(after.nodes.len() <= before.nodes.len());
        }
    }
}

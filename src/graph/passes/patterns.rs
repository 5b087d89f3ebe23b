//! Activations that exporters spell out with simpler operators: SiLU, hard swish and hard sigmoid.
//!
//! The last multiplication or division of such an expression is taken apart into its factors: a number and up to two
//! tensors. Which activation it is then follows from the factors alone, in whatever order they were multiplied.

use super::PassNote;
use super::edit::{Uses, note, uniform};
use crate::error::Result;
use crate::graph::{Activation, BinaryKind, Clamp, Graph, Op, ValueId};

pub fn run(graph: &mut Graph, notes: &mut Vec<PassNote>) -> Result<()> {
    // From the end: x * (relu6(x + 3) / 6) should be seen whole before its second factor is.
    let mut index = graph.nodes.len();
    let mut uses = Uses::of(graph);
    while index > 0 {
        index -= 1;
        if let Some(found) = recognise(graph, index, &uses) {
            let absorbed = found.nodes.len();
            notes.push(replace(graph, index, found));
            uses = Uses::of(graph);
            index -= absorbed;
        }
    }
    Ok(())
}

/// An activation of `input`, and the nodes before the last one that compute it.
struct Found {
    activation: Activation,
    input: ValueId,
    nodes: Vec<usize>,
}

/// `number * tensors[0] * tensors[1] * ...`, computed by `nodes`.
struct Product {
    number: f64,
    tensors: Vec<ValueId>,
    nodes: Vec<usize>,
}

fn recognise(graph: &Graph, root: usize, uses: &Uses) -> Option<Found> {
    if !matches!(graph.nodes[root].op, Op::Binary(BinaryKind::Mul | BinaryKind::Div)) {
        return None;
    }
    let mut product = Product { number: 1.0, tensors: Vec::new(), nodes: Vec::new() };
    factor(graph, root, uses, &mut product, 0)?;
    let Product { number, tensors, mut nodes } = product;
    let mut gated = |x: ValueId, gate: ValueId| -> Option<(Activation, f64)> {
        if let Some((clip, shifted)) = relu6_of_shifted(graph, gate, x, uses) {
            nodes.extend([clip, shifted]);
            return Some((Activation::HardSwish, 1.0 / 6.0));
        }
        let producer = uses.private_producer(gate)?;
        let node = &graph.nodes[producer];
        let activation = match node.op {
            Op::Activation(Activation::Sigmoid) => Activation::Silu,
            Op::Activation(Activation::HardSigmoid { alpha, beta }) if is_sixth(alpha) && beta == 0.5 => {
                Activation::HardSwish
            }
            _ => return None,
        };
        (node.inputs == [x]).then(|| nodes.push(producer))?;
        Some((activation, 1.0))
    };
    let (activation, wanted, input) = match *tensors.as_slice() {
        [a, b] => {
            let (input, found) = match gated(a, b) {
                Some(found) => (a, found),
                None => (b, gated(b, a)?),
            };
            (found.0, found.1, input)
        }
        [gate] => {
            let clip = &graph.nodes[uses.private_producer(gate)?];
            let shifted = &graph.nodes[uses.private_producer(*clip.inputs.first()?)?];
            let input = *shifted.inputs.iter().find(|&&input| graph.value(input).constant.is_none())?;
            let (clip, shifted) = relu6_of_shifted(graph, gate, input, uses)?;
            nodes.extend([clip, shifted]);
            (Activation::HardSigmoid { alpha: 1.0 / 6.0, beta: 0.5 }, 1.0 / 6.0, input)
        }
        _ => return None,
    };
    let same_shape = graph.value(input).shape == graph.value(graph.nodes[root].output).shape;
    let plain = nodes.iter().chain([&root]).all(|&node| graph.nodes[node].clamp.is_none());
    nodes.sort_unstable();
    (same_shape && plain && close(number, wanted)).then_some(Found { activation, input, nodes })
}

/// Adds the factors of node `index` to `product`, going into operands that nobody else reads.
fn factor(graph: &Graph, index: usize, uses: &Uses, product: &mut Product, depth: usize) -> Option<()> {
    let node = &graph.nodes[index];
    let &[a, b] = node.inputs.as_slice() else { return None };
    for (value, divides) in [(a, false), (b, node.op == Op::Binary(BinaryKind::Div))] {
        if let Some(number) = uniform(graph, value) {
            let number = f64::from(number);
            product.number *= if divides { 1.0 / number } else { number };
            continue;
        }
        if divides {
            return None;
        }
        let inner = uses.private_producer(value).filter(|&inner| {
            depth < 2 && matches!(graph.nodes[inner].op, Op::Binary(BinaryKind::Mul | BinaryKind::Div))
        });
        match inner {
            Some(inner) => {
                product.nodes.push(inner);
                factor(graph, inner, uses, product, depth + 1)?;
            }
            None => product.tensors.push(value),
        }
    }
    Some(())
}

/// The two nodes of `gate = min(max(x + 3, 0), 6)`, if that is what it is and nobody else reads either.
fn relu6_of_shifted(graph: &Graph, gate: ValueId, x: ValueId, uses: &Uses) -> Option<(usize, usize)> {
    let clip = uses.private_producer(gate)?;
    if graph.nodes[clip].op != Op::Activation(Activation::Clamp(Clamp { min: 0.0, max: 6.0 })) {
        return None;
    }
    let shifted = uses.private_producer(*graph.nodes[clip].inputs.first()?)?;
    let node = &graph.nodes[shifted];
    let &[a, b] = node.inputs.as_slice() else { return None };
    let adds_three = (a == x && uniform(graph, b) == Some(3.0)) || (b == x && uniform(graph, a) == Some(3.0));
    (node.op == Op::Binary(BinaryKind::Add) && adds_three).then_some((clip, shifted))
}

/// A sixth, in whatever precision the exporter wrote it down.
fn is_sixth(number: f32) -> bool {
    close(f64::from(number), 1.0 / 6.0)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * b.abs()
}

/// The last node becomes the activation, under the first one's name; the others go.
fn replace(graph: &mut Graph, root: usize, found: Found) -> PassNote {
    let Found { activation, input, nodes } = found;
    let all: Vec<usize> = nodes.iter().copied().chain([root]).collect();
    let name = graph.nodes[all[0]].name.clone();
    let text = format!("{} nodes ending in '{}' are {}", all.len(), graph.nodes[root].name, activation.label());
    let origin = all.iter().flat_map(|&node| graph.nodes[node].origin.clone()).collect();
    let node = &mut graph.nodes[root];
    node.name = name;
    node.origin = origin;
    node.op = Op::Activation(activation);
    node.inputs = vec![input];
    let note = note("patterns", node, text);
    for &index in nodes.iter().rev() {
        graph.nodes.remove(index);
    }
    note
}

#[cfg(test)]
mod tests {
    use super::super::testing::after_pass;
    use super::*;
    use crate::graph::build::Builder;
    use BinaryKind::{Div, Mul};

    /// `(x * y) / 6` and the like: how x, the gate and the number are put together.
    type Spelling = fn(&mut Builder, ValueId, ValueId) -> ValueId;

    const SPELLINGS: [Spelling; 6] = [
        |b, x, gate| {
            let (product, six) = (b.binary(Mul, "xg", x, gate), b.constant("six", &[], &[6.0]));
            b.binary(Div, "last", product, six)
        },
        |b, x, gate| {
            let six = b.constant("six", &[1], &[6.0]);
            let sixth = b.binary(Div, "g6", gate, six);
            b.binary(Mul, "last", x, sixth)
        },
        |b, x, gate| {
            let sixth = b.constant("sixth", &[1, 1, 1, 1], &[1.0 / 6.0]);
            let sixth = b.binary(Mul, "g6", sixth, gate);
            b.binary(Mul, "last", sixth, x)
        },
        |b, x, gate| {
            let sixth = b.constant("sixth", &[], &[0.166_666_67]);
            let product = b.binary(Mul, "gx", gate, x);
            b.binary(Mul, "last", product, sixth)
        },
        |b, x, gate| {
            let six = b.constant("six", &[], &[6.0]);
            let sixth = b.binary(Div, "x6", x, six);
            b.binary(Mul, "last", gate, sixth)
        },
        |b, x, gate| {
            let six = b.constant("sixth", &[], &[1.0 / 6.0]);
            let sixth = b.binary(Mul, "x6", x, six);
            b.binary(Mul, "last", sixth, gate)
        },
    ];

    fn relu6_of_shifted(b: &mut Builder, x: ValueId, shift: f32) -> ValueId {
        let three = b.constant("three", &[], &[shift]);
        let shifted = b.binary(BinaryKind::Add, "add", three, x);
        b.clip("clip", shifted, 0.0, 6.0)
    }

    #[test]
    fn hard_swish_in_every_order() {
        for spelling in SPELLINGS {
            let mut b = Builder::new(1);
            let x = b.input("x", &[1, 3, 4, 5]);
            let gate = relu6_of_shifted(&mut b, x, 3.0);
            let y = spelling(&mut b, x, gate);
            let y = b.relu("after", y);
            let (after, notes) = after_pass(run, &b.finish(&[y]));
            assert_eq!(after.nodes.len(), 2);
            assert_eq!(after.nodes[0].op, Op::Activation(Activation::HardSwish));
            assert_eq!(after.value(after.nodes[0].output).name, "last.out");
            assert_eq!(after.nodes[0].origin.len(), 4);
            assert_eq!(notes, ["4 nodes ending in 'last' are hard swish"]);
        }
    }

    #[test]
    fn not_quite_hard_swish() {
        for spelling in SPELLINGS {
            // Another shift.
            let mut b = Builder::new(1);
            let x = b.input("x", &[1, 3, 4, 5]);
            let gate = relu6_of_shifted(&mut b, x, 2.0);
            let y = spelling(&mut b, x, gate);
            assert!(after_pass(run, &b.finish(&[y])).1.is_empty());
            // A gate that is also returned.
            let mut b = Builder::new(1);
            let x = b.input("x", &[1, 3, 4, 5]);
            let gate = relu6_of_shifted(&mut b, x, 3.0);
            let y = spelling(&mut b, x, gate);
            assert!(after_pass(run, &b.finish(&[y, gate])).1.is_empty());
            // A gate of another tensor.
            let mut b = Builder::new(1);
            let (x, z) = (b.input("x", &[1, 3, 4, 5]), b.input("z", &[1, 3, 4, 5]));
            let gate = relu6_of_shifted(&mut b, z, 3.0);
            let y = spelling(&mut b, x, gate);
            assert!(
                after_pass(run, &b.finish(&[y])).0.nodes.iter().all(|n| n.op != Op::Activation(Activation::HardSwish))
            );
        }
    }

    #[test]
    fn gates_that_are_operators_already() {
        let table = [
            (Activation::Sigmoid, Some(Activation::Silu)),
            (Activation::HardSigmoid { alpha: 1.0 / 6.0, beta: 0.5 }, Some(Activation::HardSwish)),
            (Activation::HardSigmoid { alpha: 0.2, beta: 0.5 }, None),
            (Activation::Tanh, None),
        ];
        for (gate, expected) in table {
            for gate_first in [false, true] {
                let mut b = Builder::new(1);
                let x = b.input("x", &[2, 3]);
                let g = b.activation("gate", gate, x);
                let y = if gate_first { b.binary(Mul, "mul", g, x) } else { b.binary(Mul, "mul", x, g) };
                let (after, notes) = after_pass(run, &b.finish(&[y]));
                match expected {
                    Some(activation) => assert_eq!(after.nodes[0].op, Op::Activation(activation)),
                    None => assert_eq!((after.nodes.len(), notes.len()), (2, 0)),
                }
            }
        }
    }

    #[test]
    fn hard_sigmoid_alone() {
        let mut b = Builder::new(1);
        let (x, features) = (b.input("x", &[1, 1, 1, 5]), b.input("features", &[1, 3, 4, 5]));
        let gate = relu6_of_shifted(&mut b, x, 3.0);
        let six = b.constant("six", &[], &[6.0]);
        let y = b.binary(Div, "div", gate, six);
        let y = b.binary(Mul, "scale", features, y);
        let (after, notes) = after_pass(run, &b.finish(&[y]));
        assert_eq!(after.nodes.len(), 2);
        assert_eq!(after.nodes[0].op, Op::Activation(Activation::HardSigmoid { alpha: 1.0 / 6.0, beta: 0.5 }));
        assert_eq!(notes, ["3 nodes ending in 'div' are hard sigmoid"]);
    }
}

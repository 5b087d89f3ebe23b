//! A picture of one pixel that is enlarged only to be added to or multiplied with another need not be: the arithmetic
//! repeats it anyway.

use super::PassNote;
use super::edit::{Uses, describe, note, rewrite_all};
use crate::error::Result;
use crate::graph::{BinaryKind, Graph, Op, ResizeMode};

pub fn run(graph: &mut Graph, notes: &mut Vec<PassNote>) -> Result<()> {
    rewrite_all(graph, notes, skip_enlarging);
    Ok(())
}

fn skip_enlarging(graph: &mut Graph, index: usize, uses: &Uses) -> Option<PassNote> {
    let node = &graph.nodes[index];
    let Op::Binary(kind) = node.op else { return None };
    let shape = &graph.value(node.output).shape;
    for operand in 0..node.inputs.len() {
        let Some(enlarging) = uses.private_producer(node.inputs[operand]) else { continue };
        let source = *graph.nodes[enlarging].inputs.first()?;
        let nearest =
            matches!(&graph.nodes[enlarging].op, Op::Resize(resize) if matches!(resize.mode, ResizeMode::Nearest(_)));
        let one_pixel = matches!(graph.value(source).shape.as_slice(), [_, 1, 1, _]);
        // The other operand alone must make the result as large as it is; and a PReLU's first one must be it.
        let others_suffice =
            node.inputs.iter().enumerate().any(|(i, &input)| i != operand && graph.value(input).shape == *shape);
        if !nearest || !one_pixel || !others_suffice || (kind == BinaryKind::Prelu && operand == 0) {
            continue;
        }
        let text = format!("{} removed: '{}' repeats the pixel", describe(&graph.nodes[enlarging]), node.name);
        let note = note("broadcasting", node, text);
        let enlarging = graph.nodes.remove(enlarging);
        let node = &mut graph.nodes[index - 1];
        node.inputs[operand] = source;
        node.origin.splice(0..0, enlarging.origin);
        return Some(note);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::testing::after_pass;
    use super::*;
    use crate::graph::build::Builder;
    use crate::graph::{CoordinateMode, NearestMode, Resize, ValueId};

    fn enlarged(b: &mut Builder, x: ValueId, mode: ResizeMode, shape: &[usize]) -> ValueId {
        let (from, coordinates) = (b.shape(x), CoordinateMode::Asymmetric);
        let scales = [1, 2].map(|axis| shape[axis] as f32 / from[axis] as f32);
        b.node("Expand", "expand", Op::Resize(Resize { mode, coordinates, scales }), &[x], shape)
    }

    #[test]
    fn one_pixel_is_repeated_by_the_multiplication() {
        for gate_first in [false, true] {
            let mut b = Builder::new(1);
            let (x, gate) = (b.input("x", &[1, 4, 5, 3]), b.input("gate", &[1, 1, 1, 3]));
            let gate = enlarged(&mut b, gate, ResizeMode::Nearest(NearestMode::Floor), &[1, 4, 5, 3]);
            let (left, right) = if gate_first { (gate, x) } else { (x, gate) };
            let y = b.binary(BinaryKind::Mul, "mul", left, right);
            let (after, notes) = after_pass(run, &b.finish(&[y]));
            assert_eq!(
                (after.nodes.len(), after.nodes[0].origin.as_slice()),
                (1, ["Expand", "Mul"].map(str::to_owned).as_slice())
            );
            assert_eq!(notes, ["expand 'expand' removed: 'mul' repeats the pixel"]);
        }
    }

    #[test]
    fn what_the_arithmetic_would_not_repeat_alike_stays() {
        let nearest = ResizeMode::Nearest(NearestMode::Floor);
        let cases = [
            // Interpolated, more than a pixel, not made up for by the other operand, and a PReLU's data.
            (ResizeMode::Bilinear, [1, 1, 1, 3], [1, 4, 4, 3], BinaryKind::Mul),
            (nearest, [1, 2, 2, 3], [1, 4, 4, 3], BinaryKind::Mul),
            (nearest, [1, 1, 1, 3], [1, 1, 1, 3], BinaryKind::Mul),
            (nearest, [1, 1, 1, 3], [1, 4, 4, 3], BinaryKind::Prelu),
        ];
        for (mode, small, other, kind) in cases {
            let mut b = Builder::new(1);
            let (x, other) = (b.input("x", &small), b.input("other", &other));
            let x = enlarged(&mut b, x, mode, &[1, 4, 4, 3]);
            let y = b.binary(kind, "binary", x, other);
            let (after, notes) = after_pass(run, &b.finish(&[y]));
            assert_eq!((after.nodes.len(), notes.len()), (2, 0), "{mode:?} {kind:?}");
        }
    }

    #[test]
    fn an_enlarged_picture_that_others_read_stays() {
        let mut b = Builder::new(1);
        let (x, gate) = (b.input("x", &[1, 4, 5, 3]), b.input("gate", &[1, 1, 1, 3]));
        let gate = enlarged(&mut b, gate, ResizeMode::Nearest(NearestMode::Floor), &[1, 4, 5, 3]);
        let y = b.binary(BinaryKind::Add, "add", x, gate);
        let (after, _) = after_pass(run, &b.finish(&[y, gate]));
        assert_eq!(after.nodes.len(), 2);
    }
}

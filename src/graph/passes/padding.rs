//! A border of zeros moves into the padding of the convolution or average pool behind it.

use super::PassNote;
use super::edit::{Uses, describe, merge_into_last, note, rewrite_all};
use crate::error::Result;
use crate::graph::{Graph, Op, PadMode};

pub fn run(graph: &mut Graph, notes: &mut Vec<PassNote>) -> Result<()> {
    rewrite_all(graph, notes, absorb);
    Ok(())
}

fn absorb(graph: &mut Graph, index: usize, uses: &Uses) -> Option<PassNote> {
    let node = &graph.nodes[index];
    let first = uses.private_producer(*node.inputs.first()?)?;
    let mut border = zero_border(&graph.nodes[first].op)?;
    let mut op = node.op.clone();
    let pads = match &mut op {
        Op::Conv(conv) => {
            // Zeros go between the zeros of the border, too.
            for (side, zeros) in border.iter_mut().enumerate() {
                *zeros = zeros.checked_mul(conv.upsample[side % 2])?;
            }
            &mut conv.pads
        }
        // The border was part of the picture: it counts in the mean, and so would the padding there was.
        Op::AveragePool(average) if average.count_include_pad || average.pool.pads == [0; 4] => {
            average.count_include_pad = true;
            &mut average.pool.pads
        }
        _ => return None,
    };
    for (pad, more) in pads.iter_mut().zip(border) {
        *pad = pad.checked_add(more)?;
    }
    let note = note("padding", node, format!("{} folded into '{}'", describe(&graph.nodes[first]), node.name));
    merge_into_last(graph, first, index, op);
    Some(note)
}

/// Rows and columns of zeros that a `Pad` adds at the top, left, bottom and right, if that is all it does.
fn zero_border(op: &Op) -> Option<[usize; 4]> {
    let Op::Pad { before, after, mode: PadMode::Constant(0.0) } = op else { return None };
    let amount = |pads: &[isize], axis: usize| usize::try_from(pads[axis]).ok();
    let (height, width) = match before.len() {
        3 => (None, 1),
        4 => (Some(1), 2),
        _ => return None,
    };
    let others_untouched = |pads: &[isize]| pads.first() == Some(&0) && pads.last() == Some(&0);
    if !others_untouched(before) || !others_untouched(after) {
        return None;
    }
    let rows = |pads: &[isize]| height.map_or(Some(0), |axis| amount(pads, axis));
    Some([rows(before)?, amount(before, width)?, rows(after)?, amount(after, width)?])
}

#[cfg(test)]
mod tests {
    use super::super::testing::after_pass;
    use super::*;
    use crate::graph::build::Builder;
    use crate::graph::{AveragePool, Pool, ValueId};

    fn pad(b: &mut Builder, x: ValueId, mode: PadMode) -> ValueId {
        let op = Op::Pad { before: vec![0, 1, 0, 0], after: vec![0, 2, 1, 0], mode };
        b.node("Pad", "pad", op, &[x], &[1, 8, 6, 2])
    }

    fn average(count_include_pad: bool, pads: [usize; 4]) -> Op {
        let pool = Pool { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads };
        Op::AveragePool(AveragePool { pool, count_include_pad })
    }

    #[test]
    fn into_a_convolution() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 5, 5, 2]);
        let y = pad(&mut b, x, PadMode::Constant(0.0));
        let y = b.conv("conv", y, 3, 3, |conv| conv.pads = [0, 1, 0, 1]);
        let (after, notes) = after_pass(run, &b.finish(&[y]));
        let Op::Conv(conv) = &after.nodes[0].op else { panic!() };
        assert_eq!((conv.pads, after.nodes.len()), ([1, 1, 2, 2], 1));
        assert_eq!(after.nodes[0].origin, ["Pad", "Conv"]);
        assert_eq!(notes, ["pad 'pad' folded into 'conv'"]);
    }

    #[test]
    fn into_a_transposed_convolution_with_zeros_between_those_of_the_border() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 5, 5, 2]);
        let y = pad(&mut b, x, PadMode::Constant(0.0));
        let y = b.conv("conv", y, 3, 3, |conv| (conv.upsample, conv.pads) = ([2, 3], [1, 0, 0, 2]));
        let (after, _) = after_pass(run, &b.finish(&[y]));
        let Op::Conv(conv) = &after.nodes[0].op else { panic!() };
        assert_eq!((conv.pads, after.nodes.len()), ([3, 0, 4, 5], 1));
    }

    #[test]
    fn into_an_average_pool_only_where_the_divisor_stays() {
        for (include, pads, folds) in [(false, [0; 4], true), (true, [1; 4], true), (false, [1; 4], false)] {
            let mut b = Builder::new(1);
            let x = b.input("x", &[1, 5, 5, 2]);
            let y = pad(&mut b, x, PadMode::Constant(0.0));
            let shape = if pads == [1; 4] { [1, 8, 6, 2] } else { [1, 6, 4, 2] };
            let y = b.node("AveragePool", "pool", average(include, pads), &[y], &shape);
            let (after, notes) = after_pass(run, &b.finish(&[y]));
            assert_eq!((after.nodes.len() == 1, notes.len() == 1), (folds, folds));
        }
    }

    #[test]
    fn other_borders_and_shared_ones_stay() {
        for (mode, shared) in [(PadMode::Constant(1.0), false), (PadMode::Edge, false), (PadMode::Constant(0.0), true)]
        {
            let mut b = Builder::new(1);
            let x = b.input("x", &[1, 5, 5, 2]);
            let padded = pad(&mut b, x, mode);
            let y = b.conv("conv", padded, 3, 3, |_| ());
            let outputs = if shared { vec![y, padded] } else { vec![y] };
            let (after, notes) = after_pass(run, &b.finish(&outputs));
            assert_eq!((after.nodes.len(), notes.len()), (2, 0));
        }
    }
}

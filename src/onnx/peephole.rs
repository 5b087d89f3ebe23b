//! Flattening before a fully connected layer: the weights are rearranged, once and for all, instead of the data.

use std::sync::Arc;

use super::lower::Builder;
use crate::error::Result;
use crate::graph::{Graph, Node, Op, ValueId};

/// Where a transpose and a reshape to rows feed nothing but a linear layer, drops the transpose and permutes the
/// layer's inputs accordingly. The reshaped tensor then differs from ONNX's, so it loses the ONNX name.
pub fn flatten_in_stored_order(builder: &mut Builder) -> Result<()> {
    let consumers = builder.graph.consumers();
    let producers = builder.graph.producers();
    let mut dropped = vec![false; builder.graph.nodes.len()];
    for linear in 0..builder.graph.nodes.len() {
        let Some(found) = find(&builder.graph, &producers, &consumers, linear) else {
            continue;
        };
        builder.charge(found.inputs)?;
        permute_inputs(&mut builder.graph.nodes[linear], &found)?;
        let rows = &mut builder.graph.nodes[found.reshape];
        rows.inputs = vec![found.source];
        let rows = rows.output;
        let name = format!("{}/stored-order", builder.graph.value(rows).name);
        builder.graph.values[rows.0].name = builder.value_name(&name);
        dropped[found.transpose] = true;
    }
    let mut dropped = dropped.iter();
    builder.graph.nodes.retain(|_| !dropped.next().copied().unwrap_or(false));
    Ok(())
}

struct Flattening {
    transpose: usize,
    reshape: usize,
    /// What the transpose reads.
    source: ValueId,
    permutation: Vec<usize>,
    /// Shape of the transposed tensor without the batch.
    shape: Vec<usize>,
    /// Weights of the linear layer.
    inputs: usize,
}

fn find(graph: &Graph, producers: &[Option<usize>], consumers: &[Vec<usize>], linear: usize) -> Option<Flattening> {
    let node = graph.nodes.get(linear)?;
    let Op::Conv(conv) = &node.op else {
        return None;
    };
    let rows = *node.inputs.first()?;
    let only_here = |value: ValueId| consumers[value.0].len() == 1 && !graph.outputs.contains(&value);
    let reshape = producers[rows.0]?;
    let &[transposed] = graph.nodes[reshape].inputs.as_slice() else {
        return None;
    };
    let transpose = producers[transposed.0]?;
    let Op::Transpose { permutation } = &graph.nodes[transpose].op else {
        return None;
    };
    let [batch, shape @ ..] = graph.value(transposed).shape.as_slice() else {
        return None;
    };
    let fits = conv.groups == 1
        && conv.kernel == [1, 1]
        && matches!(graph.nodes[reshape].op, Op::Reshape)
        && permutation.first() == Some(&0)
        && graph.value(rows).shape == [*batch, conv.input_channels_per_group()]
        && shape.iter().product::<usize>() == conv.input_channels_per_group()
        && only_here(rows)
        && only_here(transposed);
    fits.then(|| Flattening {
        transpose,
        reshape,
        source: graph.nodes[transpose].inputs[0],
        permutation: permutation.clone(),
        shape: shape.to_vec(),
        inputs: conv.weight.len(),
    })
}

/// Columns of the weight in the order in which the data is stored before the transpose.
fn permute_inputs(node: &mut Node, found: &Flattening) -> Result<()> {
    let Op::Conv(conv) = &mut node.op else {
        return Ok(());
    };
    let whole = conv.weight.shape().to_vec();
    let mut by_axis = vec![conv.output_channels()];
    by_axis.extend(&found.shape);
    let mut inverse = vec![0; found.permutation.len()];
    for (to, &from) in found.permutation.iter().enumerate() {
        inverse[from] = to;
    }
    let weight = conv.weight.as_ref().clone().reshaped(by_axis)?.transposed(&inverse).reshaped(whole)?;
    conv.weight = Arc::new(weight);
    Ok(())
}

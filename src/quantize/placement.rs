//! Which processor executes each node: the NPU, or the host beside it.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::graph::{BinaryKind, Graph, Node, Op};

/// Who executes a node in a quantized scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum RunsOn {
    /// Integer arithmetic.
    Npu,
    /// Float on dequantized outputs after the last integer tensor (softmax, box decoding), as NPUs leave it.
    HostTail,
    /// Float in the middle of the network: the NPU has no such operator.
    Fallback,
}

/// One entry per node.
///
/// Softmax and what only rearranges its result stay in float after the last integer tensor, as NPUs leave them; the
/// same operators in the middle of a network are fallbacks.
pub fn placement(graph: &Graph) -> Vec<RunsOn> {
    let producers = graph.producers();
    let consumers = graph.consumers();
    let mut after_host = vec![false; graph.nodes.len()];
    for (index, node) in graph.nodes.iter().enumerate() {
        let follows = node.inputs.iter().any(|input| producers[input.0].is_some_and(|producer| after_host[producer]));
        after_host[index] = host_reason(graph, node).is_some() || (follows && only_moves(&node.op));
    }
    let mut places = vec![RunsOn::Npu; graph.nodes.len()];
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        let tail =
            after_host[index] && consumers[node.output.0].iter().all(|&consumer| places[consumer] == RunsOn::HostTail);
        places[index] = match (tail, host_reason(graph, node)) {
            (true, _) => RunsOn::HostTail,
            (false, Some(_)) => RunsOn::Fallback,
            (false, None) => RunsOn::Npu,
        };
    }
    places
}

/// Why the NPU cannot run a node; `None` when it can.
pub fn host_reason(graph: &Graph, node: &Node) -> Option<&'static str> {
    let divides_by_data = || node.inputs.get(1).is_none_or(|&divisor| graph.value(divisor).constant.is_none());
    match node.op {
        Op::Softmax { .. } | Op::LogSoftmax { .. } => {
            Some("softmax has no integer definition; NPUs leave it to the host")
        }
        Op::Binary(BinaryKind::Div) if divides_by_data() => Some("division by a tensor that is not constant"),
        Op::GroupNorm(_) => {
            Some("it measures mean and variance of each picture as it runs; NPUs leave that to the host")
        }
        _ => None,
    }
}

fn only_moves(op: &Op) -> bool {
    matches!(op, Op::Reshape | Op::Transpose { .. } | Op::Concat { .. } | Op::Slice { .. })
}

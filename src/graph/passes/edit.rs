//! What the passes share: who reads what, and how two nodes become one.

use super::PassNote;
use crate::graph::{Conv, Graph, Node, Op, ValueId};

/// Who computes and who reads each value, at one moment.
pub struct Uses {
    producer: Vec<Option<usize>>,
    reads: Vec<usize>,
    reader: Vec<usize>,
    is_output: Vec<bool>,
}

impl Uses {
    pub fn of(graph: &Graph) -> Self {
        let values = graph.values.len();
        let mut uses = Uses {
            producer: vec![None; values],
            reads: vec![0; values],
            reader: vec![0; values],
            is_output: vec![false; values],
        };
        for (index, node) in graph.nodes.iter().enumerate() {
            uses.producer[node.output.0] = Some(index);
            for input in &node.inputs {
                uses.reads[input.0] += 1;
                uses.reader[input.0] = index;
            }
        }
        graph.outputs.iter().for_each(|output| uses.is_output[output.0] = true);
        uses
    }

    pub fn producer(&self, value: ValueId) -> Option<usize> {
        self.producer[value.0]
    }

    pub fn is_output(&self, value: ValueId) -> bool {
        self.is_output[value.0]
    }

    /// The producer of `value` if nobody but one node, once, reads it and the graph does not return it: the producer
    /// may then be merged into its reader.
    pub fn private_producer(&self, value: ValueId) -> Option<usize> {
        self.producer(value).filter(|_| self.reads[value.0] == 1 && !self.is_output(value))
    }

    /// The reader of `value` if it is the only one, reads it once, and the graph does not return it.
    pub fn only_reader(&self, value: ValueId) -> Option<usize> {
        (self.reads[value.0] == 1 && !self.is_output(value)).then(|| self.reader[value.0])
    }
}

/// Visits the nodes in order and rewrites until `rewrite` has nothing more to do. `rewrite` is given a node's index and
/// the uses; it returns a note if it changed the graph, and is then asked again about the same index.
pub fn rewrite_all(
    graph: &mut Graph,
    notes: &mut Vec<PassNote>,
    mut rewrite: impl FnMut(&mut Graph, usize, &Uses) -> Option<PassNote>,
) {
    let mut uses = Uses::of(graph);
    let mut index = 0;
    while index < graph.nodes.len() {
        match rewrite(graph, index, &uses) {
            Some(note) => {
                notes.push(note);
                uses = Uses::of(graph);
                // A merge may have moved the next candidate one place down.
                index = index.saturating_sub(1);
            }
            None => index += 1,
        }
    }
}

/// Node `last` reads the value of node `first` alone, and `op` does what both did. It takes the place and name of
/// `first` and the output of `last`.
pub fn merge_into_first(graph: &mut Graph, first: usize, last: usize, op: Op) {
    let last = graph.nodes.remove(last);
    let first = &mut graph.nodes[first];
    first.op = op;
    first.origin.extend(last.origin);
    first.output = last.output;
    first.clamp = last.clamp;
}

/// Node `last` is the only one to read the value of node `first`, and `op` does what both did. It takes the place and name of `last`
/// and the input of `first`. Returns the index of the merged node.
pub fn merge_into_last(graph: &mut Graph, first: usize, last: usize, op: Op) -> usize {
    let first = graph.nodes.remove(first);
    let last = last - 1;
    let node = &mut graph.nodes[last];
    node.op = op;
    node.origin.splice(0..0, first.origin);
    node.inputs = first.inputs;
    last
}

/// A note about `node`: the one that goes on, where there is one.
pub fn note(pass: &str, node: &Node, text: String) -> PassNote {
    PassNote { pass: pass.to_owned(), node: node.name.clone(), text }
}

/// What people call a node: its ONNX operators, or for the well-known ones their names.
pub fn describe(node: &Node) -> String {
    let kind = match node.origin.as_slice() {
        [] => node.op.label(),
        [kind] => match kind.as_str() {
            "BatchNormalization" => "batch normalization".to_owned(),
            "Mul" => "multiplication".to_owned(),
            "Div" => "division".to_owned(),
            "Add" => "addition".to_owned(),
            "Sub" => "subtraction".to_owned(),
            "Relu" => "ReLU".to_owned(),
            kind => kind.to_ascii_lowercase(),
        },
        kinds => kinds.join("+"),
    };
    format!("{kind} '{}'", node.name)
}

/// A scale and a shift per channel: `y = x * weight[c] + bias[c]`.
pub fn is_affine(conv: &Conv) -> bool {
    conv.kernel == [1, 1]
        && conv.stride == [1, 1]
        && !conv.is_transposed()
        && conv.pads == [0; 4]
        && conv.input_channels_per_group() == 1
        && conv.output_channels() == conv.groups
}

/// The value of a constant whose elements are all the same.
pub fn uniform(graph: &Graph, value: ValueId) -> Option<f32> {
    let data = graph.value(value).constant.as_deref()?.data();
    let (&first, rest) = data.split_first()?;
    rest.iter().all(|&x| x == first).then_some(first)
}

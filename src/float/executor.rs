//! Runs a whole graph.

use std::sync::Arc;

use super::Prepared;
use super::kernels::conv::Scratch;
use crate::arena::{Plan, Pool, lives};
use crate::error::{Code, Error, Result};
use crate::graph::{Graph, Tensor, TensorView, ValueId};

/// A graph with its weights packed once, ready to run any number of times, from several threads if need be.
pub struct Executor {
    graph: Arc<Graph>,
    /// One for each node.
    prepared: Vec<Prepared>,
    /// Where values lie that are no constants.
    plan: Plan,
    memory: Pool<f32, Scratch>,
}

impl Executor {
    /// # Errors
    /// `ShapeMismatch` when a node's operator, inputs and output do not fit together; `Internal` when the graph is not
    /// in execution order.
    pub fn new(graph: Arc<Graph>) -> Result<Self> {
        check_order(&graph)?;
        let plan = Plan::new(&lives(
            graph.values.len(),
            |value| graph.values[value].constant.is_none().then(|| graph.values[value].shape.iter().product()),
            graph.inputs.iter().map(|id| id.0),
            graph.nodes.iter().map(|node| (node.inputs.iter().map(|id| id.0), node.output.0)),
            graph.outputs.iter().map(|id| id.0),
        ));
        let prepared = graph
            .nodes
            .iter()
            .map(|node| {
                let inputs: Vec<&[usize]> = node.inputs.iter().map(|&id| graph.value(id).shape.as_slice()).collect();
                Prepared::new(node, &inputs, &graph.value(node.output).shape)
            })
            .collect::<Result<_>>()?;
        Ok(Executor { graph, prepared, plan, memory: Pool::default() })
    }

    pub fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    /// Runs the graph on `inputs`, which stand in the order of [`Graph::inputs`] and are laid out as stored (NHWC), and
    /// returns the tensors of [`Graph::outputs`], likewise. `observe` sees every graph input, then every node's output
    /// in order.
    ///
    /// # Errors
    /// `ShapeMismatch` when an input is missing or has another shape than the graph's.
    pub fn run(&self, inputs: &[Tensor], observe: &mut dyn FnMut(ValueId, TensorView)) -> Result<Vec<Tensor>> {
        self.check_inputs(inputs)?;
        self.memory.lend(self.plan.elements(), |arena, scratch| self.run_in(arena, scratch, inputs, observe))
    }

    fn run_in(
        &self,
        arena: &mut [f32],
        scratch: &mut Scratch,
        inputs: &[Tensor],
        observe: &mut dyn FnMut(ValueId, TensorView),
    ) -> Result<Vec<Tensor>> {
        let graph = &*self.graph;
        for (&id, tensor) in graph.inputs.iter().zip(inputs) {
            observe(id, tensor.view());
            let (_, place) = self.plan.split(arena, id.0).ok_or_else(misplaced)?;
            place.copy_from_slice(tensor.data());
        }
        for (node, prepared) in graph.nodes.iter().zip(&self.prepared) {
            let (others, output) = self.plan.split(arena, node.output.0).ok_or_else(misplaced)?;
            if cfg!(debug_assertions) {
                // A kernel that leaves out an element is to be found out.
                output.fill(f32::NAN);
            }
            let read = |id: &ValueId| self.view(*id, others.get(&self.plan, id.0));
            let operands: Vec<TensorView> = node.inputs.iter().map(read).collect::<Result<_>>()?;
            let shape = &graph.value(node.output).shape;
            prepared.run(node, &operands, (shape, output), scratch)?;
            observe(node.output, TensorView::new(shape, output)?);
        }
        let read = |id: &ValueId| Ok(self.view(*id, self.plan.get(arena, id.0))?.to_tensor());
        graph.outputs.iter().map(read).collect()
    }

    /// A constant, or what lies in the arena.
    fn view<'a>(&'a self, id: ValueId, computed: Option<&'a [f32]>) -> Result<TensorView<'a>> {
        let value = self.graph.value(id);
        match (&value.constant, computed) {
            (Some(constant), _) => Ok(constant.view()),
            (None, Some(elements)) => TensorView::new(&value.shape, elements),
            (None, None) => Err(misplaced()),
        }
    }

    fn check_inputs(&self, inputs: &[Tensor]) -> Result<()> {
        let mismatch = |reason| Error::new(Code::ShapeMismatch, reason, "pass one tensor for each input of the graph");
        if inputs.len() != self.graph.inputs.len() {
            let (wanted, given) = (self.graph.inputs.len(), inputs.len());
            return Err(mismatch(format!("the graph has {wanted} inputs, but {given} were given")));
        }
        for (&id, tensor) in self.graph.inputs.iter().zip(inputs) {
            let value = self.graph.value(id);
            if value.shape != tensor.shape() {
                let (wanted, given) = (&value.shape, tensor.shape());
                return Err(mismatch(format!("the input has shape {wanted:?}, not {given:?}")).at(value.name.as_str()));
            }
        }
        Ok(())
    }
}

fn misplaced() -> Error {
    Error::internal("a tensor has no place in the arena")
}

/// Every value exists and is computed once, before it is read.
fn check_order(graph: &Graph) -> Result<()> {
    let broken = || Error::internal("the graph is not in execution order");
    let mut known = vec![false; graph.values.len()];
    let define = |id: ValueId, known: &mut [bool]| match known.get_mut(id.0) {
        Some(slot) if !*slot => {
            *slot = true;
            Ok(())
        }
        _ => Err(broken()),
    };
    for (index, value) in graph.values.iter().enumerate() {
        if let Some(constant) = &value.constant {
            if constant.shape() != value.shape {
                return Err(Error::internal("a constant has another shape than its value").at(value.name.as_str()));
            }
            define(ValueId(index), &mut known)?;
        }
    }
    graph.inputs.iter().try_for_each(|&id| define(id, &mut known))?;
    let is_known = |id: &ValueId, known: &[bool]| known.get(id.0).copied().unwrap_or(false);
    for node in &graph.nodes {
        if !node.inputs.iter().all(|id| is_known(id, &known)) {
            return Err(broken().at(node.name.as_str()));
        }
        define(node.output, &mut known).map_err(|error| error.at(node.name.as_str()))?;
    }
    if graph.outputs.iter().all(|id| is_known(id, &known)) { Ok(()) } else { Err(broken()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::build::{Builder, inputs_of};
    use crate::graph::{BinaryKind, Clamp};

    /// A residual block: conv, ReLU, conv, add.
    fn residual() -> Graph {
        let mut b = Builder::new(1);
        let x = b.input("x", &[1, 5, 6, 4]);
        let y = b.conv("conv1", x, 9, 3, |conv| conv.pads = [1; 4]);
        let y = b.relu("relu", y);
        let y = b.conv("conv2", y, 4, 1, |_| ());
        let y = b.binary(BinaryKind::Add, "add", x, y);
        b.finish(&[y])
    }

    #[test]
    fn run_observes_everything_in_order_and_returns_the_outputs() {
        let graph = Arc::new(residual());
        let executor = Executor::new(graph.clone()).unwrap();
        let inputs = inputs_of(&graph, 7);
        let mut seen = Vec::new();
        let mut last = Tensor::default();
        let outputs = executor
            .run(&inputs, &mut |id, tensor| {
                seen.push(graph.value(id).name.clone());
                last = tensor.to_tensor();
            })
            .unwrap();
        assert_eq!(seen, ["x", "conv1.out", "relu.out", "conv2.out", "add.out"]);
        assert_eq!(outputs, [last]);
        assert_eq!(executor.run(&inputs, &mut |_, _| ()).unwrap(), outputs);
    }

    #[test]
    fn a_graph_may_return_inputs_constants_and_one_value_twice() {
        let mut b = Builder::new(1);
        let x = b.input("x", &[3]);
        let c = b.constant("c", &[2], &[1.0, 2.0]);
        let y = b.relu("relu", x);
        let graph = b.finish(&[x, y, y, c]);
        let input = Tensor::new([3], vec![-1.0, 0.0, 1.0]).unwrap();
        let outputs = Executor::new(Arc::new(graph)).unwrap().run(&[input], &mut |_, _| ()).unwrap();
        let outputs: Vec<&[f32]> = outputs.iter().map(Tensor::data).collect();
        assert_eq!(outputs, [&[-1.0, 0.0, 1.0][..], &[0.0, 0.0, 1.0], &[0.0, 0.0, 1.0], &[1.0, 2.0]]);
    }

    #[test]
    fn a_clamp_is_applied_last() {
        let mut graph = residual();
        graph.nodes[3].clamp = Some(Clamp { min: -0.5, max: 0.25 });
        let inputs = inputs_of(&graph, 7);
        let output = Executor::new(Arc::new(graph)).unwrap().run(&inputs, &mut |_, _| ()).unwrap().remove(0);
        assert!(output.data().iter().all(|&x| (-0.5..=0.25).contains(&x)));
        assert!(output.data().contains(&-0.5) && output.data().contains(&0.25));
    }

    #[test]
    fn broken_graphs_and_inputs_are_errors() {
        let mut wrong_shape = residual();
        wrong_shape.values[1].shape = vec![1, 5, 6, 8];
        let error = Executor::new(Arc::new(wrong_shape)).err().unwrap();
        assert_eq!((error.code, error.node.as_deref()), (Code::ShapeMismatch, Some("conv1")));

        let mut out_of_order = residual();
        out_of_order.nodes.swap(0, 1);
        assert_eq!(Executor::new(Arc::new(out_of_order)).err().unwrap().code, Code::Internal);

        let executor = Executor::new(Arc::new(residual())).unwrap();
        assert_eq!(executor.run(&[], &mut |_, _| ()).unwrap_err().code, Code::ShapeMismatch);
        let small = Tensor::zeros([1, 5, 5, 4]);
        assert_eq!(executor.run(&[small], &mut |_, _| ()).unwrap_err().code, Code::ShapeMismatch);
    }

    #[test]
    fn an_executor_can_be_shared_between_threads() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&Executor::new(Arc::new(residual())).unwrap());
    }
}

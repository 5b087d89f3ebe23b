//! Evaluation of nodes whose inputs are all known: shape arithmetic, and what exporters do to weights.
//!
//! Integers are computed exactly and an overflow is an error. Floats are computed in their own precision, as a runtime
//! would.

mod arithmetic;
mod create;
mod reduce;
mod restructure;

pub use create::{constant, shape_of};

use std::sync::Arc;

use super::call::{Binding, Call};
use super::literal::Literal;
use crate::error::Result;
use crate::limits::Limits;

/// The outputs of a node whose inputs are all constants; `None` when the operator is not one of those evaluated here
/// (it is then lowered like any other). `limits` bound each output.
pub fn evaluate(call: &Call, limits: &Limits) -> Result<Option<Vec<Literal>>> {
    let single = match call.op {
        "Identity" | "Dropout" => {
            call.attributes.ignore(&["ratio", "seed", "is_test"]);
            (**call.required_literal(0)?).clone()
        }
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => restructure::reshape(call, limits)?,
        "Transpose" => restructure::transpose(call)?,
        "Slice" => restructure::slice(call, limits)?,
        "Split" => return restructure::split(call).map(Some),
        "Concat" => restructure::concat(call, limits)?,
        "Gather" => restructure::gather(call, limits)?,
        "Expand" => restructure::expand(call, limits)?,
        "Tile" => restructure::tile(call, limits)?,
        "ConstantOfShape" => create::constant_of_shape(call, limits)?,
        "Range" => create::range(call, limits)?,
        "Cast" => create::cast(call)?,
        "Where" => arithmetic::select(call, limits)?,
        "ReduceProd" | "ReduceSum" | "ReduceMin" | "ReduceMax" => reduce::reduce(call)?,
        "Add" | "Sub" | "Mul" | "Div" | "Mod" | "Pow" | "Min" | "Max" | "Equal" | "Less" | "LessOrEqual"
        | "Greater" | "GreaterOrEqual" | "And" | "Or" | "Xor" => arithmetic::binary(call, limits)?,
        "Neg" | "Abs" | "Floor" | "Ceil" | "Round" | "Sqrt" | "Reciprocal" | "Not" | "Sign" => arithmetic::unary(call)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![single]))
}

/// All inputs, none of which may be left out.
fn literals<'c>(call: &'c Call) -> Result<Vec<&'c Arc<Literal>>> {
    (0..call.inputs.len()).map(|index| call.required_literal(index)).collect()
}

/// Whether every input that is given is known.
pub fn is_known(call: &Call) -> bool {
    call.inputs.iter().flatten().all(|binding| matches!(binding, Binding::Constant(_)))
}

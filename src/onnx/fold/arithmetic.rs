//! Element-wise arithmetic on constants.

use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::onnx::call::Call;
use crate::onnx::literal::{ElementType, Elements, Literal};
use crate::onnx::shapes::mismatch;
use crate::onnx::strided::{Walk, broadcast, broadcast_strides};

/// What the arithmetic needs of an element type. Integers are checked, floats follow IEEE 754.
pub trait Number: Copy + PartialOrd {
    const ZERO: Self;
    const ONE: Self;
    fn add(self, other: Self) -> Result<Self>;
    fn subtract(self, other: Self) -> Result<Self>;
    fn multiply(self, other: Self) -> Result<Self>;
    fn divide(self, other: Self) -> Result<Self>;
    fn modulo(self, other: Self) -> Result<Self>;
    fn power(self, other: Self) -> Result<Self>;
}

fn overflow() -> Error {
    Error::new(
        Code::TooLarge,
        "integer arithmetic on shapes overflows",
        "the model computes an impossible size; export it with a fixed input size",
    )
}

impl Number for i64 {
    const ZERO: i64 = 0;
    const ONE: i64 = 1;

    fn add(self, other: i64) -> Result<i64> {
        self.checked_add(other).ok_or_else(overflow)
    }

    fn subtract(self, other: i64) -> Result<i64> {
        self.checked_sub(other).ok_or_else(overflow)
    }

    fn multiply(self, other: i64) -> Result<i64> {
        self.checked_mul(other).ok_or_else(overflow)
    }

    /// Towards zero, as ONNX Runtime does.
    fn divide(self, other: i64) -> Result<i64> {
        if other == 0 {
            return Err(mismatch("integer division by zero"));
        }
        self.checked_div(other).ok_or_else(overflow)
    }

    /// The sign follows the divisor, as in Python.
    fn modulo(self, other: i64) -> Result<i64> {
        if other == 0 {
            return Err(mismatch("integer division by zero"));
        }
        let rest = self.checked_rem(other).ok_or_else(overflow)?;
        Ok(if rest != 0 && (rest < 0) != (other < 0) { rest + other } else { rest })
    }

    fn power(self, other: i64) -> Result<i64> {
        u32::try_from(other).ok().and_then(|exponent| self.checked_pow(exponent)).ok_or_else(overflow)
    }
}

macro_rules! float_number {
    ($float:ty, $power:path, $remainder:path) => {
        impl Number for $float {
            const ZERO: $float = 0.0;
            const ONE: $float = 1.0;

            fn add(self, other: $float) -> Result<$float> {
                Ok(self + other)
            }

            fn subtract(self, other: $float) -> Result<$float> {
                Ok(self - other)
            }

            fn multiply(self, other: $float) -> Result<$float> {
                Ok(self * other)
            }

            fn divide(self, other: $float) -> Result<$float> {
                Ok(self / other)
            }

            /// The sign follows the dividend: ONNX allows no other `Mod` on floats.
            fn modulo(self, other: $float) -> Result<$float> {
                Ok($remainder(self, other))
            }

            fn power(self, other: $float) -> Result<$float> {
                Ok($power(self, other))
            }
        }
    };
}

float_number!(f32, libm::powf, libm::fmodf);
float_number!(f64, libm::pow, libm::fmod);

/// Refuses integers that left the range of their type.
pub fn checked(literal: Literal) -> Result<Literal> {
    match (&literal.elements, literal.element_type.range()) {
        (Elements::Int(data), Some(range)) if data.iter().any(|value| !range.contains(value)) => Err(overflow()),
        _ => Ok(literal),
    }
}

pub fn binary(call: &Call, limits: &Limits) -> Result<Literal> {
    call.attributes.ignore(&["fmod"]);
    let sources = super::literals(call)?;
    let (first, rest) = sources.split_first().ok_or_else(|| mismatch(format!("{} has no inputs", call.op)))?;
    let variadic = matches!(call.op, "Min" | "Max");
    if !variadic && rest.len() != 1 {
        return Err(mismatch(format!("{} takes two inputs, not {}", call.op, sources.len())));
    }
    let mut result = Literal { name: call.output().to_owned(), ..(***first).clone() };
    for other in rest {
        result = combine(call, &result, other, limits)?;
    }
    Ok(result)
}

fn combine(call: &Call, a: &Literal, b: &Literal, limits: &Limits) -> Result<Literal> {
    let shape = broadcast(&a.shape, &b.shape)
        .ok_or_else(|| mismatch(format!("shapes {:?} and {:?} do not go together", a.shape, b.shape)))?;
    limits.elements(&shape)?;
    if a.element_type != b.element_type {
        return Err(mismatch(format!("{} mixes {} and {}", call.op, a.element_type.label(), b.element_type.label())));
    }
    let pairs = Walk::new(&shape, &broadcast_strides(&a.shape, &shape), 0).zip(Walk::new(
        &shape,
        &broadcast_strides(&b.shape, &shape),
        0,
    ));
    let (elements, is_bool) = match (&a.elements, &b.elements) {
        (Elements::F32(x), Elements::F32(y)) => apply(call.op, x, y, pairs, Elements::F32)?,
        (Elements::F64(x), Elements::F64(y)) => apply(call.op, x, y, pairs, Elements::F64)?,
        (Elements::Int(x), Elements::Int(y)) => apply(call.op, x, y, pairs, Elements::Int)?,
        _ => return Err(Error::internal("element types differ")),
    };
    let element_type = if is_bool { ElementType::Bool } else { a.element_type };
    checked(Literal { name: call.output().to_owned(), element_type, shape, elements })
}

/// The combined elements, and whether they are booleans.
fn apply<T: Number>(
    op: &str,
    x: &[T],
    y: &[T],
    pairs: impl Iterator<Item = (usize, usize)>,
    wrap: fn(Vec<T>) -> Elements,
) -> Result<(Elements, bool)> {
    let values = pairs.filter_map(|(i, j)| Some((*x.get(i)?, *y.get(j)?)));
    let arithmetic: Option<fn(T, T) -> Result<T>> = match op {
        "Add" => Some(T::add),
        "Sub" => Some(T::subtract),
        "Mul" => Some(T::multiply),
        "Div" => Some(T::divide),
        "Mod" => Some(T::modulo),
        "Pow" => Some(T::power),
        "Min" => Some(|a, b| Ok(if b < a { b } else { a })),
        "Max" => Some(|a, b| Ok(if b > a { b } else { a })),
        _ => None,
    };
    if let Some(arithmetic) = arithmetic {
        return Ok((wrap(values.map(|(a, b)| arithmetic(a, b)).collect::<Result<_>>()?), false));
    }
    let holds: fn(T, T) -> bool = match op {
        "Equal" => |a, b| a == b,
        "Less" => |a, b| a < b,
        "LessOrEqual" => |a, b| a <= b,
        "Greater" => |a, b| a > b,
        "GreaterOrEqual" => |a, b| a >= b,
        "And" => |a, b| a != T::ZERO && b != T::ZERO,
        "Or" => |a, b| a != T::ZERO || b != T::ZERO,
        _ => |a, b| (a != T::ZERO) != (b != T::ZERO),
    };
    Ok((Elements::Int(values.map(|(a, b)| holds(a, b).into()).collect()), true))
}

pub fn unary(call: &Call) -> Result<Literal> {
    let source = call.required_literal(0)?;
    let elements = match &source.elements {
        Elements::F32(data) => {
            let function: fn(f32) -> f32 = match call.op {
                "Neg" => |x| -x,
                "Abs" => f32::abs,
                "Floor" => f32::floor,
                "Ceil" => f32::ceil,
                "Round" => f32::round_ties_even,
                "Sqrt" => f32::sqrt,
                "Reciprocal" => |x| 1.0 / x,
                "Sign" => |x| if x == 0.0 { 0.0 } else { x.signum() },
                _ => return Err(not_for(call, source)),
            };
            Elements::F32(data.iter().map(|&x| function(x)).collect())
        }
        Elements::F64(data) => {
            let function: fn(f64) -> f64 = match call.op {
                "Neg" => |x| -x,
                "Abs" => f64::abs,
                "Floor" => f64::floor,
                "Ceil" => f64::ceil,
                "Round" => f64::round_ties_even,
                "Sqrt" => f64::sqrt,
                "Reciprocal" => |x| 1.0 / x,
                "Sign" => |x| if x == 0.0 { 0.0 } else { x.signum() },
                _ => return Err(not_for(call, source)),
            };
            Elements::F64(data.iter().map(|&x| function(x)).collect())
        }
        Elements::Int(data) => {
            let function: fn(i64) -> Option<i64> = match call.op {
                "Neg" => i64::checked_neg,
                "Abs" => i64::checked_abs,
                "Sign" => |x| Some(x.signum()),
                "Not" => |x| Some((x == 0).into()),
                _ => return Err(not_for(call, source)),
            };
            Elements::Int(data.iter().map(|&x| function(x)).collect::<Option<_>>().ok_or_else(overflow)?)
        }
    };
    checked(Literal { name: call.output().to_owned(), elements, ..(**source).clone() })
}

fn not_for(call: &Call, source: &Literal) -> Error {
    Error::new(
        Code::UnsupportedType,
        format!("{} of {} is not defined", call.op, source.element_type.label()),
        "check the model with onnx.checker",
    )
}

/// `Where`: elements of the second input where the first is true, of the third elsewhere.
pub fn select(call: &Call, limits: &Limits) -> Result<Literal> {
    let (condition, yes, no) = (call.required_literal(0)?, call.required_literal(1)?, call.required_literal(2)?);
    let shape = broadcast(&condition.shape, &yes.shape)
        .and_then(|shape| broadcast(&shape, &no.shape))
        .ok_or_else(|| mismatch("the inputs of Where do not go together"))?;
    limits.elements(&shape)?;
    let walk = |of: &Literal| Walk::new(&shape, &broadcast_strides(&of.shape, &shape), 0);
    let flags = condition.as_ints()?;
    let choices = walk(condition).zip(walk(yes).zip(walk(no)));
    let choices = choices.map(|(flag, pair)| (flags.get(flag).is_some_and(|&flag| flag != 0), pair));
    let elements = match (&yes.elements, &no.elements) {
        (Elements::F32(a), Elements::F32(b)) => Elements::F32(choose(a, b, choices)),
        (Elements::F64(a), Elements::F64(b)) => Elements::F64(choose(a, b, choices)),
        (Elements::Int(a), Elements::Int(b)) => Elements::Int(choose(a, b, choices)),
        _ => return Err(mismatch("Where mixes element types")),
    };
    Ok(Literal { name: call.output().to_owned(), element_type: yes.element_type, shape, elements })
}

fn choose<T: Copy>(yes: &[T], no: &[T], choices: impl Iterator<Item = (bool, (usize, usize))>) -> Vec<T> {
    choices.filter_map(|(flag, (i, j))| if flag { yes.get(i) } else { no.get(j) }.copied()).collect()
}

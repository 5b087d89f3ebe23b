//! A look at the protobuf framing before anything is decoded.
//!
//! Two bytes of file can announce a message that takes hundreds of bytes of memory, so a hostile file of the permitted
//! size could exhaust it. Counting messages first, without storing anything, bounds what decoding may allocate.

use std::fmt::Display;

use bytes::Buf;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use crate::error::{Code, Error, Result};
use crate::limits::Limits;

/// Strings and messages (tensors, attributes, edges, dimensions) per permitted node; real models stay below 20.
const ENTRIES_PER_NODE: usize = 64;

/// The messages that the reader decodes, by what they may contain.
#[derive(Clone, Copy)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    ValueInfo,
    Type,
    TensorType,
    Shape,
    /// Its fields are scalars, bulk data, or not decoded.
    Leaf,
}

impl Message {
    fn field(self, tag: u32) -> Message {
        match (self, tag) {
            (Message::Model, 7) => Message::Graph,
            (Message::Graph, 1) => Message::Node,
            (Message::Graph, 5) | (Message::Attribute, 5) => Message::Tensor,
            (Message::Graph, 11 | 12) => Message::ValueInfo,
            (Message::Node, 5) => Message::Attribute,
            (Message::ValueInfo, 2) => Message::Type,
            (Message::Type, 1) => Message::TensorType,
            (Message::TensorType, 2) => Message::Shape,
            _ => Message::Leaf,
        }
    }
}

#[derive(Default)]
struct Counts {
    nodes: usize,
    entries: usize,
}

/// Refuses a file with more nodes, or far more parts, than `limits` permit.
///
/// # Errors
/// `NotOnnx` when the framing is broken, `TooLarge` when there is too much of it.
pub fn check(bytes: &[u8], limits: &Limits) -> Result<()> {
    let mut counts = Counts::default();
    count(bytes, Message::Model, &mut counts)?;
    if counts.nodes > limits.nodes {
        return Err(Error::new(
            Code::TooLarge,
            format!("the model has {} nodes, more than {}", counts.nodes, limits.nodes),
            "simplify it (for instance with onnxsim), or raise the limit on the command line (--max-nodes)",
        ));
    }
    let permitted = limits.nodes.saturating_mul(ENTRIES_PER_NODE);
    if counts.entries > permitted {
        return Err(Error::new(
            Code::TooLarge,
            format!("the model consists of {} parts, more than {permitted}", counts.entries),
            "simplify it (for instance with onnxsim), or raise the limit on nodes (--max-nodes)",
        ));
    }
    Ok(())
}

fn count(mut bytes: &[u8], message: Message, counts: &mut Counts) -> Result<()> {
    while bytes.has_remaining() {
        let (tag, wire_type) = decode_key(&mut bytes).map_err(broken)?;
        if wire_type != WireType::LengthDelimited {
            skip_field(wire_type, tag, &mut bytes, DecodeContext::default()).map_err(broken)?;
            continue;
        }
        let length = usize::try_from(decode_varint(&mut bytes).map_err(broken)?).unwrap_or(usize::MAX);
        let (field, rest) =
            bytes.split_at_checked(length).ok_or_else(|| broken("a field reaches beyond the end of the file"))?;
        bytes = rest;
        counts.entries += 1;
        counts.nodes += usize::from(matches!((message, tag), (Message::Graph, 1)));
        let inner = message.field(tag);
        if !matches!(inner, Message::Leaf) {
            count(field, inner, counts)?;
        }
    }
    Ok(())
}

/// The error for bytes that do not decode.
pub fn broken(reason: impl Display) -> Error {
    Error::new(
        Code::NotOnnx,
        format!("the bytes are not a complete ONNX model ({reason})"),
        "check that the file is an .onnx file and was downloaded completely",
    )
}

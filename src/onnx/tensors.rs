//! `TensorProto` -> [`Literal`], with every check that a damaged or unsuitable tensor can fail.

use bytes::Bytes;

use super::literal::{ElementType, Elements, Literal};
use super::proto::TensorProto;
use crate::error::{Code, Error, Result};
use crate::limits::Limits;

/// Reads the elements of a tensor.
///
/// # Errors
/// `ExternalData`, `UnsupportedType`, `ShapeMismatch` (dimensions or number of elements) or `TooLarge`.
pub fn decode(tensor: &TensorProto, name: &str, limits: &Limits) -> Result<Literal> {
    decode_unnamed(tensor, name, limits).map_err(|error| error.at(name))
}

fn decode_unnamed(tensor: &TensorProto, name: &str, limits: &Limits) -> Result<Literal> {
    if tensor.data_location != 0 || !tensor.external_data.is_empty() {
        let file = tensor.external_data.iter().find(|entry| entry.key == "location").map_or("", |entry| &entry.value);
        return Err(Error::new(
            Code::ExternalData,
            format!("the elements of this tensor are in another file ({file})"),
            "save the model as one file: onnx.save(onnx.load(\"model.onnx\"), \"single.onnx\")",
        ));
    }
    if tensor.segment.is_some() {
        return Err(Error::new(Code::UnsupportedType, "the tensor is stored in segments", "export the model again"));
    }
    let element_type = ElementType::from_onnx(tensor.data_type)?;
    let shape = dimensions(&tensor.dims)?;
    let count = limits.elements(&shape)?;
    let elements = if tensor.raw_data.is_empty() { typed(tensor, element_type) } else { raw(tensor, element_type)? };
    if elements.len() != count {
        return Err(Error::new(
            Code::ShapeMismatch,
            format!("the tensor has {} elements but its shape is {shape:?}", elements.len()),
            "the file is damaged; download or export it again",
        ));
    }
    if let (Elements::Int(data), Some(range)) = (&elements, element_type.range())
        && let Some(value) = data.iter().find(|value| !range.contains(value))
    {
        return Err(Error::new(
            Code::UnsupportedType,
            format!("the value {value} does not fit element type {}", element_type.label()),
            "the file is damaged; download or export it again",
        ));
    }
    Ok(Literal { name: name.to_owned(), element_type, shape, elements })
}

fn dimensions(dims: &[i64]) -> Result<Vec<usize>> {
    dims.iter()
        .map(|&dim| {
            usize::try_from(dim).map_err(|_| {
                Error::new(
                    Code::ShapeMismatch,
                    format!("the tensor has impossible dimensions {dims:?}"),
                    "the file is damaged; download or export it again",
                )
            })
        })
        .collect()
}

/// Elements stored in the field of their type. Small integers share `int32_data`.
fn typed(tensor: &TensorProto, element_type: ElementType) -> Elements {
    match element_type {
        ElementType::Float => Elements::F32(tensor.float_data.clone()),
        ElementType::Double => Elements::F64(tensor.double_data.clone()),
        ElementType::Int64 => Elements::Int(tensor.int64_data.clone()),
        ElementType::Uint32 | ElementType::Uint64 => Elements::Int(tensor.uint64_data.iter().map(wrap).collect()),
        _ => Elements::Int(tensor.int32_data.iter().map(|&value| value.into()).collect()),
    }
}

/// Values above `i64::MAX` become negative, which the range check refuses.
fn wrap(value: &u64) -> i64 {
    *value as i64
}

/// Elements stored as little-endian bytes.
fn raw(tensor: &TensorProto, element_type: ElementType) -> Result<Elements> {
    let bytes = &tensor.raw_data;
    Ok(match element_type {
        ElementType::Float => Elements::F32(floats(bytes)?),
        ElementType::Double => Elements::F64(words(bytes, f64::from_le_bytes)?),
        ElementType::Int8 => Elements::Int(words(bytes, |b| i8::from_le_bytes(b).into())?),
        ElementType::Int16 => Elements::Int(words(bytes, |b| i16::from_le_bytes(b).into())?),
        ElementType::Int32 => Elements::Int(words(bytes, |b| i32::from_le_bytes(b).into())?),
        ElementType::Int64 => Elements::Int(words(bytes, i64::from_le_bytes)?),
        ElementType::Uint8 | ElementType::Bool => Elements::Int(words(bytes, |b| u8::from_le_bytes(b).into())?),
        ElementType::Uint16 => Elements::Int(words(bytes, |b| u16::from_le_bytes(b).into())?),
        ElementType::Uint32 => Elements::Int(words(bytes, |b| u32::from_le_bytes(b).into())?),
        ElementType::Uint64 => Elements::Int(words(bytes, |b| wrap(&u64::from_le_bytes(b)))?),
    })
}

fn words<const N: usize, T>(bytes: &Bytes, read: impl Fn([u8; N]) -> T) -> Result<Vec<T>> {
    Ok(chunks::<N>(bytes)?.iter().map(|word| read(*word)).collect())
}

/// As [`words`] with `f32::from_le_bytes`, in one piece: nearly all of a file is this.
fn floats(bytes: &Bytes) -> Result<Vec<f32>> {
    if cfg!(target_endian = "big") {
        return words(bytes, f32::from_le_bytes);
    }
    let mut floats = vec![0.0; chunks::<4>(bytes)?.len()];
    bytemuck::cast_slice_mut(&mut floats).copy_from_slice(bytes);
    Ok(floats)
}

fn chunks<const N: usize>(bytes: &Bytes) -> Result<&[[u8; N]]> {
    let (chunks, rest) = bytes.as_chunks();
    if !rest.is_empty() {
        return Err(Error::new(
            Code::ShapeMismatch,
            format!("{} bytes of data are not a multiple of the element size {N}", bytes.len()),
            "the file is damaged; download or export it again",
        ));
    }
    Ok(chunks)
}

//! A model as plain data, and its bytes: the FlatBuffers of TensorFlow Lite.

use flatbuffers::{FlatBufferBuilder, ForwardsUOffset, Push, PushAlignment, TableFinishedWIPOffset, Vector, WIPOffset};

use super::schema::{
    self, BUFFER_ALIGNMENT, Builtin, ElementType, Field, Options,
    field::{buffer, model, operator, operator_code, quantization, subgraph, tensor},
    slot,
};

/// One subgraph; tensors are named by their index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    pub name: String,
    pub tensors: Vec<Tensor>,
    /// In execution order.
    pub operators: Vec<Operator>,
    pub inputs: Vec<i32>,
    pub outputs: Vec<i32>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    pub name: String,
    pub shape: Vec<i32>,
    pub element: ElementType,
    /// Little-endian contents of a constant.
    pub data: Option<Vec<u8>>,
    pub quantization: Option<Quantization>,
}

/// `real = scale * (integer - zero_point)`; one entry, or one for each index of axis `dimension`.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantization {
    pub scale: Vec<f32>,
    pub zero_point: Vec<i64>,
    pub dimension: i32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    pub builtin: Builtin,
    pub version: i32,
    pub inputs: Vec<i32>,
    pub output: i32,
    pub options: Options,
}

type Offset = WIPOffset<TableFinishedWIPOffset>;
type Offsets<'a> = WIPOffset<Vector<'a, ForwardsUOffset<TableFinishedWIPOffset>>>;

/// The first byte of a vector that starts at a multiple of [`BUFFER_ALIGNMENT`]: of a type only to say so.
struct Aligned;

impl Push for Aligned {
    type Output = u8;

    unsafe fn push(&self, _destination: &mut [u8], _written: usize) {}

    fn alignment() -> PushAlignment {
        PushAlignment::new(BUFFER_ALIGNMENT)
    }
}

impl Model {
    /// The bytes of a `.tflite` file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut codes: Vec<(Builtin, i32)> = Vec::new();
        for operator in &self.operators {
            let code = (operator.builtin, operator.version);
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        let mut builder = FlatBufferBuilder::new();
        let buffers = self.buffers(&mut builder);
        let subgraph = self.subgraph(&mut builder, &codes);
        let subgraphs = builder.create_vector(&[subgraph]);
        let codes: Vec<Offset> = codes.iter().map(|&code| operator_code(&mut builder, code)).collect();
        let codes = builder.create_vector(&codes);
        let description = builder.create_string("shiftwise");
        let start = builder.start_table();
        builder.push_slot_always(slot(model::VERSION), schema::VERSION);
        builder.push_slot_always(slot(model::OPERATOR_CODES), codes);
        builder.push_slot_always(slot(model::SUBGRAPHS), subgraphs);
        builder.push_slot_always(slot(model::DESCRIPTION), description);
        builder.push_slot_always(slot(model::BUFFERS), buffers);
        let root = builder.end_table(start);
        builder.finish(root, Some(schema::IDENTIFIER));
        builder.finished_data().to_vec()
    }

    /// Buffer 0 is empty by definition: that of tensors which hold nothing before execution.
    fn buffers<'a>(&self, builder: &mut FlatBufferBuilder<'a>) -> Offsets<'a> {
        let start = builder.start_table();
        let mut offsets = vec![builder.end_table(start)];
        for data in self.tensors.iter().filter_map(|tensor| tensor.data.as_ref()) {
            builder.start_vector::<Aligned>(data.len());
            // The builder writes from the end to the start.
            for &byte in data.iter().rev() {
                builder.push(byte);
            }
            let data = builder.end_vector::<u8>(data.len());
            let start = builder.start_table();
            builder.push_slot_always(slot(buffer::DATA), data);
            offsets.push(builder.end_table(start));
        }
        builder.create_vector(&offsets)
    }

    fn subgraph(&self, builder: &mut FlatBufferBuilder, codes: &[(Builtin, i32)]) -> Offset {
        let mut buffers = 0;
        let tensors: Vec<Offset> = self
            .tensors
            .iter()
            .map(|tensor| {
                buffers += u32::from(tensor.data.is_some());
                tensor_table(builder, tensor, if tensor.data.is_some() { buffers } else { 0 })
            })
            .collect();
        let tensors = builder.create_vector(&tensors);
        let operators: Vec<Offset> = self
            .operators
            .iter()
            .map(|operator| {
                let code = codes.iter().position(|&code| code == (operator.builtin, operator.version)).unwrap_or(0);
                operator_table(builder, operator, code as u32)
            })
            .collect();
        let operators = builder.create_vector(&operators);
        let (inputs, outputs) = (builder.create_vector(&self.inputs), builder.create_vector(&self.outputs));
        let name = builder.create_string(&self.name);
        let start = builder.start_table();
        builder.push_slot_always(slot(subgraph::TENSORS), tensors);
        builder.push_slot_always(slot(subgraph::INPUTS), inputs);
        builder.push_slot_always(slot(subgraph::OUTPUTS), outputs);
        builder.push_slot_always(slot(subgraph::OPERATORS), operators);
        builder.push_slot_always(slot(subgraph::NAME), name);
        builder.end_table(start)
    }
}

/// Readers of before version 3a look for the code in a byte, later ones in an integer.
fn operator_code(builder: &mut FlatBufferBuilder, (builtin, version): (Builtin, i32)) -> Offset {
    let start = builder.start_table();
    builder.push_slot_always(slot(operator_code::DEPRECATED_BUILTIN_CODE), builtin as i8);
    builder.push_slot_always(slot(operator_code::VERSION), version);
    builder.push_slot_always(slot(operator_code::BUILTIN_CODE), builtin as i32);
    builder.end_table(start)
}

fn tensor_table(builder: &mut FlatBufferBuilder, tensor: &Tensor, buffer: u32) -> Offset {
    let shape = builder.create_vector(&tensor.shape);
    let name = builder.create_string(&tensor.name);
    let quantization = tensor.quantization.as_ref().map(|quantization| quantization_table(builder, quantization));
    let start = builder.start_table();
    builder.push_slot_always(slot(tensor::SHAPE), shape);
    builder.push_slot_always(slot(tensor::TYPE), tensor.element as i8);
    builder.push_slot_always(slot(tensor::BUFFER), buffer);
    builder.push_slot_always(slot(tensor::NAME), name);
    if let Some(quantization) = quantization {
        builder.push_slot_always(slot(tensor::QUANTIZATION), quantization);
    }
    builder.end_table(start)
}

fn quantization_table(builder: &mut FlatBufferBuilder, quantization: &Quantization) -> Offset {
    let scale = builder.create_vector(&quantization.scale);
    let zero_point = builder.create_vector(&quantization.zero_point);
    let start = builder.start_table();
    builder.push_slot_always(slot(quantization::SCALE), scale);
    builder.push_slot_always(slot(quantization::ZERO_POINT), zero_point);
    builder.push_slot_always(slot(quantization::QUANTIZED_DIMENSION), quantization.dimension);
    builder.end_table(start)
}

fn operator_table(builder: &mut FlatBufferBuilder, operator: &Operator, code: u32) -> Offset {
    let (inputs, outputs) = (builder.create_vector(&operator.inputs), builder.create_vector(&[operator.output]));
    let start = builder.start_table();
    for &(id, field) in &operator.options.fields {
        match field {
            Field::Byte(value) => builder.push_slot_always(slot(id), value),
            Field::Bool(value) => builder.push_slot_always(slot(id), value),
            Field::Int(value) => builder.push_slot_always(slot(id), value),
            Field::Float(value) => builder.push_slot_always(slot(id), value),
        }
    }
    let options = builder.end_table(start);
    let start = builder.start_table();
    builder.push_slot_always(slot(operator::OPCODE_INDEX), code);
    builder.push_slot_always(slot(operator::INPUTS), inputs);
    builder.push_slot_always(slot(operator::OUTPUTS), outputs);
    if operator.options.union_type != 0 {
        builder.push_slot_always(slot(operator::BUILTIN_OPTIONS_TYPE), operator.options.union_type);
        builder.push_slot_always(slot(operator::BUILTIN_OPTIONS), options);
    }
    builder.end_table(start)
}

//! The part of TensorFlow Lite's file format that is written: numbers of operators, fields and values as
//! tensorflow/lite/schema/schema.fbs gives them (schema version 3).

/// Slot of field `id` in a table's virtual table.
pub const fn slot(id: u16) -> u16 {
    4 + 2 * id
}

pub const VERSION: u32 = 3;
pub const IDENTIFIER: &str = "TFL3";
/// Contents of buffers start at multiples of this (`force_align` of `Buffer.data`).
pub const BUFFER_ALIGNMENT: usize = 16;

/// Field numbers of the tables.
pub mod field {
    pub mod model {
        pub const VERSION: u16 = 0;
        pub const OPERATOR_CODES: u16 = 1;
        pub const SUBGRAPHS: u16 = 2;
        pub const DESCRIPTION: u16 = 3;
        pub const BUFFERS: u16 = 4;
    }
    pub mod operator_code {
        pub const DEPRECATED_BUILTIN_CODE: u16 = 0;
        pub const VERSION: u16 = 2;
        pub const BUILTIN_CODE: u16 = 3;
    }
    pub mod subgraph {
        pub const TENSORS: u16 = 0;
        pub const INPUTS: u16 = 1;
        pub const OUTPUTS: u16 = 2;
        pub const OPERATORS: u16 = 3;
        pub const NAME: u16 = 4;
    }
    pub mod tensor {
        pub const SHAPE: u16 = 0;
        pub const TYPE: u16 = 1;
        pub const BUFFER: u16 = 2;
        pub const NAME: u16 = 3;
        pub const QUANTIZATION: u16 = 4;
    }
    pub mod quantization {
        pub const SCALE: u16 = 2;
        pub const ZERO_POINT: u16 = 3;
        pub const QUANTIZED_DIMENSION: u16 = 6;
    }
    pub mod buffer {
        pub const DATA: u16 = 0;
    }
    pub mod operator {
        pub const OPCODE_INDEX: u16 = 0;
        pub const INPUTS: u16 = 1;
        pub const OUTPUTS: u16 = 2;
        pub const BUILTIN_OPTIONS_TYPE: u16 = 3;
        pub const BUILTIN_OPTIONS: u16 = 4;
    }
}

/// `TensorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum ElementType {
    Int32 = 2,
    Int8 = 9,
}

/// `BuiltinOperator`: all below the 127 up to which the deprecated field holds the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum Builtin {
    Add = 0,
    AveragePool2d = 1,
    Concatenation = 2,
    Conv2d = 3,
    DepthwiseConv2d = 4,
    DepthToSpace = 5,
    Logistic = 14,
    MaxPool2d = 17,
    Mul = 18,
    Reshape = 22,
    ResizeBilinear = 23,
    Tanh = 28,
    Pad = 34,
    Transpose = 39,
    Mean = 40,
    Sub = 41,
    StridedSlice = 45,
    Maximum = 55,
    Minimum = 57,
    PadV2 = 60,
    ResizeNearestNeighbor = 97,
    LeakyRelu = 98,
    MirrorPad = 100,
    Prelu = 54,
    TransposeConv = 67,
    Quantize = 114,
    HardSwish = 117,
}

impl Builtin {
    /// The operator's version that takes int8, as `GetBuiltinOperatorVersion` of TensorFlow's converter has it for the
    /// simplest use.
    pub const fn version(self) -> i32 {
        match self {
            Builtin::Conv2d | Builtin::DepthwiseConv2d => 3,
            // With biases and a fused activation.
            Builtin::TransposeConv => 4,
            Builtin::Concatenation
            | Builtin::Prelu
            | Builtin::Reshape
            | Builtin::LeakyRelu
            | Builtin::Quantize
            | Builtin::HardSwish
            // Version 2 of this is known to the converter alone.
            | Builtin::DepthToSpace => 1,
            _ => 2,
        }
    }
}

/// `ActivationFunctionType`, fused into an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum Fused {
    None = 0,
    Relu = 1,
    ReluN1To1 = 2,
    Relu6 = 3,
}

/// `Padding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum Padding {
    Same = 0,
    Valid = 1,
}

/// `MirrorPadMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum Mirror {
    Reflect = 0,
    /// Repeats the border.
    Symmetric = 1,
}

/// A table of the union `BuiltinOptions`: which one, and its fields by number.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    pub union_type: u8,
    pub fields: Vec<(u16, Field)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Field {
    Byte(i8),
    Bool(bool),
    Int(i32),
    Float(f32),
}

/// Options of operators with windows; `[height, width]` throughout.
impl Options {
    pub fn conv(padding: Padding, stride: [i32; 2], dilation: [i32; 2], fused: Fused) -> Self {
        Options::of(1)
            .byte(0, padding as i8)
            .int(1, stride[1])
            .int(2, stride[0])
            .byte(3, fused as i8)
            .int(4, dilation[1])
            .int(5, dilation[0])
    }

    pub fn depthwise(padding: Padding, stride: [i32; 2], multiplier: i32, dilation: [i32; 2], fused: Fused) -> Self {
        Options::of(2)
            .byte(0, padding as i8)
            .int(1, stride[1])
            .int(2, stride[0])
            .int(3, multiplier)
            .byte(4, fused as i8)
            .int(5, dilation[1])
            .int(6, dilation[0])
    }

    pub fn transpose_conv(padding: Padding, stride: [i32; 2], fused: Fused) -> Self {
        Options::of(49).byte(0, padding as i8).int(1, stride[1]).int(2, stride[0]).byte(3, fused as i8)
    }

    pub fn pool(padding: Padding, stride: [i32; 2], kernel: [i32; 2], fused: Fused) -> Self {
        Options::of(5)
            .byte(0, padding as i8)
            .int(1, stride[1])
            .int(2, stride[0])
            .int(3, kernel[1])
            .int(4, kernel[0])
            .byte(5, fused as i8)
    }
}

impl Options {
    pub fn concatenation(axis: i32) -> Self {
        Options::of(10).int(0, axis).byte(1, Fused::None as i8)
    }

    pub fn add(fused: Fused) -> Self {
        Options::of(11).byte(0, fused as i8)
    }

    pub fn sub(fused: Fused) -> Self {
        Options::of(28).byte(0, fused as i8)
    }

    pub fn mul(fused: Fused) -> Self {
        Options::of(21).byte(0, fused as i8)
    }

    pub fn resize_bilinear(align_corners: bool, half_pixel_centers: bool) -> Self {
        // Fields 0 and 1 are deprecated sizes.
        Options::of(15).bool(2, align_corners).bool(3, half_pixel_centers)
    }

    pub fn resize_nearest(align_corners: bool, half_pixel_centers: bool) -> Self {
        Options::of(74).bool(0, align_corners).bool(1, half_pixel_centers)
    }

    pub fn reshape() -> Self {
        Options::of(17)
    }

    pub fn pad() -> Self {
        Options::of(22)
    }

    pub fn pad_v2() -> Self {
        Options::of(43)
    }

    pub fn mirror_pad(mode: Mirror) -> Self {
        Options::of(77).byte(0, mode as i8)
    }

    pub fn transpose() -> Self {
        Options::of(26)
    }

    pub fn reducer(keep_dims: bool) -> Self {
        Options::of(27).bool(0, keep_dims)
    }

    pub fn strided_slice(end_mask: i32) -> Self {
        Options::of(32).int(0, 0).int(1, end_mask)
    }

    pub fn depth_to_space(block: i32) -> Self {
        Options::of(94).int(0, block)
    }

    pub fn leaky_relu(alpha: f32) -> Self {
        Options { union_type: 75, fields: vec![(0, Field::Float(alpha))] }
    }

    pub fn hard_swish() -> Self {
        Options::of(91)
    }

    pub fn maximum_minimum() -> Self {
        Options::of(39)
    }

    pub fn quantize() -> Self {
        Options::of(89)
    }

    /// LOGISTIC, TANH and PRELU have no table of options.
    pub fn none() -> Self {
        Options::of(0)
    }

    fn of(union_type: u8) -> Self {
        Options { union_type, fields: Vec::new() }
    }

    fn with(mut self, id: u16, field: Field) -> Self {
        self.fields.push((id, field));
        self
    }

    fn byte(self, id: u16, value: i8) -> Self {
        self.with(id, Field::Byte(value))
    }

    fn bool(self, id: u16, value: bool) -> Self {
        self.with(id, Field::Bool(value))
    }

    fn int(self, id: u16, value: i32) -> Self {
        self.with(id, Field::Int(value))
    }
}

//! Reads .tflite files: FlatBuffers by their specification (flatbuffers.dev/internals), numbers of fields by
//! tensorflow/lite/schema/schema.fbs. Independent of the writer and its library.

pub struct File {
    pub identifier: String,
    pub version: u32,
    pub operators: Vec<Operator>,
    pub tensors: Vec<Tensor>,
    pub inputs: Vec<i32>,
    pub outputs: Vec<i32>,
}

pub struct Operator {
    /// `builtin_code` and `deprecated_builtin_code`.
    pub codes: [i32; 2],
    pub version: i32,
    pub inputs: Vec<i32>,
    pub outputs: Vec<i32>,
    pub options_type: u8,
    /// Where the table of options is, if there is one.
    options: Option<usize>,
}

pub struct Tensor {
    pub name: String,
    pub shape: Vec<i32>,
    pub element: i8,
    pub scale: Vec<f32>,
    pub zero_point: Vec<i64>,
    pub dimension: i32,
    pub data: Vec<u8>,
    /// Position of the data in the file; 0 where there is none.
    pub position: usize,
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn at<const N: usize>(&self, position: usize) -> [u8; N] {
        self.0[position..position + N].try_into().unwrap()
    }

    fn u32(&self, position: usize) -> usize {
        u32::from_le_bytes(self.at(position)) as usize
    }

    /// Follows a relative offset.
    fn follow(&self, position: usize) -> usize {
        position + self.u32(position)
    }

    /// Position of a table's field; `None` where it is left out.
    fn field(&self, table: usize, id: usize) -> Option<usize> {
        let vtable = table as i64 - i64::from(i32::from_le_bytes(self.at(table)));
        let vtable = usize::try_from(vtable).unwrap();
        let length = usize::from(u16::from_le_bytes(self.at(vtable)));
        let entry = 4 + 2 * id;
        let offset = if entry < length { u16::from_le_bytes(self.at(vtable + entry)) } else { 0 };
        (offset != 0).then_some(table + usize::from(offset))
    }

    fn int(&self, table: usize, id: usize) -> i32 {
        self.field(table, id).map_or(0, |at| i32::from_le_bytes(self.at(at)))
    }

    fn byte(&self, table: usize, id: usize) -> i8 {
        self.field(table, id).map_or(0, |at| self.0[at] as i8)
    }

    fn vector<const N: usize>(&self, table: usize, id: usize) -> Vec<[u8; N]> {
        let Some(at) = self.field(table, id) else { return Vec::new() };
        let vector = self.follow(at);
        (0..self.u32(vector)).map(|index| self.at(vector + 4 + N * index)).collect()
    }

    fn ints(&self, table: usize, id: usize) -> Vec<i32> {
        self.vector(table, id).into_iter().map(i32::from_le_bytes).collect()
    }

    fn tables(&self, table: usize, id: usize) -> Vec<usize> {
        let Some(at) = self.field(table, id) else { return Vec::new() };
        let vector = self.follow(at);
        (0..self.u32(vector)).map(|index| self.follow(vector + 4 + 4 * index)).collect()
    }

    fn string(&self, table: usize, id: usize) -> String {
        String::from_utf8(self.vector::<1>(table, id).concat()).unwrap()
    }
}

pub fn read(bytes: &[u8]) -> File {
    let b = Bytes(bytes);
    let model = b.follow(0);
    let codes = b.tables(model, 1);
    let buffers = b.tables(model, 4);
    assert!(b.vector::<1>(buffers[0], 0).is_empty(), "buffer 0 is not empty");
    let subgraphs = b.tables(model, 2);
    assert_eq!(subgraphs.len(), 1);
    let graph = subgraphs[0];
    let operator = |table: usize| {
        let code = codes[b.int(table, 0) as usize];
        Operator {
            codes: [b.int(code, 3), b.byte(code, 0).into()],
            version: b.int(code, 2),
            inputs: b.ints(table, 1),
            outputs: b.ints(table, 2),
            options_type: b.byte(table, 3) as u8,
            options: b.field(table, 4).map(|at| b.follow(at)),
        }
    };
    let tensor = |table: usize| {
        let buffer = buffers[b.int(table, 2) as usize];
        let quantization = b.field(table, 4).map(|at| b.follow(at));
        let scale = quantization.map_or(Vec::new(), |q| b.vector(q, 2));
        let zero_point = quantization.map_or(Vec::new(), |q| b.vector(q, 3));
        Tensor {
            name: b.string(table, 3),
            shape: b.ints(table, 0),
            element: b.byte(table, 1),
            scale: scale.into_iter().map(f32::from_le_bytes).collect(),
            zero_point: zero_point.into_iter().map(i64::from_le_bytes).collect(),
            dimension: quantization.map_or(0, |q| b.int(q, 6)),
            data: b.vector::<1>(buffer, 0).concat(),
            position: b.field(buffer, 0).map_or(0, |at| b.follow(at) + 4),
        }
    };
    File {
        identifier: String::from_utf8(b.at::<4>(4).to_vec()).unwrap(),
        version: b.int(model, 0) as u32,
        operators: b.tables(graph, 3).into_iter().map(operator).collect(),
        tensors: b.tables(graph, 0).into_iter().map(tensor).collect(),
        inputs: b.ints(graph, 1),
        outputs: b.ints(graph, 2),
    }
}

impl Operator {
    /// Field `id` of the options, a byte or a bool; 0 where left out.
    pub fn byte(&self, bytes: &[u8], id: usize) -> i8 {
        self.options.map_or(0, |table| Bytes(bytes).byte(table, id))
    }

    pub fn int(&self, bytes: &[u8], id: usize) -> i32 {
        self.options.map_or(0, |table| Bytes(bytes).int(table, id))
    }
}

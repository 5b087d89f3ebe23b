//! NumPy's file format for one array, version 1.0 (numpy.org/doc/stable/reference/generated/numpy.lib.format.html).

/// Elements of one type, row-major.
#[derive(Debug, Clone, Copy)]
pub enum Elements<'a> {
    Uint8(&'a [u8]),
    Int8(&'a [i8]),
    Int32(&'a [i32]),
    Float32(&'a [f32]),
}

impl Elements<'_> {
    fn type_name(self) -> &'static str {
        match self {
            Elements::Uint8(_) => "|u1",
            Elements::Int8(_) => "|i1",
            Elements::Int32(_) => "<i4",
            Elements::Float32(_) => "<f4",
        }
    }

    fn bytes(self) -> Vec<u8> {
        match self {
            Elements::Uint8(values) => values.to_vec(),
            Elements::Int8(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Elements::Int32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Elements::Float32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }
}

/// The file of an array whose shape has as many elements.
pub fn write(shape: &[usize], elements: Elements) -> Vec<u8> {
    let mut dims: String = shape.iter().map(|dim| format!("{dim}, ")).collect();
    // A tuple of one keeps its comma.
    if shape.len() > 1 {
        dims.truncate(dims.len() - 2);
    }
    let mut header =
        format!("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", elements.type_name(), dims.trim_end());
    // Ten bytes come before the header, a line feed ends it, and the data starts at a multiple of 64.
    while !(header.len() + 11).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    // A shape of at most a few axes: far below 65536 bytes.
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.into_bytes());
    file.extend(elements.bytes());
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by NumPy 2: `np.save(file, np.array([[1, -2, 3]], np.int32))`.
    #[test]
    fn as_numpy_writes_it() {
        let header = "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 3), }";
        let mut expected = b"\x93NUMPY\x01\x00v\x00".to_vec();
        expected.extend(format!("{header:<117}\n").into_bytes());
        expected.extend([1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0]);
        assert_eq!(write(&[1, 3], Elements::Int32(&[1, -2, 3])), expected);
    }

    #[test]
    fn shapes_are_tuples() {
        let shape = |shape: &[usize]| {
            let file = String::from_utf8_lossy(&write(shape, Elements::Uint8(&[]))).into_owned();
            let (_, rest) = file.split_once("'shape': ").unwrap();
            rest.split_once(", }").unwrap().0.to_owned()
        };
        assert_eq!((shape(&[]), shape(&[7]), shape(&[2, 3, 4])), ("()".into(), "(7,)".into(), "(2, 3, 4)".into()));
    }
}

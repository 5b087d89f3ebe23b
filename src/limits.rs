//! What Shiftwise refuses to load. A model is untrusted input, so every limit is checked before memory is allocated.

use crate::error::{Code, Error, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size of the ONNX file in bytes.
    pub model_bytes: usize,
    /// Elements of any one tensor, constants and activations alike.
    pub tensor_elements: usize,
    pub nodes: usize,
    /// Pixels of one input picture.
    pub image_pixels: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { model_bytes: 256 << 20, tensor_elements: 1 << 28, nodes: 4096, image_pixels: 64_000_000 }
    }
}

impl Limits {
    /// Number of elements of `shape`, or an error when it overflows or exceeds [`Limits::tensor_elements`].
    pub fn elements(&self, shape: &[usize]) -> Result<usize> {
        shape
            .iter()
            .try_fold(1usize, |product, &dim| product.checked_mul(dim))
            .filter(|&elements| elements <= self.tensor_elements)
            .ok_or_else(|| {
                Error::new(
                    Code::TooLarge,
                    format!("a tensor of shape {shape:?} has more than {} elements", self.tensor_elements),
                    "use a smaller input size, or raise the limit on the command line (--max-tensor)",
                )
            })
    }
}

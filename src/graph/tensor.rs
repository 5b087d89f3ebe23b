//! A dense float32 tensor in row-major order.

use crate::error::{Error, Result};
use crate::strided;

/// `data.len()` always equals the product of `shape`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Vec<f32>,
}

/// A tensor in memory of somebody else's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TensorView<'a> {
    shape: &'a [usize],
    data: &'a [f32],
}

impl<'a> TensorView<'a> {
    /// # Errors
    /// `Internal` when the number of elements does not match the shape.
    pub fn new(shape: &'a [usize], data: &'a [f32]) -> Result<Self> {
        must_fill(shape, data)?;
        Ok(TensorView { shape, data })
    }

    pub fn shape(self) -> &'a [usize] {
        self.shape
    }

    pub fn data(self) -> &'a [f32] {
        self.data
    }

    pub fn to_tensor(self) -> Tensor {
        Tensor { shape: self.shape.to_vec(), data: self.data.to_vec() }
    }
}

fn must_fill(shape: &[usize], data: &[f32]) -> Result<()> {
    if shape.iter().product::<usize>() != data.len() {
        return Err(Error::internal(format!("{} elements do not fill shape {shape:?}", data.len())));
    }
    Ok(())
}

impl Tensor {
    /// # Errors
    /// `Internal` when the number of elements does not match the shape.
    pub fn new(shape: impl Into<Vec<usize>>, data: Vec<f32>) -> Result<Self> {
        let shape = shape.into();
        must_fill(&shape, &data)?;
        Ok(Tensor { shape, data })
    }

    pub fn zeros(shape: impl Into<Vec<usize>>) -> Self {
        let shape = shape.into();
        let data = vec![0.0; shape.iter().product()];
        Tensor { shape, data }
    }

    pub fn scalar(value: f32) -> Self {
        Tensor { shape: Vec::new(), data: vec![value] }
    }

    pub fn view(&self) -> TensorView<'_> {
        TensorView { shape: &self.shape, data: &self.data }
    }

    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub fn data(&self) -> &[f32] {
        &self.data
    }

    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    pub fn into_data(self) -> Vec<f32> {
        self.data
    }

    pub fn len(&self) -> usize {
        self.data.len()
    }

    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// The same elements under another shape of the same size.
    pub fn reshaped(self, shape: impl Into<Vec<usize>>) -> Result<Self> {
        Tensor::new(shape, self.data)
    }

    /// Axis `i` of the result is axis `permutation[i]` of `self`; the data is moved.
    pub fn transposed(&self, permutation: &[usize]) -> Self {
        let shape = permutation.iter().map(|&axis| self.shape[axis]).collect();
        let mut data = vec![0.0; self.len()];
        strided::transpose(permutation, &self.data, &self.shape, &mut data);
        Tensor { shape, data }
    }

    pub fn max_abs(&self) -> f32 {
        self.data.iter().fold(0.0, |max, value| value.abs().max(max))
    }
}

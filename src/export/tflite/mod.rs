//! Writes the integer graph of profile `tflite` as a TensorFlow Lite file, which the engine's reference kernels execute
//! with the same integers (N8).

mod activation;
mod arithmetic;
mod convolution;
mod movement;
mod pool;
mod resize;
mod schema;
mod serialize;
mod window;
mod writer;

pub use writer::write;

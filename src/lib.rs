//! Post-training quantization of small CNNs, executed bit for bit as an integer NPU would.
//!
//! The pipeline, and the module of each phase, in order:
//!
//! 1. [`onnx`] reads a model into a float [`graph`], whose passes fold batch normalizations and fuse activations;
//! 2. [`float`] executes it, the reference for everything else;
//! 3. [`calibrate`] watches it do so and finds the range of every activation;
//! 4. [`quantize`] makes an integer graph of it: one scale per layer, one per channel, or one per layer and a shift per
//!    channel;
//! 5. [`npu`] executes that graph in integers alone, with [`host`] beside it for what an NPU leaves to others;
//! 6. [`report`] says what became of every layer, channel and picture;
//! 7. [`export`] writes the integers for a device, and what it should answer.
//!
//! [`session::Session`] is the facade over all of it; docs/numerics.md defines every integer.
//!
//! # Example
//!
//! The bundled digits: one scale per layer takes the first for another one, a shift per channel does not.
//!
//! ```
//! use shiftwise::calibrate::Calibration;
//! use shiftwise::quantize::{QuantizeOptions, Scheme};
//! use shiftwise::{bundled, limits::Limits, session::Session};
//!
//! # fn main() -> shiftwise::error::Result<()> {
//! let example = bundled::find("digits")?;
//! let manifest = example.manifest()?;
//! let mut session = Session::open(example.model, Some(manifest.clone()), Limits::default())?;
//!
//! let mut ranges = Calibration::new(session.graph());
//! for picture in example.tiles(&manifest.calibration.expect("pictures to calibrate with"))? {
//!     ranges.merge(&session.observe(&session.preprocess(&picture)?, ranges.options())?);
//! }
//! session.set_calibration(ranges)?;
//! for scheme in [Scheme::LayerWise, Scheme::ShiftWise] {
//!     session.quantize(&QuantizeOptions::new(scheme))?;
//! }
//!
//! let digit = &example.tiles(&manifest.samples.expect("pictures to test with"))?[0];
//! let input = session.preprocess(digit)?;
//! let best = |scheme| Ok::<_, shiftwise::error::Error>(session.run(scheme, &input)?.best().map(|best| best.label.clone()));
//! assert_eq!(best(Scheme::Float)?.as_deref(), Some("2"));
//! assert_ne!(best(Scheme::LayerWise)?.as_deref(), Some("2"));
//! assert_eq!(best(Scheme::ShiftWise)?.as_deref(), Some("2"));
//! # Ok(())
//! # }
//! ```
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod arena;
#[cfg(not(target_arch = "wasm32"))]
pub mod bundled;
pub mod calibrate;
pub mod error;
#[cfg(feature = "export")]
pub mod export;
pub mod float;
pub mod graph;
pub mod host;
pub mod image;
pub mod limits;
pub mod manifest;
mod nearest;
#[deny(clippy::float_arithmetic)]
pub mod npu;
pub mod onnx;
mod order;
pub mod quantize;
pub mod report;
pub mod session;
mod splat;
mod strided;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

//! Calibration: what activations look like, and from that the range that each gets (N3) and the mean that each weight
//! meets (N4, bias correction).
//!
//! A [`Calibration`] watches the float graph run over pictures. What it keeps depends on the pictures and their order
//! alone, never on threads. A [`Method`] turns it into ranges. [`DataFree`] needs no pictures.

mod calibration;
mod data_free;
mod entropy;
mod expectation;
mod histogram;
mod mse;
mod normal;
mod options;
mod percentile;
mod range;
mod ranges;
mod state;
mod statistics;
mod taps;

pub use calibration::Calibration;
pub use data_free::DataFree;
pub use histogram::Histogram;
pub use options::{CalibrationOptions, Method};
pub use range::Range;
pub use ranges::Ranges;
pub use taps::{TapMeans, TapSums};

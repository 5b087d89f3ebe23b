//! What the page, the command line and the tests are told. Plain data: TypeScript's types are generated from these.
//!
//! A figure that is infinite (the SQNR of an exact copy) is `None`, `null` in JSON.

mod layer;
mod model;
mod prediction;

pub use layer::{ChannelDetail, Fallback, LayerDetail, LayerReport, SchemeReport};
pub use model::{ModelReport, NodeReport, TensorInfo};
pub use prediction::{ClassScore, Prediction};

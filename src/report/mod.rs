//! What the page, the command line and the tests are told. Plain data: TypeScript's types are generated from these.
//!
//! A figure that is infinite (the SQNR of an exact copy) is `None`, `null` in JSON.

mod build;
mod measure;
mod model;
mod node_error;
mod prediction;
mod scheme;
mod shifts;
pub mod task;

pub use build::{ModelFacts, channel, layer, model, scheme};
pub use measure::{Sqnr, probabilities, top};
pub use model::{ModelReport, NodeReport, TensorInfo};
pub use node_error::{NodeError, OffBy};
pub use prediction::{ActivationMap, ClassScore, ClassShare, DetectedBox, PictureScore, Prediction, TaskResult};
pub use scheme::{ChannelDetail, Fallback, LayerDetail, LayerReport, SchemeReport};
pub use shifts::{ShiftError, ShiftErrors, shift_errors};

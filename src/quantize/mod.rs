//! Post-training quantization: float graph + calibration -> integer graph (N1-N5, N7).

mod activation;
mod compile;
mod factor;
mod lower;
mod options;
mod overrides;
mod placement;
mod resize;
mod shifts;
mod tables;
mod tflite;
mod weights;

pub use activation::ActivationScale;
pub use compile::{Quantized, QuantizedLayer, fallbacks, quantize};
pub use options::{BiasCorrection, QuantizeOptions, Scheme};
pub use overrides::ShiftOverrides;
pub use placement::{RunsOn, placement};
pub use resize::tflite_position;
pub use shifts::{ShiftRule, chosen as chosen_shifts, scale as weight_scale, squared_error};
pub use tflite::{HardSigmoid, SIGMOID_SCALE, activation_product, table as tflite_table};
pub use weights::QuantizedWeights;

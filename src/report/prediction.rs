//! What a scheme makes of one image.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::task::Tally;
use crate::quantize::Scheme;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ClassScore {
    pub class: u32,
    /// The class's name, or its number where no labels are known.
    pub label: String,
    /// Softmax probability, 0..1.
    pub score: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct DetectedBox {
    pub class: u32,
    /// The class's name, or its number where no labels are known.
    pub label: String,
    /// 0..1.
    pub score: f64,
    /// Left, top, right, bottom, 0..1 across the picture as the network sees it.
    pub corners: [f64; 4],
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ClassShare {
    pub class: u32,
    /// The class's name, or its number where no labels are known.
    pub label: String,
    /// Of the picture's pixels, 0..1.
    pub share: f64,
}

/// The outputs of the network, read as its task says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TaskResult {
    /// Best first, at most five.
    Classes {
        top: Vec<ClassScore>,
    },
    /// Highest score first.
    Boxes {
        boxes: Vec<DetectedBox>,
    },
    /// The class of every pixel, row by row, and the classes that occur, largest share first.
    Mask {
        width: u32,
        height: u32,
        #[tsify(type = "Uint8Array")]
        #[serde(with = "bytes")]
        pixels: Vec<u8>,
        classes: Vec<ClassShare>,
    },
    /// Four bytes per pixel: red, green, blue, alpha.
    Image {
        width: u32,
        height: u32,
        #[tsify(type = "Uint8Array")]
        #[serde(with = "bytes")]
        rgba: Vec<u8>,
    },
    Value {
        value: f64,
        label: Option<String>,
        unit: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Prediction {
    pub scheme: Scheme,
    /// Absent when it is not known how to read the outputs (see [`super::ModelReport::task_problem`]).
    pub result: Option<TaskResult>,
    /// How well the result agrees with float's on this picture; absent where float's is not at hand.
    pub tally: Option<Tally>,
    /// Figure of `tally`; absent when infinite, too.
    pub agreement: Option<f64>,
    /// Hash of the integer outputs (N11), 16 hex digits; absent for `float`.
    pub hash: Option<String>,
    /// SQNR in dB of each node's output against the float activation, by node index; `null` for exact or not run.
    /// Empty for `float`.
    pub sqnr_db: Vec<Option<f64>>,
    /// Sums that left the accumulator's range (N5).
    pub overflows: f64,
}

/// One scheme on one of many pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct PictureScore {
    /// The best class of a classifier.
    pub class: Option<u32>,
    /// Its softmax probability, 0..1.
    pub confidence: Option<f64>,
    /// How well the result agrees with float's; absent when it is not known how to read the outputs.
    pub tally: Option<Tally>,
}

/// One output channel of a node for one picture, in real numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ActivationMap {
    /// 1 where the output is no picture.
    pub height: u32,
    pub width: u32,
    /// Row by row.
    pub values: Vec<f32>,
    /// 10 log10(sum x^2 / sum (x - x^)^2) against float, in dB; `null` when exact.
    pub sqnr_db: Option<f64>,
}

impl TaskResult {
    /// What it takes in memory, roughly.
    pub fn bytes(&self) -> usize {
        match self {
            TaskResult::Classes { top } => 64 * top.len(),
            TaskResult::Boxes { boxes } => 96 * boxes.len(),
            TaskResult::Mask { pixels, classes, .. } => pixels.len() + 64 * classes.len(),
            TaskResult::Image { rgba, .. } => rgba.len(),
            TaskResult::Value { .. } => 64,
        }
    }

    /// The best class of a classifier.
    pub fn best(&self) -> Option<&ClassScore> {
        match self {
            TaskResult::Classes { top } => top.first(),
            _ => None,
        }
    }
}

impl Prediction {
    /// The best class of a classifier.
    pub fn best(&self) -> Option<&ClassScore> {
        self.result.as_ref()?.best()
    }
}

/// As `Uint8Array` in JavaScript; as a list of numbers in JSON.
mod bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        Vec::deserialize(deserializer)
    }
}

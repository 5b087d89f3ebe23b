//! What training left behind about the outputs of a layer.

/// Mean and standard deviation of every output channel over the training pictures, as a batch normalization behind the
/// layer keeps them: `beta` and `|gamma| sqrt(variance / (variance + epsilon))`.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelMoments {
    pub mean: Vec<f64>,
    pub std: Vec<f64>,
}

impl ChannelMoments {
    /// Those of `x * scale(c) + shift(c)`.
    pub fn affine(&self, scale: impl Fn(usize) -> f64, shift: impl Fn(usize) -> f64) -> ChannelMoments {
        ChannelMoments {
            mean: self.mean.iter().enumerate().map(|(c, mean)| mean * scale(c) + shift(c)).collect(),
            std: self.std.iter().enumerate().map(|(c, std)| std * scale(c).abs()).collect(),
        }
    }
}

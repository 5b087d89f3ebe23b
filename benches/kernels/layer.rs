//! What is timed: shapes of layers, and numbers to fill them with.

/// Of a picture: batch 1, stored channels last.
#[derive(Clone, Copy)]
pub struct Shape {
    pub side: usize,
    pub channels: usize,
}

impl Shape {
    pub fn nhwc(self) -> Vec<usize> {
        vec![1, self.side, self.side, self.channels]
    }

    pub fn len(self) -> usize {
        self.side * self.side * self.channels
    }
}

/// A convolution with pads that keep the side (divided by the stride).
#[derive(Clone, Copy)]
pub struct Layer {
    pub input: Shape,
    pub output: Shape,
    pub kernel: usize,
    pub stride: usize,
    pub groups: usize,
}

impl Layer {
    pub fn dense(side: usize, channels: [usize; 2], kernel: usize) -> Self {
        let shape = |channels| Shape { side, channels };
        Layer { input: shape(channels[0]), output: shape(channels[1]), kernel, stride: 1, groups: 1 }
    }

    pub fn depthwise(side: usize, channels: usize, stride: usize) -> Self {
        let shape = |side| Shape { side, channels };
        Layer { input: shape(side), output: shape(side / stride), kernel: 3, stride, groups: channels }
    }

    /// Multiply-accumulates of one run.
    pub fn macs(self) -> u64 {
        (self.output.len() * self.kernel * self.kernel * (self.input.channels / self.groups)) as u64
    }
}

/// Bytes that depend on the seed alone.
pub fn bytes(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(draw).take(len).collect()
}

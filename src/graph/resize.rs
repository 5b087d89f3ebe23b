//! Resizing: which input pixels an output pixel takes its value from. One definition for both executors.

/// Resizing of the height and width of `[n, h, w, c]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Resize {
    pub mode: ResizeMode,
    pub coordinates: CoordinateMode,
    /// `[h, w]`: the exporter's scale, which with a floored output size differs from output / input.
    pub scales: [f32; 2],
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ResizeMode {
    Nearest(NearestMode),
    Bilinear,
}

/// ONNX `coordinate_transformation_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoordinateMode {
    HalfPixel,
    PytorchHalfPixel,
    AlignCorners,
    Asymmetric,
    /// `tf_half_pixel_for_nn` of opset 11.
    TfHalfPixelForNn,
}

/// ONNX `nearest_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NearestMode {
    RoundPreferFloor,
    RoundPreferCeil,
    Floor,
    Ceil,
}

impl CoordinateMode {
    pub const ALL: [CoordinateMode; 5] = [
        CoordinateMode::HalfPixel,
        CoordinateMode::PytorchHalfPixel,
        CoordinateMode::AlignCorners,
        CoordinateMode::Asymmetric,
        CoordinateMode::TfHalfPixelForNn,
    ];

    /// Its name in ONNX.
    pub fn as_str(self) -> &'static str {
        match self {
            CoordinateMode::HalfPixel => "half_pixel",
            CoordinateMode::PytorchHalfPixel => "pytorch_half_pixel",
            CoordinateMode::AlignCorners => "align_corners",
            CoordinateMode::Asymmetric => "asymmetric",
            CoordinateMode::TfHalfPixelForNn => "tf_half_pixel_for_nn",
        }
    }
}

impl Resize {
    /// Where output index `i` of an axis (0: height, 1: width) lies among the input's indices, before clamping.
    ///
    /// In f32, as ONNX Runtime computes it: rounding here decides which pixel is nearest.
    pub fn position(&self, axis: usize, i: usize, from: usize, to: usize) -> f32 {
        let (i, scale) = (i as f32, self.scales[axis]);
        if scale == 1.0 {
            return i;
        }
        match self.coordinates {
            CoordinateMode::HalfPixel => (i + 0.5) / scale - 0.5,
            CoordinateMode::PytorchHalfPixel if to > 1 => (i + 0.5) / scale - 0.5,
            CoordinateMode::PytorchHalfPixel => 0.0,
            CoordinateMode::AlignCorners if to > 1 => i * (from as f32 - 1.0) / (to as f32 - 1.0),
            CoordinateMode::AlignCorners => 0.0,
            CoordinateMode::Asymmetric => i / scale,
            CoordinateMode::TfHalfPixelForNn => (i + 0.5) / scale,
        }
    }
}

impl NearestMode {
    pub const ALL: [NearestMode; 4] =
        [NearestMode::RoundPreferFloor, NearestMode::RoundPreferCeil, NearestMode::Floor, NearestMode::Ceil];

    /// Its name in ONNX.
    pub fn as_str(self) -> &'static str {
        match self {
            NearestMode::RoundPreferFloor => "round_prefer_floor",
            NearestMode::RoundPreferCeil => "round_prefer_ceil",
            NearestMode::Floor => "floor",
            NearestMode::Ceil => "ceil",
        }
    }

    /// The input index nearest to `position`, within `0..size`.
    pub fn index(self, position: f32, size: usize) -> usize {
        // ONNX Runtime's tolerance: positions are rounded quotients, so a half may come out a little off.
        let is_half = (position - position.floor() - 0.5).abs() < 1e-6;
        let rounded = match self {
            NearestMode::RoundPreferFloor if is_half => position.floor(),
            NearestMode::RoundPreferCeil if is_half => position.ceil(),
            NearestMode::RoundPreferFloor | NearestMode::RoundPreferCeil => position.round(),
            NearestMode::Floor => position.floor(),
            NearestMode::Ceil => position.ceil(),
        };
        // The cast saturates, and takes a NaN (from an absurd scale) to 0.
        (rounded as usize).min(size.saturating_sub(1))
    }
}

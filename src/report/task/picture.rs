//! Values of an image-to-image network -> picture.
//!
//! A value `v` becomes the sample `clamp(rte(v * std + mean), 0, 255)`: the manifest's normalisation, undone.
//!
//! Networks for luminance alone restore the Y of Y'CbCr; colour is added back from the picture that the network saw,
//! enlarged to the output's size by the same filter that made it small. In Y'CbCr (ITU-R BT.601) each of R, G and B is
//! Y plus a term of Cb and Cr, so that replacing `Y` by `Y'` and keeping Cb and Cr is adding `Y' - Y` to all three.

use super::unreadable;
use crate::error::{Code, Error, Result};
use crate::image::{self, Picture};
use crate::limits::Limits;
use crate::manifest::{Channels, InputSpec, OutputSpec, ResizeSpec, Task};
use crate::report::{TaskResult, TensorInfo};

/// How one output becomes a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Restoration {
    width: u32,
    height: u32,
    channels: Channels,
    mean: Vec<f64>,
    std: Vec<f64>,
}

impl Restoration {
    /// # Errors
    /// `BadManifest` unless the output's shape is `[1, 1 or 3, height, width]` and `mean`, `std` and `channels` fit it.
    pub fn new(output: &TensorInfo, spec: &OutputSpec, input: &InputSpec) -> Result<Self> {
        let (count, height, width) = match *output.shape.as_slice() {
            [1, count @ (1 | 3), height, width] if height > 0 && width > 0 => (count as usize, height, width),
            _ => return Err(unreadable(Task::Image, output, "a picture [1, 1 or 3, height, width]")),
        };
        let alike = input.channels.count() == count;
        let channels = spec.channels.unwrap_or(match (alike, count) {
            (true, _) => input.channels,
            (false, 1) => Channels::Gray,
            (false, _) => Channels::Rgb,
        });
        let misfit = |what: String| {
            let reason = format!("the outputs' {what}, but output '{}' has {count} channel(s)", output.name);
            Error::new(Code::BadManifest, reason, "give one number for each channel, or a single one for all")
        };
        if channels.count() != count {
            return Err(misfit(format!("channels are {} in number", channels.count())));
        }
        let scale = |given: &Option<Vec<f64>>, of_input: &[f64], what: &str| match given {
            None if of_input.len() == 1 || alike => Ok(of_input.to_vec()),
            None => Err(misfit(format!("{what} is left out and the input's has {} numbers", of_input.len()))),
            Some(values) if values.len() == 1 || values.len() == count => Ok(values.clone()),
            Some(values) => Err(misfit(format!("{what} has {} numbers", values.len()))),
        };
        Ok(Restoration {
            width,
            height,
            channels,
            mean: scale(&spec.mean, &input.mean, "mean")?,
            std: scale(&spec.std, &input.std, "std")?,
        })
    }

    pub fn colourless(&self) -> Option<[u32; 2]> {
        (self.channels == Channels::Luma).then_some([self.width, self.height])
    }

    /// `values` are planes, channel by channel. One channel becomes gray.
    pub fn decode(&self, values: &[f32]) -> TaskResult {
        let plane = self.width as usize * self.height as usize;
        let order: [usize; 3] = match self.channels {
            Channels::Rgb => [0, 1, 2],
            Channels::Bgr => [2, 1, 0],
            Channels::Gray | Channels::Luma => [0; 3],
        };
        let mut rgba = vec![255; plane * 4];
        for (place, channel) in order.into_iter().enumerate() {
            let at = |numbers: &[f64]| numbers.get(channel).or(numbers.first()).copied().unwrap_or_default();
            let (mean, std) = (at(&self.mean), at(&self.std));
            let samples = values.chunks_exact(plane.max(1)).nth(channel).unwrap_or_default();
            for (pixel, &value) in rgba.chunks_exact_mut(4).zip(samples) {
                pixel[place] = to_sample(f64::from(value) * std + mean);
            }
        }
        TaskResult::Image { width: self.width, height: self.height, rgba }
    }
}

/// Nearest of 0..=255, ties to even; NaN is 0.
fn to_sample(value: f64) -> u8 {
    libm::rint(value).clamp(0.0, 255.0) as u8
}

/// The colours of the picture that a luminance network saw, at the size of its output.
#[derive(Debug, Clone, PartialEq)]
pub struct Colours(Picture);

impl Colours {
    /// # Errors
    /// As [`image::preview`].
    pub fn of(picture: &Picture, input: &InputSpec, size: [u32; 2], limits: &Limits) -> Result<Self> {
        let seen = image::preview(picture, &InputSpec { channels: Channels::Rgb, ..input.clone() }, limits)?;
        let enlarge = InputSpec {
            channels: Channels::Rgb,
            resize: ResizeSpec::Stretch { size },
            crop: None,
            mean: vec![0.0],
            std: vec![1.0],
        };
        Ok(Colours(image::preview(&seen, &enlarge, limits)?))
    }

    /// Colours a gray result of the same size; leaves any other as it is.
    pub fn add_to(&self, result: &mut TaskResult) {
        let TaskResult::Image { rgba, .. } = result else { return };
        for (pixel, colour) in rgba.chunks_exact_mut(4).zip(self.0.rgba().chunks_exact(4)) {
            let restored = f64::from(pixel[0]);
            let luma = 0.299 * f64::from(colour[0]) + 0.587 * f64::from(colour[1]) + 0.114 * f64::from(colour[2]);
            for (sample, &colour) in pixel.iter_mut().zip(&colour[..3]) {
                *sample = to_sample(f64::from(colour) + restored - luma);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{info, input};
    use super::*;

    fn restored(channels: Channels, spec: &OutputSpec, shape: &[u32], values: &[f32]) -> Vec<u8> {
        let restoration = Restoration::new(&info("y", shape), spec, &input(channels)).unwrap();
        match restoration.decode(values) {
            TaskResult::Image { rgba, .. } => rgba,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn planes_become_pixels() {
        let values = [0.0, 1.0, 0.5, 2.0, -1.0, f32::NAN];
        // The input's scale: 0..1 is 0..255; 127.5 rounds to the even 128.
        let rgb = restored(Channels::Rgb, &OutputSpec::default(), &[1, 3, 1, 2], &values);
        assert_eq!(rgb, [0, 128, 0, 255, 255, 255, 0, 255]);
        let bgr = restored(Channels::Bgr, &OutputSpec::default(), &[1, 3, 1, 2], &values);
        assert_eq!(bgr, [0, 128, 0, 255, 0, 255, 255, 255]);
        let own = OutputSpec { mean: Some(vec![10.0]), std: Some(vec![100.0]), ..OutputSpec::default() };
        assert_eq!(restored(Channels::Gray, &own, &[1, 1, 1, 2], &[0.5, -0.05]), [60, 60, 60, 255, 5, 5, 5, 255]);
    }

    #[test]
    fn scales_and_channels_must_fit() {
        let refused = |spec: OutputSpec, channels| {
            Restoration::new(&info("y", &[1, 3, 2, 2]), &spec, &input(channels)).unwrap_err().to_string()
        };
        let spec = OutputSpec { mean: Some(vec![1.0, 2.0]), ..OutputSpec::default() };
        assert!(refused(spec, Channels::Rgb).contains("mean has 2 numbers"));
        let spec = OutputSpec { channels: Some(Channels::Luma), ..OutputSpec::default() };
        assert!(refused(spec, Channels::Rgb).contains("channels are 1"));
    }

    #[test]
    fn luminance_gets_its_colours_back() {
        let limits = Limits::default();
        let red = Picture::new(1, 1, vec![200, 50, 50, 255], &limits).unwrap();
        let mut spec = input(Channels::Luma);
        spec.resize = ResizeSpec::Stretch { size: [1, 1] };
        let colours = Colours::of(&red, &spec, [2, 1], &limits).unwrap();
        // Luminance of the red is 94.85: one pixel 5.15 brighter, one 4.85 darker, one colour.
        let gray = [100, 100, 100, 255, 90, 90, 90, 255];
        let mut result = TaskResult::Image { width: 2, height: 1, rgba: gray.to_vec() };
        colours.add_to(&mut result);
        let TaskResult::Image { rgba, .. } = result else { unreachable!() };
        assert_eq!(rgba, [205, 55, 55, 255, 195, 45, 45, 255]);
    }
}

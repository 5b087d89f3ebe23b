//! The network on plain numbers, for callers that prepare its input themselves.

use super::{Session, single_image_input};
use crate::error::{Code, Error, Result};
use crate::graph::{Layout, Tensor};
use crate::quantize::Scheme;

impl Session {
    /// Runs a scheme on the values of the model's input, prepared as the network wants them, and returns those of the
    /// model's first output. Both are in ONNX order: a picture is `[1, c, h, w]`, channel by channel.
    ///
    /// # Errors
    /// `ShapeMismatch` for another number of values than the input has; `NotCalibrated` when the scheme has not been made.
    pub fn run_values(&self, scheme: Scheme, values: Vec<f32>) -> Result<Vec<f32>> {
        let shape = single_image_input(&self.graph)?;
        if values.len() != shape.iter().product::<usize>() {
            return Err(Error::new(
                Code::ShapeMismatch,
                format!("{} values were given, the model's input of shape {shape:?} has others", values.len()),
                "give every value of the input once, channel by channel",
            ));
        }
        let to_stored = Layout::identity(4).permutation_to(&Layout::channels_last(4));
        let input = Tensor::new(shape, values)?.transposed(&to_stored);
        let first = self.infer(scheme, &input)?.outputs.into_iter().next();
        Ok(first.ok_or_else(|| Error::internal("the model has no outputs"))?.into_data())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::to_onnx_order;
    use crate::limits::Limits;

    /// Three channels in, four out, not square; and an input in which no two values are equal.
    fn segmentation() -> (Session, Tensor) {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tasks/segmentation.onnx");
        let session = Session::open(std::fs::read(file).unwrap(), None, Limits::default()).unwrap();
        let shape = session.graph().value(session.graph().inputs[0]).shape.clone();
        let count: usize = shape.iter().product();
        let values = (0..count).map(|i| i as f32 / count as f32 - 0.5).collect();
        (session, Tensor::new(shape, values).unwrap())
    }

    #[test]
    fn values_give_what_the_same_input_as_a_tensor_gives() {
        let (session, input) = segmentation();
        let expected = session.infer(Scheme::Float, &input).unwrap().outputs.remove(0);
        let values = to_onnx_order(&input, &Layout::channels_last(4)).into_data();
        assert_ne!(values, input.data(), "the order must be visible");
        assert_eq!(session.run_values(Scheme::Float, values).unwrap(), expected.data());
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        let (session, input) = segmentation();
        let few = input.data()[1..].to_vec();
        assert_eq!(session.run_values(Scheme::Float, few).unwrap_err().code, Code::ShapeMismatch);
        let unmade = session.run_values(Scheme::ShiftWise, input.into_data()).unwrap_err();
        assert_eq!(unmade.code, Code::NotCalibrated);
    }
}

//! The WebAssembly boundary: conversion only, no algorithm.
//!
//! Plain data crosses as JavaScript objects whose TypeScript types are generated from the Rust ones; an error is
//! thrown as `{ code, node?, reason, hint, message }`.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::calibrate::{Calibration, CalibrationOptions, Ranges};
use crate::error::{Code, Error};
#[cfg(feature = "export")]
use crate::export::Format;
use crate::image::Picture;
use crate::limits::Limits;
use crate::manifest::{InputSpec, Manifest, Task};
use crate::npu::{Datapath, Profile, Trace};
use crate::quantize::{QuantizeOptions, Scheme, ShiftRule};
use crate::report::task::Tally;
use crate::session::{Outputs, Reference, Scorer, Session};

/// Makes a panic print its message and place; to be called once.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// A picture as the network sees it.
#[derive(Serialize, tsify::Tsify)]
pub struct Preview {
    pub width: u32,
    pub height: u32,
    #[tsify(type = "Uint8Array")]
    #[serde(with = "bytes_as_array")]
    pub rgba: Vec<u8>,
}

mod bytes_as_array {
    pub fn serialize<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }
}

/// A session and the picture it currently looks at.
#[wasm_bindgen]
pub struct Engine {
    session: Session,
    calibration: Option<Calibration>,
    reference: Option<Reference>,
    scorer: Scorer,
    outputs: Outputs,
}

type Thrown<T> = std::result::Result<T, JsValue>;

#[wasm_bindgen]
impl Engine {
    /// `manifest` is the JSON text of a `*.shiftwise.json`.
    pub fn open(model: Vec<u8>, manifest: Option<String>) -> Thrown<Engine> {
        let manifest = manifest.map(|json| Manifest::parse(&json)).transpose().map_err(thrown)?;
        let session = Session::open(model, manifest, Limits::default()).map_err(thrown)?;
        Ok(Engine {
            session,
            calibration: None,
            reference: None,
            scorer: Scorer::default(),
            outputs: Outputs::default(),
        })
    }

    #[wasm_bindgen(unchecked_return_type = "ModelReport")]
    pub fn model(&self) -> Thrown<JsValue> {
        to_js(self.session.model())
    }

    /// Drops calibration and schemes.
    pub fn set_input(&mut self, #[wasm_bindgen(unchecked_param_type = "InputSpec")] spec: JsValue) -> Thrown<()> {
        self.forget();
        self.calibration = None;
        self.session.set_input(from_js::<InputSpec>(spec)?).map_err(thrown)
    }

    /// Keeps calibration and schemes.
    pub fn set_task(&mut self, #[wasm_bindgen(unchecked_param_type = "Task")] task: JsValue) -> Thrown<()> {
        self.forget();
        self.session.set_task(from_js::<Task>(task)?).map_err(thrown)
    }

    pub fn set_labels(&mut self, labels: Vec<String>) -> Thrown<()> {
        self.session.set_labels(labels).map_err(thrown)
    }

    /// How many classes the outputs tell apart; nothing where they tell none.
    pub fn classes(&self) -> Option<u32> {
        self.session.classes().map(|classes| classes as u32)
    }

    /// What the network sees of a picture, after resizing and cropping.
    #[wasm_bindgen(unchecked_return_type = "Preview")]
    pub fn preview(&self, rgba: Vec<u8>, width: u32, height: u32) -> Thrown<JsValue> {
        let seen = self.session.preview(&self.picture(rgba, width, height)?).map_err(thrown)?;
        to_js(&Preview { width: seen.width(), height: seen.height(), rgba: seen.into_rgba() })
    }

    /// Starts a calibration, by the smallest and largest values when nothing else is said; the one in use stays until
    /// [`Engine::calibration_end`].
    pub fn calibration_begin(
        &mut self,
        #[wasm_bindgen(unchecked_optional_param_type = "CalibrationOptions")] options: JsValue,
    ) -> Thrown<()> {
        let options = if options.is_undefined() { CalibrationOptions::default() } else { from_js(options)? };
        options.check().map_err(thrown)?;
        self.calibration = Some(Calibration::with_options(self.session.graph(), options));
        Ok(())
    }

    /// Takes one picture into the calibration; the order of pictures may matter.
    pub fn calibrate(&mut self, rgba: Vec<u8>, width: u32, height: u32) -> Thrown<()> {
        let input = self.session.preprocess(&self.picture(rgba, width, height)?).map_err(thrown)?;
        let calibration = self.calibration.get_or_insert_with(|| Calibration::new(self.session.graph()));
        calibration.merge(&self.session.observe(&input, calibration.options()).map_err(thrown)?);
        Ok(())
    }

    /// Puts the calibration to use, dropping schemes made with another; returns how many pictures it saw.
    pub fn calibration_end(&mut self) -> Thrown<u32> {
        let calibration = self.calibration.take().unwrap_or_else(|| Calibration::new(self.session.graph()));
        let images = calibration.images() as u32;
        self.outputs = Outputs::default();
        self.session.set_calibration(calibration).map_err(thrown)?;
        Ok(images)
    }

    /// The calibration in use as bytes, for an engine with the same model and settings.
    pub fn calibration_state(&self) -> Vec<u8> {
        self.session.calibration_state()
    }

    /// Uses the calibration of another engine, exactly, dropping schemes made with another.
    pub fn set_calibration_state(&mut self, state: &[u8]) -> Thrown<()> {
        self.session.set_calibration_state(state).map_err(thrown)
    }

    /// Evens the model's channels out (0), leaves them as opened (1) or spreads them further, without changing what float
    /// computes. Drops calibration and schemes.
    pub fn set_unbalance(&mut self, amount: f64) -> Thrown<()> {
        self.session.set_unbalance(amount).map_err(thrown)?;
        self.forget();
        self.calibration = None;
        Ok(())
    }

    /// Where channels can be evened out or spread.
    #[wasm_bindgen(unchecked_return_type = "UnbalanceReport")]
    pub fn unbalance(&mut self) -> Thrown<JsValue> {
        to_js(&self.session.unbalance())
    }

    /// The options that a scheme has under a profile unless something else is asked for.
    #[wasm_bindgen(unchecked_return_type = "QuantizeOptions")]
    pub fn default_options(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Datapath")] profile: JsValue,
    ) -> Thrown<JsValue> {
        let profile = Profile::of(from_js::<Datapath>(profile)?);
        to_js(&QuantizeOptions { profile, ..QuantizeOptions::new(from_js::<Scheme>(scheme)?) })
    }

    /// The ranges that a scheme was made with.
    #[wasm_bindgen(unchecked_return_type = "Ranges")]
    pub fn ranges(&self, #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue) -> Thrown<JsValue> {
        to_js(&self.session.ranges(from_js::<Scheme>(scheme)?).map_err(thrown)?)
    }

    /// Uses these ranges whatever calibration says, dropping schemes made without; an empty set gives calibration its say
    /// back.
    pub fn set_ranges(&mut self, #[wasm_bindgen(unchecked_param_type = "Ranges")] ranges: JsValue) -> Thrown<()> {
        self.outputs = Outputs::default();
        self.session.set_ranges(&from_js::<Ranges>(ranges)?).map_err(thrown)
    }

    #[wasm_bindgen(unchecked_return_type = "SchemeReport")]
    pub fn quantize(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "QuantizeOptions")] options: JsValue,
    ) -> Thrown<JsValue> {
        self.outputs = Outputs::default();
        to_js(&self.session.quantize(&from_js::<QuantizeOptions>(options)?).map_err(thrown)?)
    }

    /// The shifts that a rule chooses for a layer, one per output channel.
    pub fn shifts_by(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ShiftRule")] rule: JsValue,
        node: u32,
    ) -> Thrown<Vec<u8>> {
        self.session.shifts_by(from_js::<ShiftRule>(rule)?, node as usize).map_err(thrown)
    }

    /// The error of every shift that one output channel could have.
    #[wasm_bindgen(unchecked_return_type = "ShiftErrors")]
    pub fn shift_errors(&self, node: u32, channel: u32) -> Thrown<JsValue> {
        to_js(&self.session.shift_errors(node as usize, channel as usize).map_err(thrown)?)
    }

    /// What shift-wise would make of the current picture if no shift had been chosen by hand.
    #[wasm_bindgen(unchecked_return_type = "Prediction")]
    pub fn predict_by_rule(&self) -> Thrown<JsValue> {
        to_js(&self.session.predict_by_rule(self.reference()?).map_err(thrown)?)
    }

    /// One output channel of a node for the current picture.
    #[wasm_bindgen(unchecked_return_type = "ActivationMap")]
    pub fn activation(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue,
        node: u32,
        channel: u32,
    ) -> Thrown<JsValue> {
        let mut outputs = std::mem::take(&mut self.outputs);
        let place = [node, channel].map(|at| at as usize);
        let map = outputs.map(&self.session, from_js::<Scheme>(scheme)?, place, self.reference()?);
        self.outputs = outputs;
        to_js(&map.map_err(thrown)?)
    }

    /// One output number of a layer with weights in full, for the current picture.
    #[wasm_bindgen(unchecked_return_type = "Trace")]
    pub fn trace(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue,
        node: u32,
        row: u32,
        column: u32,
        channel: u32,
    ) -> Thrown<JsValue> {
        to_js(&self.traced(scheme, node, [row, column, channel])?)
    }

    /// The text that the command line prints for such a trace.
    pub fn trace_json(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue,
        node: u32,
        row: u32,
        column: u32,
        channel: u32,
    ) -> Thrown<String> {
        self.traced(scheme, node, [row, column, channel])?.to_json().map_err(thrown)
    }

    /// The error that one node makes by itself on the current picture.
    #[wasm_bindgen(unchecked_return_type = "NodeError")]
    pub fn isolated(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue,
        node: u32,
    ) -> Thrown<JsValue> {
        to_js(&self.session.isolated(from_js::<Scheme>(scheme)?, node as usize, self.reference()?).map_err(thrown)?)
    }

    /// How many steps the integers of every node's output are off on the current picture; by node index, `null` where
    /// there are no integers.
    #[wasm_bindgen(unchecked_return_type = "(OffBy | null)[]")]
    pub fn off_by(&self, #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue) -> Thrown<JsValue> {
        to_js(&self.session.off_by(from_js::<Scheme>(scheme)?, self.reference()?).map_err(thrown)?)
    }

    /// Runs the float network on a picture and keeps its activations for [`Engine::predict`].
    #[wasm_bindgen(unchecked_return_type = "Prediction")]
    pub fn set_picture(&mut self, rgba: Vec<u8>, width: u32, height: u32) -> Thrown<JsValue> {
        let reference = self.session.reference(&self.picture(rgba, width, height)?).map_err(thrown)?;
        let prediction = to_js(reference.prediction());
        self.outputs = Outputs::default();
        self.reference = Some(reference);
        prediction
    }

    /// Runs a scheme on the current picture, with the SQNR of every node.
    #[wasm_bindgen(unchecked_return_type = "Prediction")]
    pub fn predict(&self, #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue) -> Thrown<JsValue> {
        to_js(&self.session.predict(from_js::<Scheme>(scheme)?, self.reference()?).map_err(thrown)?)
    }

    /// Runs a scheme on any picture and compares with float. `id` tells pictures apart: float runs once for each.
    #[wasm_bindgen(unchecked_return_type = "PictureScore")]
    pub fn score(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue,
        id: u32,
        rgba: Vec<u8>,
        width: u32,
        height: u32,
    ) -> Thrown<JsValue> {
        let picture = self.picture(rgba, width, height)?;
        let scheme = from_js::<Scheme>(scheme)?;
        to_js(&self.scorer.score(&self.session, scheme, id, &picture).map_err(thrown)?)
    }

    /// The figure of a tally; nothing when it is infinite.
    pub fn figure(&self, #[wasm_bindgen(unchecked_param_type = "Tally")] tally: JsValue) -> Thrown<Option<f64>> {
        Ok(from_js::<Tally>(tally)?.value())
    }

    /// Runs a scheme on the values of the model's input, prepared as the network wants them, and returns those of its first
    /// output; both in ONNX order (`[1, c, h, w]`). Inference alone: nothing is compared with float.
    pub fn run(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue,
        values: Vec<f32>,
    ) -> Thrown<Vec<f32>> {
        self.session.run_values(from_js::<Scheme>(scheme)?, values).map_err(thrown)
    }

    #[wasm_bindgen(unchecked_return_type = "LayerDetail")]
    pub fn layer(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue,
        node: u32,
    ) -> Thrown<JsValue> {
        to_js(&self.session.layer(from_js::<Scheme>(scheme)?, node as usize).map_err(thrown)?)
    }

    #[wasm_bindgen(unchecked_return_type = "ChannelDetail")]
    pub fn channel(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue,
        node: u32,
        channel: u32,
    ) -> Thrown<JsValue> {
        let detail = self.session.channel(from_js::<Scheme>(scheme)?, node as usize, channel as usize);
        to_js(&detail.map_err(thrown)?)
    }
}

#[cfg(feature = "export")]
#[wasm_bindgen]
impl Engine {
    /// The scheme as a file of the given format.
    pub fn export(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Scheme")] scheme: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Format")] format: JsValue,
    ) -> Thrown<Vec<u8>> {
        self.session.export(from_js::<Scheme>(scheme)?, from_js::<Format>(format)?).map_err(thrown)
    }
}

impl Engine {
    /// What was found with another input or task.
    fn forget(&mut self) {
        self.reference = None;
        self.scorer = Scorer::default();
        self.outputs = Outputs::default();
    }

    fn traced(&self, scheme: JsValue, node: u32, position: [u32; 3]) -> Thrown<Trace> {
        let (scheme, position) = (from_js::<Scheme>(scheme)?, position.map(|at| at as usize));
        self.session.trace(scheme, node as usize, position, self.reference()?.input()).map_err(thrown)
    }

    fn reference(&self) -> Thrown<&Reference> {
        let missing = || thrown(Error::new(Code::BadImage, "there is no picture to run", "choose a picture first"));
        self.reference.as_ref().ok_or_else(missing)
    }

    fn picture(&self, rgba: Vec<u8>, width: u32, height: u32) -> Thrown<Picture> {
        Picture::new(width, height, rgba, self.session.limits()).map_err(thrown)
    }
}

fn to_js<T: Serialize>(value: &T) -> Thrown<JsValue> {
    // JSON's data model: maps as objects, `None` as `null`, as the generated types say.
    let serializer = serde_wasm_bindgen::Serializer::json_compatible().serialize_bytes_as_arrays(false);
    value.serialize(&serializer).map_err(|error| thrown(Error::internal(error.to_string())))
}

/// By way of JSON: reading every type straight from JavaScript as well would make the wasm file larger.
fn from_js<T: serde::de::DeserializeOwned>(value: JsValue) -> Thrown<T> {
    let malformed = |reason: String| {
        let hint = "see the generated TypeScript types";
        thrown(Error::new(Code::BadOption, format!("a setting is malformed: {reason}"), hint))
    };
    let text = js_sys::JSON::stringify(&value).ok().and_then(|text| JsValue::from(text).as_string());
    let text = text.ok_or_else(|| malformed("it is no plain value".to_owned()))?;
    serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))
}

fn thrown(error: Error) -> JsValue {
    let message = error.to_string();
    let object = to_plain_js(&error).unwrap_or_else(|_| js_sys::Object::new().into());
    // Cannot fail on a plain object that was just made.
    let _ = js_sys::Reflect::set(&object, &"message".into(), &message.into());
    object
}

fn to_plain_js(error: &Error) -> std::result::Result<JsValue, serde_wasm_bindgen::Error> {
    error.serialize(&serde_wasm_bindgen::Serializer::json_compatible())
}

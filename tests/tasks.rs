//! Every task from picture to result: float against ONNX Runtime, Pillow and NumPy (tests/tasks/referee.py), and the
//! integer schemes against float.
//!
//! Besides the tiny models of tests/tasks, real ones are compared where SHIFTWISE_REFEREE names folders that referee.py
//! filled, each with the model and manifest that it was given: `FOLDER=MODEL=MANIFEST`, separated by commas.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use shiftwise::calibrate::{Calibration, CalibrationOptions};
use shiftwise::error::Code;
use shiftwise::image::Picture;
use shiftwise::limits::Limits;
use shiftwise::manifest::{Labels, Manifest, OutputSpec, Task};
use shiftwise::quantize::{QuantizeOptions, Scheme};
use shiftwise::report::TaskResult;
use shiftwise::report::task::{Metric, Tally};
use shiftwise::session::{Scorer, Session};

fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tasks")
}

fn manifest(file: &Path) -> Manifest {
    let mut manifest = Manifest::parse(&fs::read_to_string(file).unwrap()).unwrap();
    if let Some(Labels::File(_)) = manifest.labels {
        manifest.labels = None;
    }
    manifest
}

fn open(name: &str) -> Session {
    let model = fs::read(tiny().join(name).with_extension("onnx")).unwrap();
    let manifest = manifest(&tiny().join(name).with_extension("shiftwise.json"));
    Session::open(model, Some(manifest), Limits::default()).unwrap()
}

fn pictures(folder: &Path) -> BTreeMap<String, Picture> {
    let entries = fs::read_dir(folder.join("pictures")).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), decode(&path))).collect()
}

fn decode(path: &Path) -> Picture {
    Picture::decode(&fs::read(path).unwrap(), &Limits::default()).unwrap()
}

/// Largest difference of numbers, or share of pixels that differ.
fn difference(result: &TaskResult, expected: &Path, name: &str, picture: &str) -> f64 {
    let numbers = |file: String| -> Value {
        let all: Value = serde_json::from_str(&fs::read_to_string(expected.join(file)).unwrap()).unwrap();
        all[picture].clone()
    };
    let png = || decode(&expected.join(format!("{name}-{picture}.png")));
    match result {
        TaskResult::Boxes { boxes } => {
            let wanted = numbers(format!("{name}.json"));
            let wanted = wanted.as_array().unwrap();
            assert_eq!(boxes.len(), wanted.len(), "{picture}: {boxes:?} instead of {wanted:?}");
            let differences = boxes.iter().zip(wanted).flat_map(|(found, wanted)| {
                assert_eq!(wanted["class"], found.class, "{picture}");
                let corners: Vec<f64> = serde_json::from_value(wanted["corners"].clone()).unwrap();
                let corners = found.corners.into_iter().zip(corners).map(|(a, b)| (a - b).abs());
                corners.chain([(found.score - wanted["score"].as_f64().unwrap()).abs()]).collect::<Vec<_>>()
            });
            differences.fold(0.0, f64::max)
        }
        TaskResult::Mask { width, height, pixels, classes } => {
            let wanted = png();
            assert_eq!([wanted.width(), wanted.height()], [*width, *height]);
            assert!((classes.iter().map(|class| class.share).sum::<f64>() - 1.0).abs() < 1e-9);
            let unequal = pixels.iter().zip(wanted.rgba().chunks(4)).filter(|(found, wanted)| **found != wanted[0]);
            unequal.count() as f64 / pixels.len() as f64
        }
        TaskResult::Image { width, height, rgba } => {
            let wanted = png();
            assert_eq!([wanted.width(), wanted.height()], [*width, *height]);
            let differences = rgba.iter().zip(wanted.rgba()).map(|(a, b)| f64::from(a.abs_diff(*b)));
            differences.fold(0.0, f64::max)
        }
        TaskResult::Value { value, .. } => (value - numbers(format!("{name}.json")).as_f64().unwrap()).abs(),
        TaskResult::Classes { .. } => panic!("classification has its own tests"),
    }
}

/// The largest difference that float makes on any picture in `folder`.
fn compare(session: &Session, name: &str, folder: &Path) -> f64 {
    let pictures = pictures(folder);
    assert!(pictures.len() >= 4);
    let differences = pictures.iter().map(|(picture, pixels)| {
        let reference = session.reference(pixels).unwrap();
        let result = reference.prediction().result.as_ref().unwrap();
        difference(result, &folder.join("expected"), name, picture)
    });
    differences.fold(0.0, f64::max)
}

#[test]
fn float_finds_what_the_referee_finds() {
    for (name, tolerance) in [
        ("detection", 1e-6),
        ("segmentation", 0.0),
        // Pillow converts to Y'CbCr and back with a rounding each, and enlarges with finer factors.
        ("image", 3.0),
        ("regression", 1e-5),
    ] {
        let difference = compare(&open(name), name, &tiny());
        println!("{name}: {difference}");
        assert!(difference <= tolerance, "{name}: {difference}");
    }
}

#[test]
fn real_models_find_what_the_referee_finds() {
    let Ok(models) = std::env::var("SHIFTWISE_REFEREE") else {
        println!("skipped: SHIFTWISE_REFEREE names no folders");
        return;
    };
    for entry in models.split(',') {
        let [folder, model, description] = entry.split('=').collect::<Vec<_>>()[..] else { panic!("{entry}") };
        let name = Path::new(model).file_stem().unwrap().to_str().unwrap();
        let manifest = manifest(Path::new(description));
        let session = Session::open(fs::read(model).unwrap(), Some(manifest), Limits::default()).unwrap();
        let difference = compare(&session, name, Path::new(folder));
        println!("{name}: {difference}");
        // Coordinates and scores; of pixels, those on the border of two classes that are as likely.
        assert!(difference <= 1e-4, "{name}: {difference}");
    }
}

/// Calibrated on its own pictures, in every scheme.
fn quantized(name: &str) -> (Session, BTreeMap<String, Picture>) {
    let mut session = open(name);
    let pictures = pictures(&tiny());
    let mut ranges = Calibration::new(session.graph());
    for picture in pictures.values() {
        let input = session.preprocess(picture).unwrap();
        ranges.merge(&session.observe(&input, &CalibrationOptions::default()).unwrap());
    }
    session.set_calibration(ranges).unwrap();
    for scheme in [Scheme::LayerWise, Scheme::ShiftWise, Scheme::ChannelWise] {
        session.quantize(&QuantizeOptions::new(scheme)).unwrap();
    }
    (session, pictures)
}

fn pooled(session: &Session, scheme: Scheme, pictures: &BTreeMap<String, Picture>) -> Tally {
    let tally = |picture| session.predict(scheme, &session.reference(picture).unwrap()).unwrap().tally.unwrap();
    let mut pooled: Option<Tally> = None;
    for picture in pictures.values() {
        match &mut pooled {
            Some(pooled) => pooled.merge(&tally(picture)),
            None => pooled = Some(tally(picture)),
        }
    }
    pooled.unwrap()
}

/// A channel of large weights in the first layer leaves the others no levels, unless they are shifted.
#[test]
fn every_task_breaks_layer_wise_and_is_repaired_by_shifts() {
    for (name, metric, broken, repaired) in [
        ("detection", Metric::F1, 0.9, 1.0),
        ("segmentation", Metric::MeanIou, 0.9, 0.98),
        ("image", Metric::PsnrDb, 35.0, 40.0),
        ("regression", Metric::MeanAbsoluteError, 1.0, 0.1),
    ] {
        let (session, pictures) = quantized(name);
        let [layer_wise, shift_wise, channel_wise] =
            [Scheme::LayerWise, Scheme::ShiftWise, Scheme::ChannelWise].map(|scheme| {
                let tally = pooled(&session, scheme, &pictures);
                assert_eq!(tally.metric, metric, "{name}");
                tally.value().unwrap()
            });
        println!("{name}: {layer_wise} {shift_wise} {channel_wise}");
        if metric == Metric::MeanAbsoluteError {
            assert!(layer_wise >= broken && shift_wise <= repaired && channel_wise <= repaired, "{name}");
        } else {
            assert!(layer_wise <= broken && shift_wise >= repaired && channel_wise >= repaired, "{name}");
        }
    }
}

#[test]
fn a_scorer_finds_what_predictions_find() {
    for name in ["detection", "segmentation", "image", "regression"] {
        let (session, pictures) = quantized(name);
        let mut scorer = Scorer::default();
        // Twice, and not float first: whether float's result was kept must not matter.
        for scheme in [Scheme::LayerWise, Scheme::Float, Scheme::ShiftWise, Scheme::LayerWise] {
            for (id, picture) in pictures.values().enumerate() {
                let prediction = session.predict(scheme, &session.reference(picture).unwrap()).unwrap();
                let score = scorer.score(&session, scheme, id as u32, picture).unwrap();
                assert_eq!(score.tally, prediction.tally, "{name} {scheme:?}");
                assert!(score.tally.is_some() && score.class.is_none());
            }
        }
    }
}

#[test]
fn without_a_manifest_the_task_is_guessed() {
    for (name, task) in [
        ("detection", Task::Detection),
        ("segmentation", Task::Segmentation),
        ("image", Task::Image),
        ("regression", Task::Regression),
    ] {
        let model = fs::read(tiny().join(name).with_extension("onnx")).unwrap();
        let session = Session::open(model, None, Limits::default()).unwrap();
        let report = session.model();
        assert_eq!((report.task, report.task_guessed), (task, true), "{name}");
        // Offsets cannot be told from ready-made boxes by their shape.
        assert_eq!(report.task_problem.is_some(), task == Task::Detection, "{name}");
        assert!(!open(name).model().task_guessed);
    }
}

#[test]
fn outputs_that_cannot_be_read_leave_the_rest_alone() {
    let model = fs::read(tiny().join("detection.onnx")).unwrap();
    let stated = |task, outputs| Manifest { task: Some(task), outputs, ..Manifest::default() };
    let open = |manifest| Session::open(model.clone(), Some(manifest), Limits::default());
    // A manifest of old, without outputs, goes on working.
    let session = open(stated(Task::Detection, None)).unwrap();
    let problem = session.model().task_problem.clone().unwrap();
    assert!(problem.code == Code::BadManifest && problem.hint.contains("outputs.encoding"), "{problem}");
    let picture = &pictures(&tiny())["both"];
    let reference = session.reference(picture).unwrap();
    assert_eq!((&reference.prediction().result, &reference.prediction().tally), (&None, &None));
    let score = Scorer::default().score(&session, Scheme::Float, 0, picture).unwrap();
    assert_eq!((score.class, score.tally), (None, None));
    // One that says something wrong does not.
    assert_eq!(open(stated(Task::Detection, Some(OutputSpec::default()))).err(), Some(problem));
}

#[test]
fn a_task_can_be_set() {
    let (mut session, pictures) = quantized("regression");
    let error = session.set_task(Task::Segmentation).unwrap_err();
    assert!(error.code == Code::BadManifest && error.reason.contains("[1, 1]"), "{error}");
    assert_eq!(session.model().task, Task::Regression, "it stays what it was");
    session.set_task(Task::Classification).unwrap();
    // Calibration and schemes stay.
    let reference = session.reference(&pictures["both"]).unwrap();
    let prediction = session.predict(Scheme::ShiftWise, &reference).unwrap();
    assert_eq!(prediction.best().unwrap().class, 0, "the only one");
    session.set_task(Task::Regression).unwrap();
    let reference = session.reference(&pictures["both"]).unwrap();
    assert!(matches!(reference.prediction().result, Some(TaskResult::Value { .. })));
    assert!(!session.model().task_guessed);
}

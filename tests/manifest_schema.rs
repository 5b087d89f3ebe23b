//! docs/manifest.schema.json against every manifest of the project, and against what the reader accepts.
#![cfg(not(target_arch = "wasm32"))]

mod schema;

use std::fs;
use std::path::{Path, PathBuf};

use schema::violation;
use serde_json::{Value, json};
use shiftwise::manifest::Manifest;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string(root().join("docs/manifest.schema.json")).unwrap()).unwrap()
}

fn manifests_below(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            let is_manifest = path.to_string_lossy().ends_with(".shiftwise.json");
            if path.is_dir() { manifests_below(&path) } else { Vec::from_iter(is_manifest.then_some(path)) }
        })
        .collect()
}

#[test]
fn every_manifest_is_as_the_schema_says() {
    let schema = schema();
    let files = [manifests_below(&root().join("tests")), manifests_below(&root().join("www/models"))].concat();
    assert!(files.len() >= 11, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let violation = violation(&schema, &schema, &serde_json::from_str(&text).unwrap(), "manifest");
        assert_eq!(violation, None, "{}", file.display());
        Manifest::parse(&text).unwrap();
    }
}

/// Written here with the default of every key of the outputs, so that a key that only one of the two knows is noticed.
#[test]
fn schema_and_reader_know_the_same_keys() {
    let outputs = json!({
        "scores": "a", "boxes": "b", "image": "c", "value": "d", "encoding": "ssd", "variances": [0.1, 0.2],
        "priors": {"strides": [8], "min_sizes": [[16.0]], "clip": false}, "units": "pixels",
        "score_activation": "sigmoid", "background": 3, "score_threshold": 0.25, "iou_threshold": 0.75,
        "max_boxes": 7, "mean": [1.0], "std": [2.0], "channels": "luma", "label": "e", "unit": "f",
    });
    let keys = schema()["properties"]["outputs"]["properties"].as_object().unwrap().len();
    assert_eq!(keys, outputs.as_object().unwrap().len());
    let text = json!({"version": 1, "task": "detection", "outputs": outputs}).to_string();
    let read = serde_json::to_value(Manifest::parse(&text).unwrap()).unwrap();
    assert_eq!(read["outputs"], outputs, "nothing is lost on the way");
}

#[test]
fn schema_and_reader_refuse_the_same() {
    let schema = schema();
    let input = |change: Value| {
        let mut input =
            json!({"channels": "rgb", "resize": {"mode": "stretch", "size": [8, 8]}, "mean": [0], "std": [1]});
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({"version": 1, "input": input})
    };
    let outputs = |outputs: Value| json!({"version": 1, "outputs": outputs});
    let wrong = [
        json!({}),
        json!({"version": 2}),
        json!({"version": 1, "task": "poetry"}),
        json!({"version": 1, "labels": [1]}),
        json!({"version": 1, "labels": 1}),
        json!({"version": 1, "samples": {"sheet": "a.png"}}),
        input(json!({"channels": "cmyk"})),
        input(json!({"resize": {"mode": "stretch", "size": 8}})),
        input(json!({"resize": {"mode": "shorter-side", "size": 0}})),
        input(json!({"crop": [0, 8]})),
        input(json!({"std": [0]})),
        input(json!({"mean": []})),
        outputs(json!({"encoding": "polar"})),
        outputs(json!({"units": "inches"})),
        outputs(json!({"variances": [0.1]})),
        outputs(json!({"variances": [0.1, 0]})),
        outputs(json!({"score_threshold": 2})),
        outputs(json!({"iou_threshold": -1})),
        outputs(json!({"max_boxes": 0})),
        outputs(json!({"max_boxes": 1001})),
        outputs(json!({"background": -1})),
        outputs(json!({"score_activation": "relu"})),
        outputs(json!({"priors": {"strides": [8]}})),
        outputs(json!({"priors": {"strides": [0], "min_sizes": [[8]]}})),
        outputs(json!({"priors": {"strides": [8], "min_sizes": [[0]]}})),
        outputs(json!({"priors": [[0.5, 0.5, 1]]})),
        outputs(json!({"scores": 1})),
    ];
    for manifest in wrong {
        assert!(violation(&schema, &schema, &manifest, "manifest").is_some(), "the schema accepts {manifest}");
        assert!(Manifest::parse(&manifest.to_string()).is_err(), "the reader accepts {manifest}");
    }
    for manifest in [
        json!({"version": 1, "a key of the future": 1}),
        input(json!({})),
        input(json!({"crop": [4, 4], "mean": [1, 2, 3]})),
        outputs(json!({"background": null, "priors": [[0.5, 0.5, 1, 1]]})),
        outputs(json!({"a key of the future": 1})),
    ] {
        assert_eq!(violation(&schema, &schema, &manifest, "manifest"), None);
        Manifest::parse(&manifest.to_string()).unwrap();
    }
}

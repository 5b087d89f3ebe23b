//! The house rules that docs/architecture.md states, read off the source text.

use std::fs;
use std::path::{Path, PathBuf};

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Lines of code (comments left out) of every Rust file below `src/PLACE`, with file and number.
fn code(place: &str) -> Vec<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(place);
    let files = if source.is_dir() { files_below(&source) } else { vec![source] };
    assert!(!files.is_empty(), "{place} has no files");
    files
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(file).unwrap();
            let lines = text.lines().enumerate().map(|(number, line)| {
                (format!("{}:{}", file.display(), number + 1), line.split("//").next().unwrap_or("").to_owned())
            });
            lines.collect::<Vec<_>>()
        })
        .collect()
}

fn assert_absent(place: &str, words: &[&str]) {
    for (at, line) in code(place) {
        for word in words {
            assert!(!line.contains(word), "{at}: '{word}' does not belong in {place}: {line}");
        }
    }
}

/// Dependencies follow the pipeline: onnx -> graph -> float -> calibrate -> quantize -> npu -> report, export.
#[test]
fn dependencies_point_one_way() {
    let outer = ["crate::session", "crate::wasm", "crate::cli"];
    let phases: [(&str, &[&str]); 9] = [
        ("onnx", &["graph", "float"]),
        // Constant folding runs the float kernels.
        ("graph", &["float"]),
        ("float", &["graph"]),
        ("calibrate", &["graph", "float"]),
        ("quantize", &["graph", "float", "calibrate", "npu"]),
        ("npu", &[]),
        ("host", &["graph", "float", "calibrate", "quantize", "npu"]),
        ("report", &["onnx", "graph", "float", "calibrate", "quantize", "npu", "host"]),
        ("export", &["onnx", "graph", "float", "calibrate", "quantize", "npu", "host"]),
    ];
    for (place, may_know) in phases {
        for (other, _) in phases.iter().filter(|(other, _)| *other != place && !may_know.contains(other)) {
            assert_absent(place, &[&format!("crate::{other}")]);
        }
        assert_absent(place, &outer);
    }
}

/// The integer executor computes with integers alone, but for the one engine that rescales in float32.
#[test]
fn no_floating_point_in_the_npu() {
    for (at, line) in code("npu") {
        let allowed = at.contains("ort.rs:") || line.contains("ort::");
        assert!(allowed || !(line.contains("f32") || line.contains("f64")), "{at}: floating point in npu: {line}");
    }
}

/// Only the boundary knows JavaScript.
#[test]
fn only_the_boundary_knows_javascript() {
    for place in [
        "onnx",
        "graph",
        "float",
        "calibrate",
        "quantize",
        "npu",
        "host",
        "report",
        "export",
        "session",
        "manifest",
        "error.rs",
    ] {
        assert_absent(place, &["wasm_bindgen", "js_sys", "JsValue"]);
    }
}

/// A file is read at a sitting.
#[test]
fn files_stay_small() {
    for file in files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 450, "{} has {lines} lines", file.display());
    }
}

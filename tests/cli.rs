//! The command line as scripts see it: output, exit code, and one clear line for everything that can be wrong.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use shiftwise::bundled;

/// A fresh folder of this test's own, with the bundled example as files: `digits.onnx`, its manifest, and the first 20
/// samples as `images/00.png`, ... with `images/labels.csv`.
fn workspace(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(folder.join("images")).unwrap();
    let example = bundled::find("digits").unwrap();
    let manifest = example.manifest().unwrap();
    let samples = manifest.samples.clone().unwrap();
    fs::write(folder.join("digits.onnx"), example.model).unwrap();
    fs::write(folder.join("digits.shiftwise.json"), serde_json::to_string(&manifest).unwrap()).unwrap();
    let mut csv = "file,label\n".to_owned();
    for (index, (tile, label)) in example.tiles(&samples).unwrap().iter().zip(&samples.labels).take(20).enumerate() {
        let file = format!("{index:02}.png");
        write_png(&folder.join("images").join(&file), tile.width(), tile.height(), tile.rgba());
        csv.push_str(&format!("{file},{label}\n"));
    }
    fs::write(folder.join("images/labels.csv"), csv).unwrap();
    folder
}

fn write_png(path: &Path, width: u32, height: u32, rgba: &[u8]) {
    image::save_buffer(path, rgba, width, height, image::ColorType::Rgba8).unwrap();
}

fn shiftwise(folder: &Path, args: &str) -> Output {
    let command = env!("CARGO_BIN_EXE_shiftwise");
    Command::new(command).current_dir(folder).args(args.split_whitespace()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Standard output of a run that must succeed.
fn succeeds(folder: &Path, args: &str) -> String {
    let output = shiftwise(folder, args);
    assert!(output.status.success(), "{args}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn json(folder: &Path, args: &str) -> Value {
    serde_json::from_str(&succeeds(folder, &format!("{args} --json"))).unwrap()
}

fn is_remark(line: &&str) -> bool {
    line.starts_with("no --calibration folder") || line.starts_with("calibrated: ")
}

/// The error line of a run that must fail as bad input does: exit code 2, nothing on standard output, one line.
fn refused(folder: &Path, args: &str) -> String {
    let output = shiftwise(folder, args);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args}: {stderr}");
    assert_eq!(text(&output.stdout), "", "{args}");
    let errors: Vec<&str> = stderr.lines().filter(|line| !is_remark(line)).collect();
    let &[line] = errors.as_slice() else { panic!("{args}: not one line: {stderr}") };
    line.strip_prefix("error: ").unwrap_or_else(|| panic!("{args}: {line}")).to_owned()
}

/// Asserts that the error line holds all the words.
fn assert_refused(folder: &Path, args: &str, words: &[&str]) {
    let line = refused(folder, args);
    for word in words {
        assert!(line.contains(word), "{args}: '{word}' is not in: {line}");
    }
}

#[test]
fn wrong_models() {
    let folder = workspace("wrong_models");
    let model = fs::read(folder.join("digits.onnx")).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    write("picture.onnx", &fs::read(folder.join("images/00.png")).unwrap());
    write("empty.onnx", b"");
    write("truncated.onnx", &model[..model.len() / 2]);
    // Field 4 of an ONNX node is its operator.
    let operator = model.windows(6).position(|bytes| bytes == b"\x22\x04Conv").unwrap();
    let mut unknown = model.clone();
    unknown[operator + 2] = b'X';
    write("unknown.onnx", &unknown);

    assert_refused(&folder, "inspect missing.onnx", &["missing.onnx", "[io]"]);
    assert_refused(&folder, "inspect images", &["images", "[io]"]);
    assert_refused(&folder, "inspect picture.onnx", &["picture.onnx", "[not-onnx]"]);
    assert_refused(&folder, "inspect empty.onnx", &["empty.onnx", "[not-onnx]"]);
    assert_refused(&folder, "inspect truncated.onnx", &["truncated.onnx", "[not-onnx]"]);
    assert_refused(&folder, "inspect unknown.onnx", &["unknown.onnx", "node '", "Xonv", "[unsupported-operator]"]);
    assert_refused(&folder, "inspect --bundled letters", &["'letters'", "digits", "[bad-option]"]);
}

#[test]
fn limits_can_be_lowered() {
    let folder = workspace("limits");
    assert_refused(&folder, "inspect digits.onnx --max-model-bytes 1000", &["--max-model-bytes", "[too-large]"]);
    assert_refused(&folder, "inspect digits.onnx --max-nodes 5", &["[too-large]"]);
    assert_refused(&folder, "inspect digits.onnx --max-tensor 100", &["--max-tensor", "[too-large]"]);
    assert_refused(
        &folder,
        "evaluate digits.onnx --images images --max-image-pixels 1023",
        &[".png", "32x32", "1023", "--max-image-pixels", "[too-large]"],
    );
}

#[test]
fn wrong_manifests() {
    let folder = workspace("wrong_manifests");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("future.json", r#"{"version": 2}"#);
    write("broken.json", "{\n\"version\": 1,\n\"task\": \"cooking\"}");
    let input = r#""mean": [0], "std": [1]"#;
    write(
        "size.json",
        &format!(
            r#"{{"version": 1, "input": {{"channels": "gray", "resize": {{"mode": "stretch", "size": [9, 9]}}, {input}}}}}"#
        ),
    );
    write("names.json", r#"{"version": 1, "labels": ["zero", "one"]}"#);
    write("file.json", r#"{"version": 1, "labels": "no such.txt"}"#);
    let inspect = |manifest: &str| format!("inspect digits.onnx --manifest {manifest}");
    assert_refused(&folder, &inspect("future.json"), &["future.json", "version is 2", "[bad-manifest]"]);
    assert_refused(&folder, &inspect("broken.json"), &["broken.json", "cooking", "line 3", "[bad-manifest]"]);
    assert_refused(&folder, &inspect("size.json"), &["9x9", "32x32", "[bad-manifest]"]);
    assert_refused(&folder, &inspect("names.json"), &["2 labels", "10 classes", "[bad-label]"]);
    assert_refused(&folder, &inspect("file.json"), &["no such.txt", "[io]"]);
    assert_refused(&folder, &inspect("none.json"), &["none.json", "[io]"]);
    // The one beside the model is used without asking, so it is refused without asking.
    fs::copy(folder.join("broken.json"), folder.join("digits.shiftwise.json")).unwrap();
    assert_refused(&folder, "inspect digits.onnx", &["digits.shiftwise.json", "[bad-manifest]"]);
}

#[test]
fn wrong_options() {
    let folder = workspace("wrong_options");
    let evaluate = |rest: &str| format!("evaluate digits.onnx --images images {rest}");
    assert_refused(&folder, &evaluate("--schemes float,layerwise"), &["'layerwise'", "layer-wise", "[bad-option]"]);
    assert_refused(&folder, &evaluate("--weight-bits 9"), &["weight bits is 9", "2 to 8", "[bad-option]"]);
    assert_refused(&folder, &evaluate("--weight-bits 1"), &["weight bits is 1", "[bad-option]"]);
    assert_refused(&folder, &evaluate("--activation-bits 3"), &["activation bits is 3", "[bad-option]"]);
    assert_refused(&folder, &evaluate("--shift-bits 6"), &["shift bits is 6", "0 to 5", "[bad-option]"]);
    assert_refused(&folder, &evaluate("--weight-bits eight"), &["'eight'", "--weight-bits", "[bad-option]"]);
    assert_refused(&folder, &evaluate("--threads 0"), &["--threads", "[bad-option]"]);
    assert_refused(&folder, &evaluate("--limit 0"), &["--limit", "[bad-option]"]);
    assert_refused(&folder, &evaluate("--speed 9"), &["--speed", "[bad-option]"]);
    assert_refused(&folder, "evaluate digits.onnx", &["--images", "[bad-option]"]);
    assert_refused(&folder, "inspect", &["MODEL", "[bad-option]"]);
    assert_refused(&folder, "inspect digits.onnx --bundled digits", &["--bundled", "[bad-option]"]);
    assert_refused(&folder, "train", &["train", "[bad-option]"]);
}

#[test]
fn wrong_pictures_and_labels() {
    let folder = workspace("wrong_pictures");
    fs::create_dir(folder.join("none")).unwrap();
    fs::write(folder.join("none/readme.txt"), "no picture").unwrap();
    let evaluate = |rest: &str| format!("evaluate digits.onnx --schemes float --images {rest}");
    assert_refused(&folder, &evaluate("none"), &["none", "no pictures", "[bad-image]"]);
    assert_refused(&folder, &evaluate("nowhere"), &["nowhere", "[io]"]);
    assert_refused(
        &folder,
        "evaluate digits.onnx --images images --calibration none",
        &["none", "no pictures", "[bad-image]"],
    );

    let labels = |text: &str, words: &[&str]| {
        fs::write(folder.join("images/labels.csv"), text).unwrap();
        assert_refused(&folder, &evaluate("images"), words);
    };
    labels("file,label\n00.png,3\n01.png,10\n", &["labels.csv line 3", "label 10", "10 classes", "[bad-label]"]);
    labels("file,label\n00.png,-1\n", &["labels.csv line 2", "'-1'", "[bad-label]"]);
    labels("file,label\n00.png,99999999999999999999999\n", &["line 2", "99999999999999999999999", "[bad-label]"]);
    labels("00.png,three\n", &["labels.csv line 1", "'three'", "[bad-label]"]);
    labels("file,label\n\n00.png 3\n", &["labels.csv line 3", "'00.png 3'", "file,label", "[bad-label]"]);
    labels("00.png,3,4\n", &["labels.csv line 1", "[bad-label]"]);
    labels("file,label\n77.png,3\n", &["labels.csv line 2", "77.png", "[io]"]);
    labels("file,label\n", &["images", "no pictures", "[bad-image]"]);
    fs::write(folder.join("images/labels.csv"), b"00.png,\xff\n").unwrap();
    assert_refused(&folder, &evaluate("images"), &["labels.csv", "UTF-8", "[bad-label]"]);
    assert_refused(&folder, &evaluate("images --labels other.csv"), &["other.csv", "[io]"]);

    let png = fs::read(folder.join("images/00.png")).unwrap();
    fs::write(folder.join("images/labels.csv"), "01.png,3\n").unwrap();
    fs::write(folder.join("images/01.png"), &png[..png.len() / 2]).unwrap();
    assert_refused(&folder, &evaluate("images"), &["01.png", "decoded", "[bad-image]"]);
    fs::write(folder.join("images/01.png"), "text").unwrap();
    assert_refused(&folder, &evaluate("images"), &["01.png", "decoded", "[bad-image]"]);
}

#[test]
fn folders_named_after_no_class_are_refused() {
    let folder = workspace("wrong_folders");
    for (class, words) in [("10", ["10 classes", "[bad-label]"]), ("seven", ["'seven'", "[bad-label]"])] {
        let images = folder.join(format!("sorted-{class}"));
        fs::create_dir_all(images.join(class)).unwrap();
        fs::copy(folder.join("images/00.png"), images.join(class).join("0.png")).unwrap();
        assert_refused(&folder, &format!("evaluate digits.onnx --images sorted-{class}"), &words);
    }
}

/// The bundled example's point: layer-wise loses at least 40 points, shift-wise at most 2.
#[test]
fn the_bundled_example_shows_what_shifts_are_for() {
    let here = Path::new(".");
    let evaluation = json(here, "evaluate --bundled digits");
    assert_eq!((&evaluation["model"], &evaluation["images"]), (&"digits".into(), &200.into()));
    assert_eq!(evaluation["calibration"], serde_json::json!({"source": "bundled", "images": 60, "method": "min-max"}));
    let schemes = &evaluation["schemes"];
    let top1 = |scheme: &str| schemes[scheme]["top1"].as_f64().unwrap();
    println!("{evaluation:#}");
    assert!(top1("float") >= 0.98, "float: {}", top1("float"));
    assert!(top1("layer-wise") <= top1("float") - 0.40, "layer-wise: {}", top1("layer-wise"));
    assert!(top1("shift-wise") >= top1("float") - 0.02, "shift-wise: {}", top1("shift-wise"));
    assert_eq!(schemes["float"]["agreement"], 1.0);
    assert_eq!((&schemes["float"]["sqnr_db"], &schemes["float"]["hash"]), (&Value::Null, &Value::Null));
    for scheme in ["layer-wise", "shift-wise", "channel-wise"] {
        assert_eq!((&schemes[scheme]["fallbacks"], &schemes[scheme]["overflows"]), (&0.into(), &0.into()), "{scheme}");
        assert_eq!(schemes[scheme]["hash"].as_str().unwrap().len(), 16);
        assert!(schemes[scheme]["ms_per_image"].as_f64().unwrap() > 0.0);
    }
    let db = |scheme: &str| schemes[scheme]["sqnr_db"].as_f64().unwrap();
    assert!(db("layer-wise") < db("shift-wise"));
    let bytes = |scheme: &str| schemes[scheme]["added_bytes"].as_f64().unwrap();
    assert!(bytes("layer-wise") < bytes("shift-wise") && bytes("shift-wise") < bytes("channel-wise"));
    assert!(schemes["shift-wise"]["top5"].as_f64().unwrap() >= top1("shift-wise"));
}

/// What the page's lessons ask visitors to find: the fewest bits with which shift-wise still reads 95 of 100 pictures
/// (`ENOUGH` of www/src/lessons/trials.ts), and that corrected biases bring back one weight bit less.
#[test]
fn the_bundled_example_has_the_edges_that_lessons_look_for() {
    let is_enough = |options: &str| {
        let evaluation = json(Path::new("."), &format!("evaluate --bundled digits --schemes shift-wise {options}"));
        println!("{options}: {}", evaluation["schemes"]["shift-wise"]["top1"]);
        evaluation["schemes"]["shift-wise"]["top1"].as_f64().unwrap() >= 0.95
    };
    assert!(is_enough("--shift-bits 2") && !is_enough("--shift-bits 1"));
    assert!(is_enough("--weight-bits 5") && !is_enough("--weight-bits 4"));
    assert!(is_enough("--weight-bits 4 --bias-correction empirical"));
}

#[test]
fn the_number_of_threads_changes_nothing_but_time() {
    let folder = workspace("threads");
    let run = |threads: u32| {
        let mut evaluation = json(&folder, &format!("evaluate digits.onnx --images images --threads {threads}"));
        for scheme in ["float", "layer-wise", "shift-wise", "channel-wise"] {
            assert!(evaluation["schemes"][scheme]["ms_per_image"].take().is_f64());
        }
        evaluation
    };
    let one = run(1);
    assert_eq!(one["images"], 20);
    assert_eq!(run(3), one);
    assert_eq!(run(16), one);
}

#[test]
fn labels_come_from_a_file_or_from_folders() {
    let folder = workspace("labels");
    let by_file = json(&folder, "evaluate digits.onnx --images images --schemes float");
    assert_eq!((&by_file["labelled"], &by_file["calibration"]), (&20.into(), &Value::Null));
    assert!(by_file["schemes"]["float"]["top1"].as_f64().unwrap() > 0.9);

    // The same pictures in a folder per class.
    for line in fs::read_to_string(folder.join("images/labels.csv")).unwrap().lines().skip(1) {
        let (file, label) = line.split_once(',').unwrap();
        fs::create_dir_all(folder.join("sorted").join(label)).unwrap();
        fs::copy(folder.join("images").join(file), folder.join("sorted").join(label).join(file)).unwrap();
    }
    let by_folder = json(&folder, "evaluate digits.onnx --images sorted --schemes float");
    assert_eq!(by_folder["schemes"]["float"]["top1"], by_file["schemes"]["float"]["top1"]);

    // Another labels file, with names from a file: right for the first picture, wrong for the second.
    let names = ["nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    fs::write(folder.join("names.txt"), names.join("\n")).unwrap();
    let manifest = fs::read_to_string(folder.join("digits.shiftwise.json")).unwrap();
    let numbers = r#""labels":["0","1","2","3","4","5","6","7","8","9"]"#;
    assert!(manifest.contains(numbers));
    let manifest = manifest.replace(numbers, r#""labels":"names.txt""#);
    fs::write(folder.join("digits.shiftwise.json"), manifest).unwrap();
    let samples = bundled::find("digits").unwrap().manifest().unwrap().samples.unwrap();
    let [first, second] = [samples.labels[0] as usize, samples.labels[1] as usize];
    let csv = format!("file,label\n00.png, {}\n\"01.png\",{}\n", names[first], (second + 1) % 10);
    fs::write(folder.join("named.csv"), csv).unwrap();
    let named = json(&folder, "evaluate digits.onnx --images images --labels named.csv --schemes float");
    assert_eq!((&named["images"], &named["schemes"]["float"]["top1"]), (&2.into(), &0.5.into()));

    // No labels at all: agreement is still known.
    fs::remove_file(folder.join("images/labels.csv")).unwrap();
    let unlabelled = json(&folder, "evaluate digits.onnx --images images --schemes float,shift-wise --limit 8");
    assert_eq!((&unlabelled["images"], &unlabelled["labelled"]), (&8.into(), &0.into()));
    assert_eq!(unlabelled["schemes"]["shift-wise"]["top1"], Value::Null);
    assert!(unlabelled["schemes"]["shift-wise"]["agreement"].is_f64());
}

#[test]
fn says_what_it_calibrated_on() {
    let folder = workspace("calibration");
    let args = "evaluate digits.onnx --images images --schemes layer-wise --json";
    let output = shiftwise(&folder, args);
    assert!(text(&output.stderr).contains("calibrating on 20 of the evaluated pictures"), "{}", text(&output.stderr));
    let evaluation: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        evaluation["calibration"],
        serde_json::json!({"source": "images", "images": 20, "seed": 1, "method": "min-max"})
    );
    let given = json(&folder, "evaluate --bundled digits --limit 5 --schemes layer-wise --calibration images");
    assert_eq!(given["calibration"], serde_json::json!({"source": "folder", "images": 20, "method": "min-max"}));
}

#[test]
fn calibration_pictures_are_drawn_by_seed() {
    let folder = workspace("drawn");
    let run = |rest: &str| {
        let args = "evaluate --bundled digits --limit 5 --schemes layer-wise --calibration images";
        let evaluation = json(&folder, &format!("{args} {rest}"));
        (evaluation["calibration"].clone(), evaluation["schemes"]["layer-wise"]["hash"].clone())
    };
    let (source, five) = run("--calibration-images 5 --seed 7");
    assert_eq!(source, serde_json::json!({"source": "folder", "images": 5, "seed": 7, "method": "min-max"}));
    assert_eq!(run("--calibration-images 5 --seed 7 --threads 3").1, five);
    assert_ne!(run("--calibration-images 5 --seed 8").1, five);
    assert_eq!(run("--calibration-images 100").1, run("").1);
}

#[test]
fn every_calibration_method_and_bias_correction() {
    let folder = workspace("methods");
    let run = |rest: &str| json(&folder, &format!("evaluate --bundled digits --limit 40 --schemes shift-wise {rest}"));
    let mut hashes = Vec::new();
    for method in ["min-max", "moving-average", "percentile", "entropy", "mse", "data-free"] {
        let evaluation = run(&format!("--calibration-method {method}"));
        assert_eq!(evaluation["calibration"]["method"], method);
        let pictures = if method == "data-free" { 0 } else { 60 };
        assert_eq!(evaluation["calibration"]["images"], pictures);
        let scheme = &evaluation["schemes"]["shift-wise"];
        assert!(scheme["agreement"].as_f64().unwrap() >= 0.9, "{method}: {scheme}");
        hashes.push(scheme["hash"].clone());
    }
    for correction in ["empirical", "data-free"] {
        let evaluation = run(&format!("--bias-correction {correction}"));
        assert_eq!(evaluation["options"]["bias_correction"], correction);
        hashes.push(evaluation["schemes"]["shift-wise"]["hash"].clone());
    }
    hashes.push(run("--calibration-method percentile --percentile 99")["schemes"]["shift-wise"]["hash"].clone());
    let different: std::collections::BTreeSet<&str> = hashes.iter().map(|hash| hash.as_str().unwrap()).collect();
    assert_eq!(different.len(), hashes.len());
    // Sums of floats are added in the pictures' order, whatever the threads do.
    let one = run("--bias-correction empirical --calibration-method moving-average --threads 1");
    let many = run("--bias-correction empirical --calibration-method moving-average --threads 7");
    assert_eq!(one["schemes"]["shift-wise"]["hash"], many["schemes"]["shift-wise"]["hash"]);

    let args = "evaluate --bundled digits --schemes shift-wise";
    assert_refused(&folder, &format!("{args} --calibration-method best"), &["'best'", "entropy", "[bad-option]"]);
    assert_refused(&folder, &format!("{args} --bias-correction some"), &["'some'", "empirical", "[bad-option]"]);
    assert_refused(&folder, &format!("{args} --percentile 50"), &["percentile is 50", "[bad-option]"]);
    assert_refused(&folder, &format!("{args} --calibration-images 0"), &["--calibration-images", "[bad-option]"]);
}

#[test]
fn ranges_are_exported_changed_and_given_back() {
    let folder = workspace("ranges");
    let args = "evaluate digits.onnx --images images --schemes shift-wise,layer-wise";
    let hashes = |evaluation: &Value| ["shift-wise", "layer-wise"].map(|s| evaluation["schemes"][s]["hash"].clone());
    let calibrated = json(&folder, &format!("{args} --export-ranges ranges.json"));
    let mut file: Value = serde_json::from_str(&fs::read_to_string(folder.join("ranges.json")).unwrap()).unwrap();
    assert_eq!((&file["version"], &file["model"], &file["method"]), (&1.into(), &"Digits".into(), &"min-max".into()));
    let names: Vec<String> = file["ranges"].as_object().unwrap().keys().cloned().collect();

    // All ranges are there: no pictures are looked at, and the integers are the same.
    let given = json(&folder, &format!("{args} --ranges ranges.json"));
    assert_eq!(given["calibration"], serde_json::json!({"source": "ranges", "images": 0}));
    assert_eq!(hashes(&given), hashes(&calibrated));

    // One is missing: it comes from the pictures.
    file["ranges"].as_object_mut().unwrap().remove(&names[0]);
    fs::write(folder.join("ranges.json"), file.to_string()).unwrap();
    let completed = json(&folder, &format!("{args} --ranges ranges.json"));
    assert_eq!((&completed["calibration"]["source"], hashes(&completed)), (&"images".into(), hashes(&calibrated)));

    // One is changed.
    file["ranges"][&names[1]] = serde_json::json!([-0.25, 0.25]);
    fs::write(folder.join("ranges.json"), file.to_string()).unwrap();
    let changed = json(&folder, &format!("{args} --ranges ranges.json --export-ranges again.json"));
    assert_ne!(hashes(&changed), hashes(&calibrated));
    let again: Value = serde_json::from_str(&fs::read_to_string(folder.join("again.json")).unwrap()).unwrap();
    assert_eq!(again["ranges"][&names[1]], serde_json::json!([-0.25, 0.25]));

    let refuse = |json: &str, words: &[&str]| {
        fs::write(folder.join("wrong.json"), json).unwrap();
        assert_refused(&folder, &format!("{args} --ranges wrong.json"), words);
    };
    refuse(r#"{"version": 1, "ranges": {"no such": [0, 1]}}"#, &["wrong.json", "'no such'", "[bad-ranges]"]);
    refuse(r#"{"version": 1, "ranges": [], }"#, &["wrong.json", "malformed", "[bad-ranges]"]);
    let float = "evaluate digits.onnx --images images --schemes float --export-ranges x.json";
    assert_refused(&folder, float, &["float has no ranges", "[bad-option]"]);
    let unwritable = shiftwise(&folder, &format!("{args} --export-ranges no/such/folder.json"));
    let stderr = text(&unwritable.stderr);
    assert_eq!(unwritable.status.code(), Some(2));
    assert!(stderr.contains("no/such/folder.json") && stderr.contains("[io]"), "{stderr}");
}

#[test]
fn bits_change_the_result() {
    let folder = workspace("bits");
    let run = |rest: &str| json(&folder, &format!("evaluate digits.onnx --images images --schemes shift-wise {rest}"));
    let hash = |evaluation: &Value| evaluation["schemes"]["shift-wise"]["hash"].clone();
    let usual = run("");
    assert_eq!(usual["options"]["weight_bits"], 8);
    for rest in ["--weight-bits 4", "--activation-bits 5", "--shift-bits 0"] {
        assert_ne!(hash(&run(rest)), hash(&usual), "{rest}");
    }
    let layer_wise = json(&folder, "evaluate digits.onnx --images images --schemes layer-wise");
    assert_eq!(hash(&run("--shift-bits 0")), layer_wise["schemes"]["layer-wise"]["hash"], "N2: no shifts, layer-wise");
}

#[test]
fn tables_for_people() {
    let folder = workspace("tables");
    let table = succeeds(&folder, "evaluate digits.onnx --images images --schemes float,shift-wise");
    for word in ["Digits (digits.onnx): 20 pictures", "top-1", "float ", "shift-wise ", "%"] {
        assert!(table.contains(word), "'{word}' is not in:\n{table}");
    }
    let inspection = succeeds(&folder, "inspect digits.onnx");
    for word in ["Digits (digits.onnx)", "opset", "[1, 1, 32, 32]", "depthwise 3x3 + ReLU", "npu", "simplified"] {
        assert!(inspection.contains(word), "'{word}' is not in:\n{inspection}");
    }
    let report = json(&folder, "inspect --bundled digits");
    assert_eq!(report["title"], "Digits");
    assert_eq!(report["labels"].as_array().unwrap().len(), 10);
    assert!(report["nodes"].as_array().unwrap().len() > 10);
    // Without a manifest the preparation is guessed, and that is said.
    fs::remove_file(folder.join("digits.shiftwise.json")).unwrap();
    assert!(succeeds(&folder, "inspect digits.onnx").contains("guessed"));
    assert!(succeeds(&folder, "--help").contains("evaluate"));
    assert!(succeeds(&folder, "--version").starts_with("shiftwise "));
}

/// The tiny models of tests/tasks, by path.
fn task(name: &str) -> String {
    format!("{}/tests/tasks/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_task_has_its_agreement() {
    let here = Path::new(".");
    for (name, metric, heading) in [
        ("detection", "f1@0.5", "F1 at IoU 0.5"),
        ("segmentation", "miou", "mean IoU"),
        ("image", "psnr_db", "PSNR dB"),
        ("regression", "mae", "mean difference"),
    ] {
        let args = format!("evaluate {}.onnx --images {}", task(name), task("pictures"));
        let evaluation = json(here, &args);
        assert_eq!((&evaluation["task"], &evaluation["task_guessed"]), (&name.into(), &false.into()));
        assert_eq!(evaluation["agreement_metric"], metric);
        let agreement = |scheme: &str| evaluation["schemes"][scheme]["agreement"].as_f64();
        let [layer_wise, shift_wise] = [agreement("layer-wise").unwrap(), agreement("shift-wise").unwrap()];
        if name == "regression" {
            assert!(shift_wise < 0.1 && layer_wise > 1.0, "{name}: {layer_wise}, {shift_wise}");
        } else {
            assert!(shift_wise > layer_wise, "{name}: {layer_wise}, {shift_wise}");
        }
        let of_float = match name {
            "image" => None,
            "regression" => Some(0.0),
            _ => Some(1.0),
        };
        assert_eq!(agreement("float"), of_float, "{name}");
        assert_eq!(evaluation["schemes"]["float"]["top1"], Value::Null);
        assert!(succeeds(here, &args).contains(heading), "{name}");
    }
    let digits = json(here, "evaluate --bundled digits --limit 5 --schemes float");
    assert_eq!((&digits["task"], &digits["agreement_metric"]), (&"classification".into(), &"top-1".into()));
}

/// Class numbers in labels.csv mean nothing to a model that does not classify pictures.
#[test]
fn only_classifiers_want_labels() {
    let folder = workspace("labels_of_others");
    fs::write(folder.join("images/labels.csv"), "file,label\n00.png,no such class\n").unwrap();
    let evaluation = json(&folder, &format!("evaluate {}.onnx --images images --schemes float", task("segmentation")));
    assert_eq!((&evaluation["images"], &evaluation["labelled"]), (&20.into(), &0.into()));
}

#[test]
fn the_task_can_be_set_and_is_guessed() {
    let folder = workspace("task");
    fs::copy(task("detection.onnx"), folder.join("detection.onnx")).unwrap();
    fs::copy(task("regression.onnx"), folder.join("regression.onnx")).unwrap();
    let inspection = succeeds(&folder, "inspect regression.onnx");
    assert!(inspection.contains("regression (guessed"), "{inspection}");
    let set = json(&folder, "inspect regression.onnx --task classification");
    assert_eq!((&set["task"], &set["task_guessed"]), (&"classification".into(), &false.into()));
    assert_refused(&folder, "inspect regression.onnx --task cooking", &["'cooking'", "segmentation", "[bad-option]"]);
    assert_refused(
        &folder,
        "inspect regression.onnx --task segmentation",
        &["regression.onnx", "[1, 1]", "[bad-manifest]"],
    );
    assert_refused(&folder, "inspect --bundled digits --task image", &["[1, 10]", "[bad-manifest]"]);

    // Raw offsets without priors: told, and everything but the boxes works.
    assert!(succeeds(&folder, "inspect detection.onnx").contains("outputs.encoding"));
    let args = format!("evaluate detection.onnx --images {} --json", task("pictures"));
    let output = shiftwise(&folder, &args);
    assert!(text(&output.stderr).contains("give outputs.encoding in the manifest"), "{}", text(&output.stderr));
    let evaluation: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&evaluation["task_guessed"], &evaluation["agreement_metric"]), (&true.into(), &Value::Null));
    assert_eq!(evaluation["schemes"]["shift-wise"]["agreement"], Value::Null);
    assert!(evaluation["schemes"]["shift-wise"]["sqnr_db"].is_f64());
    let priors = r#"{"version": 1, "task": "detection", "outputs": {"encoding": "ssd", "priors": [[0.5, 0.5, 1, 1]]}}"#;
    fs::write(folder.join("detection.shiftwise.json"), priors).unwrap();
    assert_refused(&folder, "inspect detection.onnx", &["priors are 1", "24 boxes", "[bad-manifest]"]);
    let labels = r#"{"version": 1, "task": "segmentation", "labels": ["one"]}"#;
    fs::write(folder.join("labels.json"), labels).unwrap();
    let segmentation = task("segmentation.onnx");
    let manifest = format!("inspect {segmentation} --manifest labels.json");
    assert_refused(&folder, &manifest, &["1 labels", "4 classes", "[bad-label]"]);
}

#[test]
fn quantize_writes_a_file_and_golden_integers() {
    let folder = workspace("quantize");
    succeeds(&folder, "quantize --bundled digits --scheme shift-wise --to json --out graph.json --golden one");
    let text = fs::read_to_string(folder.join("graph.json")).unwrap();
    let graph = shiftwise::export::json::read(&text, &shiftwise::limits::Limits::default()).unwrap();
    let index: Value = serde_json::from_slice(&fs::read(folder.join("one/tensors.json")).unwrap()).unwrap();
    assert_eq!((index["profile"].as_str(), index["scheme"].as_str()), (Some("npu"), Some("shift-wise")));
    let tensors = index["tensors"].as_array().unwrap();
    assert_eq!(tensors.len(), graph.steps.len());
    for record in tensors.iter().chain(index["inputs"].as_array().unwrap()) {
        let file = fs::read(folder.join("one").join(record["file"].as_str().unwrap())).unwrap();
        let elements: u64 = record["shape"].as_array().unwrap().iter().map(|dim| dim.as_u64().unwrap()).product();
        // 128 bytes come before the elements.
        assert_eq!(file.len() as u64, 128 + elements, "{record}");
    }

    // Several pictures have a folder each; a format has its engine's profile.
    let options = "--scheme channel-wise --to onnx --out q.onnx --golden all --images images --limit 2";
    succeeds(&folder, &format!("quantize digits.onnx {options}"));
    assert!(folder.join("all/000_09/tensors.json").exists() && folder.join("all/001_19/tensors.json").exists());
    succeeds(&folder, "inspect digits.onnx");
    let index: Value = serde_json::from_slice(&fs::read(folder.join("all/000_09/tensors.json")).unwrap()).unwrap();
    assert_eq!(index["profile"].as_str(), Some("ort"));

    let to = "--to json --out x.json";
    assert_refused(&folder, &format!("quantize --bundled digits --scheme float {to}"), &["'float'", "[bad-option]"]);
    assert_refused(&folder, "quantize --bundled digits --scheme shift-wise --to dlc --out x", &["'dlc'", "onnx"]);
    assert_refused(&folder, &format!("quantize digits.onnx --scheme shift-wise {to}"), &["--calibration"]);
    let other = "quantize --bundled digits --scheme shift-wise --to onnx --out x --profile npu";
    assert_refused(&folder, other, &["profile ort", "[bad-option]"]);
    let nowhere = "quantize --bundled digits --scheme shift-wise --to json --out missing/x.json";
    assert_refused(&folder, nowhere, &["missing/x.json", "cannot be written", "[io]"]);
}

#[test]
fn trace_shows_one_number() {
    let folder = workspace("trace");
    let trace = json(&folder, "trace --bundled digits --node 0 --pixel 3,5 --channel 7");
    let taps = trace["taps"].as_array().unwrap();
    assert_eq!(taps.len(), 9);
    let sum: i64 = taps.iter().map(|tap| tap["product"].as_i64().unwrap()).sum();
    assert_eq!(trace["sum"].as_i64().unwrap(), sum + trace["bias"].as_i64().unwrap());
    assert_eq!(trace["rescale"]["datapath"].as_str(), Some("npu"));
    for profile in ["tflite", "ort"] {
        let other = json(&folder, &format!("trace --bundled digits --node stem/conv --profile {profile}"));
        assert_eq!(other["rescale"]["datapath"].as_str(), Some(profile));
    }
    let table = succeeds(&folder, "trace digits.onnx --node 0 --image images/00.png --calibration images");
    assert!(table.contains("accumulator") && table.contains("result"), "{table}");

    let refused =
        |args: &str, words: &[&str]| assert_refused(&folder, &format!("trace --bundled digits {args}"), words);
    refused("--node 0 --pixel 99,0", &["row 99", "[bad-option]"]);
    refused("--node 0 --channel 99", &["channel 99", "[bad-option]"]);
    refused("--node 0 --pixel 3", &["'3'", "[bad-option]"]);
    refused("--node 99", &["'99'", "inspect", "[bad-option]"]);
    refused("--node 0 --scheme float", &["'float'", "[bad-option]"]);
    refused("--node pool", &["'pool'", "[bad-option]"]);
}

//! docs/operators.md says what the reader does: its tables against the dispatch in the source, against where the cases'
//! nodes really run, and against what is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use shiftwise::error::Code;
use shiftwise::graph::{Op, passes};
use shiftwise::limits::Limits;
use shiftwise::onnx;
use shiftwise::quantize::{RunsOn, placement};

// tests/onnx_reader.rs uses all of it.
#[allow(dead_code)]
#[path = "onnx/build.rs"]
mod build;

fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The part of the page under a heading.
fn section(heading: &str) -> String {
    let page = file("docs/operators.md");
    let start = page.split(&format!("\n## {heading}\n")).nth(1).unwrap_or_else(|| panic!("no section '{heading}'"));
    start.split("\n## ").next().unwrap().to_owned()
}

/// Names of operators in backquotes.
fn quoted(text: &str) -> Vec<String> {
    let names = text.split('`').skip(1).step_by(2).map(str::to_owned);
    names.filter(|name| name.starts_with(|first: char| first.is_ascii_uppercase())).collect()
}

/// The table's rows by operator: the cells behind its name.
fn table(heading: &str) -> BTreeMap<String, Vec<String>> {
    let mut rows = BTreeMap::new();
    for line in section(heading).lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        for name in quoted(&cells[0]) {
            assert!(rows.insert(name.clone(), cells[1..].to_vec()).is_none(), "{name} stands in two rows");
        }
    }
    assert!(!rows.is_empty());
    rows
}

/// Operator names that a function of the source compares with.
fn dispatched(path: &str, from: &str) -> BTreeSet<String> {
    let source = file(path);
    let body = source.split(from).nth(1).unwrap().split("\n}\n").next().unwrap().to_owned();
    let patterns = body.lines().filter(|line| !line.contains("ignore("));
    let names = patterns.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    names.filter(|name| name.starts_with(|first: char| first.is_ascii_uppercase())).collect()
}

fn names(rows: &BTreeMap<String, Vec<String>>) -> BTreeSet<String> {
    rows.keys().cloned().collect()
}

#[test]
fn the_tables_list_what_the_reader_dispatches_on() {
    let network = dispatched("src/onnx/lower/mod.rs", "fn operator(");
    assert!(network.contains("Conv") && network.len() > 40, "{network:?}");
    assert_eq!(names(&table("In the network")), network);
    let mut constants = dispatched("src/onnx/fold/mod.rs", "pub fn evaluate(");
    constants.extend(dispatched("src/onnx/lower/mod.rs", "pub fn node("));
    assert!(constants.contains("Where") && constants.contains("Shape"), "{constants:?}");
    let listed: BTreeSet<String> = quoted(&section("On constants")).into_iter().collect();
    assert_eq!(listed, constants);
}

/// Every operator occurs in a case, in the operator sets that the table gives, and runs where it says.
#[test]
fn the_cases_run_where_the_table_says() {
    let rows = table("In the network");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/onnx/cases");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut seen = BTreeSet::new();
    let mut places: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for case in cases {
        let bytes = std::fs::read(case.join("model.onnx")).unwrap();
        let mut model = onnx::read(bytes, &Limits::default()).unwrap();
        for op in model.graph.nodes.iter().flat_map(|node| &node.origin) {
            let opsets = &rows[op][0];
            let (first, last) = opsets.split_once('-').unwrap();
            let range = first.parse::<i64>().unwrap()..=last.parse().unwrap();
            assert!(range.contains(&model.opset), "{}: {op} of opset {}, not {opsets}", case.display(), model.opset);
            seen.insert(op.clone());
        }
        passes::simplify(&mut model.graph).unwrap();
        for (node, place) in model.graph.nodes.iter().zip(placement(&model.graph)) {
            let moves = matches!(node.op, Op::Reshape | Op::Transpose { .. } | Op::Concat { .. } | Op::Slice { .. });
            let place = match place {
                RunsOn::Npu => "NPU",
                RunsOn::HostTail if moves => continue,
                RunsOn::HostTail | RunsOn::Fallback => "host",
            };
            // Several operators in one node run where the one does that took the others in; a step on the way to an
            // operator (a change of layout) is named with a stroke.
            if let ([op], false) = (node.origin.as_slice(), node.name.contains('/')) {
                places.entry(op.clone()).or_default().insert(place);
            }
        }
    }
    let missing: Vec<&String> = rows.keys().filter(|op| !seen.contains(*op)).collect();
    assert_eq!(missing, ["Cast", "Dropout", "Transpose"], "of these alone no node is left; the others lack a case");
    for (op, observed) in &places {
        let stated: BTreeSet<&str> = rows[op][1].split(" or ").collect();
        assert!(observed.is_subset(&stated), "{op} runs on {observed:?}, not {stated:?}");
        assert!(stated.len() == 1 || *observed == stated, "no case has {op} on all of {stated:?}");
    }
    assert_eq!(places["InstanceNormalization"], BTreeSet::from(["host"]));
}

#[test]
fn what_the_page_says_is_refused_is_refused() {
    let rows = table("Refused");
    assert!(rows.keys().all(|op| !table("In the network").contains_key(op)));
    for op in rows.keys() {
        let mut model = build::model(vec![build::node(op, &["x"], &["y"])], vec![]);
        model.opset_import[0].version = 24;
        let error = onnx::read(build::bytes(&model), &Limits::default()).map(|model| model.graph).unwrap_err();
        assert_eq!(error.code, Code::UnsupportedOperator, "{op}: {error}");
        assert!(error.reason.contains(op.as_str()) && !error.hint.is_empty(), "{error}");
    }
}

//! Each node's own error and the accumulated one, for a network small enough to work out by hand.

use prost::Message;
use shiftwise::calibrate::Ranges;
use shiftwise::error::Code;
use shiftwise::image::Picture;
use shiftwise::limits::Limits;
use shiftwise::manifest::Manifest;
use shiftwise::npu::{Datapath, Profile};
use shiftwise::onnx::proto::{ModelProto, TensorProto, data_type};
use shiftwise::quantize::{QuantizeOptions, Scheme};
use shiftwise::report::OffBy;
use shiftwise::session::{Reference, Session};

#[path = "onnx/build.rs"]
#[allow(dead_code, reason = "shared with tests that break models in more ways")]
mod build;

use build::{graph, ints, model, node, tensor, value, with};

const PIXELS: [u8; 4] = [3, 5, 8, 21];
const ALL_RIGHT: OffBy = OffBy([1.0, 0.0, 0.0, 0.0]);

/// Four gray pixels through three convolutions by one, whose float output is the pixels again, and a softmax. The
/// first one's output has a scale of 4, everything else a scale of 1; so the layers are, in integers:
///
///     3 5 8 21  ->  1 1 2 5  ->  4 4 8 20  ->  4 4 8 20
fn session() -> (Session, Reference) {
    // A wider kernel than it takes: a 1x1 one would be folded.
    let middle: Vec<u8> = [0f32, 1.0, 0.0].into_iter().flat_map(f32::to_le_bytes).collect();
    let one = |name: &str| -> TensorProto { tensor(name, &[1, 1, 1, 3], data_type::FLOAT, middle.clone()) };
    let conv =
        |from: &str, weight: &str, to: &str| with(node("Conv", &[from, weight], &[to]), ints("pads", &[0, 1, 0, 1]));
    let layers = [("x", "u", "a"), ("a", "v", "b"), ("b", "w", "c")];
    let mut nodes: Vec<_> = layers.iter().map(|(from, weight, to)| conv(from, weight, to)).collect();
    nodes.push(node("Softmax", &["c"], &["y"]));
    let mut model: ModelProto = model(nodes, layers.iter().map(|(_, weight, _)| one(weight)).collect());
    graph(&mut model).input = vec![value("x", data_type::FLOAT, &["1", "1", "1", "4"])];
    let manifest = r#"{"version": 1, "task": "segmentation", "input": {"channels": "gray",
        "resize": {"mode": "stretch", "size": [4, 1]}, "mean": [0], "std": [1]}}"#;
    let manifest = Manifest::parse(manifest).unwrap();
    let mut session = Session::open(model.encode_to_vec(), Some(manifest), Limits::default()).unwrap();
    let ranges = [("x", 255.0), ("a", 1020.0), ("b", 255.0), ("c", 255.0)];
    let ranges = Ranges {
        version: 1,
        model: String::new(),
        method: String::new(),
        ranges: ranges.into_iter().map(|(name, max)| (name.to_owned(), [0.0, max])).collect(),
    };
    session.set_ranges(&ranges).unwrap();
    let rgba = PIXELS.iter().flat_map(|&v| [v, v, v, 255]).collect();
    let reference = session.reference(&Picture::new(4, 1, rgba, session.limits()).unwrap()).unwrap();
    (session, reference)
}

#[test]
fn a_node_answers_for_its_own_error_alone() {
    let (mut session, reference) = session();
    for datapath in Datapath::ALL {
        let profile = Profile::of(datapath);
        session.quantize(&QuantizeOptions { profile, ..QuantizeOptions::new(Scheme::ShiftWise) }).unwrap();
        let of = |node| session.isolated(Scheme::ShiftWise, node, &reference).unwrap();
        // 4 4 8 20 instead of 3 5 8 21: signal 9 + 25 + 64 + 441, noise 1 + 1 + 0 + 1.
        let lossy = 10.0 * libm::log10(539.0 / 3.0);
        // The scale is coarse, but on it float's values are the same integers.
        assert!((of(0).sqnr_db.unwrap() - lossy).abs() < 1e-9, "{datapath:?}");
        assert_eq!(of(0).off_by, ALL_RIGHT, "{datapath:?}");
        // Here it is the input that is rounded, and the output's scale shows it.
        assert!((of(1).sqnr_db.unwrap() - lossy).abs() < 1e-9, "{datapath:?}");
        assert_eq!(of(1).off_by, OffBy([0.25, 0.75, 0.0, 0.0]), "{datapath:?}");
        // Given float's values, the last layer is exact; what came before is not its fault.
        assert_eq!((of(2).sqnr_db, of(2).off_by), (None, ALL_RIGHT), "{datapath:?}");
    }
}

#[test]
fn steps_off_accumulate_and_end_where_integers_do() {
    let (mut session, reference) = session();
    session.quantize(&QuantizeOptions::new(Scheme::LayerWise)).unwrap();
    let one_off = Some(OffBy([0.25, 0.75, 0.0, 0.0]));
    let found = session.off_by(Scheme::LayerWise, &reference).unwrap();
    assert_eq!(found, [Some(ALL_RIGHT), one_off, one_off, None]);
}

#[test]
fn what_has_no_integers_is_refused() {
    let (mut session, reference) = session();
    let code = |result: Result<_, shiftwise::error::Error>| result.map(|_| ()).unwrap_err().code;
    assert_eq!(code(session.isolated(Scheme::LayerWise, 0, &reference)), Code::NotCalibrated);
    session.quantize(&QuantizeOptions::new(Scheme::LayerWise)).unwrap();
    for node in [3, 4, usize::MAX] {
        assert_eq!(code(session.isolated(Scheme::LayerWise, node, &reference)), Code::BadOption);
    }
}

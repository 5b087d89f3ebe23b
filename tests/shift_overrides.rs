//! Shifts chosen by hand, and what a person is told about a layer, on the bundled network.

use shiftwise::bundled;
use shiftwise::error::Code;
use shiftwise::export::Format;
use shiftwise::image::Picture;
use shiftwise::limits::Limits;
use shiftwise::quantize::{QuantizeOptions, Scheme, ShiftOverrides, ShiftRule};
use shiftwise::session::{Outputs, Reference, Session};

/// The bundled network, calibrated on one of its pictures, with every scheme; and a picture.
fn session() -> (Session, Reference) {
    let digits = bundled::find("digits").unwrap();
    let mut session = Session::open(digits.model, Some(digits.manifest().unwrap()), Limits::default()).unwrap();
    let picture = Picture::new(28, 28, stripes(), &Limits::default()).unwrap();
    let input = session.preprocess(&picture).unwrap();
    let calibration = session.observe(&input, &shiftwise::calibrate::CalibrationOptions::default()).unwrap();
    session.set_calibration(calibration).unwrap();
    for scheme in [Scheme::LayerWise, Scheme::ShiftWise, Scheme::ChannelWise] {
        session.quantize(&QuantizeOptions::new(scheme)).unwrap();
    }
    let reference = session.reference(&picture).unwrap();
    (session, reference)
}

/// Bright diagonal stripes.
fn stripes() -> Vec<u8> {
    let brightness = |i: usize| if (i / 28 + i % 28) % 9 < 4 { 230 } else { 10 };
    (0..28 * 28).flat_map(|i| [brightness(i), brightness(i), brightness(i), 255]).collect()
}

/// Nodes with weights.
fn layers(session: &Session) -> Vec<usize> {
    let nodes = &session.model().nodes;
    nodes.iter().filter(|node| node.channels.is_some()).map(|node| node.index as usize).collect()
}

fn with(overrides: impl IntoIterator<Item = (usize, Vec<u8>)>) -> QuantizeOptions {
    QuantizeOptions { shift_overrides: overrides.into_iter().collect(), ..QuantizeOptions::new(Scheme::ShiftWise) }
}

fn square(x: f64) -> f64 {
    x * x
}

#[test]
fn the_rules_own_shifts_given_by_hand_change_no_integer() {
    let (mut session, _) = session();
    let program = session.network(Scheme::ShiftWise).unwrap().quantized().program.clone();
    let by_rule: Vec<_> =
        layers(&session).into_iter().map(|node| (node, session.shifts_by(ShiftRule::Floor, node).unwrap())).collect();
    session.quantize(&with(by_rule)).unwrap();
    assert_eq!(session.network(Scheme::ShiftWise).unwrap().quantized().program, program);
}

#[test]
fn all_shifts_zero_are_layer_wise() {
    let (mut session, reference) = session();
    let zeros: Vec<_> =
        layers(&session).into_iter().map(|node| (node, session.shifts_by(ShiftRule::Zero, node).unwrap())).collect();
    session.quantize(&with(zeros)).unwrap();
    let [by_hand, layer_wise] =
        [Scheme::ShiftWise, Scheme::LayerWise].map(|scheme| session.predict(scheme, &reference).unwrap());
    assert_eq!(by_hand.hash, layer_wise.hash);
}

#[test]
fn overrides_reach_the_trace_and_the_export_and_can_be_looked_past() {
    let (mut session, reference) = session();
    let before = session.predict(Scheme::ShiftWise, &reference).unwrap();
    let node = layers(&session)[0];
    let mut shifts = session.layer(Scheme::ShiftWise, node).unwrap().shifts;
    shifts[0] += 2;
    let expected = shifts[0];
    session.quantize(&with([(node, shifts)])).unwrap();
    let trace = session.trace(Scheme::ShiftWise, node, [3, 3, 0], reference.input()).unwrap();
    let detail = session.channel(Scheme::ShiftWise, node, 0).unwrap();
    let weights: Vec<i8> = trace.taps.iter().map(|tap| tap.weight).collect();
    assert_eq!((detail.shift, &detail.integers), (expected, &weights));
    let text = String::from_utf8(session.export(Scheme::ShiftWise, Format::Json).unwrap()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let exported = &json["steps"][0]["op"];
    assert!(exported.to_string().contains(&format!("\"shifts\":[{expected},")), "{exported}");
    let after = session.predict(Scheme::ShiftWise, &reference).unwrap();
    assert_ne!(after.hash, before.hash);
    assert_eq!(session.predict_by_rule(&reference).unwrap(), before);
}

/// The table of errors says beforehand what quantizing with each of its shifts then gives.
#[test]
fn the_errors_of_every_shift_are_those_of_quantizing_with_it() {
    let (mut session, _) = session();
    let node = layers(&session)[1];
    let channel = 1;
    let chosen = session.layer(Scheme::ShiftWise, node).unwrap().shifts;
    // R / Q.
    let scale = session.channel(Scheme::LayerWise, node, channel).unwrap().scale;
    let told = session.shift_errors(node, channel).unwrap();
    assert_eq!((told.shift, told.errors.len()), (chosen[channel], 16));
    for (shift, error) in (0u8..).zip(&told.errors) {
        let mut shifts = chosen.clone();
        shifts[channel] = shift;
        let report = session.quantize(&with([(node, shifts)])).unwrap();
        let layer = report.layers.iter().find(|layer| layer.node as usize == node).unwrap();
        assert_eq!(layer.lowered_channels, [0u32; 0]);
        let detail = session.channel(Scheme::ShiftWise, node, channel).unwrap();
        let step = detail.scale / f64::from(1u32 << detail.shift);
        let errors = detail.weights.iter().zip(&detail.integers);
        let squares = errors.map(|(&w, &q)| square(f64::from(q) * step - f64::from(w)));
        let mse = squares.sum::<f64>() / detail.weights.len() as f64;
        assert!((error.mse - mse).abs() <= 1e-12 * mse, "shift {shift}: {} and {mse}", error.mse);
        let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-6,
            (a, b) => a == b,
        };
        assert!(close(error.layer_sqnr_db, layer.weight_sqnr_db), "shift {shift}");
        let db = session.layer(Scheme::ShiftWise, node).unwrap().sqnr_db[channel];
        assert!(close(error.sqnr_db, db), "shift {shift}");
        assert!((error.coarsening - detail.scale / scale).abs() < 1e-12);
    }
    let best = |skip: u8| {
        let others = (0u8..).zip(&told.errors).filter(|&(k, _)| k != skip);
        others.fold((0, f64::MIN), |best, (k, e)| match e.layer_sqnr_db {
            Some(db) if db > best.1 => (k, db),
            _ => best,
        })
    };
    assert_eq!(told.runner_up, Some(best(told.shift).0));
}

/// Every pixel of a map is the integer that the trace arrives at, on the output's scale.
#[test]
fn activation_maps_hold_what_the_datapath_computes() {
    let (mut session, reference) = session();
    let node = layers(&session)[0];
    let report = session.quantize(&QuantizeOptions::new(Scheme::ShiftWise)).unwrap();
    let layer = report.layers.iter().find(|layer| layer.node as usize == node).unwrap();
    let mut outputs = Outputs::default();
    let map = outputs.map(&session, Scheme::ShiftWise, [node, 2], &reference).unwrap();
    for (row, column) in [(0, 0), (5, 7), (map.height - 1, map.width - 1)] {
        let position = [row as usize, column as usize, 2];
        let trace = session.trace(Scheme::ShiftWise, node, position, reference.input()).unwrap();
        let real = (f64::from(trace.result) - f64::from(layer.output_zero_point)) * layer.output_scale;
        assert_eq!(map.values[(row * map.width + column) as usize], real as f32);
    }
    let float = outputs.map(&session, Scheme::Float, [node, 2], &reference).unwrap();
    assert_eq!((float.height, float.width, float.sqnr_db), (map.height, map.width, None));
    let noise: f64 = float.values.iter().zip(&map.values).map(|(&x, &y)| square(f64::from(x) - f64::from(y))).sum();
    let signal: f64 = float.values.iter().map(|&x| square(f64::from(x))).sum();
    assert!((map.sqnr_db.unwrap() - 10.0 * libm::log10(signal / noise)).abs() < 1e-9);
}

#[test]
fn what_is_not_there_is_an_error() {
    let (mut session, reference) = session();
    let mut outputs = Outputs::default();
    let beyond = session.model().nodes.len();
    for place in [[beyond, 0], [0, 10_000]] {
        let refused = outputs.map(&session, Scheme::LayerWise, place, &reference).unwrap_err();
        assert_eq!(refused.code, Code::BadOption);
    }
    assert_eq!(session.shifts_by(ShiftRule::Ceil, beyond).unwrap_err().code, Code::BadOption);
    assert_eq!(session.shift_errors(0, 10_000).unwrap_err().code, Code::BadOption);
    let unfit: ShiftOverrides = [(0, vec![1])].into_iter().collect();
    let options = QuantizeOptions { shift_overrides: unfit, ..QuantizeOptions::new(Scheme::ShiftWise) };
    assert_eq!(session.quantize(&options).unwrap_err().code, Code::BadOption);
}

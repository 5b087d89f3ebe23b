//! `shiftwise trace`: one output number of one layer, block by block.

use shiftwise::error::{Code, Error};
use shiftwise::npu::{Datapath, RescaleTrace, Trace};
use shiftwise::session::Session;

use crate::args;
use crate::calibrate;
use crate::dataset;
use crate::failure::Result;
use crate::load::{self, Loaded};
use crate::output;

pub fn run(args: &args::Trace) -> Result<()> {
    let (scheme, position) = (args.scheme()?, args.position()?);
    let options = args.quantize.options(scheme, Datapath::Npu)?;
    let Loaded { mut session, bundled, .. } = load::open(&args.model)?;
    let node = args.node(session.graph())?;
    let given = args.image.as_deref().map(dataset::file_or_folder).transpose()?;
    calibrate::run(&args.calibration, &options, &mut session, given.as_deref(), bundled, &calibrate::threads(None)?)?;
    session.quantize(&options)?;
    let samples = match (given, bundled) {
        (Some(given), _) => given,
        (None, Some(bundled)) => dataset::samples(bundled)?,
        (None, None) => Vec::new(),
    };
    let Some(picture) = samples.first() else {
        return Err(Error::new(Code::BadOption, "there is no picture to run", "name one with --image").into());
    };
    let trace = session.trace(scheme, node, position, &picture.input(&session)?)?;
    output::print(&if args.json { trace.to_json()? + "\n" } else { for_people(&session, node, &trace) })
}

fn for_people(session: &Session, node: usize, trace: &Trace) -> String {
    let [row, column, channel] = trace.position;
    let name = session.graph().nodes.get(node).map_or("", |node| &node.name);
    let mut text = format!("{name} (node {node}): row {row}, column {column}, channel {channel}\n\n");
    let heading = ["kernel", "input", "channel", "q_x", "Z_x", "q_w", "product", "accumulator", ""];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for tap in &trace.taps {
        let place = tap.place.map_or("padding".to_owned(), |[y, x]| format!("{y},{x}"));
        rows.push(vec![
            format!("{},{}", tap.kernel[0], tap.kernel[1]),
            place,
            tap.channel.to_string(),
            tap.activation.to_string(),
            trace.input_zero_point.to_string(),
            tap.weight.to_string(),
            tap.product.to_string(),
            tap.accumulator.to_string(),
            if tap.overflow { "overflow".to_owned() } else { String::new() },
        ]);
    }
    text.push_str(&output::table(&rows, 0));
    text.push('\n');
    let Trace { bias, sum, rescaled, output_zero_point, min, max, result, .. } = trace;
    let mut lines = vec![("bias", bias.to_string()), ("sum", sum.to_string())];
    match &trace.rescale {
        RescaleTrace::Npu(shift) => {
            let total = shift.shift + i32::from(shift.channel_shift);
            let decision = if shift.rounds_up { "up" } else { "down" };
            lines.extend([
                ("times M", format!("{sum} x {} = {}", shift.multiplier, shift.product)),
                ("shift n + k", format!("{} + {} = {total}", shift.shift, shift.channel_shift)),
                ("kept", shift.kept.clone()),
                ("fall off", format!("{} of 2^{total}", shift.dropped)),
                ("rounding", format!("{}: {decision}", label(shift.rounding))),
            ]);
        }
        RescaleTrace::Tflite(multiply) => lines.extend([
            ("exponent e", multiply.exponent.to_string()),
            ("raised", format!("{sum} x 2^{} = {}", multiply.exponent.max(0), multiply.raised)),
            ("times M", format!("{} x {} = {}", multiply.raised, multiply.multiplier, multiply.product)),
            ("/ 2^31", format!("{}, ties away from 0", multiply.high)),
            ("/ 2^-e", format!("{}, ties away from 0", multiply.divided)),
        ]),
        RescaleTrace::Ort(multiply) => lines.extend([
            ("as float32", multiply.sum.to_string()),
            ("factor", multiply.factor.to_string()),
            ("product", multiply.product.to_string()),
        ]),
    }
    lines.extend([
        ("rescaled", rescaled.to_string()),
        (
            "plus Z_y",
            format!("{rescaled} + {output_zero_point} = {}", i64::from(*rescaled) + i64::from(*output_zero_point)),
        ),
        ("clamp", format!("{min}..{max}")),
        ("result", result.to_string()),
    ]);
    let rows: Vec<Vec<String>> = lines.into_iter().map(|(what, value)| vec![what.to_owned(), value]).collect();
    text.push_str(&output::table(&rows, 2));
    if trace.overflows > 0 {
        text.push_str(&format!("{} additions left the accumulator\n", trace.overflows));
    }
    text
}

fn label(rounding: shiftwise::npu::Rounding) -> &'static str {
    use shiftwise::npu::Rounding;
    match rounding {
        Rounding::HalfUp => "half-up",
        Rounding::HalfAway => "half-away",
        Rounding::HalfEven => "half-even",
        Rounding::Truncate => "truncate",
    }
}

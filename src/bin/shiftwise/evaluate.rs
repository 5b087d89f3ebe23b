//! `shiftwise evaluate`: calibrate, quantize, and run every scheme over many pictures.

use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;
use shiftwise::error::{Code, Error};
use shiftwise::manifest::Task;
use shiftwise::npu::Datapath;
use shiftwise::quantize::{BiasCorrection, QuantizeOptions, Scheme};
use shiftwise::report::task::{Metric, Tally};
use shiftwise::report::{ClassScore, SchemeReport, TaskResult};
use shiftwise::session::{Inference, Session};

use crate::args;
use crate::calibrate::{self, CalibrationSource};
use crate::dataset::{self, Sample};
use crate::failure::Result;
use crate::figures::{ByScheme, Figures, Outcome, output_sqnr};
use crate::load::{self, Loaded};
use crate::output;
use crate::progress::Progress;

#[derive(Serialize)]
struct Evaluation {
    model: String,
    task: Task,
    task_guessed: bool,
    agreement_metric: Option<Metric>,
    images: usize,
    labelled: usize,
    calibration: Option<CalibrationSource>,
    options: Options,
    schemes: ByScheme,
}

/// The settings that all schemes share.
#[derive(Serialize)]
struct Options {
    weight_bits: u8,
    activation_bits: u8,
    shift_bits: u8,
    profile: Datapath,
    bias_correction: BiasCorrection,
}

impl From<QuantizeOptions> for Options {
    fn from(options: QuantizeOptions) -> Self {
        let QuantizeOptions { weight_bits, activation_bits, shift_bits, profile, bias_correction, .. } = options;
        Options { weight_bits, activation_bits, shift_bits, profile: profile.datapath, bias_correction }
    }
}

pub fn run(args: &args::Evaluate) -> Result<()> {
    let schemes = args.schemes()?;
    let options: Options = args.quantize.options(Scheme::Float, Datapath::Npu)?.into();
    let mut loaded = load::open(&args.model)?;
    let samples = samples(args, &mut loaded)?;
    let threads = calibrate::threads(args.threads)?;
    let Loaded { name, mut session, bundled } = loaded;
    if let Some(problem) = &session.model().task_problem {
        eprintln!("no agreement is told: {problem}");
    }

    let integer: Vec<Scheme> = schemes.iter().copied().filter(|&scheme| scheme != Scheme::Float).collect();
    if integer.is_empty() && args.calibration.export_ranges.is_some() {
        let hint = "name an integer scheme with --schemes";
        return Err(Error::new(Code::BadOption, "float has no ranges to export", hint).into());
    }
    let mut calibration = None;
    let mut reports: Vec<SchemeReport> = Vec::new();
    if let Some(&first) = integer.first() {
        let given = args.images.is_some().then_some(samples.as_slice());
        let scheme = args.quantize.options(first, Datapath::Npu)?;
        calibration = Some(calibrate::run(&args.calibration, &scheme, &mut session, given, bundled, &threads)?);
        for &scheme in &integer {
            reports.push(session.quantize(&args.quantize.options(scheme, Datapath::Npu)?)?);
        }
        calibrate::export(&args.calibration, &session, first)?;
    }

    let outcomes = threads.install(|| outcomes(&session, &samples, &schemes))?;
    let figures = |(index, &scheme): (usize, &Scheme)| {
        let report = reports.iter().find(|report| report.options.scheme == scheme);
        (scheme, Figures::new(outcomes.iter().filter_map(|picture| picture.get(index)), report))
    };
    let schemes: Vec<_> = schemes.iter().enumerate().map(figures).collect();
    let evaluation = Evaluation {
        model: name,
        task: session.model().task,
        task_guessed: session.model().task_guessed,
        agreement_metric: schemes.iter().find_map(|(_, figures)| figures.metric),
        images: samples.len(),
        labelled: samples.iter().filter(|sample| sample.label.is_some()).count(),
        calibration,
        options,
        schemes: ByScheme(schemes),
    };
    if args.json { output::print_json(&evaluation) } else { output::print(&for_people(&evaluation, &session)) }
}

/// What to evaluate; also takes class names from `--labels`.
fn samples(args: &args::Evaluate, loaded: &mut Loaded) -> Result<Vec<Sample>> {
    let is_csv = |path: &&std::path::PathBuf| path.extension().is_some_and(|extension| extension == "csv");
    let csv = args.labels.as_ref().filter(is_csv);
    if let (Some(names), None) = (&args.labels, csv) {
        load::set_class_names(&mut loaded.session, names)?;
    }
    let samples = match (&args.images, loaded.bundled) {
        (Some(folder), _) => dataset::labelled(folder, csv.map(|path| path.as_path()), &loaded.session)?,
        (None, Some(bundled)) => match bundled.manifest()?.samples {
            Some(sheet) => dataset::tiles(bundled, &sheet)?,
            None => return Err(Error::internal("the bundled example has no pictures").into()),
        },
        (None, None) => return Err(Error::internal("neither pictures nor an example were named").into()),
    };
    Ok(match args.limit {
        Some(limit) => dataset::spread(samples, limit as usize),
        None => samples,
    })
}

/// For every sample, in order, the outcome of every scheme.
fn outcomes(session: &Session, samples: &[Sample], schemes: &[Scheme]) -> Result<Vec<Vec<Outcome>>> {
    let progress = Progress::new("evaluated", samples.len());
    let outcomes = samples
        .par_iter()
        .map(|sample| {
            let outcomes = outcomes_of(session, sample, schemes)?;
            progress.step();
            Ok(outcomes)
        })
        .collect::<Result<Vec<_>>>()?;
    progress.finish();
    Ok(outcomes)
}

fn outcomes_of(session: &Session, sample: &Sample, schemes: &[Scheme]) -> Result<Vec<Outcome>> {
    let input = sample.input(session)?;
    let infer = |scheme| -> Result<(Inference, f64)> {
        let start = Instant::now();
        let inference = session.infer(scheme, &input)?;
        Ok((inference, start.elapsed().as_secs_f64()))
    };
    let (float, float_seconds) = infer(Scheme::Float)?;
    let wanted = session.decode(&float);
    let outcome = |scheme| {
        let (inference, seconds) = match scheme {
            Scheme::Float => (float.clone(), float_seconds),
            _ => infer(scheme)?,
        };
        let result = session.decode(&inference);
        let top = match &result {
            Some(TaskResult::Classes { top }) => top.as_slice(),
            _ => &[],
        };
        Ok(Outcome {
            hits: sample.label.filter(|_| !top.is_empty()).map(|label| hits(top, label)),
            agreement: wanted.as_ref().zip(result.as_ref()).and_then(|(wanted, result)| Tally::of(wanted, result)),
            sqnr: output_sqnr(&float.outputs, &inference.outputs),
            hash: inference.hash,
            overflows: inference.overflows,
            seconds,
        })
    };
    schemes.iter().map(|&scheme| outcome(scheme)).collect()
}

fn hits(top: &[ClassScore], label: u32) -> [bool; 2] {
    let place = top.iter().position(|score| score.class == label);
    [place == Some(0), place.is_some()]
}

fn for_people(evaluation: &Evaluation, session: &Session) -> String {
    let Options { weight_bits, activation_bits, shift_bits, profile, bias_correction } = &evaluation.options;
    let calibrated = evaluation.calibration.as_ref().map_or(String::new(), |source| format!(", {source}"));
    let mut text = format!(
        "{} ({}): {} pictures{calibrated}\n{weight_bits}-bit weights, {activation_bits}-bit activations, \
         {shift_bits}-bit shifts, profile {}, bias correction {}\n\n",
        session.model().title,
        evaluation.model,
        evaluation.images,
        profile.as_str(),
        bias_correction.as_str(),
    );
    let percent = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{:.1}%", share * 100.0));
    let agreement = match evaluation.agreement_metric {
        Some(Metric::Top1) | None => "agrees",
        Some(Metric::F1) => "F1 at IoU 0.5",
        Some(Metric::MeanIou) => "mean IoU",
        Some(Metric::PsnrDb) => "PSNR dB",
        Some(Metric::MeanAbsoluteError) => "mean difference",
    };
    let heading = ["scheme", "top-1", "top-5", agreement, "SQNR dB", "ms/picture", "added bytes", "hash"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for (scheme, figures) in &evaluation.schemes.0 {
        rows.push(vec![
            scheme.as_str().to_owned(),
            percent(figures.top1),
            percent(figures.top5),
            match (figures.metric, figures.agreement) {
                (Some(Metric::PsnrDb), Some(db)) => format!("{db:.1}"),
                (Some(Metric::MeanAbsoluteError), Some(difference)) => format!("{difference:.4}"),
                (_, agreement) => percent(agreement),
            },
            figures.sqnr_db.map_or("-".to_owned(), |db| format!("{db:.1}")),
            format!("{:.1}", figures.ms_per_image),
            format!("{:.0}", figures.added_bytes),
            figures.hash.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    text.push_str(&output::table(&rows, 1));
    for (scheme, figures) in &evaluation.schemes.0 {
        if figures.fallbacks > 0 {
            text.push_str(&format!("{}: {} nodes run in float\n", scheme.as_str(), figures.fallbacks));
        }
        if figures.overflows > 0 {
            text.push_str(&format!("{}: {} sums left the accumulator\n", scheme.as_str(), figures.overflows));
        }
    }
    text
}

//! Finding activation ranges, for every command that quantizes.

use std::fmt;
use std::fs;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Serialize;
use shiftwise::bundled::Bundled;
use shiftwise::calibrate::{Calibration, CalibrationOptions, Method, Ranges};
use shiftwise::error::{Code, Error};
use shiftwise::manifest::Manifest;
use shiftwise::quantize::{QuantizeOptions, Scheme};
use shiftwise::session::Session;

use crate::args::CalibrationArgs;
use crate::dataset::{self, Sample};
use crate::failure::{Failure, Result};
use crate::load;
use crate::progress::Progress;

/// Without a calibration set, this many of the given pictures.
const DRAWN: usize = 32;

/// What the session was calibrated with.
#[derive(Serialize)]
pub struct CalibrationSource {
    source: Source,
    images: usize,
    /// Of the drawing, where not all pictures were taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// Absent where there was nothing to calibrate.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<Method>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    Folder,
    Bundled,
    /// Some of the given pictures.
    Images,
    /// Batch-normalization statistics alone.
    Model,
    /// A file of ranges alone.
    Ranges,
}

impl fmt::Display for CalibrationSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (images, method) = (self.images, self.method.map_or("", Method::as_str));
        match self.source {
            Source::Folder | Source::Bundled => write!(f, "calibrated on {images} others ({method})"),
            Source::Images => write!(f, "calibrated on {images} of them ({method})"),
            Source::Model => write!(f, "calibrated without pictures"),
            Source::Ranges => write!(f, "with given ranges"),
        }
    }
}

/// As many threads as asked for; as many as there are processors for `None`.
pub fn threads(count: Option<u16>) -> Result<ThreadPool> {
    let threads = ThreadPoolBuilder::new().num_threads(count.unwrap_or(0).into()).build();
    Ok(threads.map_err(|error| Error::new(Code::Io, format!("threads cannot be started: {error}"), ""))?)
}

/// Calibrates the session: without pictures if that was asked for, with the folder named, else with some of the given
/// pictures, else with those of the bundled example.
///
/// `scheme` is one of the schemes to be made.
///
/// # Errors
/// `BadOption` where there are no pictures to calibrate with.
pub fn run(
    args: &CalibrationArgs,
    scheme: &QuantizeOptions,
    session: &mut Session,
    given: Option<&[Sample]>,
    bundled: Option<&Bundled>,
    threads: &ThreadPool,
) -> Result<CalibrationSource> {
    let options = args.options(scheme.bias_correction)?;
    if let Some(file) = &args.ranges {
        let ranges =
            Ranges::parse(&load::read_text(file, Code::BadRanges)?).and_then(|ranges| session.set_ranges(&ranges));
        ranges.map_err(Failure::of(file))?;
        if args.calibration.is_none() && suffices(session, scheme)? {
            return Ok(CalibrationSource { source: Source::Ranges, images: 0, seed: None, method: None });
        }
    }
    if options.method == Method::DataFree && !options.tap_means {
        session.set_calibration(Calibration::with_options(session.graph(), options))?;
        return Ok(CalibrationSource { source: Source::Model, images: 0, seed: None, method: Some(options.method) });
    }
    let own;
    let (source, pictures) = match (&args.calibration, given, bundled) {
        (Some(folder), _, _) => {
            own = dataset::pictures(folder)?;
            (Source::Folder, own.as_slice())
        }
        (None, Some(given), _) => (Source::Images, given),
        (None, None, Some(bundled)) => {
            let Manifest { calibration: Some(sheet), .. } = bundled.manifest()? else {
                return Err(Error::internal("the bundled example has no calibration pictures").into());
            };
            own = dataset::tiles(bundled, &sheet)?;
            (Source::Bundled, own.as_slice())
        }
        (None, None, None) => {
            let hint = "name a folder of pictures with --calibration";
            return Err(Error::new(Code::BadOption, "there are no pictures to calibrate with", hint).into());
        }
    };
    let default = if source == Source::Images { DRAWN } else { usize::MAX };
    let wanted = args.calibration_images.map_or(default, |count| count as usize);
    let drawn = dataset::draw(wanted, pictures.len(), args.seed);
    if source == Source::Images {
        let (count, seed) = (drawn.len(), args.seed);
        eprintln!("no --calibration folder: calibrating on {count} of the evaluated pictures (seed {seed})");
    }
    let seed = (args.calibration_images.is_some() || source == Source::Images).then_some(args.seed);
    let drawn: Vec<&Sample> = drawn.iter().filter_map(|&index| pictures.get(index)).collect();
    let calibration = threads.install(|| observe(session, &drawn, options))?;
    let images = calibration.images();
    session.set_calibration(calibration)?;
    Ok(CalibrationSource { source, images, seed, method: Some(options.method) })
}

/// Whether the ranges that were set are all that the scheme needs.
fn suffices(session: &mut Session, scheme: &QuantizeOptions) -> Result<bool> {
    match session.quantize(scheme) {
        Ok(_) => Ok(true),
        Err(error) if error.code == Code::NotCalibrated => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Writes the ranges that a scheme was made with, if that was asked for.
pub fn export(args: &CalibrationArgs, session: &Session, scheme: Scheme) -> Result<()> {
    let Some(file) = &args.export_ranges else { return Ok(()) };
    let json = serde_json::to_string_pretty(&session.ranges(scheme)?);
    let json = json.map_err(|error| Error::internal(format!("no JSON: {error}")))?;
    fs::write(file, json + "\n").map_err(|error| Failure::unwritable(file, &error))
}

/// What the float network does on the samples, taken in one after the other.
fn observe(session: &Session, samples: &[&Sample], options: CalibrationOptions) -> Result<Calibration> {
    let progress = Progress::new("calibrated", samples.len());
    let mut calibration = Calibration::with_options(session.graph(), options);
    // So many at a time that no thread waits long, and so few that they fit into memory.
    for some in samples.chunks(8 * rayon::current_num_threads()) {
        let seen = some
            .par_iter()
            .map(|sample| {
                let seen = session.observe(&sample.input(session)?, &options)?;
                progress.step();
                Ok(seen)
            })
            .collect::<Result<Vec<Calibration>>>()?;
        seen.iter().for_each(|seen| calibration.merge(seen));
    }
    progress.finish();
    Ok(calibration)
}

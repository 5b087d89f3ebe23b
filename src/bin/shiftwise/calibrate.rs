//! Finding activation ranges, for every command that quantizes.

use std::fmt;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Serialize;
use shiftwise::bundled::Bundled;
use shiftwise::error::{Code, Error};
use shiftwise::manifest::Manifest;
use shiftwise::quantize::Calibration;
use shiftwise::session::Session;

use crate::args::CalibrationArgs;
use crate::dataset::{self, Sample};
use crate::failure::{Failure, Result};
use crate::progress::Progress;

/// Without a calibration set, this many of the given pictures, drawn with this seed.
const DRAWN: usize = 32;
const SEED: u64 = 1;

/// What the session was calibrated with.
#[derive(Serialize)]
pub struct CalibrationSource {
    source: Source,
    images: usize,
    /// Of the drawing, where not all pictures were taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    Folder,
    Bundled,
    /// Some of the given pictures.
    Images,
}

impl fmt::Display for CalibrationSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = if self.source == Source::Images { "of them" } else { "others" };
        write!(f, "calibrated on {} {whose}", self.images)
    }
}

/// As many threads as asked for; as many as there are processors for `None`.
pub fn threads(count: Option<u16>) -> Result<ThreadPool> {
    let threads = ThreadPoolBuilder::new().num_threads(count.unwrap_or(0).into()).build();
    Ok(threads.map_err(|error| Error::new(Code::Io, format!("threads cannot be started: {error}"), ""))?)
}

/// Calibrates the session: with the folder named, else with some of the given pictures, else with those of the
/// bundled example.
///
/// # Errors
/// `BadOption` where there are no pictures to calibrate with.
pub fn run(
    args: &CalibrationArgs,
    session: &mut Session,
    given: Option<&[Sample]>,
    bundled: Option<&Bundled>,
    threads: &ThreadPool,
) -> Result<CalibrationSource> {
    let (source, seed, ranges) = match (&args.calibration, given, bundled) {
        (Some(folder), _, _) => {
            let pictures = dataset::pictures(folder)?;
            (Source::Folder, None, threads.install(|| observe(session, pictures.iter().collect()))?)
        }
        (None, Some(given), _) => {
            let drawn = dataset::draw(DRAWN, given.len(), SEED);
            let count = drawn.len();
            eprintln!("no --calibration folder: calibrating on {count} of the evaluated pictures (seed {SEED})");
            let pictures = drawn.iter().filter_map(|&index| given.get(index)).collect();
            (Source::Images, Some(SEED), threads.install(|| observe(session, pictures))?)
        }
        (None, None, Some(bundled)) => {
            let Manifest { calibration: Some(sheet), .. } = bundled.manifest()? else {
                return Err(Error::internal("the bundled example has no calibration pictures").into());
            };
            let pictures = dataset::tiles(bundled, &sheet)?;
            (Source::Bundled, None, threads.install(|| observe(session, pictures.iter().collect()))?)
        }
        (None, None, None) => {
            let hint = "name a folder of pictures with --calibration";
            return Err(Error::new(Code::BadOption, "there are no pictures to calibrate with", hint).into());
        }
    };
    let images = ranges.images();
    session.set_calibration(ranges)?;
    Ok(CalibrationSource { source, images, seed })
}

/// Activation ranges over all the samples; merging does not depend on their order.
fn observe(session: &Session, samples: Vec<&Sample>) -> Result<Calibration> {
    let progress = Progress::new("calibrated", samples.len());
    let ranges = samples
        .par_iter()
        .map(|sample| {
            let ranges = session.observe(&sample.input(session)?)?;
            progress.step();
            Ok(ranges)
        })
        .try_reduce_with(|mut all, one| {
            all.merge(&one);
            Ok::<_, Failure>(all)
        })
        .unwrap_or_else(|| Ok(Calibration::new(session.graph())))?;
    progress.finish();
    Ok(ranges)
}

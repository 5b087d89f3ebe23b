//! Finding activation ranges, for every command that quantizes.

use std::fmt;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::Serialize;
use shiftwise::bundled::Bundled;
use shiftwise::calibrate::{Calibration, CalibrationOptions, Method};
use shiftwise::error::{Code, Error};
use shiftwise::manifest::Manifest;
use shiftwise::quantize::BiasCorrection;
use shiftwise::session::Session;

use crate::args::CalibrationArgs;
use crate::dataset::{self, Sample};
use crate::failure::Result;
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
    method: Method,
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
        write!(f, "calibrated on {} {whose} ({})", self.images, self.method.as_str())
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
    bias_correction: BiasCorrection,
    session: &mut Session,
    given: Option<&[Sample]>,
    bundled: Option<&Bundled>,
    threads: &ThreadPool,
) -> Result<CalibrationSource> {
    let options = args.options(bias_correction)?;
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
    Ok(CalibrationSource { source, images, seed, method: options.method })
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

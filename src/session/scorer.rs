//! Schemes against float over many pictures, one scheme and one picture at a time.

use std::collections::BTreeMap;

use super::Session;
use crate::error::Result;
use crate::image::Picture;
use crate::quantize::Scheme;
use crate::report::task::Tally;
use crate::report::{PictureScore, TaskResult};

/// Float's results are kept up to this size in all; those that do not fit are computed again.
const MOST_BYTES: usize = 64 << 20;

/// Remembers what float made of each picture, so that it runs once for all schemes. Holds for one model and one way to
/// prepare pictures and read outputs.
#[derive(Debug, Default)]
pub struct Scorer {
    float: BTreeMap<u32, TaskResult>,
    bytes: usize,
}

impl Scorer {
    /// `id` tells pictures apart.
    ///
    /// # Errors
    /// As [`Session::preprocess`] and [`Session::infer`].
    pub fn score(&mut self, session: &Session, scheme: Scheme, id: u32, picture: &Picture) -> Result<PictureScore> {
        let input = session.preprocess(picture)?;
        let result = match (scheme, self.float.get(&id)) {
            (Scheme::Float, Some(known)) => Some(known.clone()),
            _ => session.run(scheme, &input)?.result,
        };
        let Some(result) = result else { return Ok(PictureScore { class: None, confidence: None, tally: None }) };
        let tally = match self.float.get(&id) {
            Some(float) => Tally::of(float, &result),
            None => {
                let float = if scheme == Scheme::Float {
                    Some(result.clone())
                } else {
                    session.run(Scheme::Float, &input)?.result
                };
                let tally = float.as_ref().and_then(|float| Tally::of(float, &result));
                self.keep(id, float);
                tally
            }
        };
        let best = result.best();
        Ok(PictureScore { class: best.map(|best| best.class), confidence: best.map(|best| best.score), tally })
    }

    fn keep(&mut self, id: u32, result: Option<TaskResult>) {
        let Some(result) = result else { return };
        let bytes = result.bytes();
        if self.bytes.saturating_add(bytes) <= MOST_BYTES {
            self.bytes += bytes;
            self.float.insert(id, result);
        }
    }
}

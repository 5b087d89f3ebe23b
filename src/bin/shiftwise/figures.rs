//! What an evaluation comes to.

use serde::Serialize;
use serde::ser::SerializeMap;
use shiftwise::graph::Tensor;
use shiftwise::host::Hash;
use shiftwise::quantize::Scheme;
use shiftwise::report::task::{Metric, Tally};
use shiftwise::report::{SchemeReport, Sqnr};

/// One scheme on one picture.
pub struct Outcome {
    /// Whether the label is the best class, and among the best five; `None` without a label.
    pub hits: Option<[bool; 2]>,
    /// How well the result agrees with float's; `None` when it is not known how to read the outputs.
    pub agreement: Option<Tally>,
    pub sqnr: Sqnr,
    pub hash: Option<u64>,
    pub overflows: u64,
    pub seconds: f64,
}

/// The outputs of a scheme against float's, over all of them.
pub fn output_sqnr(float: &[Tensor], outputs: &[Tensor]) -> Sqnr {
    let pairs = float.iter().zip(outputs).flat_map(|(float, output)| float.data().iter().zip(output.data()));
    pairs.map(|(&x, &y)| (f64::from(x), f64::from(y))).collect()
}

#[derive(Serialize)]
pub struct Figures {
    pub top1: Option<f64>,
    pub top5: Option<f64>,
    pub agreement: Option<f64>,
    /// Of `agreement`, the same for all schemes.
    #[serde(skip)]
    pub metric: Option<Metric>,
    pub sqnr_db: Option<f64>,
    pub ms_per_image: f64,
    pub hash: Option<String>,
    pub overflows: u64,
    pub fallbacks: usize,
    pub added_bytes: f64,
    pub weight_bytes: Option<f64>,
}

impl Figures {
    /// `outcomes` in the order of the pictures, whatever the order in which threads finished them: the sums of floats
    /// and the hash depend on it.
    pub fn new<'a>(outcomes: impl Iterator<Item = &'a Outcome> + Clone, report: Option<&SchemeReport>) -> Self {
        let images = outcomes.clone().count();
        let mut hash = Hash::default();
        let mut hashed = false;
        for picture in outcomes.clone().filter_map(|outcome| outcome.hash) {
            hash.update(&picture.to_le_bytes());
            hashed = true;
        }
        let mut sqnr = Sqnr::default();
        outcomes.clone().for_each(|outcome| sqnr.merge(outcome.sqnr));
        let agreement = outcomes.clone().filter_map(|outcome| outcome.agreement.clone()).reduce(|mut all, one| {
            all.merge(&one);
            all
        });
        let seconds: f64 = outcomes.clone().map(|outcome| outcome.seconds).sum();
        let hits = |best: usize| share(outcomes.clone().filter_map(|outcome| outcome.hits).map(|hits| hits[best]));
        Figures {
            top1: hits(0),
            top5: hits(1),
            agreement: agreement.as_ref().and_then(Tally::value),
            metric: agreement.map(|tally| tally.metric),
            sqnr_db: sqnr.db(),
            ms_per_image: seconds * 1000.0 / images.max(1) as f64,
            hash: hashed.then(|| format!("{:016x}", hash.value())),
            overflows: outcomes.map(|outcome| outcome.overflows).sum(),
            fallbacks: report.map_or(0, |report| report.fallbacks.len()),
            added_bytes: report.map_or(0.0, |report| report.added_bytes),
            weight_bytes: report.map(|report| report.weight_bytes),
        }
    }
}

/// Share that is true; `None` of nothing.
fn share(answers: impl Iterator<Item = bool>) -> Option<f64> {
    let (count, yes) = answers.fold((0u32, 0u32), |(count, yes), answer| (count + 1, yes + u32::from(answer)));
    (count > 0).then(|| f64::from(yes) / f64::from(count))
}

/// Figures by scheme, in the order asked for.
pub struct ByScheme(pub Vec<(Scheme, Figures)>);

impl Serialize for ByScheme {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (scheme, figures) in &self.0 {
            map.serialize_entry(scheme.as_str(), figures)?;
        }
        map.end()
    }
}

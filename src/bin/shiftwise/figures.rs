//! What an evaluation comes to.

use serde::Serialize;
use serde::ser::SerializeMap;
use shiftwise::graph::Tensor;
use shiftwise::host::Hash;
use shiftwise::quantize::Scheme;
use shiftwise::report::SchemeReport;

/// One scheme on one picture.
pub struct Outcome {
    /// Whether the label is the best class, and among the best five; `None` without a label.
    pub hits: Option<[bool; 2]>,
    /// Whether the best class is float's; `None` when the task has no classes.
    pub agrees: Option<bool>,
    pub noise: Noise,
    pub hash: Option<u64>,
    pub overflows: u64,
    pub seconds: f64,
}

/// Sums over all outputs: of the squares of float's, and of the squared differences from them.
#[derive(Clone, Copy, Default)]
pub struct Noise {
    signal: f64,
    noise: f64,
}

impl Noise {
    pub fn between(float: &[Tensor], outputs: &[Tensor]) -> Self {
        let pairs = float.iter().zip(outputs).flat_map(|(float, output)| float.data().iter().zip(output.data()));
        pairs.fold(Noise::default(), |sums, (&x, &y)| {
            let (x, y) = (f64::from(x), f64::from(y));
            Noise { signal: sums.signal + x * x, noise: sums.noise + (x - y) * (x - y) }
        })
    }

    fn add(self, other: Noise) -> Self {
        Noise { signal: self.signal + other.signal, noise: self.noise + other.noise }
    }

    /// `None` when it is infinite or there is nothing to compare.
    fn db(self) -> Option<f64> {
        let db = 10.0 * libm::log10(self.signal / self.noise);
        db.is_finite().then_some(db)
    }
}

#[derive(Serialize)]
pub struct Figures {
    pub top1: Option<f64>,
    pub top5: Option<f64>,
    pub agreement: Option<f64>,
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
        let noise = outcomes.clone().map(|outcome| outcome.noise).fold(Noise::default(), Noise::add);
        let seconds: f64 = outcomes.clone().map(|outcome| outcome.seconds).sum();
        let hits = |best: usize| share(outcomes.clone().filter_map(|outcome| outcome.hits).map(|hits| hits[best]));
        Figures {
            top1: hits(0),
            top5: hits(1),
            agreement: share(outcomes.clone().filter_map(|outcome| outcome.agrees)),
            sqnr_db: noise.db(),
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

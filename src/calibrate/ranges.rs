//! Activation ranges as a file, to be read, changed and given back: docs/ranges.md.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::range::Range;
use crate::error::{Code, Error, Result};
use crate::graph::{Graph, ValueId};

/// Version 1. Keys this version does not know are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct Ranges {
    pub version: u32,
    /// The model's title; for people.
    #[serde(default)]
    pub model: String,
    /// How the ranges were found; for people.
    #[serde(default)]
    pub method: String,
    /// Tensor name -> smallest and largest value, as float32.
    #[tsify(type = "Record<string, [number, number]>")]
    pub ranges: BTreeMap<String, [f32; 2]>,
}

impl Ranges {
    /// # Errors
    /// `BadRanges`.
    pub fn parse(json: &str) -> Result<Self> {
        let hint = "see docs/ranges.md for the format";
        serde_json::from_str(json).map_err(|error| Error::new(Code::BadRanges, format!("malformed: {error}"), hint))
    }

    /// The values of a graph that are meant, with their ranges.
    ///
    /// # Errors
    /// `BadRanges` for another version, a tensor that the graph does not have, and what is not a range.
    pub fn of_values(&self, graph: &Graph) -> Result<Vec<(ValueId, Range)>> {
        let wrong = |reason: String, hint: &str| Err(Error::new(Code::BadRanges, reason, hint));
        if self.version != 1 {
            return wrong(format!("version is {}", self.version), "this program reads version 1");
        }
        let activations = graph.nodes.iter().map(|node| node.output).chain(graph.inputs.iter().copied());
        let by_name: HashMap<&str, ValueId> = activations.map(|id| (graph.value(id).name.as_str(), id)).collect();
        let mut found = Vec::with_capacity(self.ranges.len());
        for (name, &[min, max]) in &self.ranges {
            let Some(&value) = by_name.get(name.as_str()) else {
                let hint = "export the model's ranges to see the names of its tensors";
                return wrong(format!("the model has no activation tensor '{name}'"), hint);
            };
            if !(min <= max && min.is_finite() && max.is_finite()) {
                return wrong(
                    format!("the range of tensor '{name}' is [{min}, {max}]"),
                    "give the smaller number first, both finite",
                );
            }
            found.push((value, Range { min, max }));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::build::Builder;

    fn graph() -> Graph {
        let mut b = Builder::new(1);
        let x = b.input("x", &[4]);
        let y = b.relu("relu", x);
        b.constant("unused", &[1], &[1.0]);
        b.finish(&[y])
    }

    fn of_values(json: &str) -> Result<Vec<(ValueId, Range)>> {
        Ranges::parse(json)?.of_values(&graph())
    }

    #[test]
    fn names_become_values() {
        let found =
            of_values(r#"{"version": 1, "ranges": {"relu.out": [0, 6.1], "x": [-1.5, 2]}, "more": 1}"#).unwrap();
        let expected = [(ValueId(1), Range { min: 0.0, max: 6.1 }), (ValueId(0), Range { min: -1.5, max: 2.0 })];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (json, words) in [
            ("{}", "version"),
            ("[", "malformed"),
            (r#"{"version": 2, "ranges": {}}"#, "version is 2"),
            (r#"{"version": 1, "ranges": {"y": [0, 1]}}"#, "no activation tensor 'y'"),
            (r#"{"version": 1, "ranges": {"unused": [0, 1]}}"#, "no activation tensor 'unused'"),
            (r#"{"version": 1, "ranges": {"x": [1, 0]}}"#, "'x' is [1, 0]"),
            (r#"{"version": 1, "ranges": {"x": [0, 1e300]}}"#, "'x' is [0, inf]"),
            (r#"{"version": 1, "ranges": {"x": [0]}}"#, "malformed"),
        ] {
            let error = of_values(json).unwrap_err();
            assert_eq!(error.code, Code::BadRanges, "{json}");
            assert!(error.reason.contains(words), "{json}: {error}");
        }
    }

    /// The shortest decimal that reads back as the same float32.
    #[test]
    fn float32_survives_the_file() {
        for value in [0.1f32, 1.0 / 3.0, f32::MAX, f32::MIN_POSITIVE, 6.000_000_5] {
            let ranges = Ranges {
                version: 1,
                model: String::new(),
                method: String::new(),
                ranges: [("x".to_owned(), [-value, value])].into(),
            };
            assert_eq!(Ranges::parse(&serde_json::to_string(&ranges).unwrap()).unwrap(), ranges);
        }
    }
}

//! A calibration as bytes, so that another instance of the engine can go on with what one has seen.
//!
//! The bytes hold every number bit for bit, and nothing that the graph tells by itself (what batch normalizations
//! learned is worked out anew). They are for the same version of Shiftwise: no file format.

use prost::Message;

use super::calibration::Calibration;
use super::histogram::Histogram;
use super::options::CalibrationOptions;
use super::range::Range;
use super::statistics::Statistics;
use crate::error::{Code, Error, Result};
use crate::graph::{Graph, ValueId};

const VERSION: u32 = 1;

#[derive(Clone, PartialEq, Message)]
struct State {
    #[prost(uint32, tag = "1")]
    version: u32,
    #[prost(string, tag = "2")]
    method: String,
    #[prost(double, tag = "3")]
    percentile: f64,
    #[prost(bool, tag = "4")]
    tap_means: bool,
    #[prost(uint32, tag = "5")]
    images: u32,
    #[prost(message, repeated, tag = "6")]
    values: Vec<Seen>,
    #[prost(message, repeated, tag = "7")]
    layers: Vec<Sums>,
    #[prost(message, repeated, tag = "8")]
    fixed: Vec<Fixed>,
}

/// Ranges are pairs in lists: a number that stands alone would lose the sign of its zero.
#[derive(Clone, PartialEq, Message)]
struct Seen {
    #[prost(float, repeated, tag = "1")]
    range: Vec<f32>,
    #[prost(float, repeated, tag = "2")]
    pictures: Vec<f32>,
    #[prost(message, optional, tag = "3")]
    histogram: Option<Bins>,
}

#[derive(Clone, PartialEq, Message)]
struct Bins {
    #[prost(sint32, tag = "1")]
    exponent: i32,
    #[prost(sint64, tag = "2")]
    first: i64,
    #[prost(uint64, repeated, tag = "3")]
    counts: Vec<u64>,
    #[prost(uint64, tag = "4")]
    zeros: u64,
}

#[derive(Clone, PartialEq, Message)]
struct Sums {
    #[prost(uint32, tag = "1")]
    pictures: u32,
    #[prost(double, repeated, tag = "2")]
    sums: Vec<f64>,
}

#[derive(Clone, PartialEq, Message)]
struct Fixed {
    #[prost(uint32, tag = "1")]
    value: u32,
    #[prost(float, repeated, tag = "2")]
    range: Vec<f32>,
}

impl Calibration {
    /// For [`Calibration::from_bytes`] on the same graph.
    pub fn to_bytes(&self) -> Vec<u8> {
        let CalibrationOptions { method, percentile, tap_means } = *self.options();
        let fixed = |&(value, Range { min, max }): &(ValueId, Range)| Fixed {
            value: u32::try_from(value.0).unwrap_or(u32::MAX),
            range: vec![min, max],
        };
        let state = State {
            version: VERSION,
            method: method.as_str().to_owned(),
            percentile,
            tap_means,
            images: u32::try_from(self.images()).unwrap_or(u32::MAX),
            values: self.values.iter().map(seen).collect(),
            layers: self.layers.iter().map(|layer| sums(layer.sums.state())).collect(),
            fixed: self.fixed().iter().map(fixed).collect(),
        };
        state.encode_to_vec()
    }

    /// What [`Calibration::to_bytes`] has written of a calibration of this graph.
    ///
    /// # Errors
    /// `BadRanges` for anything else.
    pub fn from_bytes(graph: &Graph, bytes: &[u8]) -> Result<Calibration> {
        let wrong = || {
            let hint = "pass what calibration_state returned for the same model, preprocessing and unbalance";
            Error::new(Code::BadRanges, "the calibration state does not fit the model", hint)
        };
        let state = State::decode(bytes).map_err(|_| wrong())?;
        if state.version != VERSION {
            return Err(wrong());
        }
        let method = state.method.parse()?;
        let options = CalibrationOptions { method, percentile: state.percentile, tap_means: state.tap_means };
        options.check()?;
        let mut calibration = Calibration::with_options(graph, options);
        if state.values.len() != calibration.values.len() || state.layers.len() != calibration.layers.len() {
            return Err(wrong());
        }
        for (value, seen) in calibration.values.iter_mut().zip(state.values) {
            *value = statistics(seen).ok_or_else(wrong)?;
        }
        for (layer, Sums { pictures, sums }) in calibration.layers.iter_mut().zip(state.layers) {
            if !layer.sums.restore(pictures, sums) {
                return Err(wrong());
            }
        }
        let fixed = |Fixed { value, range: ends }| {
            let value = value as usize;
            (value < graph.values.len()).then_some((ValueId(value), range(&ends)?))
        };
        calibration.fix(state.fixed.into_iter().map(fixed).collect::<Option<_>>().ok_or_else(wrong)?);
        calibration.images = state.images as usize;
        Ok(calibration)
    }
}

fn seen(statistics: &Statistics) -> Seen {
    let bins = |histogram: &Histogram| Bins {
        exponent: histogram.exponent(),
        first: histogram.first(),
        counts: histogram.counts().to_vec(),
        zeros: histogram.zeros(),
    };
    Seen {
        range: vec![statistics.seen.min, statistics.seen.max],
        pictures: statistics.pictures.iter().flat_map(|&Range { min, max }| [min, max]).collect(),
        histogram: statistics.histogram.as_ref().map(bins),
    }
}

fn statistics(seen: Seen) -> Option<Statistics> {
    let histogram = match seen.histogram {
        Some(Bins { exponent, first, counts, zeros }) => Some(Histogram::new(exponent, first, counts, zeros)?),
        None => None,
    };
    let pictures = seen.pictures.chunks(2).map(range).collect::<Option<_>>()?;
    Some(Statistics { seen: range(&seen.range)?, pictures, histogram })
}

fn range(ends: &[f32]) -> Option<Range> {
    match *ends {
        [min, max] => Some(Range { min, max }),
        _ => None,
    }
}

fn sums((pictures, sums): (usize, &[f64])) -> Sums {
    Sums { pictures: u32::try_from(pictures).unwrap_or(u32::MAX), sums: sums.to_vec() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::calibrate::Method;
    use crate::float::Executor;
    use crate::graph::build::{Builder, inputs_of};
    use proptest::prelude::*;

    fn graph(channels: usize) -> Graph {
        let mut b = Builder::new(3);
        let x = b.input("x", &[1, 5, 5, 2]);
        let y = b.conv("conv", x, channels, 3, |_| ());
        let y = b.relu("relu", y);
        let y = b.conv("conv2", y, 3, 1, |_| ());
        b.finish(&[y])
    }

    fn calibrated(graph: &Graph, options: CalibrationOptions) -> Calibration {
        let mut calibration = Calibration::with_options(graph, options);
        let executor = Executor::new(Arc::new(graph.clone())).unwrap();
        for seed in [1, 2, 3] {
            executor
                .run(&inputs_of(graph, seed), &mut |value, tensor| calibration.observe(value, tensor.data()))
                .unwrap();
            calibration.count_image();
        }
        calibration
    }

    #[test]
    fn every_method_comes_back_bit_for_bit() {
        let graph = graph(4);
        for method in Method::ALL {
            for tap_means in [false, true] {
                let options = CalibrationOptions { method, percentile: 99.0, tap_means };
                let mut calibration = calibrated(&graph, options);
                calibration.fix(vec![(ValueId(1), Range { min: -0.0, max: 0.1 })]);
                let back = Calibration::from_bytes(&graph, &calibration.to_bytes()).unwrap();
                assert_eq!(back, calibration);
                assert!(back.fixed()[0].1.min.is_sign_negative());
            }
        }
    }

    #[test]
    fn an_empty_range_stays_empty() {
        let graph = graph(4);
        let back = Calibration::from_bytes(&graph, &Calibration::new(&graph).to_bytes()).unwrap();
        assert_eq!(back, Calibration::new(&graph));
    }

    #[test]
    fn the_state_of_another_model_is_refused() {
        let options = CalibrationOptions { tap_means: true, ..CalibrationOptions::default() };
        let bytes = calibrated(&graph(4), options).to_bytes();
        let error = Calibration::from_bytes(&graph(5), &bytes).unwrap_err();
        assert_eq!(error.code, Code::BadRanges);
    }

    proptest! {
        /// Cut short or with a byte changed, it is refused or some other calibration; nothing panics.
        #[test]
        fn damaged_bytes_are_survived(cut in 0usize..4000, at in 0usize..4000, byte: u8) {
            let graph = graph(4);
            let options = CalibrationOptions { method: Method::Mse, tap_means: true, percentile: 99.0 };
            let mut bytes = calibrated(&graph, options).to_bytes();
            let end = bytes.len() - cut % bytes.len();
            bytes.truncate(end);
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(calibration) = Calibration::from_bytes(&graph, &bytes) {
                let _ = calibration.range(&graph, ValueId(1), 256);
            }
        }
    }
}

//! The bundled model evened out and spread further: the trouble that one scale a layer has comes and goes, float's
//! answers stay.

use shiftwise::bundled;
use shiftwise::calibrate::CalibrationOptions;
use shiftwise::error::Code;
use shiftwise::image::Picture;
use shiftwise::limits::Limits;
use shiftwise::quantize::{QuantizeOptions, Scheme};
use shiftwise::session::{MOST_UNBALANCE, Session};

struct Digits {
    session: Session,
    calibration: Vec<Picture>,
    samples: Vec<Picture>,
    labels: Vec<u32>,
}

impl Digits {
    fn open() -> Self {
        let digits = bundled::find("digits").unwrap();
        let manifest = digits.manifest().unwrap();
        let sheet = manifest.samples.clone().unwrap();
        Digits {
            calibration: digits.tiles(manifest.calibration.as_ref().unwrap()).unwrap(),
            samples: digits.tiles(&sheet).unwrap(),
            labels: sheet.labels,
            session: Session::open(digits.model, Some(manifest), Limits::default()).unwrap(),
        }
    }

    fn calibrate_and_quantize(&mut self) {
        let options = CalibrationOptions::default();
        let seen = self
            .calibration
            .iter()
            .map(|picture| self.session.observe(&self.session.preprocess(picture).unwrap(), &options).unwrap());
        let calibration = seen.reduce(|mut all, one| {
            all.merge(&one);
            all
        });
        self.session.set_calibration(calibration.unwrap()).unwrap();
        for scheme in [Scheme::LayerWise, Scheme::ShiftWise] {
            self.session.quantize(&QuantizeOptions::new(scheme)).unwrap();
        }
    }

    /// Of 1.
    fn accuracy(&self, scheme: Scheme) -> f64 {
        let right = self.samples.iter().zip(&self.labels).filter(|(picture, label)| {
            let input = self.session.preprocess(picture).unwrap();
            let result = self.session.run(scheme, &input).unwrap().result.unwrap();
            result.best().unwrap().class == **label
        });
        right.count() as f64 / self.samples.len() as f64
    }

    fn float_bits(&self) -> Vec<u32> {
        let outputs = |picture| {
            let input = self.session.preprocess(picture).unwrap();
            self.session.infer(Scheme::Float, &input).unwrap().outputs
        };
        let tensors = self.samples.iter().take(20).flat_map(outputs);
        tensors.flat_map(|tensor| tensor.data().iter().map(|x| x.to_bits()).collect::<Vec<_>>()).collect()
    }
}

#[test]
fn layer_wise_recovers_as_channels_are_evened_out_while_float_stays_the_same_bits() {
    let mut digits = Digits::open();
    let float = digits.float_bits();
    let mut seen = Vec::new();
    for amount in [0.0, 0.5, 1.0, MOST_UNBALANCE] {
        digits.session.set_unbalance(amount).unwrap();
        assert_eq!(digits.float_bits(), float, "amount {amount}");
        digits.calibrate_and_quantize();
        seen.push((amount, digits.accuracy(Scheme::LayerWise), digits.accuracy(Scheme::ShiftWise)));
    }
    let [even, half, opened, most] = seen.as_slice() else { panic!() };
    assert!(even.1 >= 0.98 && even.2 >= 0.98, "{seen:?}");
    assert!(half.1 >= 0.9, "{seen:?}");
    assert!(opened.1 <= 0.3 && opened.2 >= 0.98, "{seen:?}");
    assert!(most.1 <= 0.3 && most.2 >= 0.9, "{seen:?}");
}

#[test]
fn the_report_names_the_pairs_and_amounts_out_of_range_are_refused() {
    let mut digits = Digits::open();
    let report = digits.session.unbalance();
    assert_eq!(report.amount, 1.0);
    let widest = |doublings: &[i32]| doublings.iter().max().unwrap() - doublings.iter().min().unwrap();
    assert!(report.pairs.iter().any(|pair| widest(&pair.doublings) >= 6), "{report:?}");
    for amount in [-0.1, MOST_UNBALANCE + 0.1, f64::NAN, f64::INFINITY] {
        assert_eq!(digits.session.set_unbalance(amount).unwrap_err().code, Code::BadOption);
    }
    assert_eq!(digits.session.unbalance(), report);
}

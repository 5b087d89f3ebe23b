//! A session that takes over another's calibration as bytes makes the same integers, bit for bit.

use shiftwise::bundled::{self, Bundled};
use shiftwise::calibrate::{CalibrationOptions, Method};
use shiftwise::error::Code;
use shiftwise::image::Picture;
use shiftwise::limits::Limits;
use shiftwise::quantize::{BiasCorrection, QuantizeOptions, Scheme};
use shiftwise::session::Session;

fn open(bundled: &Bundled) -> Session {
    Session::open(bundled.model, Some(bundled.manifest().unwrap()), Limits::default()).unwrap()
}

fn calibrate(session: &mut Session, pictures: &[Picture], options: &CalibrationOptions) {
    let seen = pictures.iter().map(|picture| session.observe(&session.preprocess(picture).unwrap(), options).unwrap());
    let calibration = seen.reduce(|mut all, one| {
        all.merge(&one);
        all
    });
    session.set_calibration(calibration.unwrap()).unwrap();
}

fn pictures(bundled: &Bundled) -> (Vec<Picture>, Vec<Picture>) {
    let manifest = bundled.manifest().unwrap();
    (bundled.tiles(&manifest.calibration.unwrap()).unwrap(), bundled.tiles(&manifest.samples.unwrap()).unwrap())
}

#[test]
fn schemes_and_corrected_biases_are_the_same() {
    let digits = bundled::find("digits").unwrap();
    let (calibration, samples) = pictures(digits);
    for (method, bias_correction) in [
        (Method::MinMax, BiasCorrection::Empirical),
        (Method::MovingAverage, BiasCorrection::None),
        (Method::Entropy, BiasCorrection::DataFree),
        (Method::DataFree, BiasCorrection::DataFree),
    ] {
        let settings = CalibrationOptions { method, percentile: 99.99, tap_means: true };
        let (mut first, mut second) = (open(digits), open(digits));
        calibrate(&mut first, &calibration[..6], &settings);
        second.set_calibration_state(&first.calibration_state()).unwrap();
        for scheme in [Scheme::LayerWise, Scheme::ShiftWise, Scheme::ChannelWise] {
            let options = QuantizeOptions { bias_correction, ..QuantizeOptions::new(scheme) };
            assert_eq!(first.quantize(&options).unwrap(), second.quantize(&options).unwrap());
            assert_eq!(first.ranges(scheme).unwrap(), second.ranges(scheme).unwrap());
            for picture in &samples[..3] {
                let hash = |session: &Session| {
                    session.infer(scheme, &session.preprocess(picture).unwrap()).unwrap().hash.unwrap()
                };
                assert_eq!(hash(&first), hash(&second), "{method:?} {scheme:?}");
            }
        }
    }
}

#[test]
fn what_is_no_state_is_refused_and_the_session_goes_on() {
    let digits = bundled::find("digits").unwrap();
    let (calibration, _) = pictures(digits);
    let mut session = open(digits);
    calibrate(&mut session, &calibration[..1], &CalibrationOptions::default());
    for bytes in [&[][..], b"no state", &session.calibration_state()[1..]] {
        assert_eq!(session.set_calibration_state(bytes).unwrap_err().code, Code::BadRanges);
    }
    session.quantize(&QuantizeOptions::new(Scheme::ShiftWise)).unwrap();
}

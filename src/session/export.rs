//! Schemes as files for other engines and devices.

use super::Session;
use crate::error::Result;
use crate::export::{self, Format};
use crate::npu::Profile;
use crate::quantize::{self, QuantizeOptions, Scheme};

impl Session {
    /// The scheme as a file. A format that only one profile's engine executes is written for that profile, with the
    /// scheme's other options.
    ///
    /// # Errors
    /// `NotCalibrated` when the scheme has not been made; `BadOption` when the format's profile cannot have its options.
    pub fn export(&self, scheme: Scheme, format: Format) -> Result<Vec<u8>> {
        let quantized = self.network(scheme)?.quantized();
        match format.profile() {
            Some(datapath) if datapath != quantized.options.profile.datapath => {
                let options = QuantizeOptions { profile: Profile::of(datapath), ..quantized.options.clone() };
                export::export(&self.graph, &quantize::quantize(&self.graph, &self.calibration, &options)?, format)
            }
            _ => export::export(&self.graph, quantized, format),
        }
    }
}

//! What another session needs to go on from here without seeing the calibration pictures again.

use super::Session;
use crate::calibrate::{Calibration, Method};
use crate::error::Result;

impl Session {
    /// The calibration in use, exactly, for [`Session::set_calibration_state`] of a session with the same model and the
    /// same settings.
    pub fn calibration_state(&self) -> Vec<u8> {
        self.calibration.to_bytes()
    }

    /// Uses the calibration of another session, fixed ranges included; schemes made with another are dropped. Schemes made
    /// from it are the same, bit for bit.
    ///
    /// # Errors
    /// `BadRanges` when it is not the state of such a session.
    pub fn set_calibration_state(&mut self, state: &[u8]) -> Result<()> {
        let mut calibration = Calibration::from_bytes(&self.graph, state)?;
        if calibration.options().method == Method::DataFree {
            calibration.set_data_free(self.data_free()?);
        }
        self.calibration = calibration;
        self.networks.clear();
        Ok(())
    }
}

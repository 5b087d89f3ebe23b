//! What the model is for, and how its outputs are read accordingly.

use super::{Session, single_image_input};
use crate::error::Result;
use crate::manifest::{OutputSpec, Task};
use crate::report::task::{Decoder, Facts, guess};

impl Session {
    /// Takes over what a manifest says of the task. What it says of the outputs must fit; where it says nothing, they may
    /// turn out not to be readable, which the report then says.
    pub(super) fn open_task(&mut self, task: Option<Task>, outputs: Option<OutputSpec>) -> Result<()> {
        let is_stated = task.is_some() && outputs.is_some();
        self.outputs = outputs.unwrap_or_default();
        self.report.task_guessed = task.is_none();
        self.report.task = match (task, self.report.inputs.first()) {
            (Some(task), _) => task,
            (None, Some(input)) => guess(&self.report.outputs, input),
            (None, None) => Task::Classification,
        };
        self.read_outputs();
        match &self.report.task_problem {
            Some(problem) if is_stated => Err(problem.clone()),
            _ => Ok(()),
        }
    }

    /// Reads the outputs as another task wants them, in the way that the manifest describes. Calibration and schemes stay.
    ///
    /// # Errors
    /// `BadManifest` when they cannot be read so; the task stays what it was then.
    pub fn set_task(&mut self, task: Task) -> Result<()> {
        self.decoder = Some(self.decoder(task)?);
        self.report.task = task;
        self.report.task_guessed = false;
        self.report.task_problem = None;
        Ok(())
    }

    /// Number of classes that the outputs tell apart; `None` where they tell none, or cannot be read.
    pub fn classes(&self) -> Option<usize> {
        self.decoder.as_ref()?.classes(&self.report.outputs)
    }

    /// Makes the decoder anew, or notes why there is none.
    pub(super) fn read_outputs(&mut self) {
        (self.decoder, self.report.task_problem) = match self.decoder(self.report.task) {
            Ok(decoder) => (Some(decoder), None),
            Err(problem) => (None, Some(problem)),
        };
    }

    fn decoder(&self, task: Task) -> Result<Decoder> {
        let [_, _, height, width] = single_image_input(&self.graph)?;
        let facts = Facts { outputs: &self.report.outputs, input: &self.report.input, width, height };
        Decoder::new(task, &self.outputs, facts)
    }
}

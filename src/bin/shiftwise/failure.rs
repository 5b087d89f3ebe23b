//! An error and the file that it is about.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use shiftwise::error::{Code, Error};

pub type Result<T> = std::result::Result<T, Failure>;

/// The library's error, word for word as the page shows it, behind the file (and line) concerned.
#[derive(Debug)]
pub struct Failure {
    place: Option<String>,
    error: Error,
}

impl Failure {
    pub fn at(place: impl fmt::Display, error: Error) -> Self {
        Failure { place: Some(place.to_string()), error }
    }

    /// For `map_err`: the error is about `path`.
    pub fn of(path: &Path) -> impl Fn(Error) -> Failure + '_ {
        |error| Failure::at(path.display(), error)
    }

    pub fn io(path: &Path, error: &std::io::Error) -> Self {
        Failure::at(path.display(), Error::new(Code::Io, format!("cannot be read: {error}"), ""))
    }

    pub fn unwritable(path: &Path, error: &std::io::Error) -> Self {
        Failure::at(path.display(), Error::new(Code::Io, format!("cannot be written: {error}"), ""))
    }

    pub fn exit_code(&self) -> ExitCode {
        if self.error.code == Code::Internal { ExitCode::from(1) } else { ExitCode::from(2) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure { place: None, error }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match &self.place {
            Some(place) => format!("{place}: {}", self.error),
            None => self.error.to_string(),
        };
        // One line, whatever a file name or a decoder's message holds.
        f.write_str(&text.replace(['\n', '\r'], " "))
    }
}

//! Folders of arrays: `.npy` files beside a JSON file that lists them.

use serde::Serialize;

use super::lines::Lines;
use super::npy::{self, Elements};
use crate::error::{Error, Result};

/// A file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
}

#[derive(Default)]
pub(super) struct Files(Vec<File>);

impl Files {
    /// Adds an array and returns the name of its file. Files are numbered in the order of their adding, so that names
    /// which differ in unusual characters alone stay apart.
    pub fn add(&mut self, name: &str, shape: &[usize], elements: Elements) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
        let name: String = name.chars().take(80).map(plain).collect();
        let name = format!("{:03}_{name}.npy", self.0.len());
        self.0.push(File { name: name.clone(), bytes: npy::write(shape, elements) });
        name
    }

    /// All files, and last the list of them.
    pub fn listed_in(mut self, name: &str, list: &impl Serialize) -> Result<Vec<File>> {
        let mut bytes = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Lines::default());
        list.serialize(&mut serializer).map_err(|error| Error::internal(format!("no JSON: {error}")))?;
        bytes.push(b'\n');
        self.0.push(File { name: name.to_owned(), bytes });
        Ok(self.0)
    }
}

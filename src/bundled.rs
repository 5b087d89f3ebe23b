//! The examples that come with Shiftwise, inside the binary: `shiftwise evaluate --bundled digits` needs no files.
//! Native only; the page loads the same files from its own address.

use crate::error::{Code, Error, Result};
use crate::image::Picture;
use crate::limits::Limits;
use crate::manifest::{Manifest, Sheet};

#[derive(Debug)]
pub struct Bundled {
    pub name: &'static str,
    /// The ONNX file.
    pub model: &'static [u8],
    manifest: &'static str,
    /// What the manifest refers to, by name.
    files: &'static [(&'static str, &'static [u8])],
}

static ALL: [Bundled; 1] = [Bundled {
    name: "digits",
    model: include_bytes!("../www/models/digits/digits.onnx"),
    manifest: include_str!("../www/models/digits/digits.shiftwise.json"),
    files: &[
        ("test.png", include_bytes!("../www/models/digits/test.png")),
        ("calibration.png", include_bytes!("../www/models/digits/calibration.png")),
    ],
}];

/// # Errors
/// `BadOption` for a name that no example has.
pub fn find(name: &str) -> Result<&'static Bundled> {
    ALL.iter().find(|bundled| bundled.name == name).ok_or_else(|| {
        let names: Vec<&str> = ALL.iter().map(|bundled| bundled.name).collect();
        Error::new(
            Code::BadOption,
            format!("there is no bundled example '{name}'"),
            format!("choose from: {}", names.join(", ")),
        )
    })
}

impl Bundled {
    /// # Errors
    /// `BadManifest`; a test sees to it that there is none.
    pub fn manifest(&self) -> Result<Manifest> {
        Manifest::parse(self.manifest)
    }

    /// The pictures on one of the example's sheets, in order.
    ///
    /// # Errors
    /// `BadManifest` for a sheet that the example does not have or that is not as described.
    pub fn tiles(&self, sheet: &Sheet) -> Result<Vec<Picture>> {
        let wrong = |why: String| Error::new(Code::BadManifest, format!("sheet '{}' {why}", sheet.sheet), "");
        let (_, file) = self
            .files
            .iter()
            .find(|(name, _)| *name == sheet.sheet)
            .ok_or_else(|| wrong("is not part of the example".to_owned()))?;
        let picture = Picture::decode(file, &Limits::default())?;
        let [width, height] = sheet.tile;
        let place = |index: u32| {
            let (row, column) = (index.checked_div(sheet.columns)?, index.checked_rem(sheet.columns)?);
            picture.cut(column.checked_mul(width)?, row.checked_mul(height)?, width, height).ok()
        };
        (0..sheet.count)
            .map(|index| place(index).ok_or_else(|| wrong(format!("has no room for tile {index}"))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_complete() {
        for bundled in &ALL {
            let manifest = bundled.manifest().unwrap();
            let samples = manifest.samples.unwrap();
            assert_eq!(bundled.tiles(&samples).unwrap().len(), samples.labels.len(), "every sample has its label");
            assert!(samples.labels.len() >= 100);
            assert!(bundled.tiles(&manifest.calibration.unwrap()).unwrap().len() >= 16);
        }
    }

    #[test]
    fn tiles_go_row_by_row() {
        let bundled = find("digits").unwrap();
        let samples = bundled.manifest().unwrap().samples.unwrap();
        let sheet = Picture::decode(bundled.files[0].1, &Limits::default()).unwrap();
        let tiles = bundled.tiles(&samples).unwrap();
        let second_row = sheet.cut(32, 32, 32, 32).unwrap();
        assert_eq!(tiles[samples.columns as usize + 1], second_row);
    }

    #[test]
    fn wrong_sheets_are_refused() {
        let bundled = find("digits").unwrap();
        let sheet = bundled.manifest().unwrap().samples.unwrap();
        for wrong in [
            Sheet { sheet: "other.png".to_owned(), ..sheet.clone() },
            Sheet { count: u32::MAX, ..sheet.clone() },
            Sheet { columns: 0, ..sheet.clone() },
            Sheet { tile: [0, 32], ..sheet.clone() },
            Sheet { tile: [u32::MAX, 32], ..sheet.clone() },
        ] {
            assert_eq!(bundled.tiles(&wrong).unwrap_err().code, Code::BadManifest, "{wrong:?}");
        }
        assert_eq!(find("letters").unwrap_err().code, Code::BadOption);
    }
}

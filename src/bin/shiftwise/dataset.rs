//! Which pictures there are, and what is on them.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use shiftwise::bundled::Bundled;
use shiftwise::error::{Code, Error};
use shiftwise::graph::Tensor;
use shiftwise::image::Picture;
use shiftwise::limits::Limits;
use shiftwise::manifest::{Sheet, Task};
use shiftwise::session::Session;

use crate::failure::{Failure, Result};
use crate::load;

const EXTENSIONS: [&str; 6] = ["jpg", "jpeg", "png", "webp", "bmp", "gif"];

/// One picture. Files are decoded when their turn comes, so that only those in work take memory.
pub struct Sample {
    source: Source,
    /// Class on the picture, where it is known.
    pub label: Option<u32>,
}

enum Source {
    File(PathBuf),
    Tile(Picture),
}

impl Sample {
    fn file(path: PathBuf, label: Option<u32>) -> Self {
        Sample { source: Source::File(path), label }
    }

    pub fn load(&self, limits: &Limits) -> Result<Picture> {
        match &self.source {
            // No encoding that is of use takes more than 16 bits for each of four channels.
            Source::File(path) => {
                let file = load::read(path, limits.image_pixels.saturating_mul(8), "--max-image-pixels")?;
                Picture::decode(&file, limits).map_err(Failure::of(path))
            }
            Source::Tile(picture) => Ok(picture.clone()),
        }
    }

    /// What the network is given.
    pub fn input(&self, session: &Session) -> Result<Tensor> {
        let picture = self.load(session.limits())?;
        session.preprocess(&picture).map_err(|error| self.failure(error))
    }

    /// The file's name without extension, where there is a file.
    pub fn name(&self) -> Option<String> {
        match &self.source {
            Source::File(path) => path.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
            Source::Tile(_) => None,
        }
    }

    /// The same error, about this picture.
    fn failure(&self, error: Error) -> Failure {
        match &self.source {
            Source::File(path) => Failure::at(path.display(), error),
            Source::Tile(_) => error.into(),
        }
    }
}

/// The tiles of a bundled example's sheet.
pub fn tiles(bundled: &Bundled, sheet: &Sheet) -> Result<Vec<Sample>> {
    let tiles = bundled.tiles(sheet)?.into_iter().enumerate();
    Ok(tiles
        .map(|(index, tile)| Sample { source: Source::Tile(tile), label: sheet.labels.get(index).copied() })
        .collect())
}

/// The sample pictures of a bundled example.
pub fn samples(bundled: &Bundled) -> Result<Vec<Sample>> {
    let sheet = bundled.manifest()?.samples.ok_or_else(|| Error::internal("the bundled example has no samples"))?;
    tiles(bundled, &sheet)
}

/// Every picture in a folder and in its direct subfolders, without labels.
pub fn pictures(folder: &Path) -> Result<Vec<Sample>> {
    let (mut files, folders) = list(folder)?;
    for folder in folders {
        files.extend(list(&folder)?.0);
    }
    not_empty(files.into_iter().map(|path| Sample::file(path, None)).collect(), folder)
}

/// One picture file, or every picture in a folder and in its direct subfolders, without labels.
pub fn file_or_folder(path: &Path) -> Result<Vec<Sample>> {
    if path.is_file() { Ok(vec![Sample::file(path.to_owned(), None)]) } else { pictures(path) }
}

/// The pictures of a folder with their labels: by `csv` or the folder's `labels.csv`, by one folder per class, or, where
/// there is neither, without labels. Only a classifier's pictures have labels.
pub fn labelled(folder: &Path, csv: Option<&Path>, session: &Session) -> Result<Vec<Sample>> {
    let Some(classes) = Classes::of(session) else { return pictures(folder) };
    let own = folder.join("labels.csv");
    if let Some(csv) = csv.or(own.exists().then_some(&own)) {
        return not_empty(from_csv(folder, csv, &classes)?, folder);
    }
    let (files, folders) = list(folder)?;
    if !files.is_empty() || folders.is_empty() {
        return not_empty(files.into_iter().map(|path| Sample::file(path, None)).collect(), folder);
    }
    let mut samples = Vec::new();
    for class in &folders {
        let name = class.file_name().unwrap_or_default().to_string_lossy();
        let label = classes.number(&name, class.display())?;
        samples.extend(list(class)?.0.into_iter().map(|path| Sample::file(path, Some(label))));
    }
    not_empty(samples, folder)
}

/// `count` of the samples, evenly spread (sets are usually sorted by class).
pub fn spread(samples: Vec<Sample>, count: usize) -> Vec<Sample> {
    let of = samples.len();
    let count = count.min(of);
    // Sample i stays when the running share i * count / of reaches a new whole number.
    let stays = |index: usize| (index + 1) * count / of > index * count / of;
    samples.into_iter().enumerate().filter(|(index, _)| stays(*index)).map(|(_, sample)| sample).collect()
}

/// `count` of the numbers below `of`, drawn without replacement by SplitMix64 from `seed`, in ascending order.
pub fn draw(count: usize, of: usize, seed: u64) -> Vec<usize> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let mut numbers: Vec<usize> = (0..of).collect();
    let count = count.min(of);
    for drawn in 0..count {
        let left = (of - drawn) as u64;
        numbers.swap(drawn, drawn + (next() % left) as usize);
    }
    numbers.truncate(count);
    numbers.sort_unstable();
    numbers
}

/// Pictures and folders in a folder, each sorted by name; hidden ones left out.
fn list(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let io = |error| Failure::io(folder, &error);
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        if path.is_dir() {
            folders.push(path);
        } else if extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str())) {
            files.push(path);
        }
    }
    files.sort();
    folders.sort();
    Ok((files, folders))
}

fn not_empty(samples: Vec<Sample>, folder: &Path) -> Result<Vec<Sample>> {
    if samples.is_empty() {
        let hint = format!("give a folder of pictures ({})", EXTENSIONS.join(", "));
        return Err(Failure::at(folder.display(), Error::new(Code::BadImage, "holds no pictures", hint)));
    }
    Ok(samples)
}

/// What a label may be.
struct Classes<'a> {
    count: usize,
    names: &'a [String],
}

impl<'a> Classes<'a> {
    /// `None` when whole pictures are not what the model puts into classes.
    fn of(session: &'a Session) -> Option<Self> {
        let model = session.model();
        let count = session.classes().filter(|_| model.task == Task::Classification)?;
        Some(Classes { count, names: &model.labels })
    }

    /// A label is a class's number or name.
    fn number(&self, label: &str, place: impl Display) -> Result<u32> {
        let number = label.parse().ok().or_else(|| self.names.iter().position(|name| name == label));
        let Some(number) = number else {
            let reason = format!("'{label}' is neither a class number nor the name of a class");
            return Err(Failure::at(place, Error::new(Code::BadLabel, reason, "classes are numbered from 0")));
        };
        match u32::try_from(number) {
            Ok(label) if number < self.count => Ok(label),
            _ => {
                let reason = format!("label {number} is out of range: the model has {} classes", self.count);
                Err(Failure::at(place, Error::new(Code::BadLabel, reason, "classes are numbered from 0")))
            }
        }
    }
}

/// Lines of `file,label`, the files relative to `folder`. A first line saying just that is skipped.
fn from_csv(folder: &Path, csv: &Path, classes: &Classes) -> Result<Vec<Sample>> {
    let text = load::read_text(csv, Code::BadLabel)?;
    let mut samples = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let place = || format!("{} line {}", csv.display(), index + 1);
        if line.trim().is_empty() || (index == 0 && line.trim() == "file,label") {
            continue;
        }
        let malformed =
            || Failure::at(place(), Error::new(Code::BadLabel, format!("'{line}' is not of the form file,label"), ""));
        let [file, label] = fields(line).ok_or_else(malformed)?;
        let path = folder.join(&file);
        if !path.is_file() {
            let reason = format!("there is no file '{}'", path.display());
            return Err(Failure::at(place(), Error::new(Code::Io, reason, "names are relative to the image folder")));
        }
        let label = classes.number(&label, place())?;
        samples.push(Sample::file(path, Some(label)));
    }
    Ok(samples)
}

/// The two fields of a CSV line, without surrounding spaces. A field in double quotes may hold commas, and quotes that
/// are doubled.
fn fields(line: &str) -> Option<[String; 2]> {
    let field = |text: &mut &str| -> Option<String> {
        *text = text.trim_start();
        let Some(mut quoted) = text.strip_prefix('"') else {
            let end = text.find(',').unwrap_or(text.len());
            let (field, rest) = text.split_at(end);
            *text = rest;
            return (!field.contains('"')).then(|| field.trim().to_owned());
        };
        let mut field = String::new();
        loop {
            let (part, rest) = quoted.split_once('"')?;
            field.push_str(part);
            let Some(more) = rest.strip_prefix('"') else {
                *text = rest.trim_start();
                return Some(field);
            };
            field.push('"');
            quoted = more;
        }
    };
    let mut text = line;
    let first = field(&mut text)?;
    text = text.strip_prefix(',')?;
    let second = field(&mut text)?;
    (text.is_empty() && !first.is_empty() && !second.is_empty()).then_some([first, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_fields() {
        let some = |a: &str, b: &str| Some([a.to_owned(), b.to_owned()]);
        assert_eq!(fields("a.jpg,3"), some("a.jpg", "3"));
        assert_eq!(fields(" a b.jpg , great white shark\t"), some("a b.jpg", "great white shark"));
        assert_eq!(fields(r#""a, b.jpg" ,"say ""hi""""#), some("a, b.jpg", r#"say "hi""#));
        for line in ["a.jpg", "a.jpg,", ",3", "a.jpg,3,4", r#""a.jpg,3"#, r#"a"b,3"#, r#""a"b,3"#, "", ","] {
            assert_eq!(fields(line), None, "{line}");
        }
    }

    #[test]
    fn a_limit_spreads() {
        let kept = |of: u32, count| {
            let samples = (0..of).map(|label| Sample::file(PathBuf::new(), Some(label))).collect();
            spread(samples, count).iter().filter_map(|sample| sample.label).collect::<Vec<_>>()
        };
        assert_eq!(kept(6, 3), [1, 3, 5]);
        assert_eq!(kept(5, 2), [2, 4]);
        assert_eq!(kept(3, 9), [0, 1, 2]);
    }

    #[test]
    fn drawing_is_reproducible_and_without_replacement() {
        let drawn = draw(32, 250, 1);
        assert_eq!(drawn.len(), 32);
        assert!(drawn.is_sorted_by(|a, b| a < b) && drawn.iter().all(|&index| index < 250));
        assert_eq!(drawn, draw(32, 250, 1));
        assert_ne!(drawn, draw(32, 250, 2));
        assert_eq!(draw(32, 5, 1), [0, 1, 2, 3, 4]);
    }
}

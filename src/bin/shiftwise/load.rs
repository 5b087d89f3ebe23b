//! Files -> session: the model, its manifest and its class names.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use shiftwise::bundled::{self, Bundled};
use shiftwise::error::{Code, Error};
use shiftwise::limits::Limits;
use shiftwise::manifest::{Labels, Manifest, Task};
use shiftwise::session::Session;

use crate::args::ModelArgs;
use crate::failure::{Failure, Result};

/// More than any list of names or manifest needs.
const MOST_TEXT_BYTES: usize = 64 << 20;

pub struct Loaded {
    /// The model's file name, or the bundled example's name.
    pub name: String,
    pub session: Session,
    pub bundled: Option<&'static Bundled>,
}

pub fn open(args: &ModelArgs) -> Result<Loaded> {
    let limits = args.limits();
    let task = args.task()?;
    if let Some(name) = &args.bundled {
        let bundled = bundled::find(name)?;
        let session = open_session(bundled.model, Some(bundled.manifest()?), task, limits)?;
        return Ok(Loaded { name: bundled.name.to_owned(), session, bundled: Some(bundled) });
    }
    let Some(path) = &args.model else {
        return Err(Error::internal("neither a model nor an example was named").into());
    };
    let model = read(path, limits.model_bytes, "--max-model-bytes")?;
    let beside = beside(path);
    let manifest_path = match &args.manifest {
        Some(path) => Some(path),
        None => beside.exists().then_some(&beside),
    };
    let manifest = match manifest_path {
        Some(path) => Some(Manifest::parse(&read_text(path, Code::BadManifest)?).map_err(Failure::of(path))?),
        None => None,
    };
    let label_file = match (manifest_path, &manifest) {
        (Some(path), Some(Manifest { labels: Some(Labels::File(file)), .. })) => Some(path.with_file_name(file)),
        _ => None,
    };
    let mut session = open_session(model, manifest, task, limits).map_err(Failure::of(path))?;
    if let Some(file) = label_file {
        set_class_names(&mut session, &file)?;
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(Loaded { name, session, bundled: None })
}

/// With the task that was asked for in place of the manifest's, so that labels are held against that one.
fn open_session(
    model: impl Into<Bytes>,
    manifest: Option<Manifest>,
    task: Option<Task>,
    limits: Limits,
) -> shiftwise::error::Result<Session> {
    let Some(task) = task else { return Session::open(model, manifest, limits) };
    let manifest = Manifest { task: Some(task), ..manifest.unwrap_or_default() };
    let mut session = Session::open(model, Some(manifest), limits)?;
    session.set_task(task)?;
    Ok(session)
}

/// Class names from a text file, one a line.
pub fn set_class_names(session: &mut Session, file: &Path) -> Result<()> {
    let text = read_text(file, Code::BadLabel)?;
    let names = text.trim_end().lines().map(|line| line.trim().to_owned()).collect();
    session.set_labels(names).map_err(Failure::of(file))
}

/// A UTF-8 file, without the mark that some editors put first.
pub fn read_text(path: &Path, code: Code) -> Result<String> {
    let bytes = read(path, MOST_TEXT_BYTES, "")?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Failure::at(path.display(), Error::new(code, error.to_string(), "save the file as UTF-8")))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// A whole file of at most `most` bytes; no more than that is ever read. `option` is what raises the limit.
pub fn read(path: &Path, most: usize, option: &str) -> Result<Vec<u8>> {
    let io = |error| Failure::io(path, &error);
    let file = File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    file.take((most as u64).saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() > most {
        let hint = if option.is_empty() { String::new() } else { format!("raise the limit with {option}") };
        return Err(Failure::at(
            path.display(),
            Error::new(Code::TooLarge, format!("has more than {most} bytes"), hint),
        ));
    }
    Ok(bytes)
}

/// `NAME.shiftwise.json` for `NAME.onnx`.
fn beside(model: &Path) -> PathBuf {
    let stem = if model.extension().is_some_and(|extension| extension == "onnx") { model.file_stem() } else { None };
    let mut name = stem.or(model.file_name()).unwrap_or_default().to_owned();
    name.push(".shiftwise.json");
    model.with_file_name(name)
}

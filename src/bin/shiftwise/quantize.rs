//! `shiftwise quantize`: a quantized network as a file, and the integers of its tensors.

use std::fs;
use std::path::{Path, PathBuf};

use shiftwise::bundled::Bundled;
use shiftwise::error::{Code, Error};
use shiftwise::export::{self, File, Format, golden};
use shiftwise::host::QuantizedNetwork;
use shiftwise::npu::Datapath;
use shiftwise::quantize::RunsOn;

use crate::args;
use crate::calibrate;
use crate::dataset::{self, Sample};
use crate::failure::{Failure, Result};
use crate::load::{self, Loaded};

pub fn run(args: &args::Quantize) -> Result<()> {
    let (scheme, format) = (args.scheme()?, args.format()?);
    let options = args.quantize.options(scheme, format.profile().unwrap_or(Datapath::Npu))?;
    format.check(options.profile.datapath)?;
    let Loaded { name, mut session, bundled } = load::open(&args.model)?;
    let given = args.images.as_deref().map(dataset::file_or_folder).transpose()?;
    let threads = calibrate::threads(None)?;
    calibrate::run(&args.calibration, &options, &mut session, given.as_deref(), bundled, &threads)?;
    session.quantize(&options)?;
    calibrate::export(&args.calibration, &session, scheme)?;
    let network = session.network(scheme)?;
    let file = export::export(network.graph(), network.quantized(), format)?;
    let dumps = match &args.golden {
        Some(folder) => dumps(folder, dataset::spread(pictures(given, bundled)?, args.limit as usize)),
        None => Vec::new(),
    };
    let left = left_to_the_host(network);
    if format != Format::Onnx && !left.is_empty() {
        eprintln!("not in the file, for the host to compute from its outputs: {}", left.join(", "));
    }
    fs::write(&args.out, &file).map_err(|error| Failure::unwritable(&args.out, &error))?;
    if let Some(folder) = &args.network {
        write_folder(folder, &export::network::network(session.graph(), session.calibration(), &options, &name)?)?;
    }
    for (folder, picture) in dumps {
        write_folder(&folder, &golden::golden(network, &name, &[picture.input(&session)?])?)?;
    }
    Ok(())
}

/// Nodes behind the last integer tensor.
fn left_to_the_host(network: &QuantizedNetwork) -> Vec<&str> {
    let places = network.graph().nodes.iter().zip(&network.quantized().placement);
    places.filter(|(_, place)| **place == RunsOn::HostTail).map(|(node, _)| node.name.as_str()).collect()
}

/// The folder of each picture's integers: the named one, or one in it each where there are several.
fn dumps(folder: &Path, pictures: Vec<Sample>) -> Vec<(PathBuf, Sample)> {
    let several = pictures.len() > 1;
    let place = |(index, picture): (usize, Sample)| {
        let name = picture.name().map_or(String::new(), |name| format!("_{name}"));
        (if several { folder.join(format!("{index:03}{name}")) } else { folder.to_owned() }, picture)
    };
    pictures.into_iter().enumerate().map(place).collect()
}

/// The pictures to dump the integers of.
fn pictures(given: Option<Vec<Sample>>, bundled: Option<&Bundled>) -> Result<Vec<Sample>> {
    if let Some(given) = given {
        return Ok(given);
    }
    let Some(bundled) = bundled else {
        let hint = "name a picture or a folder of pictures with --images";
        return Err(Error::new(Code::BadOption, "--golden needs pictures", hint).into());
    };
    dataset::samples(bundled)
}

fn write_folder(folder: &Path, files: &[File]) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))?;
    for file in files {
        let path = folder.join(&file.name);
        fs::write(&path, &file.bytes).map_err(|error| Failure::unwritable(&path, &error))?;
    }
    Ok(())
}

//! What can be asked for.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use shiftwise::calibrate::{CalibrationOptions, Method};
use shiftwise::error::{Code, Error};
use shiftwise::export::Format;
use shiftwise::graph::Graph;
use shiftwise::limits::Limits;
use shiftwise::manifest::Task;
use shiftwise::npu::{Datapath, Profile};
use shiftwise::quantize::{BiasCorrection, QuantizeOptions, Scheme};

use crate::failure::Result;

/// Quantizes a float ONNX network after training and executes it bit for bit as an integer NPU would.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// What a model holds: inputs, outputs, layers, and what was simplified.
    Inspect(Inspect),
    /// Accuracy of float and of the integer schemes over many pictures.
    ///
    /// With --json, one object:
    /// "model"; "task", and "task_guessed", whether it was; "agreement_metric", see below; "images", how many were run;
    /// "labelled", how many of them have a label; "calibration", where its pictures came from, how many, and the method;
    /// "options"; "schemes", by name: "top1" and "top5" (share of the labelled pictures of a classifier), "agreement"
    /// (with float's results, see below), "sqnr_db" (all outputs over all pictures against float's; null when exact or
    /// float itself), "ms_per_image" (mean time of one inference on one thread), "hash" (of the output integers of all pictures, for
    /// comparing runs), "overflows" (sums that left the accumulator), "fallbacks" (nodes in the middle of the network
    /// that run in float), "added_bytes" (what the scheme's rescale parameters take) and "weight_bytes". Shares are
    /// between 0 and 1; what does not apply is null.
    ///
    /// "agreement" is what "agreement_metric" names: "top-1", share of the pictures whose best class is float's; "f1@0.5",
    /// F1 of boxes matched with float's of the same class at an intersection over union of at least 0.5, pooled over all
    /// pictures, 1 where neither has any; "miou", intersection over union with float's masks, mean over the classes in
    /// either mask and over the pictures; "psnr_db", against float's pictures at 8 bits, from the mean square over all of
    /// them, null when equal; "mae", mean absolute difference of the numbers.
    #[command(verbatim_doc_comment)]
    Evaluate(Box<Evaluate>),
    /// Writes a quantized network to a file for a device or another engine, and the integers it should compute.
    Quantize(Box<Quantize>),
    /// One output number of a convolution in full: every product, the accumulator, the rescale, the clamp.
    Trace(Box<Trace>),
}

#[derive(Args)]
pub struct Inspect {
    #[command(flatten)]
    pub model: ModelArgs,
    /// Print everything as one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Evaluate {
    #[command(flatten)]
    pub model: ModelArgs,
    /// Folder with a labels.csv, or one folder per class (its number or name), or pictures without labels.
    #[arg(long, value_name = "DIR", required_unless_present = "bundled")]
    pub images: Option<PathBuf>,
    /// A .csv of `file,label` in place of labels.csv, or a .txt of class names in place of the manifest's.
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    #[command(flatten)]
    pub calibration: CalibrationArgs,
    /// Comma-separated: float, layer-wise, shift-wise, channel-wise.
    #[arg(long, value_name = "LIST", default_value = "float,layer-wise,shift-wise,channel-wise")]
    schemes: String,
    #[command(flatten)]
    pub quantize: QuantizeArgs,
    /// Pictures in work at the same time; as many as there are processors when left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Evaluate this many pictures, evenly spread over all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Print everything as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The quantized network as a file, and the integers it should compute.
#[derive(Args)]
pub struct Quantize {
    #[command(flatten)]
    pub model: ModelArgs,
    /// layer-wise, shift-wise or channel-wise.
    #[arg(long, value_name = "NAME")]
    scheme: String,
    #[command(flatten)]
    pub quantize: QuantizeArgs,
    #[command(flatten)]
    pub calibration: CalibrationArgs,
    /// Format of the file: onnx (QDQ, for ONNX Runtime), tflite (TensorFlow Lite) or json (the integer graph).
    #[arg(long, value_name = "FORMAT")]
    to: String,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Folder for the integers of every tensor (.npy, listed in tensors.json); a subfolder each for several pictures.
    #[arg(long, value_name = "DIR")]
    pub golden: Option<PathBuf>,
    /// Folder for the float network as it was quantized: network.json with the ranges, and weights as .npy.
    #[arg(long, value_name = "DIR")]
    pub network: Option<PathBuf>,
    /// Picture, or folder of pictures, for --golden; also to calibrate with where there is no --calibration.
    #[arg(long, value_name = "DIR|FILE")]
    pub images: Option<PathBuf>,
    /// Take this many pictures for --golden, evenly spread over all.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

/// One output number of one layer.
#[derive(Args)]
pub struct Trace {
    #[command(flatten)]
    pub model: ModelArgs,
    /// The layer: its number in `shiftwise inspect`, or its name.
    #[arg(long, value_name = "N")]
    node: String,
    /// Row and column of the layer's output.
    #[arg(long, value_name = "Y,X", default_value = "0,0")]
    pixel: String,
    /// Output channel.
    #[arg(long, value_name = "O", default_value_t = 0)]
    channel: usize,
    /// The picture; when left out, the first of the bundled example's samples.
    #[arg(long, value_name = "FILE", required_unless_present = "bundled")]
    pub image: Option<PathBuf>,
    /// layer-wise, shift-wise or channel-wise.
    #[arg(long, value_name = "NAME", default_value = "shift-wise")]
    scheme: String,
    #[command(flatten)]
    pub quantize: QuantizeArgs,
    #[command(flatten)]
    pub calibration: CalibrationArgs,
    /// Print everything as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Where activation ranges come from.
#[derive(Args)]
pub struct CalibrationArgs {
    /// Folder of pictures to calibrate with. When left out: the bundled example's own, or some of the images.
    #[arg(long, value_name = "DIR")]
    pub calibration: Option<PathBuf>,
    /// Calibrate with this many of the pictures, drawn by --seed; all of a folder, 32 of the images when left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub calibration_images: Option<u32>,
    /// Chooses which pictures --calibration-images draws.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// min-max, moving-average, percentile, entropy, mse, or data-free (no pictures at all).
    #[arg(long, value_name = "NAME", default_value = "min-max")]
    calibration_method: String,
    /// For --calibration-method percentile: this many percent of the values lie within either end of the range.
    #[arg(long, value_name = "P", default_value_t = CalibrationOptions::default().percentile)]
    percentile: f64,
    /// JSON file of ranges that hold whatever calibration says; where it has all, no pictures are needed. See
    /// docs/ranges.md.
    #[arg(long, value_name = "FILE")]
    pub ranges: Option<PathBuf>,
    /// Write the ranges in use to a JSON file.
    #[arg(long, value_name = "FILE")]
    pub export_ranges: Option<PathBuf>,
}

/// How weights and activations become integers.
#[derive(Args)]
pub struct QuantizeArgs {
    /// 2 to 8.
    #[arg(long, value_name = "N", default_value_t = 8)]
    weight_bits: u8,
    /// 4 to 8.
    #[arg(long, value_name = "N", default_value_t = 8)]
    activation_bits: u8,
    /// 0 to 5; only shift-wise has shifts.
    #[arg(long, value_name = "N", default_value_t = 4)]
    shift_bits: u8,
    /// Whose integer arithmetic: npu, tflite (TensorFlow Lite's reference kernels) or ort (ONNX Runtime's). When left
    /// out: the exported format's own, otherwise npu.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Take the mean error of rounded weights off the biases: none, empirical (by the mean inputs on the
    /// calibration pictures), or data-free (by batch-normalization statistics).
    #[arg(long, value_name = "NAME", default_value = "none")]
    bias_correction: String,
}

#[derive(Args)]
pub struct ModelArgs {
    /// ONNX file. NAME.shiftwise.json beside NAME.onnx is used without asking.
    #[arg(value_name = "MODEL", required_unless_present = "bundled", conflicts_with = "bundled")]
    pub model: Option<PathBuf>,
    /// An example that comes with Shiftwise: digits.
    #[arg(long, value_name = "NAME")]
    pub bundled: Option<String>,
    /// Manifest in place of the one beside the model.
    #[arg(long, value_name = "FILE", conflicts_with = "bundled")]
    pub manifest: Option<PathBuf>,
    /// classification, detection, segmentation, image or regression, in place of the manifest's or a guess.
    #[arg(long, value_name = "TASK")]
    task: Option<String>,
    #[command(flatten)]
    limits: LimitArgs,
}

#[derive(Args)]
struct LimitArgs {
    /// Largest model file in bytes.
    #[arg(long, value_name = "N", default_value_t = Limits::default().model_bytes)]
    max_model_bytes: usize,
    /// Most elements of any one tensor.
    #[arg(long, value_name = "N", default_value_t = Limits::default().tensor_elements)]
    max_tensor: usize,
    /// Most nodes of a model.
    #[arg(long, value_name = "N", default_value_t = Limits::default().nodes)]
    max_nodes: usize,
    /// Most pixels of one picture.
    #[arg(long, value_name = "N", default_value_t = Limits::default().image_pixels)]
    max_image_pixels: usize,
}

impl ModelArgs {
    pub fn limits(&self) -> Limits {
        Limits {
            model_bytes: self.limits.max_model_bytes,
            tensor_elements: self.limits.max_tensor,
            nodes: self.limits.max_nodes,
            image_pixels: self.limits.max_image_pixels,
        }
    }

    /// # Errors
    /// `BadOption` for an unknown task.
    pub fn task(&self) -> Result<Option<Task>> {
        Ok(self.task.as_deref().map(str::parse).transpose()?)
    }
}

impl Evaluate {
    /// In the order given, each once.
    ///
    /// # Errors
    /// `BadOption` for an unknown scheme.
    pub fn schemes(&self) -> Result<Vec<Scheme>> {
        let mut schemes = Vec::new();
        for name in self.schemes.split(',') {
            let scheme = name.trim().parse()?;
            if !schemes.contains(&scheme) {
                schemes.push(scheme);
            }
        }
        Ok(schemes)
    }
}

/// # Errors
/// `BadOption` for what is not an integer scheme.
fn integer_scheme(name: &str) -> Result<Scheme> {
    match name.parse()? {
        Scheme::Float => {
            let hint = "choose from layer-wise, shift-wise, channel-wise";
            Err(Error::new(Code::BadOption, "scheme 'float' is not quantized", hint).into())
        }
        scheme => Ok(scheme),
    }
}

impl Quantize {
    /// # Errors
    /// `BadOption` for what is not an integer scheme.
    pub fn scheme(&self) -> Result<Scheme> {
        integer_scheme(&self.scheme)
    }

    /// # Errors
    /// `BadOption` for an unknown format.
    pub fn format(&self) -> Result<Format> {
        Ok(self.to.parse()?)
    }
}

impl Trace {
    /// # Errors
    /// `BadOption` for what is not an integer scheme.
    pub fn scheme(&self) -> Result<Scheme> {
        integer_scheme(&self.scheme)
    }

    /// Index of the node.
    ///
    /// # Errors
    /// `BadOption` where there is none of this number or name.
    pub fn node(&self, graph: &Graph) -> Result<usize> {
        let by_number = self.node.parse().ok().filter(|&index: &usize| index < graph.nodes.len());
        let index = by_number.or_else(|| graph.nodes.iter().position(|node| node.name == self.node));
        Ok(index.ok_or_else(|| {
            let hint = "see shiftwise inspect for numbers and names";
            Error::new(Code::BadOption, format!("there is no node '{}'", self.node), hint)
        })?)
    }

    /// Row, column and channel.
    ///
    /// # Errors
    /// `BadOption` for a pixel that is not two numbers.
    pub fn position(&self) -> Result<[usize; 3]> {
        let numbers: Vec<Option<usize>> = self.pixel.split(',').map(|number| number.trim().parse().ok()).collect();
        match numbers.as_slice() {
            &[Some(row), Some(column)] => Ok([row, column, self.channel]),
            _ => {
                let reason = format!("'{}' is not a row and a column", self.pixel);
                Err(Error::new(Code::BadOption, reason, "give two numbers, as in --pixel 3,5").into())
            }
        }
    }
}

impl CalibrationArgs {
    /// # Errors
    /// `BadOption` for an unknown method or a value outside its range.
    pub fn options(&self, bias_correction: BiasCorrection) -> Result<CalibrationOptions> {
        let method: Method = self.calibration_method.parse()?;
        let tap_means = bias_correction == BiasCorrection::Empirical;
        let options = CalibrationOptions { method, percentile: self.percentile, tap_means };
        options.check()?;
        Ok(options)
    }
}

impl QuantizeArgs {
    /// `default` is the profile where none is named.
    ///
    /// # Errors
    /// `BadOption` for a value outside its range.
    pub fn options(&self, scheme: Scheme, default: Datapath) -> Result<QuantizeOptions> {
        let datapath = self.profile.as_deref().map_or(Ok(default), str::parse)?;
        let options = QuantizeOptions {
            weight_bits: self.weight_bits,
            activation_bits: self.activation_bits,
            shift_bits: self.shift_bits,
            profile: Profile::of(datapath),
            bias_correction: self.bias_correction.parse()?,
            ..QuantizeOptions::new(scheme)
        };
        options.check()?;
        Ok(options)
    }
}

/// Help and version are printed and end the program; help also where nothing at all is asked for.
///
/// # Errors
/// `BadOption` for arguments that cannot be understood: clap's many lines as one.
pub fn parse() -> Result<Command> {
    let error = match Cli::try_parse() {
        Ok(cli) => return Ok(cli.command),
        Err(error) => error,
    };
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        error.exit();
    }
    let text = error.to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let reason: Vec<&str> =
        lines.filter(|line| !line.is_empty() && !line.starts_with("For more information")).collect();
    let reason = reason.join(" ");
    let reason = reason.strip_prefix("error: ").unwrap_or(&reason);
    Err(Error::new(Code::BadOption, reason, "see shiftwise --help").into())
}

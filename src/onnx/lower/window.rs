//! Geometry of sliding windows, for convolutions (transposed ones too) and pools alike.

use super::super::attributes::unsupported;
use super::super::call::Call;
use super::super::shapes::mismatch;
use crate::error::{Code, Error, Result};
use crate::graph::Pool;

/// Kernels, strides, dilations and pads beyond this are absurd; it also keeps the arithmetic below from overflowing.
const LONGEST: i64 = 1 << 16;

/// A window and the size `[h, w]` of what it gives.
pub struct Window {
    pub pool: Pool,
    pub output: [usize; 2],
}

/// Reads `strides`, `dilations`, `pads` and `auto_pad`. `input` is the size `[h, w]`; `ceil` keeps a last window that
/// is only partly filled.
///
/// # Errors
/// `ShapeMismatch` for a geometry that gives no output, `TooLarge` for an absurd one.
pub fn window(call: &Call, kernel: [usize; 2], input: [usize; 2], ceil: bool) -> Result<Window> {
    let attributes = &call.attributes;
    let stride = pair(attributes.ints("strides")?, "strides", 1)?;
    let dilation = pair(attributes.ints("dilations")?, "dilations", 1)?;
    for value in kernel {
        bounded(value as i64, 1, "kernel_shape")?;
    }
    let explicit = match attributes.ints("pads")? {
        Some(values) => four(values)?,
        None => [0; 4],
    };
    let auto_pad = attributes.string_or("auto_pad", "NOTSET")?;
    let mut pads = [0; 4];
    let mut output = [0; 2];
    for axis in 0..2 {
        // Within `LONGEST`, except the input, whose size is limited elsewhere.
        let (size, step) = (input[axis] as i64, stride[axis] as i64);
        let reach = (kernel[axis] as i64 - 1) * dilation[axis] as i64 + 1;
        let (before, after) = match auto_pad.as_str() {
            "NOTSET" | "" => (explicit[axis] as i64, explicit[axis + 2] as i64),
            "VALID" => (0, 0),
            "SAME_UPPER" | "SAME_LOWER" => {
                let windows = (size + step - 1) / step;
                let missing = ((windows - 1) * step + reach - size).max(0);
                let less = missing / 2;
                if auto_pad == "SAME_UPPER" { (less, missing - less) } else { (missing - less, less) }
            }
            other => return Err(unsupported("auto_pad", other, "use explicit pads")),
        };
        let free = size + before + after - reach;
        if free < 0 {
            return Err(mismatch(format!(
                "a window of {reach} does not fit an input of {size} with {before} + {after} elements of padding"
            )));
        }
        let mut count = if ceil { (free + step - 1) / step } else { free / step } + 1;
        if ceil && (count - 1) * step >= size + before {
            // The last window would lie in the padding altogether.
            count -= 1;
        }
        (pads[axis], pads[axis + 2]) = (before as usize, after as usize);
        output[axis] = count as usize;
    }
    Ok(Window { pool: Pool { kernel, stride, dilation, pads }, output })
}

/// The window of a transposed convolution as an ordinary one, with stride 1, over the input with zeros between its
/// samples.
pub struct Transposed {
    pub upsample: [usize; 2],
    pub dilation: [usize; 2],
    /// Top, left, bottom, right; of the result, `crop` rows and columns at the top and left are to be left out, and what
    /// is beyond `output`.
    pub pads: [usize; 4],
    pub whole: [usize; 2],
    pub crop: [usize; 2],
    pub output: [usize; 2],
}

/// Reads `strides`, `dilations`, `pads`, `auto_pad`, `output_padding` and `output_shape`. Where pads are to be found, an
/// odd one goes to the end for `SAME_UPPER`, else to the beginning.
///
/// # Errors
/// As [`window`].
pub fn transposed(call: &Call, kernel: [usize; 2], input: [usize; 2]) -> Result<Transposed> {
    let attributes = &call.attributes;
    let upsample = pair(attributes.ints("strides")?, "strides", 1)?;
    let dilation = pair(attributes.ints("dilations")?, "dilations", 1)?;
    let explicit = match attributes.ints("pads")? {
        Some(values) => four(values)?,
        None => [0; 4],
    };
    let more = match attributes.ints("output_padding")? {
        Some(&[h, w]) => [bounded(h, 0, "output_padding")?, bounded(w, 0, "output_padding")?],
        Some(values) => return Err(unsupported("output_padding", format!("{values:?}"), "give height and width")),
        None => [0; 2],
    };
    let wanted = match attributes.ints("output_shape")? {
        Some(&[h, w]) => Some([bounded(h, 1, "output_shape")?, bounded(w, 1, "output_shape")?]),
        Some(values) => return Err(unsupported("output_shape", format!("{values:?}"), "give height and width")),
        None => None,
    };
    let auto_pad = attributes.string_or("auto_pad", "NOTSET")?;
    let same = match auto_pad.as_str() {
        "NOTSET" | "" | "VALID" => false,
        "SAME_UPPER" | "SAME_LOWER" => true,
        other => return Err(unsupported("auto_pad", other, "use explicit pads")),
    };
    let mut result = Transposed { upsample, dilation, pads: [0; 4], whole: [0; 2], crop: [0; 2], output: [0; 2] };
    for axis in 0..2 {
        // Within `LONGEST`, except the input, whose size is limited elsewhere.
        let (size, step) = (input[axis] as i64, upsample[axis] as i64);
        let reach = (kernel[axis] as i64 - 1).saturating_mul(dilation[axis] as i64) + 1;
        bounded(reach, 1, "the window")?;
        let spread = (size - 1) * step + 1;
        let everything = spread - 1 + reach + more[axis] as i64;
        let target = wanted.map(|sizes| sizes[axis] as i64).or(same.then_some(size * step));
        let (before, after) = match target {
            Some(target) => {
                let missing = (everything - target).max(0);
                let less = missing / 2;
                if auto_pad == "SAME_UPPER" { (less, missing - less) } else { (missing - less, less) }
            }
            None if auto_pad == "VALID" => (0, 0),
            None => (explicit[axis] as i64, explicit[axis + 2] as i64),
        };
        let output = wanted.map_or(everything - before - after, |sizes| sizes[axis] as i64);
        if output < 1 {
            return Err(mismatch(format!(
                "{before} + {after} elements of padding leave nothing of a transposed window over {size} elements"
            )));
        }
        let first = reach - 1 - before;
        let (crop, first) = ((-first).max(0), first.max(0));
        let whole = (crop + output).max(spread + first - reach + 1);
        (result.pads[axis], result.pads[axis + 2]) = (first as usize, (whole - 1 + reach - spread - first) as usize);
        (result.whole[axis], result.crop[axis], result.output[axis]) = (whole as usize, crop as usize, output as usize);
    }
    Ok(result)
}

/// `kernel_shape`, where an operator has no weights to take it from.
pub fn kernel(call: &Call) -> Result<[usize; 2]> {
    match call.attributes.ints("kernel_shape")? {
        Some(values) => pair(Some(values), "kernel_shape", 1),
        None => Err(mismatch(format!("{} lacks its kernel_shape", call.op))),
    }
}

fn pair(values: Option<&[i64]>, name: &str, default: usize) -> Result<[usize; 2]> {
    match values {
        None => Ok([default; 2]),
        Some(&[h, w]) => Ok([bounded(h, 1, name)?, bounded(w, 1, name)?]),
        Some(values) => Err(unsupported(name, format!("{values:?}"), "Shiftwise has windows of two dimensions")),
    }
}

/// ONNX gives all begins, then all ends: top, left, bottom, right.
fn four(values: &[i64]) -> Result<[usize; 4]> {
    let &[top, left, bottom, right] = values else {
        return Err(unsupported("pads", format!("{values:?}"), "Shiftwise has windows of two dimensions"));
    };
    let bounded = |value| bounded(value, 0, "pads");
    Ok([bounded(top)?, bounded(left)?, bounded(bottom)?, bounded(right)?])
}

fn bounded(value: i64, least: i64, name: &str) -> Result<usize> {
    if value < least {
        return Err(mismatch(format!("{name} must be at least {least}, not {value}")));
    }
    if value > LONGEST {
        return Err(Error::new(
            Code::TooLarge,
            format!("{name} must be at most {LONGEST}, not {value}"),
            "check the model; no real network has such a window",
        ));
    }
    Ok(value as usize)
}

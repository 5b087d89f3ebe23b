//! `MaxPool`, `AveragePool` and `GlobalMaxPool`.

use super::builder::{Builder, Naming};
use super::conv::image_shape;
use super::window::{kernel, window};
use crate::error::Result;
use crate::graph::{AveragePool, Layout, Op, Pool};
use crate::onnx::call::{Call, Operand};

pub fn max_pool(builder: &mut Builder, call: &Call) -> Result<Operand> {
    // It concerns the second output only, which is not available.
    call.attributes.ignore(&["storage_order"]);
    pool(builder, call, Op::MaxPool)
}

pub fn average_pool(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let count_include_pad = call.attributes.flag("count_include_pad")?;
    pool(builder, call, |pool| Op::AveragePool(AveragePool { pool, count_include_pad }))
}

fn pool(builder: &mut Builder, call: &Call, op: impl FnOnce(Pool) -> Op) -> Result<Operand> {
    let input = builder.image(call, 0)?;
    let [n, c, h, w] = image_shape(builder, &input)?;
    let ceil = call.attributes.flag("ceil_mode")?;
    let window = window(call, kernel(call)?, [h, w], ceil)?;
    let shape = [n, c, window.output[0], window.output[1]];
    builder.emit(call, Naming::Output, op(window.pool), vec![input.id], &shape, Layout::channels_last(4))
}

pub fn global_max_pool(builder: &mut Builder, call: &Call) -> Result<Operand> {
    let input = builder.image(call, 0)?;
    let [n, c, h, w] = image_shape(builder, &input)?;
    let op = Op::MaxPool(Pool { kernel: [h, w], stride: [1, 1], dilation: [1, 1], pads: [0; 4] });
    builder.emit(call, Naming::Output, op, vec![input.id], &[n, c, 1, 1], Layout::channels_last(4))
}

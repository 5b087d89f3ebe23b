//! What every shift would do to one channel of a layer, and to the layer.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::measure::db;
use crate::error::Result;
use crate::graph::Graph;
use crate::quantize::{Quantized, chosen_shifts, squared_error, weight_scale};

/// The errors of one output channel's weights under every shift, all other channels keeping theirs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ShiftErrors {
    pub node: u32,
    pub channel: u32,
    /// The shift in use, N4's lowering included.
    pub shift: u8,
    /// Of the shifts not in use, the one that leaves the layer the least error, the smallest of equals; absent where
    /// there is no other.
    pub runner_up: Option<u8>,
    /// By shift, from 0 to 2^B - 1.
    pub errors: Vec<ShiftError>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct ShiftError {
    /// S_w over R / Q: above 1 where some channel is doubled beyond R and makes the layer's grid coarser.
    pub coarsening: f64,
    /// Mean squared error of the channel's weights.
    pub mse: f64,
    /// 10 log10(sum w^2 / sum (w - w^)^2) of the channel's weights, in dB; `null` when exact.
    pub sqnr_db: Option<f64>,
    /// The same of the whole layer's weights.
    pub layer_sqnr_db: Option<f64>,
}

/// # Errors
/// `BadOption` when the node has no weights or no such channel.
pub fn shift_errors(graph: &Graph, network: &Quantized, node: usize, channel: usize) -> Result<ShiftErrors> {
    let layer = super::build::Layer::find(graph, network, node)?;
    layer.check(channel)?;
    let (options, weights) = (&network.options, &layer.quantized.weights);
    let q_max = options.q_max();
    let error = |o: usize, scale: f64, shift: u8| squared_error(layer.float.channel(o), scale, shift, q_max);
    let energy = |o: usize| layer.float.channel(o).iter().fold(0.0, |sum, &w| sum + f64::from(w) * f64::from(w));
    let sum = |of: &dyn Fn(usize) -> f64| (0..weights.shifts.len()).fold(0.0, |sum, o| sum + of(o));
    let (own_energy, whole_energy) = (energy(channel), sum(&energy));
    let taps = layer.float.channel(channel).len().max(1) as f64;

    // S_w follows from the shifts before N4 lowers any.
    let mut shifts = chosen_shifts(&weights.ranges, options.shift_max(), options.shift_overrides.of(node));
    let in_use = weight_scale(&weights.ranges, &shifts, q_max);
    let unshifted = weight_scale(&weights.ranges, &vec![0; shifts.len()], q_max);
    // Most candidates leave S_w as it is, and with it the other channels.
    let others = |scale: f64| sum(&|o| if o == channel { 0.0 } else { error(o, scale, weights.shifts[o]) });
    let mut known = (in_use, others(in_use));
    let mut errors = Vec::new();
    let mut noises = Vec::new();
    for shift in 0..=options.shift_max() {
        shifts[channel] = shift;
        let scale = weight_scale(&weights.ranges, &shifts, q_max);
        if scale != known.0 {
            known = (scale, others(scale));
        }
        let own = error(channel, scale, shift);
        noises.push(own + known.1);
        errors.push(ShiftError {
            coarsening: scale / unshifted,
            mse: own / taps,
            sqnr_db: db(own_energy, own),
            layer_sqnr_db: db(whole_energy, own + known.1),
        });
    }
    let shift = weights.shifts[channel];
    let others = noises.iter().zip(0u8..).filter(|&(_, k)| k != shift);
    let runner_up = others.min_by(|a, b| a.0.total_cmp(b.0)).map(|(_, k)| k);
    Ok(ShiftErrors { node: node as u32, channel: channel as u32, shift, runner_up, errors })
}

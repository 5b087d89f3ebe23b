//! The open model with its channels evened out or spread further: the cause of the trouble, to be moved by hand.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::Session;
use crate::calibrate::Calibration;
use crate::error::{Code, Error, Result};
use crate::float;
use crate::graph::Graph;
use crate::graph::passes::unbalance::{Pair, Unbalance};

/// Beyond this, channels become so narrow that 8-bit activations no longer hold them, whatever the weights' scheme.
pub const MOST_UNBALANCE: f64 = 1.5;

/// The graph as it was opened, and where factors can move in it.
pub(super) struct Balance {
    opened: Arc<Graph>,
    factors: Unbalance,
    amount: f64,
}

/// How far the channels of the model are from even, and where that can be changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct UnbalanceReport {
    /// 0 where all is even, 1 as the model was opened.
    pub amount: f64,
    /// Neighbouring layers between which factors can be moved; none where every two have something else between them.
    pub pairs: Vec<PairReport>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Tsify)]
pub struct PairReport {
    /// Indices of nodes.
    pub first: u32,
    pub second: u32,
    /// For each channel between them, how often its weights in the first layer would have to be doubled, and those in the
    /// second halved, to even them out in the model as it was opened.
    pub doublings: Vec<i32>,
    /// Of each channel as it is now: largest magnitude of the weights that write it, and of those that read it.
    pub written: Vec<f64>,
    pub read: Vec<f64>,
}

impl Session {
    /// Where the model's channels can be evened out or spread, and how far they are.
    pub fn unbalance(&mut self) -> UnbalanceReport {
        self.balance();
        let (graph, balance) = (&self.graph, self.balance.as_ref());
        let report = |pair: &Pair| {
            let [written, read] = pair.ranges(graph);
            let (first, second) = (pair.first as u32, pair.second as u32);
            PairReport { first, second, doublings: pair.doublings.clone(), written, read }
        };
        UnbalanceReport {
            amount: balance.map_or(1.0, |balance| balance.amount),
            pairs: balance.map_or(&[][..], |balance| balance.factors.pairs()).iter().map(report).collect(),
        }
    }

    /// Evens the channels of neighbouring layers out (`amount` 0), leaves them as they were opened (1), or spreads them
    /// further, up to [`MOST_UNBALANCE`]. Float's results stay bit for bit; calibration, ranges and schemes are dropped.
    ///
    /// # Errors
    /// `BadOption` for an amount outside its range.
    pub fn set_unbalance(&mut self, amount: f64) -> Result<()> {
        if !(0.0..=MOST_UNBALANCE).contains(&amount) {
            let hint = format!("choose 0 for even channels, 1 for the model as it is, up to {MOST_UNBALANCE} for more");
            return Err(Error::new(Code::BadOption, format!("unbalance is {amount}"), hint));
        }
        let balance = self.balance();
        let graph = match amount {
            1.0 => Arc::clone(&balance.opened),
            _ => Arc::new(balance.factors.apply(&balance.opened, amount)),
        };
        balance.amount = amount;
        self.float = float::Executor::new(Arc::clone(&graph))?;
        self.calibration = Calibration::new(&graph);
        self.graph = graph;
        self.networks.clear();
        Ok(())
    }

    /// Found when it is first asked for: it takes a look at every weight.
    fn balance(&mut self) -> &mut Balance {
        let graph = &self.graph;
        self.balance.get_or_insert_with(|| Balance {
            opened: Arc::clone(graph),
            factors: Unbalance::of(graph),
            amount: 1.0,
        })
    }
}

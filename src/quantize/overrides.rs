//! Shifts chosen by a person in place of N2's rule.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::error::{Code, Error, Result};
use crate::graph::{Graph, Op};

/// By index of a node with weights, one shift per output channel. Everything after the choice stays as N2 and N4 say:
/// shifts are cut to `0..=2^B - 1`, S_w grows where a shifted range exceeds R, and shifts are lowered where a bias or a
/// sum would not fit.
// Keys are strings on the way: JSON knows no others.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Tsify)]
#[serde(try_from = "BTreeMap<String, Vec<u8>>", into = "BTreeMap<String, Vec<u8>>")]
pub struct ShiftOverrides(#[tsify(type = "Record<number, number[]>")] BTreeMap<usize, Vec<u8>>);

impl ShiftOverrides {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The shifts of a node's output channels, where they were chosen by hand.
    pub fn of(&self, node: usize) -> Option<&[u8]> {
        self.0.get(&node).map(Vec::as_slice)
    }

    /// # Errors
    /// `BadOption` when a node has no weights, or another number of output channels.
    pub fn check(&self, graph: &Graph) -> Result<()> {
        for (&index, shifts) in &self.0 {
            let node = graph.nodes.get(index);
            let Some((node, Op::Conv(conv))) = node.map(|node| (node, &node.op)) else {
                let reason = format!("shifts were given for node {index}, which has no weights");
                return Err(Error::new(Code::BadOption, reason, "choose a convolution or fully connected layer"));
            };
            let channels = conv.output_channels();
            if shifts.len() != channels {
                let reason = format!("{} shifts were given for {channels} output channels", shifts.len());
                return Err(Error::new(Code::BadOption, reason, "give one shift for each").at(node.name.as_str()));
            }
        }
        Ok(())
    }
}

impl FromIterator<(usize, Vec<u8>)> for ShiftOverrides {
    fn from_iter<T: IntoIterator<Item = (usize, Vec<u8>)>>(pairs: T) -> Self {
        let mut overrides = BTreeMap::new();
        overrides.extend(pairs);
        ShiftOverrides(overrides)
    }
}

impl TryFrom<BTreeMap<String, Vec<u8>>> for ShiftOverrides {
    type Error = String;

    fn try_from(map: BTreeMap<String, Vec<u8>>) -> std::result::Result<Self, String> {
        let index = |text: &str| text.parse().map_err(|_| format!("'{text}' is not a node's index"));
        map.into_iter().map(|(node, shifts)| Ok((index(&node)?, shifts))).collect()
    }
}

impl From<ShiftOverrides> for BTreeMap<String, Vec<u8>> {
    fn from(ShiftOverrides(map): ShiftOverrides) -> Self {
        let mut by_name = BTreeMap::new();
        by_name.extend(map.into_iter().map(|(node, shifts)| (node.to_string(), shifts)));
        by_name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::build::Builder;

    #[test]
    fn json_has_the_nodes_as_keys() {
        let overrides: ShiftOverrides = [(3, vec![0, 15]), (12, vec![1])].into_iter().collect();
        let json = serde_json::to_string(&overrides).unwrap();
        assert_eq!(json, r#"{"12":[1],"3":[0,15]}"#);
        assert_eq!(serde_json::from_str::<ShiftOverrides>(&json).unwrap(), overrides);
        assert!(serde_json::from_str::<ShiftOverrides>(r#"{"x":[1]}"#).is_err());
        assert!(serde_json::from_str::<ShiftOverrides>(r#"{"1":[256]}"#).is_err());
    }

    #[test]
    fn what_does_not_fit_the_model_is_refused() {
        let mut builder = Builder::new(1);
        let input = builder.input("x", &[1, 4, 4, 2]);
        let middle = builder.conv("conv", input, 3, 1, |_| {});
        let output = builder.relu("relu", middle);
        let graph = builder.finish(&[output]);
        let check = |node, shifts: &[u8]| ShiftOverrides::from_iter([(node, shifts.to_vec())]).check(&graph);
        check(0, &[0, 200, 1]).unwrap();
        for (node, shifts) in [(0, vec![0, 1]), (1, vec![0, 1, 2]), (7, vec![])] {
            assert_eq!(check(node, &shifts).unwrap_err().code, Code::BadOption);
        }
        assert_eq!(check(0, &[]).unwrap_err().node.as_deref(), Some("conv"));
    }
}

//! The axes of gyrus's arrays that are more than a count.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A layer of a language model as transformers' `hidden_states` numbers them: 0 is the embedding output,
/// the last one is after the final norm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LayerIndex(pub usize);

impl fmt::Display for LayerIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

//! One file per family: which tensors it has, and how its blocks follow each other.

mod bert;
mod configuration;
mod llama;

use ndarray::Array2;
use rayon::ThreadPool;

use crate::ModelError;
use crate::checkpoint::Weights;
pub(crate) use configuration::Configuration;

/// A network: token numbers in, hidden states of every layer out.
pub(crate) trait Network: Send + Sync {
    /// Hidden states as transformers numbers them, each (padded tokens, width): the embedding first, the last one
    /// after the final norm where there is one. `keep` says which to compute a copy of.
    fn hidden_states(&self, ids: &[u32], pool: &ThreadPool) -> Vec<Array2<f32>>;

    /// What sizes it has.
    fn shape(&self) -> &Shape;
}

/// Sizes of a network.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub family: &'static str,
    pub width: usize,
    pub n_layers: usize,
    pub context_limit: usize,
    pub vocabulary: usize,
    pub is_causal: bool,
    pub n_parameters: usize,
}

type Build = fn(&Configuration, &Weights) -> Result<Box<dyn Network>, ModelError>;

/// `model_type` of a configuration and what builds it.
const FAMILIES: [(&str, Build); 2] = [("llama", llama::build), ("bert", bert::build)];

/// Builds the network of a configuration.
pub(crate) fn build(
    configuration: &Configuration,
    weights: &Weights,
) -> Result<Box<dyn Network>, ModelError> {
    let found = configuration.text("model_type").unwrap_or_default();
    match FAMILIES.iter().find(|(name, _)| *name == found) {
        Some((_, build)) => build(configuration, weights),
        None => Err(ModelError::Architecture {
            path: configuration.path.clone(),
            found,
            supported: FAMILIES.map(|(name, _)| name).join(", "),
        }),
    }
}

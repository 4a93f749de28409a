//! One file per family: which tensors it has, and how its blocks follow each other.

mod albert;
mod bert;
mod bloom;
mod configuration;
mod decoder;
mod distilbert;
mod gemma;
mod gpt2;
mod gpt_neo;
mod gpt_neox;
mod llama;
mod mistral;
mod opt;
mod parts;
mod phi3;
mod qwen;
mod rope;

use crate::ModelError;
use crate::checkpoint::Weights;
use crate::transformer::{Shape, Transformer};
pub(crate) use configuration::Configuration;

type Build = fn(&Configuration, Weights) -> Result<Transformer, ModelError>;

/// `model_type` of a configuration and what builds it.
const FAMILIES: [(&str, Build); 17] = [
    ("albert", albert::build),
    ("bert", bert::build),
    ("bloom", bloom::build),
    ("distilbert", distilbert::build),
    ("gemma2", gemma::build_2),
    ("gemma3_text", gemma::build_3),
    ("gpt2", gpt2::build),
    ("gpt_neo", gpt_neo::build),
    ("gpt_neox", gpt_neox::build),
    ("llama", llama::build),
    ("mistral", mistral::build),
    ("opt", opt::build),
    ("phi3", phi3::build),
    ("qwen2", qwen::build_2),
    ("qwen3", qwen::build_3),
    ("roberta", bert::build_roberta),
    ("xlm-roberta", bert::build_roberta),
];

/// Refuses an architecture that is not built in.
pub(crate) fn require_supported(configuration: &Configuration) -> Result<(), ModelError> {
    builder(configuration).map(|_| ())
}

/// Builds the network of a configuration.
pub(crate) fn build(configuration: &Configuration, weights: Weights) -> Result<Transformer, ModelError> {
    builder(configuration)?(configuration, weights)
}

fn builder(configuration: &Configuration) -> Result<Build, ModelError> {
    let found = configuration.text("model_type").unwrap_or_default();
    let family = FAMILIES.iter().find(|(name, _)| *name == found);
    family.map(|(_, build)| *build).ok_or_else(|| ModelError::Architecture {
        path: configuration.path.clone(),
        found,
        supported: FAMILIES.map(|(name, _)| name).join(", "),
    })
}

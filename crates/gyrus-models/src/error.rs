//! What can be wrong with a language model's folder or with the words it reads.

use std::path::PathBuf;

use crate::{Device, Site};

/// A language model that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file that is missing or cannot be read.
    #[error("{}: cannot be read: {reason}; expected a folder in Hugging Face layout with config.json, tokenizer.json and model.safetensors", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A name of the hub that the local cache does not hold.
    #[error("`{name}`: found no such folder and no such language model in the Hugging Face cache {} ({reason}), expected one of the two; where there is a network run `hf download {name}{option}` or a gyrus with the feature `download`, copy the cache here, or set HF_HOME to the folder that holds it", cache.display())]
    Hub {
        /// The name.
        name: String,
        /// The cache.
        cache: PathBuf,
        /// What is missing.
        reason: String,
        /// What else the command needs.
        option: String,
    },
    /// A language model that could not be fetched from the hub.
    #[error("`{name}`: {place}: found {found}, expected {expected}; {remedy}")]
    Download {
        /// The name.
        name: String,
        /// Address or file.
        place: String,
        /// What came.
        found: String,
        /// What should have come.
        expected: String,
        /// What to do.
        remedy: String,
    },
    /// A device that this build or this machine does not have, or that failed.
    #[error("device {device}: {reason}")]
    Device {
        /// The device.
        device: Device,
        /// What was found, what was expected, and what to do.
        reason: String,
    },
    /// A file whose content is not understood.
    #[error("{}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong and what was expected.
        reason: String,
    },
    /// An architecture that is not built in.
    #[error("{}: found model_type `{found}`, expected one of: {supported}", path.display())]
    Architecture {
        /// The configuration file.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What is built in.
        supported: String,
    },
    /// A configuration key with a value that would change the computation in a way that is not built in.
    #[error("{}: {key}: found {found}, expected {expected}", path.display())]
    Configuration {
        /// The configuration file.
        path: PathBuf,
        /// The key.
        key: String,
        /// Its value.
        found: String,
        /// What is possible.
        expected: String,
    },
    /// A tensor that is missing, of another shape, or not finite.
    #[error("{}: tensor `{tensor}`: {reason}", path.display())]
    Tensor {
        /// The weights file.
        path: PathBuf,
        /// The tensor.
        tensor: String,
        /// What is wrong and what was expected.
        reason: String,
    },
    /// A word that the tokenizer makes nothing of, or whose text its tokens do not cover.
    #[error("word {index} (`{text}`) is not recovered by its tokens: {reason}")]
    Word {
        /// Index of the word, from 0.
        index: usize,
        /// Its text.
        text: String,
        /// What is wrong.
        reason: String,
    },
    /// A window that is too short, or longer than the language model allows.
    #[error("found a context of {found} tokens, expected from {least} to {most}")]
    Context {
        /// Tokens asked for.
        found: usize,
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
    },
    /// A text without marks that end sentences.
    #[error(
        "found no word that ends a sentence among {words}, expected some with . ? or ! at their end; give the text with its punctuation (stimulus.text), or count history in words or tokens instead"
    )]
    Sentences {
        /// Number of words.
        words: usize,
    },
    /// A language model that sees the word that it should predict.
    #[error("found an encoder ({family}), expected a causal language model for surprisal and entropy")]
    NoPrediction {
        /// The family.
        family: String,
    },
    /// A layer that is not there.
    #[error("found layer {found}, expected 0 to {last}")]
    Layer {
        /// Layer asked for.
        found: usize,
        /// Deepest layer.
        last: usize,
    },
    /// A site that is not there.
    #[error("found site {found}, expected static, embed, final_norm, or block.K with K from 1 to {blocks}")]
    Site {
        /// Site asked for.
        found: Site,
        /// Number of blocks.
        blocks: usize,
    },
    /// A token number that is not in the vocabulary.
    #[error("found token {found}, expected 0 to {}: the tokenizer belongs to another language model", vocabulary - 1)]
    Token {
        /// Token number.
        found: u32,
        /// Size of the vocabulary.
        vocabulary: usize,
    },
    /// A site whose activations are not finite.
    #[error("{site} computes NaN or infinity: the weights are damaged or overflow in single precision")]
    NonFinite {
        /// The site.
        site: Site,
    },
}

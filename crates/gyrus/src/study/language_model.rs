//! `[[language_model]]`: which one, how it reads, and which copies of it are controls.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::defaults;
use super::reading::{HistorySection, Layer0Choice, ScrambleSection, SitesChoice};

/// `[[language_model]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageModelSection {
    /// A folder in Hugging Face layout, or a name of the hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Branch, tag or commit of a name of the hub; "main" when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Files of activations that another program computed, with `{stimulus}`, in place of `path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activations: Option<String>,
    /// The name that tables show; the folder's when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// Which layers: "all", or a list of indices of `hidden_states`.
    #[serde(default)]
    pub layers: LayersSection,
    /// Most tokens that the language model reads at a time; its own limit when absent.
    #[serde(default)]
    pub context: Option<usize>,
    /// Several of these: each is a language model of its own, with the same weights.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<usize>,
    /// How the vectors of a word's tokens become one.
    #[serde(default)]
    pub pooling: PoolingChoice,
    /// With how much history a word is read.
    #[serde(default)]
    pub history: HistorySection,
    /// What is put in random order in that history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scramble: Option<ScrambleSection>,
    /// Several of these: each is a language model of its own, beside that of the text as it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scrambles: Vec<ScrambleSection>,
    /// Seed of that order.
    #[serde(default)]
    pub scramble_seed: u64,
    /// What layers are, from layer 1 on.
    #[serde(default)]
    pub sites: SitesChoice,
    /// What layer 0 is.
    #[serde(default)]
    pub layer_0: Layer0Choice,
    /// Number of untrained copies.
    #[serde(default = "defaults::untrained_seeds")]
    pub untrained_seeds: usize,
    /// Number of copies with the trained weights in another order.
    #[serde(default)]
    pub shuffled_seeds: usize,
}

impl LanguageModelSection {
    /// The language model of a folder or name; the rest as where a study file is silent.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self {
            path: Some(path),
            revision: None,
            activations: None,
            name: None,
            layers: LayersSection::default(),
            context: None,
            contexts: Vec::new(),
            pooling: PoolingChoice::default(),
            history: HistorySection::default(),
            scramble: None,
            scrambles: Vec::new(),
            scramble_seed: 0,
            sites: SitesChoice::default(),
            layer_0: Layer0Choice::default(),
            untrained_seeds: defaults::untrained_seeds(),
            shuffled_seeds: 0,
        }
    }

    /// Where it comes from, as the study file says it.
    #[must_use]
    pub fn shown(&self) -> String {
        let path = self.path.as_ref().map(|path| path.display().to_string());
        path.or_else(|| self.activations.clone()).unwrap_or_default()
    }
}

/// Which layers of a language model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "LayersText", into = "LayersText")]
pub enum LayersSection {
    /// Every layer.
    #[default]
    All,
    /// These indices of `hidden_states`.
    Listed(Vec<usize>),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"all\" or a list of layer indices such as [0, 4, 8]")]
enum LayersText {
    Word(String),
    List(Vec<usize>),
}

impl TryFrom<LayersText> for LayersSection {
    type Error = String;

    fn try_from(text: LayersText) -> Result<Self, String> {
        match text {
            LayersText::Word(word) if word == "all" => Ok(Self::All),
            LayersText::Word(word) => {
                Err(format!("found layers = \"{word}\", expected \"all\" or a list of indices"))
            }
            LayersText::List(list) if list.is_empty() => Err("found an empty list of layers".to_owned()),
            LayersText::List(mut list) => {
                list.sort_unstable();
                list.dedup();
                Ok(Self::Listed(list))
            }
        }
    }
}

impl From<LayersSection> for LayersText {
    fn from(layers: LayersSection) -> Self {
        match layers {
            LayersSection::All => Self::Word("all".to_owned()),
            LayersSection::Listed(list) => Self::List(list),
        }
    }
}

/// How the vectors of a word's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolingChoice {
    /// The vector of its last token.
    #[default]
    Last,
    /// The mean over its tokens.
    Mean,
    /// The sum over its tokens.
    Sum,
}

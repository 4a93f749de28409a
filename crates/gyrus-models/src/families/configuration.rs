//! config.json, read key by key: a key that is not known, or a value that is not built in, is an error.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::ModelError;

/// The configuration of a language model.
pub(crate) struct Configuration {
    pub path: PathBuf,
    keys: Map<String, Value>,
}

/// Keys that decide nothing of a forward pass on one text.
const IGNORED: [&str; 32] = [
    "_name_or_path",
    "_attn_implementation_autoset",
    "architectures",
    "attention_dropout",
    "attention_probs_dropout_prob",
    "bad_words_ids",
    "bos_token_id",
    "chunk_size_feed_forward",
    "classifier_dropout",
    "dtype",
    "eos_token_id",
    "gradient_checkpointing",
    "hidden_dropout_prob",
    "id2label",
    "initializer_range",
    "is_decoder",
    "label2id",
    "model_type",
    "output_attentions",
    "output_hidden_states",
    "pad_token_id",
    "pretraining_tp",
    "problem_type",
    "return_dict",
    "tie_word_embeddings",
    "torch_dtype",
    "transformers_version",
    "unk_token_id",
    "use_cache",
    "add_cross_attention",
    "cross_attention_hidden_size",
    "is_encoder_decoder",
];

impl Configuration {
    pub(crate) fn open(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join("config.json");
        let bytes = crate::checkpoint::read(&path)?;
        let damaged = |reason: String| ModelError::Damaged { path: path.clone(), reason };
        let json: Value = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        match json {
            Value::Object(keys) => Ok(Self { path, keys }),
            _ => Err(damaged("found no object, expected keys such as model_type and hidden_size".to_owned())),
        }
    }

    /// A text.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.keys.get(key).and_then(Value::as_str).map(str::to_owned)
    }

    /// A size of at least 1.
    pub(crate) fn size(&self, key: &str) -> Result<usize, ModelError> {
        match self.keys.get(key).and_then(Value::as_u64) {
            // Larger sizes than this belong to no network, and would overflow products of sizes.
            Some(size) if (1..1 << 24).contains(&size) => Ok(size as usize),
            _ => Err(self.wrong(key, "a whole number from 1 to 16777215")),
        }
    }

    /// A size, or what stands in for it.
    pub(crate) fn size_or(&self, key: &str, default: usize) -> Result<usize, ModelError> {
        if self.keys.get(key).is_none_or(Value::is_null) { Ok(default) } else { self.size(key) }
    }

    /// A number, or what stands in for it.
    pub(crate) fn number_or(&self, key: &str, default: f64) -> Result<f64, ModelError> {
        match self.keys.get(key) {
            None | Some(Value::Null) => Ok(default),
            Some(value) => {
                value.as_f64().filter(|number| number.is_finite()).ok_or_else(|| self.wrong(key, "a number"))
            }
        }
    }

    /// Refuses a key whose value would change the computation.
    pub(crate) fn require(&self, key: &str, allowed: &[Value]) -> Result<(), ModelError> {
        match self.keys.get(key) {
            None | Some(Value::Null) => Ok(()),
            Some(value) if allowed.contains(value) => Ok(()),
            Some(_) => {
                let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
                Err(self.wrong(key, &format!("{} (others are not built in)", allowed.join(" or "))))
            }
        }
    }

    /// A key of a nested object.
    pub(crate) fn nested(&self, key: &str, inner: &str) -> Option<&Value> {
        self.keys.get(key)?.get(inner)
    }

    /// Refuses keys that neither the family nor everybody knows.
    pub(crate) fn require_known(&self, known: &[&str]) -> Result<(), ModelError> {
        let is_known = |key: &&String| known.contains(&key.as_str()) || IGNORED.contains(&key.as_str());
        match self.keys.keys().find(|key| !is_known(key)) {
            None => Ok(()),
            Some(key) => {
                Err(self.wrong(key, "no such key: it might change the computation, and is not built in"))
            }
        }
    }

    pub(crate) fn wrong(&self, key: &str, expected: &str) -> ModelError {
        let found = self.keys.get(key).map_or_else(|| "nothing".to_owned(), ToString::to_string);
        ModelError::Configuration {
            path: self.path.clone(),
            key: key.to_owned(),
            found,
            expected: expected.to_owned(),
        }
    }
}

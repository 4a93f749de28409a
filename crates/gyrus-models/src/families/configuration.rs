//! config.json, read key by key: a key that is not known, or a value that is not built in, is an error.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::ModelError;
use crate::transformer::{Activation, activation_names};

/// The configuration of a language model.
pub(crate) struct Configuration {
    pub path: PathBuf,
    keys: Map<String, Value>,
}

/// Keys that decide nothing of a forward pass on one text.
const IGNORED: [&str; 74] = [
    "_attn_implementation_autoset",
    "_name_or_path",
    "activation_dropout",
    "architectures",
    "attention_dropout",
    "attention_probs_dropout_prob",
    "attn_pdrop",
    "auto_map",
    "bad_words_ids",
    "bos_token_id",
    "cache_implementation",
    "chunk_size_feed_forward",
    "classifier_dropout",
    "classifier_dropout_prob",
    "cross_attention_hidden_size",
    "decoder_start_token_id",
    "diversity_penalty",
    "do_sample",
    "dropout",
    "dtype",
    "early_stopping",
    "embd_pdrop",
    "embed_dropout",
    "eos_token_id",
    "final_logit_softcapping",
    "finetuning_task",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "gradient_checkpointing",
    "hidden_dropout",
    "hidden_dropout_prob",
    "id2label",
    "init_std",
    "initializer_range",
    "is_encoder_decoder",
    "label2id",
    "layerdrop",
    "length_penalty",
    "max_length",
    "min_length",
    "model_type",
    "n_ctx",
    "no_repeat_ngram_size",
    "num_beams",
    "output_attentions",
    "output_hidden_states",
    "output_past",
    "pad_token_id",
    "prefix",
    "pretraining_tp",
    "problem_type",
    "qa_dropout",
    "repetition_penalty",
    "resid_dropout",
    "resid_pdrop",
    "return_dict",
    "sep_token_id",
    "seq_classif_dropout",
    "summary_activation",
    "summary_first_dropout",
    "summary_proj_to_labels",
    "summary_type",
    "summary_use_proj",
    "task_specific_params",
    "temperature",
    "tie_weights_",
    "tie_word_embeddings",
    "tokenizer_class",
    "top_k",
    "top_p",
    "torch_dtype",
    "transformers_version",
    "unk_token_id",
    "use_cache",
];

/// More blocks than any network has: a damaged number must not fill memory.
const DEEPEST: u64 = 4096;

/// Keys of every family that may only have the value that changes nothing.
const REQUIRED: [&str; 3] = ["add_cross_attention", "is_decoder", "pruned_heads"];

/// Networks that read text and images, and the family of their text part: its keys stand in a section of their own.
const WITH_IMAGES: [(&str, &str); 1] = [("gemma3", "gemma3_text")];

/// The keys of the text part of a network that reads images too; all keys of others.
fn text_part(mut keys: Map<String, Value>) -> Map<String, Value> {
    let family = keys.get("model_type").and_then(Value::as_str).unwrap_or_default();
    let Some((_, text)) = WITH_IMAGES.iter().find(|(name, _)| *name == family) else { return keys };
    let Some(Value::Object(mut section)) = keys.remove("text_config") else { return keys };
    section.insert("model_type".to_owned(), Value::from(*text));
    // What the section leaves out of it holds for the whole network.
    for key in ["initializer_range", "tie_word_embeddings"] {
        if let (false, Some(value)) = (section.contains_key(key), keys.remove(key)) {
            section.insert(key.to_owned(), value);
        }
    }
    section
}

impl Configuration {
    pub(crate) fn open(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join("config.json");
        let bytes = crate::checkpoint::read(&path)?;
        let damaged = |reason: String| ModelError::Damaged { path: path.clone(), reason };
        let json: Value = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        match json {
            Value::Object(keys) => Ok(Self { keys: text_part(keys), path }),
            _ => Err(damaged("found no object, expected keys such as model_type and hidden_size".to_owned())),
        }
    }

    /// A text.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.keys.get(key).and_then(Value::as_str).map(str::to_owned)
    }

    /// Its value, unless it is null.
    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.keys.get(key).filter(|value| !value.is_null())
    }

    /// Yes or no, or what stands in for it.
    pub(crate) fn flag_or(&self, key: &str, default: bool) -> Result<bool, ModelError> {
        let flag = self.value(key).map_or(Some(default), Value::as_bool);
        flag.ok_or_else(|| self.wrong(key, "true or false"))
    }

    /// A nonlinearity, or what stands in for it.
    pub(crate) fn activation_or(&self, key: &str, default: Activation) -> Result<Activation, ModelError> {
        let Some(value) = self.value(key) else { return Ok(default) };
        let names = activation_names();
        let expected = || self.wrong(key, &format!("one of {names}"));
        value.as_str().and_then(Activation::named).ok_or_else(expected)
    }

    /// The first of two names of a key if it has a value, else the second.
    pub(crate) fn either<'a>(&self, one: &'a str, other: &'a str) -> &'a str {
        if self.value(one).is_some() { one } else { other }
    }

    /// Whether a key stands there, be it with null.
    pub(crate) fn states(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    /// A whole number from 0 on, or what stands in for it.
    pub(crate) fn count_or(&self, key: &str, default: usize) -> Result<usize, ModelError> {
        match self.value(key) {
            Some(value) if value.as_u64() == Some(0) => Ok(0),
            _ => self.size_or(key, default),
        }
    }

    /// A size, where there is one.
    pub(crate) fn optional_size(&self, key: &str) -> Result<Option<usize>, ModelError> {
        self.value(key).map(|_| self.size(key)).transpose()
    }

    /// A size of at least 1.
    pub(crate) fn size(&self, key: &str) -> Result<usize, ModelError> {
        match self.keys.get(key).and_then(Value::as_u64) {
            // Larger sizes than this belong to no network, and would overflow products of sizes.
            Some(size) if (1..1 << 24).contains(&size) => Ok(size as usize),
            _ => Err(self.wrong(key, "a whole number from 1 to 16777215")),
        }
    }

    /// A number of blocks.
    pub(crate) fn depth(&self, key: &str) -> Result<usize, ModelError> {
        let depth = self.value(key).and_then(Value::as_u64).filter(|depth| (1..=DEEPEST).contains(depth));
        depth
            .map(|depth| depth as usize)
            .ok_or_else(|| self.wrong(key, &format!("a whole number from 1 to {DEEPEST}")))
    }

    /// A size, or what stands in for it.
    pub(crate) fn size_or(&self, key: &str, default: usize) -> Result<usize, ModelError> {
        Ok(self.optional_size(key)?.unwrap_or(default))
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

    /// Refuses keys that neither the family nor everybody knows.
    pub(crate) fn require_known(&self, known: &[&str]) -> Result<(), ModelError> {
        let is_known = |key: &&String| known.contains(&key.as_str()) || IGNORED.contains(&key.as_str());
        self.require("is_decoder", &[Value::Bool(false)])?;
        self.require("add_cross_attention", &[Value::Bool(false)])?;
        self.require("pruned_heads", &[Value::Object(Map::new())])?;
        match self.keys.keys().find(|key| !is_known(key) && !REQUIRED.contains(&key.as_str())) {
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

//! Files of a language model damaged at random: an error that names the folder, or activations, and never a panic.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use gyrus_core::{Stimulus, Word};
use gyrus_models::{LanguageModel, ModelError};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::Value;

struct Damage(ChaCha8Rng);

impl Damage {
    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound.max(1) as u64) as usize
    }

    /// Bytes changed, cut off or said twice.
    fn bytes(&mut self, good: &[u8], within: usize) -> Vec<u8> {
        let mut bytes = good.to_vec();
        for _ in 0..=self.below(4) {
            let place = self.below(within.min(bytes.len()));
            match self.below(4) {
                0 => bytes[place] ^= 1 << self.below(8),
                1 => bytes[place] = b"0123456789-.[]{}\",:e"[self.below(20)],
                2 => bytes.truncate(place.max(1)),
                _ => {
                    let end = (place + self.below(40)).min(bytes.len());
                    let part = bytes[place..end].to_vec();
                    bytes.splice(place..place, part);
                }
            }
        }
        bytes
    }

    /// A key of a configuration gone, or with a value of another kind or size.
    fn keys(&mut self, good: &Value) -> Value {
        let mut changed = good.clone();
        let keys: Vec<String> = good.as_object().unwrap().keys().cloned().collect();
        for _ in 0..=self.below(2) {
            let key = &keys[self.below(keys.len())];
            let values = [
                Value::Null,
                0.into(),
                1.into(),
                (-3).into(),
                7.into(),
                u64::MAX.into(),
                1e300.into(),
                0.3.into(),
                true.into(),
                "gelu".into(),
                Value::Array(vec![1.into()]),
                serde_json::json!({"rope_type": "longrope", "factor": 0}),
            ];
            changed[key] = values[self.below(values.len())].clone();
        }
        changed
    }
}

fn pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap()
}

/// Opens a folder and reads with it; says whether it could be opened.
fn try_out(folder: &Path, pool: &rayon::ThreadPool) -> bool {
    let language_model = match LanguageModel::open(folder) {
        Ok(language_model) => language_model,
        Err(error) => {
            let message = error.to_string();
            assert!(message.contains(&folder.display().to_string()), "{message}");
            return false;
        }
    };
    let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
    let words = ["The", "otter", "'s", "ça", "漢字", "😀"].map(word).to_vec();
    if let Ok(tokens) = language_model.tokenize(&Stimulus::new("story", words).unwrap()) {
        let ids: Vec<u32> = tokens.ids.into_iter().take(12).collect();
        match language_model.hidden_states(&ids, pool) {
            Ok(states) => assert_eq!(states.len(), language_model.n_layers()),
            Err(ModelError::Context { .. } | ModelError::Token { .. } | ModelError::NonFinite { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    true
}

/// Damages one file of a checkpoint many times.
fn damage(name: &str, file: &str, times: u64, change: impl Fn(&mut Damage, &[u8]) -> Vec<u8>) -> u64 {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/models").join(name);
    let copy = tempfile::tempdir().unwrap();
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        fs::copy(source.join(file), copy.path().join(file)).unwrap();
    }
    let (good, pool) = (fs::read(source.join(file)).unwrap(), pool());
    let refused = (0..times).filter(|seed| {
        let mut random = Damage(ChaCha8Rng::seed_from_u64(*seed));
        fs::write(copy.path().join(file), change(&mut random, &good)).unwrap();
        !try_out(copy.path(), &pool)
    });
    refused.count() as u64
}

const CHECKPOINTS: [&str; 8] =
    ["llama", "llama+yarn", "phi3+longrope", "gpt2", "gpt_neo", "gemma3_text", "bert", "albert+groups"];

#[test]
fn damaged_configurations() {
    for name in CHECKPOINTS {
        let bytes = damage(name, "config.json", 300, |random, good| random.bytes(good, usize::MAX));
        let keys = damage(name, "config.json", 300, |random, good| {
            random.keys(&serde_json::from_slice(good).unwrap()).to_string().into_bytes()
        });
        assert!(bytes > 100 && keys > 100, "{name}: {bytes} {keys}");
    }
}

#[test]
fn damaged_weights() {
    for name in CHECKPOINTS {
        // Headers are where damage can be seen; further on a bit only changes a number.
        let header = damage(name, "model.safetensors", 200, |random, good| random.bytes(good, 3000));
        let all = damage(name, "model.safetensors", 100, |random, good| random.bytes(good, usize::MAX));
        assert!(header > 100 && all > 20, "{name}: {header} {all}");
    }
}

#[test]
fn damaged_tokenizers() {
    for name in ["gpt2", "bert", "albert+groups", "llama"] {
        let refused = damage(name, "tokenizer.json", 1000, |random, good| random.bytes(good, usize::MAX));
        assert!(refused > 20, "{name}: {refused}");
    }
}

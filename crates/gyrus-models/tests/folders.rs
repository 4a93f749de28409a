//! Folders that cannot be used: each gives one error that names the file, the place, what was found and what was expected.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use gyrus_core::{LayerIndex, Stimulus, Word};
use gyrus_models::{Extraction, LanguageModel, Site, extract};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A copy of a good checkpoint.
struct Copy(TempDir);

impl Copy {
    fn of(name: &str) -> Self {
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/models").join(name);
        let copy = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(source).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
        Self(copy)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// Sets a key of config.json.
    fn with(self, key: &str, value: Value) -> Self {
        let path = self.path("config.json");
        let mut json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        json[key] = value;
        fs::write(&path, json.to_string()).unwrap();
        self
    }

    /// Changes the bytes of a file.
    fn changed(self, file: &str, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut bytes = fs::read(self.path(file)).unwrap();
        change(&mut bytes);
        fs::write(self.path(file), bytes).unwrap();
        self
    }

    fn without(self, file: &str) -> Self {
        fs::remove_file(self.path(file)).unwrap();
        self
    }

    fn error(&self) -> String {
        LanguageModel::open(self.0.path()).unwrap_err().to_string()
    }

    /// Opening it fails with a message that has all of these.
    fn refused(&self, parts: &[&str]) {
        let error = self.error();
        for part in parts {
            assert!(error.contains(part), "`{part}` is not in: {error}");
        }
    }
}

/// Where the numbers of a tensor start in a safetensors file.
fn offset(path: &Path, tensor: &str) -> usize {
    let bytes = fs::read(path).unwrap();
    let (header, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    8 + header + metadata.info(tensor).unwrap().data_offsets.0
}

const WEIGHTS: &str = "model.safetensors";
const TENSOR: &str = "model.layers.1.mlp.down_proj.weight";

#[test]
fn damaged_weights_are_named() {
    let cut = Copy::of("llama").changed(WEIGHTS, |bytes| bytes.truncate(bytes.len() - 10));
    cut.refused(&[WEIGHTS, "found", "expected a whole safetensors file"]);
    let short = Copy::of("llama").changed(WEIGHTS, |bytes| bytes.truncate(5));
    short.refused(&[WEIGHTS, "5 bytes"]);
    let empty = Copy::of("llama").changed(WEIGHTS, Vec::clear);
    empty.refused(&[WEIGHTS, "0 bytes"]);
    let long =
        Copy::of("llama").changed(WEIGHTS, |bytes| bytes[..8].copy_from_slice(&u64::MAX.to_le_bytes()));
    long.refused(&[WEIGHTS, "a header of 18446744073709551615 bytes"]);
    let garbled = Copy::of("llama").changed(WEIGHTS, |bytes| bytes[20..40].fill(b'x'));
    garbled.refused(&[WEIGHTS, "a header that says"]);
    Copy::of("llama").without(WEIGHTS).refused(&[WEIGHTS, "cannot be read", "expected a folder"]);
}

#[test]
fn weights_that_are_no_numbers_are_named() {
    let copy = Copy::of("llama");
    let start = offset(&copy.path(WEIGHTS), TENSOR);
    // In bfloat16, 0x7fc0 is not a number and 0x7f80 is infinite.
    for value in [0x7fc0_u16, 0x7f80] {
        let copy = Copy::of("llama");
        let copy =
            copy.changed(WEIGHTS, |bytes| bytes[start + 6..start + 8].copy_from_slice(&value.to_le_bytes()));
        copy.refused(&[WEIGHTS, TENSOR, "value 3 is NaN or infinite", "expected finite weights"]);
    }
}

#[test]
fn weights_of_another_configuration_are_named() {
    let wide = Copy::of("llama").with("intermediate_size", json!(60));
    wide.refused(&[WEIGHTS, "mlp.gate_proj.weight", "found shape [56, 32]", "expected [60, 32]"]);
    let deep = Copy::of("llama").with("num_hidden_layers", json!(4));
    deep.refused(&[WEIGHTS, "layers.3.", "found none"]);
    let header = |bytes: &mut Vec<u8>| {
        let kind = bytes.windows(6).position(|window| window == b"\"BF16\"").unwrap();
        bytes[kind..kind + 6].copy_from_slice(b"\"I16\" ");
    };
    Copy::of("gpt2").changed(WEIGHTS, header).refused(&[WEIGHTS, "I16", "expected F32, F16 or BF16"]);
}

#[test]
fn shards_that_are_missing_or_elsewhere_are_named() {
    let shard = "model-00002-of-00004.safetensors";
    Copy::of("llama+sharded+untied").without(shard).refused(&[shard, "cannot be read"]);
    let index = "model.safetensors.index.json";
    let away = br#"{"weight_map": {"a": "../elsewhere.safetensors"}}"#.to_vec();
    let copy = Copy::of("llama+sharded+untied").changed(index, |bytes| *bytes = away);
    copy.refused(&[index, "../elsewhere.safetensors", "expected one inside the folder"]);
    let copy = Copy::of("llama+sharded+untied").changed(index, |bytes| *bytes = b"{}".to_vec());
    copy.refused(&[index, "found no weight_map"]);
}

#[test]
fn configurations_that_are_not_understood_are_named() {
    let found = |key: &str, value: Value| Copy::of("llama").with(key, value);
    found("attention_sink_size", json!(4)).refused(&[
        "config.json",
        "attention_sink_size",
        "found 4",
        "no such key",
    ]);
    found("hidden_act", json!("mish")).refused(&["config.json", "hidden_act", "\"mish\"", "silu"]);
    found("hidden_size", json!("large")).refused(&[
        "config.json",
        "hidden_size",
        "\"large\"",
        "a whole number",
    ]);
    found("num_key_value_heads", json!(3)).refused(&["num_key_value_heads", "found 3", "divisor"]);
    found("is_decoder", json!(true)).refused(&["is_decoder", "found true", "false"]);
    found("rms_norm_eps", json!("x")).refused(&["rms_norm_eps", "a number"]);
    let rope = |value: Value| found("rope_parameters", value);
    rope(json!({"rope_type": "spiral"})).refused(&["rope_parameters", "spiral", "yarn"]);
    rope(json!({"rope_type": "linear"})).refused(&["rope_parameters", "a positive number under factor"]);
    rope(json!({"rope_type": "default", "twist": 1})).refused(&["rope_parameters", "twist"]);
    found("model_type", json!("mamba")).refused(&[
        "config.json",
        "found model_type `mamba`",
        "gpt2",
        "xlm-roberta",
    ]);
    Copy::of("gemma2").with("layer_types", json!(["global"])).refused(&["layer_types", "full_attention"]);
    Copy::of("gpt_neo").with("attention_types", json!([[["far"], 4]])).refused(&[
        "attention_types",
        "far",
        "local",
    ]);
    Copy::of("bert")
        .with("position_embedding_type", json!("relative_key"))
        .refused(&["relative_key", "absolute"]);
}

#[test]
fn other_files_that_are_missing_or_damaged_are_named() {
    Copy::of("llama").without("tokenizer.json").refused(&["tokenizer.json", "cannot be read"]);
    Copy::of("llama").without("config.json").refused(&["config.json", "cannot be read"]);
    Copy::of("llama").changed("config.json", |bytes| bytes.truncate(30)).refused(&["config.json", "EOF"]);
    Copy::of("llama")
        .changed("config.json", |bytes| *bytes = b"[]".to_vec())
        .refused(&["config.json", "found no object"]);
    Copy::of("llama").changed("tokenizer.json", |bytes| bytes.truncate(100)).refused(&["tokenizer.json"]);
}

#[test]
fn readings_that_cannot_be_are_named() {
    let copy = Copy::of("llama");
    let language_model = LanguageModel::open(copy.0.path()).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
    let words = Stimulus::new("story", vec![word("the"), word("incomprehensibilities")]).unwrap();
    let read = |context, layers| {
        let extraction = Extraction { layers, ..Extraction::new(context) };
        extract(&language_model, &words, &extraction, &pool, &|_| {}).unwrap_err().to_string()
    };
    let short = read(6, None);
    assert!(short.contains("found a context of 6 tokens, expected from"), "{short}");
    assert!(read(41, None).contains("to 40"), "{}", read(41, None));
    assert!(read(40, Some(vec![LayerIndex(9)])).contains("found layer 9, expected 0 to 3"));
    let ids = [1, 9999];
    let error = language_model.hidden_states(&ids, &pool).unwrap_err().to_string();
    assert!(error.contains("found token 9999"), "{error}");
    let error = language_model.activations(&[1], &[Site::Mlp(7)], &pool).unwrap_err().to_string();
    assert!(error.contains("found site block.7.mlp") && error.contains("1 to 3"), "{error}");
}

#[test]
fn numbers_that_overflow_are_named() {
    let copy = Copy::of("llama");
    let start = offset(&copy.path(WEIGHTS), "model.layers.0.mlp.down_proj.weight");
    // 0x7f7f is the largest finite number of bfloat16; a row of them overflows where it meets the state.
    let copy = copy.changed(WEIGHTS, |bytes| {
        bytes[start..start + 2 * 56].as_chunks_mut::<2>().0.iter_mut().for_each(|pair| *pair = [0x7f, 0x7f]);
    });
    let language_model = LanguageModel::open(copy.0.path()).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let error = language_model.hidden_states(&[5, 6, 7, 8], &pool).unwrap_err().to_string();
    assert!(error.contains("block.1.out computes NaN or infinity"), "{error}");
}

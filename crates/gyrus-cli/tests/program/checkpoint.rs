//! A Llama of few parameters with a tokenizer of whole words, in Hugging Face layout.

use std::fs;
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;

use super::numbers::Numbers;

/// How large it is.
#[derive(Clone, Copy)]
pub struct Size {
    /// Units per layer.
    pub width: usize,
    /// Rows of the embedding, at least three more than there are words.
    pub vocabulary: usize,
}

const BLOCKS: usize = 2;

/// Writes config.json, tokenizer.json and model.safetensors; `words` are the vocabulary.
pub fn write(folder: &Path, words: &[&str], size: Size) {
    fs::create_dir_all(folder).unwrap();
    let vocabulary: Vec<&str> = ["<unk>", "<s>", "so"].iter().chain(words).copied().collect();
    fs::write(folder.join("config.json"), configuration(size).to_string()).unwrap();
    fs::write(folder.join("tokenizer.json"), tokenizer(&vocabulary).to_string()).unwrap();
    fs::write(folder.join("model.safetensors"), weights(size)).unwrap();
}

fn configuration(Size { width, vocabulary }: Size) -> serde_json::Value {
    json!({
        "model_type": "llama", "hidden_act": "silu", "hidden_size": width, "intermediate_size": 16,
        "num_hidden_layers": BLOCKS, "num_attention_heads": 2, "num_key_value_heads": 1,
        "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "vocab_size": vocabulary,
        "tie_word_embeddings": true, "initializer_range": 0.3,
    })
}

fn tokenizer(vocabulary: &[&str]) -> serde_json::Value {
    let ids: serde_json::Map<_, _> =
        vocabulary.iter().enumerate().map(|(id, word)| ((*word).to_owned(), json!(id))).collect();
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": { "type": "WhitespaceSplit" }, "decoder": null,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{ "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }],
            "pair": [{ "Sequence": { "id": "A", "type_id": 0 } }, { "Sequence": { "id": "B", "type_id": 1 } }],
            "special_tokens": { "<s>": { "id": "<s>", "ids": [1], "tokens": ["<s>"] } },
        },
        "model": { "type": "WordLevel", "vocab": ids, "unk_token": "<unk>" },
    })
}

fn weights(Size { width, vocabulary }: Size) -> Vec<u8> {
    let mut shapes = vec![
        ("model.embed_tokens.weight".to_owned(), vec![vocabulary, width]),
        ("model.norm.weight".to_owned(), vec![width]),
    ];
    for block in 0..BLOCKS {
        let named = |name: &str| format!("model.layers.{block}.{name}.weight");
        shapes.extend([
            (named("input_layernorm"), vec![width]),
            (named("self_attn.q_proj"), vec![width, width]),
            (named("self_attn.k_proj"), vec![width / 2, width]),
            (named("self_attn.v_proj"), vec![width / 2, width]),
            (named("self_attn.o_proj"), vec![width, width]),
            (named("post_attention_layernorm"), vec![width]),
            (named("mlp.gate_proj"), vec![16, width]),
            (named("mlp.up_proj"), vec![16, width]),
            (named("mlp.down_proj"), vec![width, 16]),
        ]);
    }
    let mut numbers = Numbers::new(7);
    let mut bytes = |shape: &[usize]| -> Vec<u8> {
        let count = shape.iter().product();
        (0..count).flat_map(|_| (0.6 * numbers.next() as f32).to_le_bytes()).collect()
    };
    let stored: Vec<_> = shapes.into_iter().map(|(name, shape)| (name, bytes(&shape), shape)).collect();
    let views = stored.iter().map(|(name, bytes, shape)| {
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

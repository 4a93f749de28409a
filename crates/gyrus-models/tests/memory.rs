//! What reading holds beside weights and word vectors: as much as is said, however long the text is.

#![allow(clippy::unwrap_used)]

#[path = "../../gyrus-cli/tests/memory/counting.rs"]
mod counting;

use std::path::Path;

use counting::Counting;
use gyrus_core::{Stimulus, Word};
use gyrus_models::{Extraction, LanguageModel, ModelError, WordVectors, extract, extract_to};

#[global_allocator]
static ALLOCATOR: Counting = Counting::new();

const STORY: &str = "Nobody counted the lanterns along the river road but every morning the baker said that twelve of them were still burning and that the radio had played the same old song";
const CONTEXT: usize = 512;

/// GPT-2 of six blocks of 256 units, from the tokenizer of a small checkpoint.
fn language_model(folder: &Path) -> LanguageModel {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/models/gpt2");
    for name in ["tokenizer.json", "model.safetensors"] {
        std::fs::copy(from.join(name), folder.join(name)).unwrap();
    }
    let mut configuration: serde_json::Value =
        serde_json::from_slice(&std::fs::read(from.join("config.json")).unwrap()).unwrap();
    for (key, value) in [("n_embd", 256), ("n_layer", 6), ("n_positions", CONTEXT)] {
        configuration[key] = value.into();
    }
    std::fs::write(folder.join("config.json"), configuration.to_string()).unwrap();
    LanguageModel::untrained(folder, 1).unwrap()
}

/// Bytes at the peak beside those that are live before and the word vectors.
fn beside(language_model: &LanguageModel, words: usize, pool: &rayon::ThreadPool) -> u64 {
    let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
    let stimulus = Stimulus::new("story", STORY.split(' ').cycle().take(words).map(word).collect()).unwrap();
    let live = ALLOCATOR.restart();
    let layers = extract(language_model, &stimulus, &Extraction::new(CONTEXT), pool, &|_| {}).unwrap();
    let peak = ALLOCATOR.peak();
    let vectors: usize = layers.iter().map(|layer| 4 * layer.values.len()).sum();
    assert_eq!(vectors, 4 * words * 7 * 256);
    peak - live - vectors as u64
}

/// Bytes at the peak beside those that are live before, where word vectors are looked at and let go.
fn streamed(language_model: &LanguageModel, words: usize, pool: &rayon::ThreadPool) -> u64 {
    let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
    let stimulus = Stimulus::new("story", STORY.split(' ').cycle().take(words).map(word).collect()).unwrap();
    let mut taken = [0; 7];
    let live = ALLOCATOR.restart();
    let mut take = |vectors: WordVectors<'_>| {
        assert_eq!(
            (vectors.words.start, vectors.values.nrows()),
            (taken[vectors.layer.0], vectors.words.len())
        );
        taken[vectors.layer.0] = vectors.words.end;
        Ok::<(), ModelError>(())
    };
    extract_to(language_model, &stimulus, &Extraction::new(CONTEXT), (pool, &|_| {}), &mut take).unwrap();
    let peak = ALLOCATOR.peak();
    assert_eq!(taken, [words; 7], "every word of every layer, once and in order");
    peak - live
}

#[test]
fn reading_holds_windows_and_word_vectors_but_never_the_tokens_of_a_text() {
    let folder = tempfile::tempdir().unwrap();
    let language_model = language_model(folder.path());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    // Each thread makes room for matrix products once, and keeps it.
    beside(&language_model, 800, &pool);
    let (short, long) = (beside(&language_model, 800, &pool), beside(&language_model, 2400, &pool));
    let told = language_model.memory_needed(CONTEXT, usize::MAX) - language_model.weights_memory()
        + 2 * language_model.memory_per_thread(CONTEXT, usize::MAX);
    assert!(long <= told, "{long} bytes, {told} were told");
    assert!(long <= 1 << 30);
    // Token numbers and places grow with the text, by a few bytes a token; vectors of tokens would by 7 kB.
    assert!(long <= short + 1600 * 400, "{short} bytes with 800 words, {long} with 2400");
    // Nor those of words, where each is taken as it is finished.
    let streamed = streamed(&language_model, 2400, &pool);
    assert!(streamed <= told, "{streamed} bytes, {told} were told");
}

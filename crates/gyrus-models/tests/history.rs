//! History by rule: what a word sees decides its vector, and nothing else does.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use gyrus_core::{Stimulus, Word};
use gyrus_models::{Extraction, History, LanguageModel, ModelError, Scramble, extract};
use ndarray::{Array1, Array2};

const STORY: &str = "Nobody counted the lanterns. Along the river road the baker said that twelve were still burning. \
                     The radio played the same old song! Seven otters slid under the bridge before midnight came.";

fn language_model(name: &str) -> LanguageModel {
    LanguageModel::open(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/models").join(name))
        .unwrap()
}

fn pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()
}

fn stimulus(words: &[&str]) -> Stimulus {
    let word = |text: &&str| Word { text: (*text).to_owned(), onset: None, offset: None };
    Stimulus::new("story", words.iter().map(word).collect()).unwrap()
}

fn words() -> Vec<&'static str> {
    STORY.split_whitespace().collect()
}

fn read(language_model: &LanguageModel, extraction: &Extraction) -> Array2<f32> {
    let mut layers = extract(language_model, &stimulus(&words()), extraction, &pool(), &|_| {}).unwrap();
    layers.pop().unwrap().values
}

/// The last layer at the last token of a text that is read alone.
fn alone(language_model: &LanguageModel, tokens: &[u32]) -> Array1<f32> {
    let empty = language_model.special_tokens();
    let ids: Vec<u32> = empty.0.iter().chain(tokens).chain(empty.1).copied().collect();
    let states = language_model.hidden_states(&ids, &pool()).unwrap();
    states.last().unwrap().row(empty.0.len() + tokens.len() - 1).to_owned()
}

fn close(one: &Array1<f32>, other: &Array1<f32>) -> bool {
    one.iter().zip(other).all(|(one, other)| (one - other).abs() < 1e-4)
}

#[test]
fn exact_history_is_the_tokens_that_fit_and_no_others() {
    for name in ["gpt2", "llama", "bert"] {
        let language_model = language_model(name);
        let tokens = language_model.tokenize(&stimulus(&words())).unwrap();
        let (prefix, suffix) = language_model.special_tokens();
        let context = 32;
        let room = context - prefix.len() - suffix.len();
        let found =
            read(&language_model, &Extraction { history: History::Exact, ..Extraction::new(context) });
        for (index, word) in tokens.words.iter().enumerate() {
            let seen = &tokens.ids[word.end.saturating_sub(room)..word.end];
            assert!(
                close(&found.row(index).to_owned(), &alone(&language_model, seen)),
                "{name} word {index}"
            );
        }
    }
}

#[test]
fn history_in_words_and_sentences_starts_where_it_says() {
    let language_model = language_model("llama");
    let tokens = language_model.tokenize(&stimulus(&words())).unwrap();
    let first_of_two_sentences = |word: usize| match word {
        0..16 => 0,
        16..23 => 4,
        _ => 16,
    };
    let check = |history: History, first: &dyn Fn(usize) -> usize| {
        let found = read(&language_model, &Extraction { history, ..Extraction::new(40) });
        for (index, word) in tokens.words.iter().enumerate() {
            let start = tokens.words[first(index)].start.max(word.end.saturating_sub(39));
            let expected = alone(&language_model, &tokens.ids[start..word.end]);
            assert!(close(&found.row(index).to_owned(), &expected), "{history:?} word {index}");
        }
    };
    check(History::Words(1), &|word| word);
    check(History::Words(3), &|word| word.saturating_sub(2));
    check(History::Sentences(2), &first_of_two_sentences);
}

#[test]
fn strided_windows_give_every_token_what_they_promise() {
    let language_model = language_model("gpt2");
    let at_least = |tokens| {
        read(&language_model, &Extraction { history: History::AtLeast(tokens), ..Extraction::new(40) })
    };
    let exact = read(&language_model, &Extraction { history: History::Exact, ..Extraction::new(40) });
    // Windows that advance by one token are exact; those that do not overlap are far from it.
    let apart = |one: &Array2<f32>| (one - &exact).iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    assert!(apart(&at_least(40)) < 1e-4, "{}", apart(&at_least(40)));
    assert!(apart(&at_least(1)) > 1e-2);
    let extraction = Extraction { history: History::AtLeast(41), ..Extraction::new(40) };
    let error = extract(&language_model, &stimulus(&words()), &extraction, &pool(), &|_| {}).unwrap_err();
    assert!(matches!(error, ModelError::Context { found: 41, .. }), "{error}");
}

#[test]
fn scrambled_history_changes_what_follows_and_nothing_of_the_first_words() {
    for name in ["gpt2", "bert"] {
        let language_model = language_model(name);
        let exact = read(&language_model, &Extraction { history: History::Exact, ..Extraction::new(40) });
        let scrambled = |scramble| {
            let scramble = Some(scramble);
            read(&language_model, &Extraction { history: History::Exact, scramble, ..Extraction::new(40) })
        };
        let differs = |scramble| {
            let found = scrambled(scramble);
            assert_eq!(found, scrambled(scramble), "{name}");
            let close = |row: usize| close(&found.row(row).to_owned(), &exact.row(row).to_owned());
            // Nothing can be moved before the second word, nor sentences before two have ended.
            assert!(close(0) && close(1), "{name} {scramble:?}");
            (0..found.nrows()).any(|row| !close(row))
        };
        assert!(differs(Scramble::Words { seed: 1 }), "{name}");
        assert!((1..6).any(|seed| differs(Scramble::Sentences { seed })), "{name}");
    }
}

#[test]
fn texts_without_sentences_are_named() {
    let language_model = language_model("llama");
    let extraction = Extraction { history: History::Sentences(1), ..Extraction::new(40) };
    let words = stimulus(&["no", "marks", "here"]);
    let error = extract(&language_model, &words, &extraction, &pool(), &|_| {}).unwrap_err().to_string();
    assert!(error.contains("among 3"), "{error}");
}

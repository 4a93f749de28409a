//! What must hold of every family: no vector depends on a later word, nor on threads, nor on what else is read.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use gyrus_core::{Stimulus, Word};
use gyrus_models::{Extraction, History, LanguageModel, ModelError, Pooling, extract};
use ndarray::Array2;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/models");
const STORY: &str = "Nobody counted the lanterns along the river road but every morning the baker said that twelve of them were still burning and that the radio had played the same old song";

fn language_models() -> Vec<(PathBuf, LanguageModel)> {
    let entries = std::fs::read_dir(ROOT).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.join("config.json").is_file()).collect();
    folders.sort();
    assert!(folders.len() >= 45);
    folders.into_iter().map(|folder| (folder.clone(), LanguageModel::open(&folder).unwrap())).collect()
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

fn read(language_model: &LanguageModel, words: &[&str], context: usize, threads: usize) -> Vec<Array2<f32>> {
    let word = |text: &&str| Word { text: (*text).to_owned(), onset: None, offset: None };
    let stimulus = Stimulus::new("story", words.iter().map(word).collect()).unwrap();
    let extraction = Extraction { pooling: Pooling::Mean, ..Extraction::new(context) };
    let layers = extract(language_model, &stimulus, &extraction, &pool(threads), &|_| {}).unwrap();
    layers.into_iter().map(|layer| layer.values).collect()
}

#[test]
fn in_causal_models_no_word_depends_on_a_later_one() {
    let story: Vec<&str> = STORY.split(' ').collect();
    let mut n_causal = 0;
    for (folder, language_model) in language_models() {
        if !language_model.is_causal() {
            continue;
        }
        n_causal += 1;
        // A short window has its boundaries near every changed word.
        for context in [34, 40] {
            let whole = read(&language_model, &story, context, 1);
            for changed in [1, 9, 16, 28] {
                for replacement in ["a", "unforgettablest"] {
                    let mut words = story.clone();
                    words[changed] = replacement;
                    let other = read(&language_model, &words, context, 1);
                    for (layer, (one, other)) in whole.iter().zip(&other).enumerate() {
                        let place =
                            format!("{} layer {layer} word {changed} context {context}", folder.display());
                        assert!((0..changed).all(|word| one.row(word) == other.row(word)), "{place}");
                        assert_ne!(one.row(changed), other.row(changed), "{place}");
                    }
                }
            }
        }
    }
    assert!(n_causal >= 37, "{n_causal}");
}

#[test]
fn encoders_see_both_sides() {
    let story: Vec<&str> = STORY.split(' ').take(8).collect();
    let mut n_encoders = 0;
    for (folder, language_model) in language_models() {
        if language_model.is_causal() {
            continue;
        }
        n_encoders += 1;
        let mut words = story.clone();
        words[7] = "a";
        let (one, other) = (read(&language_model, &story, 40, 1), read(&language_model, &words, 40, 1));
        assert_eq!(one[0].row(0), other[0].row(0), "{}", folder.display());
        assert_ne!(one[1].row(0), other[1].row(0), "{}", folder.display());
    }
    assert!(n_encoders >= 8, "{n_encoders}");
}

#[test]
fn threads_never_change_bits() {
    let story: Vec<&str> = STORY.split(' ').collect();
    for (folder, language_model) in language_models() {
        let one = read(&language_model, &story, 40, 1);
        assert_eq!(one, read(&language_model, &story, 40, 2), "{}", folder.display());
        assert_eq!(one, read(&language_model, &story, 40, 5), "{}", folder.display());
    }
}

#[test]
fn controls_have_the_shape_and_other_numbers() {
    let mut folders: Vec<PathBuf> = language_models().into_iter().map(|(folder, _)| folder).collect();
    folders.retain(|folder| !folder.to_string_lossy().contains('+'));
    assert_eq!(folders.len(), 17);
    for folder in folders {
        let trained = LanguageModel::open(&folder).unwrap();
        let state = |language_model: &LanguageModel| {
            language_model.hidden_states(&[5, 6, 7, 8], &pool(1)).unwrap().pop().unwrap()
        };
        let original = state(&trained);
        for make in [LanguageModel::untrained, LanguageModel::shuffled] {
            let (one, again, other) =
                (make(&folder, 1).unwrap(), make(&folder, 1).unwrap(), make(&folder, 2).unwrap());
            assert_eq!((one.n_layers(), one.n_parameters()), (trained.n_layers(), trained.n_parameters()));
            assert_eq!(state(&one), state(&again), "{}", folder.display());
            assert_ne!(state(&one), state(&other), "{}", folder.display());
            assert_ne!(state(&one), original, "{}", folder.display());
        }
    }
}

/// The last layer, every word read behind its own sentence alone.
fn by_sentence(language_model: &LanguageModel, words: &[&str], threads: usize) -> Array2<f32> {
    let word = |text: &&str| Word { text: (*text).to_owned(), onset: None, offset: None };
    let stimulus = Stimulus::new("story", words.iter().map(word).collect()).unwrap();
    let extraction = Extraction { history: History::Sentences(1), ..Extraction::new(40) };
    let mut layers = extract(language_model, &stimulus, &extraction, &pool(threads), &|_| {}).unwrap();
    layers.pop().unwrap().values
}

#[test]
fn an_encoders_window_has_the_same_vectors_whatever_is_read_beside_it() {
    let text = "Nobody counted the lanterns. Every baker said that twelve burned. The radio played";
    let words: Vec<&str> = text.split(' ').collect();
    let mut n_encoders = 0;
    for (folder, language_model) in language_models() {
        if language_model.is_causal() {
            continue;
        }
        n_encoders += 1;
        let whole = by_sentence(&language_model, &words, 2);
        for count in [4, 7, 10] {
            let part = by_sentence(&language_model, &words[..count], 1);
            assert_eq!(part, whole.slice(ndarray::s![..count, ..]), "{} {count}", folder.display());
        }
        // A window that is read alone, at its own length.
        let stimulus: Vec<Word> = words[4..10]
            .iter()
            .map(|text| Word { text: (*text).to_owned(), onset: None, offset: None })
            .collect();
        // Behind another word, so that the first of the sentence has the mark of a word's start.
        let before = Word { text: "so".to_owned(), onset: None, offset: None };
        let all = Stimulus::new("sentence", [vec![before], stimulus].concat()).unwrap();
        let tokens = language_model.tokenize(&all).unwrap();
        let (prefix, suffix) = language_model.special_tokens();
        let ids = &tokens.ids[tokens.words[1].start..];
        let window: Vec<u32> = [prefix, ids, suffix].concat();
        let states = language_model.hidden_states(&window, &pool(1)).unwrap();
        let alone = states.last().unwrap().row(prefix.len() + ids.len() - 1).to_owned();
        let largest = alone.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        for (one, other) in alone.iter().zip(whole.row(9)) {
            assert!((one - other).abs() <= 1e-6 * largest, "{}: {one} {other}", folder.display());
        }
    }
    assert!(n_encoders >= 8, "{n_encoders}");
}

#[test]
fn windows_that_are_read_together_have_the_vectors_that_each_has_alone() {
    let ids =
        |start: u32, count: u32| -> Vec<u32> { (start..start + count).map(|id| 3 + id * 7 % 29).collect() };
    for (folder, language_model) in language_models() {
        let limit = language_model.context_limit() as u32;
        // One token, whole steps and a token more, more windows than rows of a product. Where rotary positions depend
        // on the length of a text, texts read together are as long as the longest.
        let is_by_length = folder.ends_with("phi3+longrope");
        let lengths = if is_by_length { [limit; 8] } else { [1, 8, 9, limit, 2, 16, 17, 31] };
        let lengths = lengths.into_iter().cycle().take(24);
        let windows: Vec<Vec<u32>> =
            lengths.enumerate().map(|(window, count)| ids(window as u32, count.min(limit))).collect();
        let together = language_model.hidden_states_of_each(&windows, &pool(2)).unwrap();
        assert_eq!(together, language_model.hidden_states_of_each(&windows, &pool(1)).unwrap());
        for (window, states) in windows.iter().zip(&together) {
            let alone = language_model.hidden_states(window, &pool(2)).unwrap();
            for (one, other) in states.iter().zip(&alone) {
                assert_eq!(one.dim(), other.dim());
                let largest = other.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
                let apart = (one - other).iter().fold(0.0_f32, |most, value| most.max(value.abs()));
                assert!(apart <= 1e-5 * largest, "{}: {apart} of {largest}", folder.display());
            }
        }
        assert!(language_model.hidden_states_of_each(&[], &pool(1)).unwrap().is_empty());
        let error = language_model.hidden_states_of_each(&[ids(0, 2), Vec::new()], &pool(1)).unwrap_err();
        assert!(matches!(error, ModelError::Context { found: 0, .. }), "{error}");
    }
}

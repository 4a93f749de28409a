//! Every family against transformers on small random checkpoints, layer by layer.

#![allow(clippy::unwrap_used)]

mod golden;

use golden::{Golden, TOLERANCE, checkpoints, difference, pool, wrong_layers};
use gyrus_core::{Stimulus, Word};
use gyrus_models::{Extraction, LanguageModel, ModelError, Site, extract, predictions};
use ndarray::s;

fn stimulus(text: &str) -> Stimulus {
    let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
    Stimulus::new("story", text.split(' ').map(word).collect()).unwrap()
}

#[test]
fn hidden_states_equal_those_of_transformers() {
    let mut wrong = Vec::new();
    for folder in checkpoints() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        match LanguageModel::open(&folder) {
            Ok(language_model) => wrong.extend(wrong_layers(&folder, &language_model)),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_have_the_tokens_of_the_whole_text() {
    for folder in checkpoints() {
        let language_model = LanguageModel::open(&folder).unwrap();
        let golden = Golden::of(&folder);
        let sentence = language_model.tokenize(&stimulus(&golden.texts["sentence"])).unwrap();
        assert_eq!(sentence.ids, golden.ids["plain.ids"], "{}", folder.display());
        let story = language_model.tokenize(&stimulus(&golden.texts["story"])).unwrap();
        assert_eq!(story.ids, golden.ids["story.ids"], "{}", folder.display());
    }
}

#[test]
fn texts_beyond_the_limit_are_read_in_windows() {
    for folder in checkpoints() {
        let language_model = LanguageModel::open(&folder).unwrap();
        let golden = Golden::of(&folder);
        let story = stimulus(&golden.texts["story"]);
        let tokens = language_model.tokenize(&story).unwrap();
        let extraction = Extraction::new(language_model.context_limit());
        let layers = extract(&language_model, &story, &extraction, &pool(), &|_| {}).unwrap();
        let ends: Vec<usize> = tokens.words.iter().map(|word| word.end - 1).collect();
        let expected = golden.matrix("story.last").select(ndarray::Axis(0), &ends);
        let apart = difference(layers.last().unwrap().values.view(), &expected);
        assert!(apart < TOLERANCE, "{}: {apart}", folder.display());
        let beyond: Vec<u32> = tokens.ids.iter().copied().take(language_model.context_limit() + 1).collect();
        let error = language_model.hidden_states(&beyond, &pool()).unwrap_err();
        assert!(matches!(error, ModelError::Context { .. }), "{error}");
    }
}

#[test]
fn parts_of_blocks_equal_those_of_transformers() {
    let mut n_sites = 0;
    for folder in checkpoints() {
        let golden = Golden::of(&folder);
        let names = golden.numbers.keys().filter(|name| name.starts_with("block."));
        let sites: Vec<Site> = names.map(|name| name.parse().unwrap()).collect();
        let language_model = LanguageModel::open(&folder).unwrap();
        let found = language_model.activations(&golden.ids["bos.ids"], &sites, &pool()).unwrap();
        for (site, found) in sites.iter().zip(found) {
            let apart = difference(found.slice(s![.., ..]), &golden.matrix(&site.to_string()));
            assert!(apart < TOLERANCE, "{} {site}: {apart}", folder.display());
        }
        n_sites += sites.len();
    }
    assert_eq!(n_sites, 30, "five families, three blocks, two parts");
}

#[test]
fn surprisal_and_entropy_of_words_equal_those_of_transformers() {
    let mut n_checked = 0;
    for folder in checkpoints() {
        let golden = Golden::of(&folder);
        let language_model = LanguageModel::open(&folder).unwrap();
        let extraction = Extraction::new(language_model.context_limit());
        let sentence = stimulus(&golden.texts["sentence"]);
        let found = predictions(&language_model, &sentence, &extraction, &pool());
        let Some((_, surprisal)) = golden.numbers.get("surprisal") else {
            let is_encoder = matches!(found, Err(ModelError::NoPrediction { .. }));
            assert_eq!(is_encoder, !language_model.is_causal(), "{}", folder.display());
            continue;
        };
        let entropy = &golden.numbers["entropy"].1;
        let prefix = language_model.special_tokens().0.len();
        let tokens = language_model.tokenize(&sentence).unwrap();
        for (index, (word, found)) in tokens.words.iter().zip(found.unwrap()).enumerate() {
            if index == 0 && prefix == 0 {
                assert_eq!((found.surprisal, found.entropy), (None, None), "{}", folder.display());
                continue;
            }
            // The golden of a token stands at the place of the token before it.
            let place = word.start + prefix - 1;
            let expected: f32 = surprisal[place..place + word.len()].iter().sum();
            let apart = [
                found.surprisal.unwrap() / f64::from(expected) - 1.0,
                found.entropy.unwrap() / f64::from(entropy[place]) - 1.0,
            ];
            assert!(apart.iter().all(|apart| apart.abs() < 1e-4), "{} {index}: {apart:?}", folder.display());
        }
        n_checked += 1;
    }
    assert!(n_checked >= 30, "{n_checked}");
}

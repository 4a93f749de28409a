//! The Llama family against transformers on a real trained language model, and against itself on changed words.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use gyrus_core::{LayerIndex, Stimulus, Word};
use gyrus_models::{Extraction, LanguageModel, Pooling, extract};
use ndarray::Array2;

fn folder() -> PathBuf {
    let root = std::env::var("GYRUS_DATA")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let folder = root.join("models/stories260k");
    assert!(
        folder.is_dir(),
        "{} is missing: set GYRUS_DATA to the folder with data/ and models/",
        folder.display()
    );
    folder
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

fn stimulus(words: &[&str]) -> Stimulus {
    let word = |text: &&str| Word { text: (*text).to_owned(), onset: None, offset: None };
    Stimulus::new("story", words.iter().map(word).collect()).unwrap()
}

fn read(words: &[&str], context: usize, threads: usize) -> Vec<Array2<f32>> {
    let language_model = LanguageModel::open(&folder()).unwrap();
    let extraction = Extraction::new(context);
    let layers = extract(&language_model, &stimulus(words), &extraction, &pool(threads), &|_| {}).unwrap();
    layers.into_iter().map(|layer| layer.values).collect()
}

fn npz<T: npyz::Deserialize>(name: &str) -> (Vec<u64>, Vec<T>) {
    let mut archive = npyz::npz::NpzArchive::open(folder().join("reference_hidden.npz")).unwrap();
    let array = archive.by_name(name).unwrap().unwrap();
    (array.shape().to_vec(), array.into_vec::<T>().unwrap())
}

#[test]
fn every_layer_equals_that_of_transformers() {
    let language_model = LanguageModel::open(&folder()).unwrap();
    assert_eq!((language_model.n_layers(), language_model.width()), (6, 64));
    assert_eq!(language_model.n_parameters(), 260_032);
    let (_, ids) = npz::<i64>("input_ids");
    let ids: Vec<u32> = ids.into_iter().map(|id| u32::try_from(id).unwrap()).collect();
    let states = language_model.hidden_states(&ids, &pool(2)).unwrap();
    for (layer, state) in states.iter().enumerate() {
        let (shape, expected) = npz::<f32>(&format!("hidden_{layer}"));
        assert_eq!(shape[shape.len() - 1], 64);
        let scale = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        for (index, value) in expected.iter().enumerate() {
            let found = state[(index / 64, index % 64)];
            assert!(
                (found - value).abs() < 1e-4 * scale.max(1.0),
                "layer {layer}, value {index}: {found} {value}"
            );
        }
    }
}

#[test]
fn a_word_never_depends_on_a_later_one() {
    let story: Vec<&str> = "Once upon a time there was a little girl who lived in a house near the big dark wood and she liked to play with her dog every day until one day the dog ran away".split(' ').collect();
    for context in [41, 60, 512] {
        let whole = read(&story, context, 1);
        for changed in [5, 11, 17, 23, 30] {
            for replacement in ["a", "extraordinarily", "unbelievablecatastrophes"] {
                let mut words = story.clone();
                words[changed] = replacement;
                let other = read(&words, context, 1);
                for (layer, (one, other)) in whole.iter().zip(&other).enumerate() {
                    let same = (0..changed).all(|word| one.row(word) == other.row(word));
                    assert!(same, "layer {layer}, context {context}, word {changed} to {replacement}");
                    assert_ne!(one.row(changed), other.row(changed), "the change must be seen");
                }
            }
        }
    }
}

#[test]
fn threads_never_change_bits() {
    let words: Vec<&str> = "the small cat sat on the warm mat and".split(' ').cycle().take(300).collect();
    assert_eq!(read(&words, 128, 1), read(&words, 128, 2));
}

#[test]
fn pooling_is_over_the_tokens_of_a_word() {
    let language_model = LanguageModel::open(&folder()).unwrap();
    let words = stimulus(&["Once", "extraordinarily"]);
    let pooled = |pooling| {
        let extraction = Extraction { pooling, layers: Some(vec![LayerIndex(3)]), ..Extraction::new(64) };
        extract(&language_model, &words, &extraction, &pool(1), &|_| {}).unwrap().remove(0).values
    };
    let (sum, mean) = (pooled(Pooling::Sum), pooled(Pooling::Mean));
    let tokens = sum[(1, 0)] / mean[(1, 0)];
    assert!((tokens - tokens.round()).abs() < 1e-3 && tokens > 1.5, "{tokens}");
    assert_ne!(pooled(Pooling::Last), mean);
}

#[test]
fn an_untrained_copy_has_the_shape_and_another_seed_other_numbers() {
    let one = LanguageModel::untrained(&folder(), 1).unwrap();
    let again = LanguageModel::untrained(&folder(), 1).unwrap();
    let other = LanguageModel::untrained(&folder(), 2).unwrap();
    let states = |model: &LanguageModel| model.hidden_states(&[1, 5, 9], &pool(1)).unwrap();
    assert_eq!(states(&one), states(&again));
    assert_ne!(states(&one), states(&other));
    let embedding = &states(&one)[0];
    let deviation =
        (embedding.rows().into_iter().take(3).flatten().map(|v| v * v).sum::<f32>() / 192.0).sqrt();
    assert!((deviation - 0.02).abs() < 0.005, "{deviation}");
}

#[test]
fn windows_and_layers_that_cannot_be_are_errors() {
    let language_model = LanguageModel::open(&folder()).unwrap();
    let words = stimulus(&["Once", "extraordinarily"]);
    for (context, layers) in [(3, None), (513, None), (64, Some(vec![LayerIndex(6)]))] {
        let extraction = Extraction { layers, ..Extraction::new(context) };
        assert!(extract(&language_model, &words, &extraction, &pool(1), &|_| {}).is_err(), "{context}");
    }
    let empty = stimulus(&["Once", ""]);
    let extraction = Extraction::new(64);
    let error = extract(&language_model, &empty, &extraction, &pool(1), &|_| {}).unwrap_err();
    assert!(error.to_string().contains("word 1"), "{error}");
}

//! Every family against transformers on small random checkpoints, layer by layer.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use gyrus_core::{Stimulus, Word};
use gyrus_models::{Extraction, LanguageModel, ModelError, Site, extract, predictions};
use ndarray::{Array2, ArrayView2, s};
use safetensors::{Dtype, SafeTensors};

/// Largest difference that is accepted, relative to the largest value of a layer.
const TOLERANCE: f32 = 1e-4;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/models")
}

/// Every checkpoint of the folder.
fn checkpoints() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.join("config.json").is_file()).collect();
    folders.sort();
    assert!(folders.len() >= 45, "found {} checkpoints", folders.len());
    folders
}

struct Golden {
    numbers: HashMap<String, (Vec<usize>, Vec<f32>)>,
    ids: HashMap<String, Vec<u32>>,
    texts: HashMap<String, String>,
}

impl Golden {
    fn of(folder: &Path) -> Self {
        let bytes = std::fs::read(folder.join("golden.safetensors")).unwrap();
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        let texts = metadata.metadata().as_ref().unwrap()["texts"].clone();
        let mut golden = Self {
            numbers: HashMap::new(),
            ids: HashMap::new(),
            texts: serde_json::from_str(&texts).unwrap(),
        };
        for (name, view) in SafeTensors::deserialize(&bytes).unwrap().tensors() {
            match view.dtype() {
                Dtype::F32 => {
                    let values =
                        view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
                    golden.numbers.insert(name, (view.shape().to_vec(), values.collect()));
                }
                _ => {
                    let ids = view.data().as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes));
                    golden.ids.insert(name, ids.map(|id| u32::try_from(id).unwrap()).collect());
                }
            }
        }
        golden
    }

    fn matrix(&self, name: &str) -> Array2<f32> {
        let (shape, values) = &self.numbers[name];
        Array2::from_shape_vec((shape[0], shape[1]), values.clone()).unwrap()
    }
}

fn pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()
}

fn difference(found: ArrayView2<'_, f32>, expected: &Array2<f32>) -> f32 {
    assert_eq!(found.dim(), expected.dim());
    assert!(found.iter().all(|value| value.is_finite()));
    let largest = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let apart = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs());
    apart.fold(0.0, f32::max) / largest
}

fn stimulus(text: &str) -> Stimulus {
    let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
    Stimulus::new("story", text.split(' ').map(word).collect()).unwrap()
}

/// Every failure of a checkpoint, as text; empty when all is well.
fn compare(folder: &Path, language_model: &LanguageModel) -> Vec<String> {
    let (golden, mut wrong) = (Golden::of(folder), Vec::new());
    for case in ["bos", "plain", "one", "limit"] {
        let states = language_model.hidden_states(&golden.ids[&format!("{case}.ids")], &pool()).unwrap();
        assert!(!golden.numbers.contains_key(&format!("{case}.{}", states.len())), "layers of {case}");
        for (layer, state) in states.iter().enumerate() {
            let expected = golden.matrix(&format!("{case}.{layer}"));
            let last = state.nrows() - 1;
            let rows: Vec<usize> = if case == "limit" {
                vec![0, 1, state.nrows() / 2, last - 1, last]
            } else {
                (0..=last).collect()
            };
            let found = state.select(ndarray::Axis(0), &rows);
            let apart = difference(found.view(), &expected);
            if apart >= TOLERANCE {
                wrong.push(format!("{case} layer {layer}: {apart}"));
            }
        }
    }
    wrong
}

#[test]
fn hidden_states_equal_those_of_transformers() {
    let mut wrong = Vec::new();
    for folder in checkpoints() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        match LanguageModel::open(&folder) {
            Ok(language_model) => {
                wrong.extend(
                    compare(&folder, &language_model).into_iter().map(|line| format!("{name}: {line}")),
                );
            }
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

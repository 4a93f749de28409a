//! The demo's language model against transformers, and what its record says of it.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use gyrus_models::LanguageModel;

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/demo")
}

fn npz<T: npyz::Deserialize>(name: &str) -> (Vec<u64>, Vec<T>) {
    let mut archive = npyz::npz::NpzArchive::open(assets().join("reference.npz")).unwrap();
    let array = archive.by_name(name).unwrap().unwrap();
    (array.shape().to_vec(), array.into_vec::<T>().unwrap())
}

#[test]
fn every_layer_equals_that_of_transformers() {
    let language_model = LanguageModel::open(&assets().join("language-model")).unwrap();
    let (layers, width) = (language_model.n_layers(), language_model.width());
    assert_eq!((layers, width), (9, 64));
    let (_, ids) = npz::<i64>("input_ids");
    let ids: Vec<u32> = ids.into_iter().map(|id| u32::try_from(id).unwrap()).collect();
    assert!(ids.len() > 150);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let states = language_model.hidden_states(&ids, &pool).unwrap();
    for (layer, state) in states.iter().enumerate() {
        let (shape, expected) = npz::<f32>(&format!("hidden_{layer}"));
        assert_eq!(shape, [ids.len() as u64, width as u64]);
        let scale = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        for (index, value) in expected.iter().enumerate() {
            let found = state[(index / width, index % width)];
            let distance = (found - value).abs();
            assert!(distance < 1e-4 * scale.max(1.0), "layer {layer}, value {index}: {found} {value}");
        }
    }
}

#[test]
fn it_is_small_and_has_learnt_something() {
    let folder = assets().join("language-model");
    let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len());
    let bytes: u64 = files.sum();
    assert!(bytes <= 2_000_000, "{bytes} bytes");
    let record = std::fs::read_to_string(assets().join("record.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let parameters = LanguageModel::open(&folder).unwrap().n_parameters();
    assert_eq!(record["parameters"].as_u64(), Some(parameters as u64));
    let perplexity = &record["perplexity_per_word"]["held_out_stories"];
    let of = |training: &str| perplexity[training].as_f64().unwrap();
    assert!(of("trained") * 20.0 < of("untrained"), "{perplexity}");
}

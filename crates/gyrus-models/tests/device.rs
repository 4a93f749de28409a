//! The forward pass on another device against transformers and against this processor's own path.
//!
//! `GYRUS_DEVICE` names the device, such as `cuda` on a machine that has a graphics card and a build with that feature;
//! without it candle runs on this processor.

#![allow(clippy::unwrap_used)]

mod golden;

use golden::{TOLERANCE, checkpoints, difference, pool, wrong_layers};
use gyrus_core::{Stimulus, Word};
use gyrus_models::{Device, Extraction, LanguageModel, ModelError, Site, extract};

fn device() -> Device {
    std::env::var("GYRUS_DEVICE").map_or(Device::Candle, |name| name.parse().unwrap())
}

fn placed(folder: &std::path::Path) -> LanguageModel {
    let language_model = LanguageModel::open(folder).unwrap();
    language_model.offload(device()).unwrap();
    language_model
}

#[test]
fn hidden_states_equal_those_of_transformers() {
    let wrong: Vec<String> =
        checkpoints().iter().flat_map(|folder| wrong_layers(folder, &placed(folder))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_site_of_long_windows_equals_that_of_this_processor() {
    let mut worst = (0.0_f32, String::new());
    for folder in checkpoints() {
        let (here, there) = (LanguageModel::open(&folder).unwrap(), placed(&folder));
        let ids: Vec<u32> = (0..here.context_limit() as u32).map(|place| 5 + place * 7 % 90).collect();
        let mut sites = vec![Site::Static, Site::Embed, Site::FinalNorm];
        for block in 1..here.n_layers() {
            sites.extend([Site::Attention(block), Site::Mlp(block), Site::Block(block)]);
        }
        let expected = here.activations(&ids, &sites, &pool()).unwrap();
        let found = there.activations(&ids, &sites, &pool()).unwrap();
        for ((site, found), expected) in sites.iter().zip(&found).zip(&expected) {
            let apart = difference(found.view(), expected);
            if apart > worst.0 {
                worst = (apart, format!("{} {site}", folder.display()));
            }
        }
    }
    println!("largest difference on {}: {:e} ({})", device(), worst.0, worst.1);
    assert!(worst.0 < TOLERANCE, "{worst:?}");
}

#[test]
fn a_story_read_there_equals_one_read_here_and_later_words_change_nothing() {
    let words = "the old man told us that the river had never been so low as in that long dry summer";
    let stimulus = |last: &str| {
        let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
        Stimulus::new("story", words.split(' ').chain([last]).map(word).collect()).unwrap()
    };
    for folder in checkpoints() {
        let (here, there) = (LanguageModel::open(&folder).unwrap(), placed(&folder));
        let extraction = Extraction::new(here.context_limit().min(24));
        let read = |model: &LanguageModel, last: &str| {
            extract(model, &stimulus(last), &extraction, &pool(), &|_| {}).unwrap()
        };
        let (expected, found, other) = (read(&here, "ended"), read(&there, "ended"), read(&there, "of"));
        for ((expected, found), other) in expected.iter().zip(&found).zip(&other) {
            let apart = difference(found.values.view(), &expected.values);
            assert!(apart < TOLERANCE, "{}: {apart}", folder.display());
            if here.is_causal() {
                let rows = ndarray::s![..expected.values.nrows() - 1, ..];
                let before = difference(other.values.slice(rows), &found.values.slice(rows).to_owned());
                assert!(before < 1e-5, "{}: {before}", folder.display());
            }
        }
    }
}

#[test]
fn a_device_that_is_not_there_is_an_error() {
    let language_model = LanguageModel::open(&checkpoints()[0]).unwrap();
    let absent = if cfg!(feature = "cuda") { Device::Cuda(99) } else { Device::Cuda(0) };
    let error = language_model.offload(absent).unwrap_err();
    assert!(matches!(error, ModelError::Device { .. }), "{error}");
    let text = error.to_string();
    assert!(text.starts_with(&format!("device {absent}: found")) && text.contains("expected"), "{text}");
    // What was there still reads.
    assert!(language_model.hidden_states(&[5, 6, 7], &pool()).is_ok());
}

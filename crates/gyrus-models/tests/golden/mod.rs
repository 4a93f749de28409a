//! Small random checkpoints of every family, and what transformers computes of them.

#![allow(clippy::unwrap_used, dead_code)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use gyrus_models::LanguageModel;
use ndarray::{Array2, ArrayView2};
use safetensors::{Dtype, SafeTensors};

/// Largest difference that is accepted, relative to the largest value of a layer.
pub const TOLERANCE: f32 = 1e-4;

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/models")
}

/// Every checkpoint of the folder.
pub fn checkpoints() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.join("config.json").is_file()).collect();
    folders.sort();
    assert!(folders.len() >= 45, "found {} checkpoints", folders.len());
    folders
}

/// What transformers computes of a checkpoint.
pub struct Golden {
    pub numbers: HashMap<String, (Vec<usize>, Vec<f32>)>,
    pub ids: HashMap<String, Vec<u32>>,
    pub texts: HashMap<String, String>,
}

impl Golden {
    pub fn of(folder: &Path) -> Self {
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

    pub fn matrix(&self, name: &str) -> Array2<f32> {
        let (shape, values) = &self.numbers[name];
        Array2::from_shape_vec((shape[0], shape[1]), values.clone()).unwrap()
    }
}

pub fn pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()
}

pub fn difference(found: ArrayView2<'_, f32>, expected: &Array2<f32>) -> f32 {
    assert_eq!(found.dim(), expected.dim());
    assert!(found.iter().all(|value| value.is_finite()));
    let largest = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let apart = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs());
    apart.fold(0.0, f32::max) / largest
}

/// Every failure of a checkpoint, as text; empty when all is well.
pub fn wrong_layers(folder: &Path, language_model: &LanguageModel) -> Vec<String> {
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
                wrong.push(format!("{}: {case} layer {layer}: {apart}", folder.display()));
            }
        }
    }
    wrong
}

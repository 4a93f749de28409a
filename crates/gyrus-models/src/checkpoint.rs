//! Weights of a language model: read from safetensors files, or drawn as its family initialises them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use faer::Mat;
use half::{bf16, f16};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::ModelError;

/// How a tensor starts before training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Initial {
    /// Normal with the configuration's `initializer_range`.
    Normal,
    /// All ones.
    Ones,
    /// All zeros.
    Zeros,
}

/// Where weights come from.
pub(crate) enum Weights {
    /// Tensors by name, upcast to single precision, each with its file.
    Stored { tensors: BTreeMap<String, Stored>, folder: PathBuf },
    /// Drawn from a seed: every tensor from a stream of its own, keyed by its name.
    Untrained { seed: u64, deviation: f64 },
}

/// A tensor as stored.
pub(crate) struct Stored {
    shape: Vec<usize>,
    values: Vec<f32>,
    path: PathBuf,
}

const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// The files that hold the weights of a folder.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, ModelError> {
    let index = folder.join(INDEX);
    if !index.is_file() {
        return Ok(vec![folder.join(SINGLE)]);
    }
    let text = read(&index)?;
    let damaged = |reason: String| ModelError::Damaged { path: index.clone(), reason };
    let json: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
    let map = json.get("weight_map").and_then(serde_json::Value::as_object);
    let map =
        map.ok_or_else(|| damaged("found no weight_map, expected one file name per tensor".to_owned()))?;
    let mut names: Vec<&str> = map.values().filter_map(serde_json::Value::as_str).collect();
    names.sort_unstable();
    names.dedup();
    if let Some(name) = names.iter().find(|name| name.contains(['/', '\\'])) {
        return Err(damaged(format!("found the file name `{name}`, expected one inside the folder")));
    }
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    fs::read(path).map_err(|error| ModelError::Read { path: path.to_owned(), reason: error.to_string() })
}

impl Weights {
    /// Reads all tensors of a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self, ModelError> {
        let mut tensors = BTreeMap::new();
        for path in files(folder)? {
            let bytes = read(&path)?;
            let file = SafeTensors::deserialize(&bytes).map_err(|error| ModelError::Damaged {
                path: path.clone(),
                reason: format!("not a whole safetensors file ({error}); download it again"),
            })?;
            for (name, view) in file.tensors() {
                // Buffers of old checkpoints, such as position numbers, are whole numbers and decide nothing.
                if matches!(view.dtype(), Dtype::F32 | Dtype::F16 | Dtype::BF16) {
                    let values = upcast(&view);
                    tensors.insert(name, Stored { shape: view.shape().to_vec(), values, path: path.clone() });
                }
            }
        }
        Ok(Self::Stored { tensors, folder: folder.to_owned() })
    }

    /// Whether a tensor is stored; always so for untrained weights.
    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Self::Stored { tensors, .. } => tensors.contains_key(name),
            Self::Untrained { .. } => true,
        }
    }

    /// A vector.
    pub(crate) fn vector(&self, name: &str, length: usize, initial: Initial) -> Result<Vec<f32>, ModelError> {
        self.tensor(name, &[length], initial)
    }

    /// A matrix stored as (rows, columns), row after row.
    pub(crate) fn matrix(&self, name: &str, (rows, columns): (usize, usize)) -> Result<Mat<f32>, ModelError> {
        let values = self.tensor(name, &[rows, columns], Initial::Normal)?;
        Ok(Mat::from_fn(rows, columns, |row, column| values[row * columns + column]))
    }

    /// The transpose of a matrix stored as (outputs, inputs): what activations are multiplied with.
    pub(crate) fn transposed(
        &self,
        name: &str,
        (outputs, inputs): (usize, usize),
    ) -> Result<Mat<f32>, ModelError> {
        let values = self.tensor(name, &[outputs, inputs], Initial::Normal)?;
        Ok(Mat::from_fn(inputs, outputs, |input, output| values[output * inputs + input]))
    }

    fn tensor(&self, name: &str, shape: &[usize], initial: Initial) -> Result<Vec<f32>, ModelError> {
        match self {
            Self::Untrained { seed, deviation } => {
                Ok(draw(name, shape.iter().product(), initial, (*seed, *deviation)))
            }
            Self::Stored { tensors, folder } => {
                let Some(stored) = tensors.get(name) else {
                    let reason = "found none, expected it in this architecture; the file is incomplete or belongs to another configuration".to_owned();
                    return Err(ModelError::Tensor {
                        path: folder.join(SINGLE),
                        tensor: name.to_owned(),
                        reason,
                    });
                };
                stored.checked(name, shape)
            }
        }
    }
}

impl Stored {
    fn checked(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let wrong = |reason| ModelError::Tensor { path: self.path.clone(), tensor: name.to_owned(), reason };
        if self.shape != shape {
            return Err(wrong(format!("found shape {:?}, expected {shape:?} from config.json", self.shape)));
        }
        match self.values.iter().position(|value| !value.is_finite()) {
            Some(index) => Err(wrong(format!("value {index} is NaN or infinite, expected finite weights"))),
            None => Ok(self.values.clone()),
        }
    }
}

fn upcast(view: &TensorView<'_>) -> Vec<f32> {
    let data = view.data();
    match view.dtype() {
        Dtype::F16 => {
            data.as_chunks::<2>().0.iter().map(|bytes| f16::from_le_bytes(*bytes).to_f32()).collect()
        }
        Dtype::BF16 => {
            data.as_chunks::<2>().0.iter().map(|bytes| bf16::from_le_bytes(*bytes).to_f32()).collect()
        }
        _ => data.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
    }
}

fn draw(name: &str, count: usize, initial: Initial, (seed, deviation): (u64, f64)) -> Vec<f32> {
    match initial {
        Initial::Ones => vec![1.0; count],
        Initial::Zeros => vec![0.0; count],
        Initial::Normal => {
            let mut random = stream(seed, "untrained", name);
            (0..count).map(|_| (normal(&mut random) * deviation) as f32).collect()
        }
    }
}

/// A stream keyed by seed, purpose and name.
pub(crate) fn stream(seed: u64, purpose: &str, name: &str) -> ChaCha8Rng {
    let hash = |text: &str| {
        // FNV-1a: a key only has to differ between names.
        text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&hash(purpose).to_le_bytes());
    key[16..24].copy_from_slice(&hash(name).to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A standard normal number (Box and Muller 1958, Ann Math Stat 29:610).
pub(crate) fn normal(random: &mut ChaCha8Rng) -> f64 {
    let uniform = |random: &mut ChaCha8Rng| ((random.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    let (one, other) = (uniform(random), uniform(random));
    (-2.0 * libm::log(one)).sqrt() * libm::cos(std::f64::consts::TAU * other)
}

//! Weights of a language model: stored, stored and shuffled, or drawn as its family initialises them.

mod initial;
mod stored;

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use crate::ModelError;
pub(crate) use initial::{Initial, normal, shuffle, stream};
use stored::Stored;
pub(crate) use stored::files;

/// Where weights come from.
enum Source {
    /// Tensors of the folder's files.
    Stored(Stored),
    /// The same with the numbers of each tensor in another order.
    Shuffled(Stored, u64),
    /// Drawn from a seed: every tensor from a stream of its own, keyed by its name.
    Untrained { seed: u64, deviation: f64 },
}

/// Weights by the name of their tensor, in single precision.
pub(crate) struct Weights {
    source: Source,
    /// What stands before names in this checkpoint, such as "transformer.".
    prefix: String,
    taken: Cell<usize>,
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    fs::read(path).map_err(|error| ModelError::Read { path: path.to_owned(), reason: error.to_string() })
}

impl Weights {
    /// The weights of a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self, ModelError> {
        Ok(Self::of(Source::Stored(Stored::open(folder)?)))
    }

    /// The weights of a folder, shuffled within each tensor.
    pub(crate) fn shuffled(folder: &Path, seed: u64) -> Result<Self, ModelError> {
        Ok(Self::of(Source::Shuffled(Stored::open(folder)?, seed)))
    }

    /// Weights before any training.
    pub(crate) fn untrained(seed: u64, deviation: f64) -> Self {
        Self::of(Source::Untrained { seed, deviation })
    }

    fn of(source: Source) -> Self {
        Self { source, prefix: String::new(), taken: Cell::new(0) }
    }

    /// The same weights where the first prefix under which `probe` is stored stands before every name.
    ///
    /// Checkpoints of a network with a head hold it below a name of its family, those of a bare network do not.
    pub(crate) fn below(mut self, prefixes: &[&str], probe: &str) -> Self {
        if let Source::Stored(stored) | Source::Shuffled(stored, _) = &self.source {
            let is_found = |prefix: &&&str| stored.has(&format!("{prefix}{probe}"));
            let found = prefixes.iter().find(is_found).or(prefixes.first());
            found.copied().unwrap_or_default().clone_into(&mut self.prefix);
        }
        self
    }

    /// Whether a tensor is stored; always so for untrained weights.
    pub(crate) fn has(&self, name: &str) -> bool {
        match &self.source {
            Source::Stored(stored) | Source::Shuffled(stored, _) => {
                stored.has(&format!("{}{name}", self.prefix))
            }
            Source::Untrained { .. } => true,
        }
    }

    /// How many numbers have been taken so far.
    pub(crate) fn taken(&self) -> usize {
        self.taken.get()
    }

    /// The numbers of a tensor in row-major order.
    pub(crate) fn tensor(
        &self,
        name: &str,
        shape: &[usize],
        initial: Initial,
    ) -> Result<Vec<f32>, ModelError> {
        let name = format!("{}{name}", self.prefix);
        let values = match &self.source {
            Source::Stored(stored) => stored.tensor(&name, shape)?,
            Source::Shuffled(stored, seed) => initial::shuffled(stored.tensor(&name, shape)?, *seed, &name),
            Source::Untrained { seed, deviation } => {
                initial::draw(&name, shape.iter().product(), initial, (*seed, *deviation))
            }
        };
        self.taken.set(self.taken.get() + values.len());
        Ok(values)
    }

    /// A vector.
    pub(crate) fn vector(&self, name: &str, length: usize, initial: Initial) -> Result<Vec<f32>, ModelError> {
        self.tensor(name, &[length], initial)
    }
}

/// A file that cannot be read, of which nothing is known but what the system said.
pub(super) fn unread(path: &Path) -> impl Fn(std::io::Error) -> ModelError {
    let path = PathBuf::from(path);
    move |error| ModelError::Read { path: path.clone(), reason: error.to_string() }
}

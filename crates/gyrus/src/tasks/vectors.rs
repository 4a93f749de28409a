//! The file of word vectors that an extract task writes: one matrix per layer, filled as words are read.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use gyrus_core::{Activations, LayerIndex};
use gyrus_io::safetensors::{self, Matrices};
use gyrus_models::WordVectors;
use ndarray::Array2;

use crate::Error;
use crate::store::{Draft, Stored};

const FILE: &str = "activations.safetensors";

/// A file that is being filled.
pub(super) struct VectorsFile {
    path: PathBuf,
    matrices: Matrices,
}

impl VectorsFile {
    /// Begins the file of so many words and these layers with their widths.
    fn begin(
        (path, file): (&Path, File),
        n_words: usize,
        layers: &[(LayerIndex, usize)],
    ) -> Result<Self, Error> {
        let names: Vec<String> = layers.iter().map(|(layer, _)| name(layer.0)).collect();
        let shapes = names.iter().zip(layers).map(|(name, (_, width))| (name.as_str(), [n_words, *width]));
        let matrices =
            safetensors::begin(file, &shapes.collect()).map_err(|error| unwritable(path, &error))?;
        Ok(Self { path: path.to_owned(), matrices })
    }

    /// Adds vectors of some words.
    pub(super) fn put(&mut self, vectors: &WordVectors<'_>) -> Result<(), Error> {
        let put = self.matrices.put(&name(vectors.layer.0), vectors.words.start, vectors.values);
        put.map_err(|error| unwritable(&self.path, &error))
    }
}

/// Adds the file of so many words and these layers with their widths, filled by a function.
pub(super) fn fill(
    draft: &mut Draft,
    (n_words, layers): (usize, &[(LayerIndex, usize)]),
    fill: impl FnOnce(&mut VectorsFile) -> Result<(), Error>,
) -> Result<(), Error> {
    draft.add_filled(FILE, |path, file| fill(&mut VectorsFile::begin((path, file), n_words, layers)?))
}

/// Adds the file of vectors that are in memory.
pub(super) fn write(draft: &mut Draft, activations: &[Activations]) -> Result<(), Error> {
    let names: Vec<String> = activations.iter().map(|layer| name(layer.layer.0)).collect();
    let views = activations.iter().map(|layer| layer.values.view().into_dyn());
    let arrays = names.iter().map(String::as_str).zip(views).collect();
    draft.add_with(FILE, |writer: &mut (dyn Write + Send)| safetensors::write_to(writer, &arrays))
}

/// The vectors of one layer.
pub(super) fn read(stored: &Stored, layer: usize) -> Result<Array2<f32>, Error> {
    let read = safetensors::open(&stored.path(FILE)).and_then(|mut file| file.read(&name(layer)));
    let read = read.map_err(|error| stored.damaged(FILE, error.to_string()))?;
    read.into_dimensionality().map_err(|error| stored.damaged(FILE, error.to_string()))
}

fn name(layer: usize) -> String {
    format!("layer_{layer}")
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::Write { path: path.to_owned(), reason: error.to_string() }
}

//! Activations that another program computed: one file per stimulus, words × units per layer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gyrus_core::{Activations, LayerIndex};
use gyrus_io::arrays;
use ndarray::{Array2, ArrayD, Axis, Ix2};

use super::known::{KnownFiles, require_unchanged};
use super::stimuli::OpenStimulus;
use crate::Error;
use crate::store::Digest;
use crate::study::Resolved;

/// Files of activations, one per stimulus, that agree in their layers.
pub struct Brought {
    /// One per stimulus, in the order of the study file.
    pub files: Vec<PathBuf>,
    /// Of each of them.
    pub digests: Vec<Digest>,
    /// Numbers of the layers, ascending.
    pub layers: Vec<usize>,
    /// Units of the widest layer.
    pub width: usize,
}

impl Brought {
    /// Digest of all files.
    pub(super) fn digest(&self) -> Digest {
        let all: Vec<&str> = self.digests.iter().map(Digest::as_str).collect();
        Digest::of(all.concat().as_bytes())
    }

    /// Activations of one stimulus, read again.
    pub(crate) fn activations(&self, stimulus: usize, n_words: usize) -> Result<Vec<Activations>, Error> {
        let layers = read(&self.files[stimulus], n_words)?;
        require_unchanged(&arrays::files(&self.files[stimulus])?, &self.digests[stimulus])?;
        let of = |(layer, values)| Activations { layer: LayerIndex(layer), values };
        Ok(layers.into_iter().map(of).collect())
    }
}

/// Matrices by number of the layer.
type Layers = BTreeMap<usize, Array2<f32>>;

/// Opens the files of a pattern with `{stimulus}` and checks them against the words and each other.
pub(super) fn open(
    resolved: &Resolved,
    pattern: &str,
    (stimuli, known): (&[OpenStimulus], &mut KnownFiles),
) -> Result<Brought, Error> {
    let (mut files, mut digests) = (Vec::with_capacity(stimuli.len()), Vec::with_capacity(stimuli.len()));
    let mut shapes: Option<BTreeMap<usize, usize>> = None;
    for open in stimuli {
        let path = resolved.absolute(Path::new(&pattern.replace("{stimulus}", open.stimulus.name())));
        digests.push(known.digest_of(&arrays::files(&path)?)?);
        let layers = read(&path, open.stimulus.words().len())?;
        let found: BTreeMap<usize, usize> =
            layers.iter().map(|(layer, values)| (*layer, values.ncols())).collect();
        if let Some(expected) = shapes.as_ref().filter(|shapes| **shapes != found) {
            let reason = format!(
                "found layers {}, expected {} as in {}; bring the same layers of the same network for every stimulus",
                listed(&found),
                listed(expected),
                files.first().map(|path: &PathBuf| path.display().to_string()).unwrap_or_default()
            );
            return Err(Error::Activations { path, reason });
        }
        shapes = Some(found);
        files.push(path);
    }
    let shapes = shapes.unwrap_or_default();
    let width = shapes.values().copied().max().unwrap_or(0);
    Ok(Brought { files, digests, layers: shapes.into_keys().collect(), width })
}

fn listed(shapes: &BTreeMap<usize, usize>) -> String {
    let one = |(layer, width): (&usize, &usize)| format!("{layer} ({width} units)");
    shapes.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The layers of one file: (n_words, n_units) each, finite.
///
/// An array of two axes in an `.npy` is layer 1; one of three is (layers, words, units), layer 0 first. Arrays of an
/// `.npz` or `.safetensors` have names that end in the number of their layer. An HDF5 file or a Zarr folder of one array
/// is read as an `.npy`, of several as an `.npz`.
pub(crate) fn read(path: &Path, n_words: usize) -> Result<Layers, Error> {
    let wrong = |reason: String| Error::Activations { path: path.to_owned(), reason };
    let mut file = arrays::open(path)?;
    let names = file.names().to_vec();
    let layers = match file.unnamed().map(str::to_owned) {
        Some(only) => of_array(file.read(&only)?).map_err(wrong)?,
        None => of_names(&names, |name| Ok(file.read(name)?), path)?,
    };
    for (layer, values) in &layers {
        check(values, n_words).map_err(|reason| wrong(format!("layer {layer}: {reason}")))?;
    }
    Ok(layers)
}

fn of_array(array: ArrayD<f32>) -> Result<Layers, String> {
    let shape = array.shape().to_vec();
    let wrong = |_| {
        format!(
            "found an array of shape {shape:?}, expected (words, units) of one layer or (layers, words, units)"
        )
    };
    match array.ndim() {
        3 => {
            let layer = |(index, values): (usize, ndarray::ArrayViewD<'_, f32>)| {
                Ok((index, values.to_owned().into_dimensionality::<Ix2>().map_err(wrong)?))
            };
            array.axis_iter(Axis(0)).enumerate().map(layer).collect()
        }
        _ => Ok(BTreeMap::from([(1, array.into_dimensionality::<Ix2>().map_err(wrong)?)])),
    }
}

fn of_names(
    names: &[String],
    mut read: impl FnMut(&str) -> Result<ArrayD<f32>, Error>,
    path: &Path,
) -> Result<Layers, Error> {
    let wrong = |reason: String| Error::Activations { path: path.to_owned(), reason };
    let mut layers = Layers::new();
    for name in names {
        let number = number_of(name).filter(|number| !layers.contains_key(number));
        let layer = number.ok_or_else(|| {
            wrong(format!(
                "found arrays {}, expected names that end in the number of their layer, each number once, such as layer_3; rename `{name}`",
                names.join(", ")
            ))
        })?;
        let values = read(name)?;
        let shape = format!("array `{name}`: found shape {:?}, expected (words, units)", values.shape());
        layers.insert(layer, values.into_dimensionality::<Ix2>().map_err(|_| wrong(shape))?);
    }
    if layers.is_empty() {
        Err(wrong("found no array, expected one per layer".to_owned()))
    } else {
        Ok(layers)
    }
}

/// The whole number at the end of a name.
fn number_of(name: &str) -> Option<usize> {
    let digits = name.len() - name.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    name[name.len() - digits..].parse().ok()
}

fn check(values: &Array2<f32>, n_words: usize) -> Result<(), String> {
    let (rows, units) = values.dim();
    if rows != n_words {
        return Err(format!(
            "found {rows} rows, expected {n_words}, one for every word of the stimulus, those without a time too; `gyrus extract` writes the table of words that rows stand for"
        ));
    }
    if units == 0 {
        return Err("found no units, expected at least one".to_owned());
    }
    match values.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some(((word, unit), value)) => Err(format!(
            "found {value} at word {word}, unit {unit} (both from 0), expected a finite number; leave the layer out or compute it again"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_in_the_number_of_their_layer() {
        assert_eq!(number_of("layer_12"), Some(12));
        assert_eq!(number_of("0"), Some(0));
        assert_eq!(number_of("transformer.layers.03"), Some(3));
        assert_eq!(number_of("layer"), None);
        assert_eq!(number_of("block.3.out"), None);
        assert_eq!(number_of("99999999999999999999999"), None);
    }

    #[test]
    fn an_array_of_three_axes_is_a_stack_of_layers() {
        let array = ArrayD::from_shape_fn(vec![3, 4, 2], |at| (100 * at[0] + 10 * at[1] + at[2]) as f32);
        let layers = of_array(array).unwrap();
        assert_eq!(layers.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(layers[&2][(3, 1)], 231.0);
        assert!(of_array(ArrayD::zeros(vec![4])).unwrap_err().contains("found an array of shape [4]"));
    }

    /// Files of h5py (fixtures/io/make_hdf5.py).
    fn of_h5py(name: &str) -> Result<Layers, Error> {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/io/hdf5").join(name), 7)
    }

    #[test]
    fn hdf5_of_one_array_is_read_as_npy_and_of_several_as_npz() {
        let numbers = |name: &str| of_h5py(name).unwrap().into_keys().collect::<Vec<_>>();
        assert_eq!(numbers("stack.h5"), [0, 1, 2]);
        assert_eq!(numbers("one.hdf5"), [1]);
        assert_eq!(numbers("deep.h5"), [1]);
        assert_eq!(numbers("layers.h5"), [0, 1, 2, 3, 4, 5, 10]);
        assert_eq!(of_h5py("layers.h5").unwrap()[&10][(6, 5)], 1061.25);
        assert_eq!(of_h5py("stack.h5").unwrap()[&2][(6, 5)], 261.25);
        assert!(of_h5py("strings.h5").unwrap_err().to_string().contains("values of type string"));
    }
}

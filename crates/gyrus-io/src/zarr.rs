//! Arrays of numbers in Zarr folders (versions 2 and 3), by their paths in the hierarchy.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use half::{bf16, f16};
use ndarray::{ArrayD, IxDyn};
use zarrs::array::{Array, ArraySubset, CodecOptions, ElementOwned, data_type};
use zarrs::filesystem::FilesystemStore;
use zarrs::metadata::NodeMetadata;
use zarrs::node::Node;

use crate::error::shown;
use crate::{IoError, Place, source};

/// Folders in folders that may hold parts of a hierarchy or its chunks.
const DEEPEST: usize = 16;
/// Chunks that hold nothing but the fill value are not written, so a small folder may stand for a large array; what is
/// larger than this and than its folder explains is not read.
const MOST_FILLED: u64 = 1 << 24;
/// As in HDF5, for deflate. Other compressors shrink an array of one number further; what is read here is not one.
const MOST_INFLATION: u64 = crate::hdf5::MOST_INFLATION;

/// An open hierarchy, from which single arrays are read.
pub struct Zarr {
    path: PathBuf,
    store: Arc<FilesystemStore>,
    bytes: u64,
    names: Vec<String>,
}

impl std::fmt::Debug for Zarr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Zarr").field("path", &self.path).field("names", &self.names).finish_non_exhaustive()
    }
}

/// Opens a folder and lists its arrays, those in groups by their path, such as `model/layer_3`. A folder that is an
/// array itself has one, without a name.
///
/// # Errors
/// - the folder is missing or no Zarr hierarchy,
/// - its metadata are damaged.
pub fn open(path: &Path) -> Result<Zarr, IoError> {
    let files = files(path)?;
    if let Some((link, _)) = files.iter().find(|(file, _)| source::is_dangling(file)) {
        return Err(source::dangling(link));
    }
    let store = FilesystemStore::new(path).map_err(|error| malformed(path, "", &error.to_string()))?;
    let store = Arc::new(store);
    let root = Node::open(&store, "/").map_err(|error| malformed(path, "", &error.to_string()))?;
    let mut names = Vec::new();
    list(&root, &mut names);
    names.sort();
    Ok(Zarr { path: path.to_owned(), store, bytes: files.iter().map(|(_, len)| len).sum(), names })
}

/// Every file below a folder with its size in bytes, by path. These are what a hierarchy is made of.
///
/// # Errors
/// - the folder is missing, cannot be read, or is nested deeper than a hierarchy.
pub fn files(folder: &Path) -> Result<Vec<(PathBuf, u64)>, IoError> {
    if !folder.is_dir() {
        // Missing, or a file: the reader of files says which.
        source::open(folder)?;
        let expected = "a folder that is a Zarr hierarchy";
        return Err(IoError::malformed(folder, Place::File, "a file", expected, "unpack it into a folder"));
    }
    let mut found = Vec::new();
    walk(folder, DEEPEST, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<(PathBuf, u64)>) -> Result<(), IoError> {
    let entries = fs::read_dir(folder).map_err(|error| source::unreadable(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| source::unreadable(folder, &error))?.path();
        match (path.is_dir(), depth) {
            (false, _) => {
                let len = path.metadata().map_or(0, |metadata| metadata.len());
                found.push((path, len));
            }
            (true, 0) => return Err(malformed(folder, "", "folders in folders without end")),
            (true, depth) => walk(&path, depth - 1, found)?,
        }
    }
    Ok(())
}

fn list(node: &Node, names: &mut Vec<String>) {
    if matches!(node.metadata(), NodeMetadata::Array(_)) {
        names.push(node.path().as_str().trim_start_matches('/').to_owned());
    }
    node.children().iter().for_each(|child| list(child, names));
}

impl Zarr {
    /// Names of the arrays, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Reads an array of floating-point or whole numbers as single precision.
    ///
    /// # Errors
    /// - there is no array of this name, or it does not hold real numbers,
    /// - it is larger than a folder of this size can hold, damaged, or stored in a way that is not built in.
    pub fn read(&self, name: &str) -> Result<ArrayD<f32>, IoError> {
        if !self.names.iter().any(|found| found == name) {
            return Err(IoError::no_array(&self.path, name, &self.names));
        }
        let wrong = |found: String| malformed(&self.path, name, &found);
        let opened = Array::open(self.store.clone(), &format!("/{name}"));
        let array = opened.map_err(|error| wrong(error.to_string()))?;
        let shape = self.shape(&array).map_err(wrong)?;
        let values = values(&array).map_err(wrong)?;
        let found = values.len();
        ArrayD::from_shape_vec(IxDyn(&shape), values)
            .map_err(|_| wrong(format!("{found} numbers of an array of shape {shape:?}")))
    }

    /// The shape, if a folder of this size can hold so many numbers, in chunks of which one can be held.
    fn shape(&self, array: &Array<FilesystemStore>) -> Result<Vec<usize>, String> {
        let most = self.bytes.saturating_mul(MOST_INFLATION).max(MOST_FILLED);
        let fits = |axes: &[u64]| {
            let count = axes.iter().try_fold(1_u64, |product, axis| product.checked_mul(*axis));
            count.is_some_and(|count| count <= most)
        };
        let stated = array.shape();
        let first = vec![0; stated.len()];
        let chunk: Vec<u64> = match array.chunk_shape(&first) {
            Ok(chunk) => chunk.iter().map(|axis| axis.get()).collect(),
            // An array of no numbers has no chunk.
            Err(_) => Vec::new(),
        };
        if !fits(stated) || !fits(&chunk) {
            return Err(format!("a shape of {stated:?} in chunks of {chunk:?} in {} bytes", self.bytes));
        }
        Ok(stated.iter().map(|axis| *axis as usize).collect())
    }
}

/// All numbers in order, as single precision.
fn values(array: &Array<FilesystemStore>) -> Result<Vec<f32>, String> {
    let kind = array.data_type();
    if *kind == data_type::float32() {
        all(array, |value: f32| value)
    } else if *kind == data_type::float64() {
        all(array, |value: f64| value as f32)
    } else if *kind == data_type::float16() {
        all(array, f16::to_f32)
    } else if *kind == data_type::bfloat16() {
        all(array, bf16::to_f32)
    } else if *kind == data_type::int8() {
        all(array, |value: i8| f32::from(value))
    } else if *kind == data_type::int16() {
        all(array, |value: i16| f32::from(value))
    } else if *kind == data_type::int32() {
        all(array, |value: i32| value as f32)
    } else if *kind == data_type::int64() {
        all(array, |value: i64| value as f32)
    } else if *kind == data_type::uint8() {
        all(array, |value: u8| f32::from(value))
    } else if *kind == data_type::uint16() {
        all(array, |value: u16| f32::from(value))
    } else if *kind == data_type::uint32() {
        all(array, |value: u32| value as f32)
    } else if *kind == data_type::uint64() {
        all(array, |value: u64| value as f32)
    } else {
        Err(format!("values of type {kind}"))
    }
}

fn all<T: ElementOwned>(
    array: &Array<FilesystemStore>,
    single: impl Fn(T) -> f32,
) -> Result<Vec<f32>, String> {
    let whole = ArraySubset::new_with_shape(array.shape().to_vec());
    let options = CodecOptions::default().with_concurrent_target(1);
    let read: Vec<T> =
        array.retrieve_array_subset_opt(&whole, &options).map_err(|error| error.to_string())?;
    Ok(read.into_iter().map(single).collect())
}

fn malformed(path: &Path, name: &str, found: &str) -> IoError {
    let place = if name.is_empty() { String::new() } else { format!("array `{name}`: ") };
    IoError::malformed(
        path,
        Place::File,
        format!("{place}{}", shown(found)),
        "a whole Zarr hierarchy (version 2 or 3) of arrays of real numbers",
        "copy the folder again, or write it again with zarr-python, as arrays of float32",
    )
}

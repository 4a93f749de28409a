//! Arrays of numbers in HDF5 files, by the names of their data sets.

use std::path::{Path, PathBuf};

use half::f16;
use hdf5_pure::{DType, Dataset, Datatype, DatatypeByteOrder, File, Group};
use ndarray::{ArrayD, IxDyn};

use crate::{IoError, Place, source};

/// Groups in groups that are looked into.
const DEEPEST: usize = 4;
/// Data sets that are listed.
const MOST_NAMES: usize = 10_000;
/// Deflate shrinks zeros 1032 times (zlib's own figure), and nothing more.
pub(crate) const MOST_INFLATION: u64 = 1100;

/// No axis of an array is longer.
const FARTHEST: u64 = 1 << 53;

/// An open file, from which single arrays are read.
#[derive(Debug)]
pub struct Hdf5 {
    path: PathBuf,
    file: File,
    len: u64,
    names: Vec<String>,
}

/// Opens a file and lists its data sets, those in groups by their path, such as `model/layer_3`.
///
/// # Errors
/// - the file is missing, empty or a git-annex pointer,
/// - it is not an HDF5 file, or one that cannot be read,
/// - its superblock says that it is open for writing: no lock is asked for or waited for.
pub fn open(path: &Path) -> Result<Hdf5, IoError> {
    let len = source::open(path)?.len;
    let file = File::open_streaming(path).map_err(|error| malformed(path, "", &error))?;
    let mut names = Vec::new();
    list(&file.root(), "", DEEPEST, &mut names).map_err(|error| malformed(path, "", &error))?;
    names.sort();
    Ok(Hdf5 { path: path.to_owned(), file, len, names })
}

fn list(group: &Group, before: &str, depth: usize, names: &mut Vec<String>) -> Result<(), hdf5_pure::Error> {
    names.extend(group.datasets()?.into_iter().map(|name| format!("{before}{name}")));
    if depth == 0 || names.len() > MOST_NAMES {
        return Ok(());
    }
    for name in group.groups()? {
        list(&group.group(&name)?, &format!("{before}{name}/"), depth - 1, names)?;
    }
    Ok(())
}

impl Hdf5 {
    /// Names of the arrays, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The shape of an array.
    ///
    /// # Errors
    /// - there is no array of this name, or a file of this size cannot hold it.
    pub fn shape_of(&self, name: &str) -> Result<Vec<usize>, IoError> {
        let wrong = |error: &hdf5_pure::Error| malformed(&self.path, name, error);
        let dataset = self.file.dataset(name).map_err(|error| wrong(&error))?;
        self.shape(name, &dataset.shape().map_err(|error| wrong(&error))?)
    }

    /// Reads an array of floating-point or whole numbers as single precision.
    ///
    /// # Errors
    /// - there is no array of this name, or it does not hold real numbers,
    /// - it is larger than a file of this size can hold, damaged, or stored in a way that is not built in.
    pub fn read(&self, name: &str) -> Result<ArrayD<f32>, IoError> {
        if !self.names.iter().any(|found| found == name) {
            return Err(IoError::no_array(&self.path, name, &self.names));
        }
        let wrong = |error: &hdf5_pure::Error| malformed(&self.path, name, error);
        let dataset = self.file.dataset(name).map_err(|error| wrong(&error))?;
        let shape = self.shape(name, &dataset.shape().map_err(|error| wrong(&error))?)?;
        let chunk = dataset.chunk_shape().map_err(|error| wrong(&error))?;
        self.require_chunks(name, &shape, chunk.as_deref())?;
        if chunk.is_some() {
            self.require_stored(name, &dataset)?;
        }
        let values = self.values(name, &dataset)?;
        let found = values.len();
        ArrayD::from_shape_vec(IxDyn(&shape), values)
            .map_err(|_| self.strange(name, format!("{found} numbers of an array of shape {shape:?}")))
    }

    /// The shape, if a file of this size can hold so many numbers.
    fn shape(&self, name: &str, stated: &[u64]) -> Result<Vec<usize>, IoError> {
        let most = self.len.saturating_mul(MOST_INFLATION);
        let count = stated.iter().try_fold(1_u64, |product, axis| product.checked_mul(*axis));
        let shape = stated.iter().map(|axis| usize::try_from(*axis).ok()).collect::<Option<Vec<usize>>>();
        let shape = shape.filter(|_| count.is_some_and(|count| count <= most));
        shape.ok_or_else(|| self.strange(name, format!("a shape of {stated:?} in {} bytes", self.len)))
    }

    /// Fails for chunks that a file of this size can neither hold nor list: memory is asked for by their size and number.
    fn require_chunks(&self, name: &str, shape: &[usize], chunk: Option<&[u64]>) -> Result<(), IoError> {
        let Some(chunk) = chunk else { return Ok(()) };
        let most = self.len.saturating_mul(MOST_INFLATION);
        let size = chunk.iter().try_fold(1_u64, |product, axis| product.checked_mul(*axis));
        let along = |(axis, chunk): (&usize, &u64)| (*axis as u64).div_ceil((*chunk).max(1));
        let count = shape.iter().zip(chunk).map(along).try_fold(1_u64, u64::checked_mul);
        let is_possible =
            size.is_some_and(|size| size <= most) && count.is_some_and(|count| count <= self.len);
        match is_possible && chunk.len() == shape.len() {
            true => Ok(()),
            false => {
                Err(self.strange(name, format!("chunks of {chunk:?} for {shape:?} in {} bytes", self.len)))
            }
        }
    }

    /// Fails where the index says of chunks that they lie beyond the file, or are longer than all of it together.
    fn require_stored(&self, name: &str, dataset: &Dataset) -> Result<(), IoError> {
        // Of one kind of index (B-trees of version 2) there is no list; its chunks are read as they come.
        let Ok(chunks) = dataset.chunks() else { return Ok(()) };
        let ends = chunks.iter().map(|chunk| chunk.address.saturating_add(chunk.storage_size));
        let stored = chunks.iter().fold(0_u64, |sum, chunk| sum.saturating_add(chunk.storage_size));
        // Sums of larger ones overflow in the reader.
        let is_placed = chunks.iter().all(|chunk| chunk.offset.iter().all(|axis| *axis < FARTHEST));
        match ends.max().is_none_or(|end| end <= self.len) && stored <= self.len {
            true if is_placed => Ok(()),
            true => Err(self.strange(name, "chunks beyond every shape".to_owned())),
            false => Err(self.strange(name, format!("chunks of {stored} bytes in {} bytes", self.len))),
        }
    }

    fn values(&self, name: &str, dataset: &Dataset) -> Result<Vec<f32>, IoError> {
        let wrong = |error: hdf5_pure::Error| malformed(&self.path, name, &error);
        match dataset.dtype().map_err(wrong)? {
            DType::F32 | DType::F64 => dataset.read_f32().map_err(wrong),
            DType::I8 | DType::I16 | DType::I32 | DType::I64 => dataset.read_f32().map_err(wrong),
            DType::U8 | DType::U16 | DType::U32 | DType::U64 => dataset.read_f32().map_err(wrong),
            other => match dataset.datatype().map_err(wrong)? {
                Datatype::FloatingPoint { size: 2, byte_order, layout } if layout.exponent_size == 5 => {
                    let bytes = dataset.read_raw().map_err(wrong)?;
                    let pairs = bytes.as_chunks::<2>().0.iter();
                    let value = |pair: &[u8; 2]| match byte_order {
                        DatatypeByteOrder::BigEndian => f16::from_be_bytes(*pair),
                        _ => f16::from_le_bytes(*pair),
                    };
                    Ok(pairs.map(|pair| value(pair).to_f32()).collect())
                }
                _ => Err(self.strange(name, format!("values of type {other}"))),
            },
        }
    }

    fn strange(&self, name: &str, found: String) -> IoError {
        IoError::malformed(
            &self.path,
            Place::File,
            format!("array `{name}`: {found}"),
            "a whole array of real numbers",
            "write the file again with h5py, as an array of float32",
        )
    }
}

fn malformed(path: &Path, name: &str, error: &hdf5_pure::Error) -> IoError {
    if matches!(error, hdf5_pure::Error::FileMarkedInUse(_)) {
        return IoError::malformed(
            path,
            Place::File,
            "a file that some program has open for writing, or did not close",
            "a file that was closed",
            "wait until that program ends; if none runs, run `h5clear -s` on a copy of the file",
        );
    }
    let place = if name.is_empty() { String::new() } else { format!("array `{name}`: ") };
    IoError::malformed(
        path,
        Place::File,
        format!("{place}{}", crate::error::shown(&error.to_string())),
        "a whole HDF5 file in a common layout",
        "copy the file again, or write it again with h5py, float32, without maxshape",
    )
}

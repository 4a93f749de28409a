//! Named arrays of `f32` in the safetensors format: a size, a JSON header, the numbers.

mod header;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use header::Entry;
use ndarray::{ArrayD, ArrayView2, ArrayViewD, IxDyn};

use crate::{IoError, Place, atomic, source};

/// An open file, from which single arrays, or some rows of one, are read.
#[derive(Debug)]
pub struct Safetensors {
    path: PathBuf,
    file: File,
    data_start: u64,
    entries: BTreeMap<String, Entry>,
}

/// Writes arrays in the order of their names, the same bytes for the same arrays.
///
/// # Errors
/// - the file cannot be written.
pub fn write(path: &Path, arrays: &BTreeMap<&str, ArrayViewD<'_, f32>>) -> Result<(), IoError> {
    let shapes = arrays.iter().map(|(name, array)| (*name, array.shape()));
    header::written(shapes).map_err(|reason| IoError::Unwritable { path: path.to_owned(), reason })?;
    atomic::write_with(path, |writer| write_to(writer, arrays))
}

/// Writes the bytes of such a file, number by number.
///
/// # Errors
/// - what the writer returned, or that the header cannot be written.
pub fn write_to(writer: &mut dyn Write, arrays: &BTreeMap<&str, ArrayViewD<'_, f32>>) -> std::io::Result<()> {
    let shapes = arrays.iter().map(|(name, array)| (*name, array.shape()));
    writer.write_all(&header::written(shapes).map_err(std::io::Error::other)?)?;
    arrays
        .values()
        .flat_map(|array| array.iter())
        .try_for_each(|value| writer.write_all(&value.to_le_bytes()))
}

/// A file of matrices of which only some rows are in memory at a time.
#[derive(Debug)]
pub struct Matrices {
    file: File,
    /// Where each begins, and its rows and columns.
    places: BTreeMap<String, (u64, [usize; 2])>,
}

/// Begins such a file; its rows may follow in any order, and those that never do are zeros.
///
/// # Errors
/// - the file cannot be written, or a name or shape cannot be described.
pub fn begin(mut file: File, shapes: &BTreeMap<&str, [usize; 2]>) -> std::io::Result<Matrices> {
    let described = shapes.iter().map(|(name, shape)| (*name, shape.as_slice()));
    let header = header::written(described).map_err(std::io::Error::other)?;
    file.write_all(&header)?;
    let mut end = header.len() as u64;
    let mut places = BTreeMap::new();
    for (name, shape) in shapes {
        places.insert((*name).to_owned(), (end, *shape));
        end += 4 * (shape[0] * shape[1]) as u64;
    }
    file.set_len(end)?;
    Ok(Matrices { file, places })
}

impl Matrices {
    /// Writes rows of a matrix, from `first` on.
    ///
    /// # Errors
    /// - the file cannot be written, there is no such matrix, or the rows do not lie in it.
    pub fn put(&mut self, name: &str, first: usize, rows: ArrayView2<'_, f32>) -> std::io::Result<()> {
        let wrong = || std::io::Error::other(format!("no {:?} rows from {first} on in `{name}`", rows.dim()));
        let (start, [all, columns]) = *self.places.get(name).ok_or_else(wrong)?;
        if first + rows.nrows() > all || rows.ncols() != columns {
            return Err(wrong());
        }
        self.file.seek(SeekFrom::Start(start + 4 * (first * columns) as u64))?;
        let bytes: Vec<u8> = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.file.write_all(&bytes)
    }
}

/// Opens a file and checks its header against its size.
///
/// # Errors
/// - the file is missing, empty, cut short or a git-annex pointer,
/// - it is not a safetensors file.
pub fn open(path: &Path) -> Result<Safetensors, IoError> {
    let mut source = source::open(path)?;
    let (data_start, entries) = header::read(path, &mut source.file, source.len)?;
    Ok(Safetensors { path: path.to_owned(), file: source.file, data_start, entries })
}

impl Safetensors {
    /// Names of the arrays, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The shape of an array.
    ///
    /// # Errors
    /// - there is no array of this name.
    pub fn shape(&self, name: &str) -> Result<&[usize], IoError> {
        Ok(&self.entry(name)?.shape)
    }

    /// Reads an array.
    ///
    /// # Errors
    /// - there is no array of this name, it is not of type F32, or the file cannot be read.
    pub fn read(&mut self, name: &str) -> Result<ArrayD<f32>, IoError> {
        let rows = self.shape(name)?.first().copied().unwrap_or(1);
        self.read_rows(name, 0..rows)
    }

    /// Reads a range along the first axis of an array.
    ///
    /// # Errors
    /// - as [`Safetensors::read`],
    /// - the range does not lie in the array.
    pub fn read_rows(&mut self, name: &str, rows: Range<usize>) -> Result<ArrayD<f32>, IoError> {
        let entry = self.entry(name)?;
        let mut shape = entry.shape.clone();
        let (all, row_len) = (shape.first().copied().unwrap_or(1), shape.iter().skip(1).product::<usize>());
        if entry.dtype != "F32" || rows.start > rows.end || rows.end > all {
            let found = format!("{all} rows of type {} in `{name}`", entry.dtype);
            let expected = format!("rows {}..{} of type F32", rows.start, rows.end);
            return Err(IoError::malformed(&self.path, Place::File, found, expected, "write the file again"));
        }
        let start = self.data_start + entry.start + (rows.start * row_len * 4) as u64;
        if let Some(first) = shape.first_mut() {
            *first = rows.len();
        }
        let mut bytes = vec![0; rows.len() * row_len * 4];
        let read = self.file.seek(SeekFrom::Start(start)).and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(|error| source::unreadable(&self.path, &error))?;
        let values = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        ArrayD::from_shape_vec(IxDyn(&shape), values).map_err(|error| {
            IoError::malformed(
                &self.path,
                Place::File,
                error.to_string(),
                "a rectangular array",
                "write the file again",
            )
        })
    }

    fn entry(&self, name: &str) -> Result<&Entry, IoError> {
        let names = || self.entries.keys().collect::<Vec<_>>();
        self.entries.get(name).ok_or_else(|| IoError::no_array(&self.path, name, &names()))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{ArrayD, IxDyn, s};

    use super::*;

    fn array(shape: &[usize]) -> ArrayD<f32> {
        let count: usize = shape.iter().product();
        ArrayD::from_shape_vec(IxDyn(shape), (0..count).map(|i| i as f32 * 0.5 - 3.0).collect()).unwrap()
    }

    #[test]
    fn what_is_written_is_read_also_by_the_format_s_own_package() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        let (a, b, c) = (array(&[3, 4]), array(&[5]), array(&[2, 0]));
        write(&path, &BTreeMap::from([("b", b.view()), ("a", a.view()), ("é\"", c.view())])).unwrap();
        let mut file = open(&path).unwrap();
        assert_eq!(file.names().collect::<Vec<_>>(), ["a", "b", "é\""]);
        assert_eq!(
            (file.read("a").unwrap(), file.read("b").unwrap(), file.read("é\"").unwrap()),
            (a.clone(), b, c)
        );
        assert_eq!(file.read_rows("a", 1..3).unwrap(), a.slice(s![1..3, ..]).into_dyn());
        assert!(file.read_rows("a", 1..4).is_err());
        assert!(
            file.read("x").unwrap_err().to_string().contains("found no array `x`, expected one of: a, b")
        );

        let bytes = std::fs::read(&path).unwrap();
        let peer = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(peer.tensor("a").unwrap().shape(), [3, 4]);
        let values: Vec<u8> = a.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(peer.tensor("a").unwrap().data(), values);
    }

    #[test]
    fn rows_in_any_order_give_the_bytes_of_whole_arrays() {
        let folder = tempfile::tempdir().unwrap();
        let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
        let (a, b) = (array(&[3, 4]), array(&[2, 1]));
        write(&whole, &BTreeMap::from([("b", b.view()), ("a", a.view())])).unwrap();
        let file = File::create(&parts).unwrap();
        let mut matrices = begin(file, &BTreeMap::from([("b", [2, 1]), ("a", [3, 4])])).unwrap();
        let rows = |array: &ArrayD<f32>, rows: Range<usize>| {
            array.slice(s![rows, ..]).to_owned().into_dimensionality::<ndarray::Ix2>().unwrap()
        };
        for (name, array, part) in [("a", &a, 2..3), ("b", &b, 0..2), ("a", &a, 0..2)] {
            matrices.put(name, part.start, rows(array, part).view()).unwrap();
        }
        assert_eq!(std::fs::read(&whole).unwrap(), std::fs::read(&parts).unwrap());
        assert!(matrices.put("a", 2, rows(&a, 0..2).view()).is_err(), "behind the end");
        assert!(matrices.put("b", 0, rows(&a, 0..1).view()).is_err(), "too wide");
        assert!(matrices.put("c", 0, rows(&b, 0..1).view()).is_err(), "not there");
    }

    #[test]
    fn headers_are_checked_before_memory_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let check = |header: &str, data: &[u8], message: &str| {
            let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat();
            std::fs::write(&path, bytes).unwrap();
            let error = open(&path).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        };
        check(r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, b"1234", "cut short");
        check(r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, b"12345678", "found");
        check(
            r#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
            b"12345678",
            "`a` of shape [3] in 8 bytes",
        );
        check(
            r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,
            b"12345678",
            "of shape",
        );
        check("{", b"", "byte 8: found");
        std::fs::write(&path, u64::MAX.to_le_bytes()).unwrap();
        assert!(open(&path).is_err());
        std::fs::write(&path, [1, 2]).unwrap();
        assert!(open(&path).unwrap_err().to_string().contains("found 2 bytes, expected 8"));
    }
}

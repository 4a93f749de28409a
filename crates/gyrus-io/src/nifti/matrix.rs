//! The container of CIFTI: a NIfTI-2 file with a matrix on its fifth and sixth axes and XML in an extension.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::DataType;
use super::fields::{Fields, SECOND_SIZE};
use super::header::REMEDY;
use crate::source;
use crate::{IoError, Place};

/// An open matrix, read row by row.
pub(crate) struct Matrix {
    path: PathBuf,
    /// Numbers of a row (`dim[5]`, the fastest in the file), and rows (`dim[6]`).
    pub(crate) shape: [usize; 2],
    /// How a number is stored.
    pub(crate) datatype: DataType,
    /// Slope and intercept; None where there is no scaling.
    pub(crate) scaling: Option<(f64, f64)>,
    /// The XML.
    pub(crate) xml: Vec<u8>,
    big_endian: bool,
    /// Bytes before the matrix, and bytes that have been read.
    offset: u64,
    at: u64,
    stream: Box<dyn Read + Send>,
}

/// Code of the extension that holds the XML (CIFTI-2, 1.2).
const CIFTI_CODE: i32 = 32;

impl Matrix {
    /// Opens a file, plain or compressed by gzip, and reads up to its first number.
    pub(crate) fn open(path: &Path) -> Result<Self, IoError> {
        let source::Stream { reader, most, .. } = source::stream(path)?;
        Self::read(path, reader, most)
    }

    fn read(path: &Path, mut stream: Box<dyn Read + Send>, most: u64) -> Result<Self, IoError> {
        let mut bytes = vec![0; SECOND_SIZE + 4];
        fill(path, &mut stream, &mut bytes, (0, (SECOND_SIZE + 4) as u64))?;
        let wrong = |at: usize, found: String, expected: &str| {
            IoError::malformed(path, Place::Byte(at as u64), found, expected, REMEDY)
        };
        let announced = Fields::announced([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let Some((SECOND_SIZE, big_endian)) = announced else {
            let found = format!("a file that starts with the bytes {:02x?}", &bytes[..4]);
            return Err(wrong(0, found, "a CIFTI-2 file, which is a NIfTI-2 file"));
        };
        let has_extension = bytes[SECOND_SIZE] != 0;
        bytes.truncate(SECOND_SIZE);
        let fields = Fields::new(bytes, big_endian);
        if fields.raw(4, 4) != b"n+2\0" {
            return Err(wrong(4, "a header without the mark of NIfTI-2".to_owned(), "that of a single file"));
        }
        let datatype = DataType::from_code(fields.i16(12))
            .map_err(|name| wrong(12, format!("values of {name}"), "one number in each place"))?;
        let shape = shape(&fields).ok_or_else(|| {
            let axes: Vec<i64> = (0..8).map(|axis| fields.count(40, 16, axis)).collect();
            wrong(16, format!("the axes {axes:?}"), "6 axes of which the first four have one element")
        })?;
        let offset = fields.voxel_offset();
        let least = (SECOND_SIZE + 4) as f64;
        if !(offset >= least && offset.fract() == 0.0 && offset < 1e15) {
            return Err(wrong(168, format!("values that start at byte {offset}"), "a whole number from 544"));
        }
        let expected = (shape[0] as u64 * shape[1] as u64)
            .checked_mul(datatype.size() as u64)
            .and_then(|bytes| bytes.checked_add(offset as u64));
        let expected = expected.filter(|expected| *expected <= most).ok_or_else(|| IoError::Truncated {
            path: path.to_owned(),
            found: most,
            expected: expected.unwrap_or(u64::MAX),
        })?;
        let mut between = vec![0; offset as usize - SECOND_SIZE - 4];
        fill(path, &mut stream, &mut between, ((SECOND_SIZE + 4) as u64, expected))?;
        let xml = has_extension.then(|| extension(&between, big_endian)).flatten().ok_or_else(|| {
            wrong(SECOND_SIZE, "no extension of code 32".to_owned(), "the XML of CIFTI in one")
        })?;
        let (slope, inter) = (fields.number(112, 176, 0), fields.number(116, 184, 0));
        let is_scaled = slope != 0.0 && slope.is_finite() && (slope, inter) != (1.0, 0.0);
        if is_scaled && !inter.is_finite() {
            return Err(wrong(184, format!("an intercept of {inter}"), "a finite one"));
        }
        Ok(Self {
            path: path.to_owned(),
            shape,
            datatype,
            scaling: is_scaled.then_some((slope, inter)),
            xml: xml.to_owned(),
            big_endian,
            offset: offset as u64,
            at: offset as u64,
            stream,
        })
    }

    /// Reads the next row into `values`; false after the last.
    pub(crate) fn next_row(&mut self, values: &mut Vec<f64>) -> Result<bool, IoError> {
        let size = self.datatype.size();
        let bytes = (self.shape[0] * size) as u64;
        let end = self.offset + bytes * self.shape[1] as u64;
        values.clear();
        if self.at >= end {
            return Ok(false);
        }
        let mut row = vec![0; bytes as usize];
        fill(&self.path, &mut self.stream, &mut row, (self.at, end))?;
        self.at += bytes;
        values.extend(row.chunks_exact(size).map(|one| {
            let stored = self.datatype.decode(one, self.big_endian);
            self.scaling.map_or(stored, |(slope, inter)| stored * slope + inter)
        }));
        Ok(true)
    }
}

fn shape(fields: &Fields) -> Option<[usize; 2]> {
    let axis = |index: usize| usize::try_from(fields.count(40, 16, index)).ok().filter(|count| *count > 0);
    let n_axes = axis(0)?;
    let is_matrix = (5..=6).contains(&n_axes) && (1..5).all(|index| axis(index) == Some(1));
    let shape = [axis(5)?, if n_axes == 6 { axis(6)? } else { 1 }];
    let fits = shape[0].checked_mul(shape[1])?.checked_mul(8)? <= isize::MAX as usize;
    (is_matrix && fits).then_some(shape)
}

/// The content of the extension of CIFTI among those behind the header.
fn extension(bytes: &[u8], big_endian: bool) -> Option<&[u8]> {
    let number = |bytes: &[u8]| {
        let bytes: [u8; 4] = bytes.try_into().ok()?;
        Some(if big_endian { i32::from_be_bytes(bytes) } else { i32::from_le_bytes(bytes) })
    };
    let mut left = bytes;
    loop {
        let size = usize::try_from(number(left.get(..4)?)?).ok().filter(|size| *size >= 8)?;
        let content = left.get(8..size)?;
        if number(left.get(4..8)?)? == CIFTI_CODE {
            let end = content.iter().rposition(|byte| *byte != 0)?;
            return content.get(..=end);
        }
        left = left.get(size..)?;
    }
}

/// Fills a buffer that starts at byte `at` of `expected`.
fn fill(
    path: &Path,
    stream: &mut dyn Read,
    buffer: &mut [u8],
    (at, expected): (u64, u64),
) -> Result<(), IoError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => {
                let found = at + filled as u64;
                return Err(IoError::Truncated { path: path.to_owned(), found, expected });
            }
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(source::unreadable(path, &error)),
        }
    }
    Ok(())
}

/// Writes a matrix of single precision: `shape` as in [`Matrix::shape`], the code and name of its intent, its XML, and its
/// numbers with those of a row together.
pub(crate) fn write(
    writer: &mut dyn Write,
    (shape, intent, name): ([usize; 2], i32, &str),
    xml: &str,
    values: impl IntoIterator<Item = f64>,
) -> io::Result<()> {
    let size = (8 + xml.len()).next_multiple_of(16);
    let mut bytes = vec![0; SECOND_SIZE + 4 + size];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, &(SECOND_SIZE as i32).to_le_bytes());
    put(4, b"n+2\0\r\n\x1a\n");
    put(12, &DataType::F32.code().to_le_bytes());
    put(14, &32i16.to_le_bytes());
    let axes = [6, 1, 1, 1, 1, shape[0] as i64, shape[1] as i64, 1];
    for (index, axis) in axes.into_iter().enumerate() {
        put(16 + 8 * index, &axis.to_le_bytes());
        put(104 + 8 * index, &1f64.to_le_bytes());
    }
    put(168, &((SECOND_SIZE + 4 + size) as i64).to_le_bytes());
    put(176, &1f64.to_le_bytes());
    put(504, &intent.to_le_bytes());
    put(508, &name.as_bytes()[..name.len().min(15)]);
    put(SECOND_SIZE, &[1, 0, 0, 0]);
    put(SECOND_SIZE + 4, &(size as i32).to_le_bytes());
    put(SECOND_SIZE + 8, &CIFTI_CODE.to_le_bytes());
    put(SECOND_SIZE + 12, xml.as_bytes());
    writer.write_all(&bytes)?;
    let mut count = 0;
    for value in values {
        writer.write_all(&(value as f32).to_le_bytes())?;
        count += 1;
    }
    if count != shape[0] * shape[1] {
        return Err(io::Error::other(format!("{count} values for a matrix of {shape:?}")));
    }
    Ok(())
}

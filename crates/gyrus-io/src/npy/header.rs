//! The header of an npy file: a Python dictionary with the type, the order and the shape of the array.

use std::io::Read;
use std::path::Path;

use super::element::Kind;
use crate::error::shown;
use crate::{IoError, Place, source};

/// What the header says, checked against the size of the file.
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) big_endian: bool,
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<usize>,
    pub(super) count: usize,
}

const MAGIC: &[u8; 6] = b"\x93NUMPY";
const REMEDY: &str = "save the array again with numpy.save, as numbers";

impl Header {
    pub(super) fn read(path: &Path, reader: &mut impl Read, len: u64) -> Result<Self, IoError> {
        let start: [u8; 8] = exactly(path, reader, 8, 0, len)?.try_into().unwrap_or_default();
        if !start.starts_with(MAGIC) || !(1..=3).contains(&start[6]) {
            let expected = "an npy file of format version 1, 2 or 3";
            return Err(IoError::malformed(path, Place::Byte(0), "another kind of file", expected, REMEDY));
        }
        let (size, before) = if start[6] == 1 {
            let bytes = exactly(path, reader, 2, 8, len)?;
            (u64::from(bytes[0]) | u64::from(bytes[1]) << 8, 10)
        } else {
            let bytes = exactly(path, reader, 4, 8, len)?;
            (bytes.iter().rev().fold(0, |size, byte| size << 8 | u64::from(*byte)), 12)
        };
        let text = exactly(path, reader, size, before, len)?;
        let text = String::from_utf8_lossy(&text);
        let wrong = |found: String, expected: &str| {
            IoError::malformed(path, Place::Byte(before), found, expected, REMEDY)
        };
        let header = parse(&text).map_err(|(found, expected)| wrong(found, expected))?;
        header.check_size(path, before + size, len)?;
        Ok(header)
    }

    fn check_size(&self, path: &Path, data_start: u64, len: u64) -> Result<(), IoError> {
        let expected = data_start.saturating_add((self.count as u64).saturating_mul(self.kind.size() as u64));
        if len < expected {
            return Err(IoError::Truncated { path: path.to_owned(), found: len, expected });
        }
        Ok(())
    }
}

/// The header of format version 1.0, padded as NumPy pads it.
pub(super) fn written(description: &str, shape: &[usize]) -> Vec<u8> {
    let axes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let axes = if axes.len() == 1 { format!("{},", axes[0]) } else { axes.join(", ") };
    let mut text = format!("{{'descr': '{description}', 'fortran_order': False, 'shape': ({axes}), }}");
    // NumPy leaves room for the first axis to grow in place, up to 20 digits.
    let growing = shape.first().map_or(0, |first| 21usize.saturating_sub(first.to_string().len()));
    text.extend(std::iter::repeat_n(' ', growing));
    let unpadded = MAGIC.len() + 4 + text.len() + 1;
    text.extend(std::iter::repeat_n(' ', unpadded.next_multiple_of(64) - unpadded));
    text.push('\n');
    let size = u16::try_from(text.len()).unwrap_or(u16::MAX);
    [MAGIC.as_slice(), &[1, 0], &size.to_le_bytes(), text.as_bytes()].concat()
}

/// Reads `count` bytes that start at `offset`, once the file is known to hold them.
fn exactly(
    path: &Path,
    reader: &mut impl Read,
    count: u64,
    offset: u64,
    len: u64,
) -> Result<Vec<u8>, IoError> {
    let expected = offset.saturating_add(count);
    if expected > len {
        return Err(IoError::Truncated { path: path.to_owned(), found: len, expected });
    }
    let mut bytes = Vec::new();
    reader.take(count).read_to_end(&mut bytes).map_err(|error| source::unreadable(path, &error))?;
    if (bytes.len() as u64) < count {
        let found = offset + bytes.len() as u64;
        return Err(IoError::Truncated { path: path.to_owned(), found, expected });
    }
    Ok(bytes)
}

fn parse(text: &str) -> Result<Header, (String, &'static str)> {
    let descr = value(text, "descr").unwrap_or_default();
    let expected = "elements of a plain numeric type such as '<f4'";
    let quoted = descr.strip_prefix(['\'', '"']).and_then(|rest| rest.split(['\'', '"']).next());
    let kind = quoted.and_then(|descr| Some((Kind::parse(descr.get(1..)?)?, descr.starts_with('>'))));
    let (kind, big_endian) = kind.ok_or_else(|| {
        (
            format!(
                "elements of type `{}`",
                shown(quoted.unwrap_or(descr.split(", '").next().unwrap_or_default()))
            ),
            expected,
        )
    })?;
    let fortran_order = match value(text, "fortran_order").unwrap_or_default() {
        order if order.starts_with("True") => true,
        order if order.starts_with("False") => false,
        order => return Err((format!("`fortran_order` {}", shown(order)), "True or False")),
    };
    let shape = value(text, "shape").unwrap_or_default();
    let (shape, count) = parse_shape(shape, kind).ok_or_else(|| {
        (format!("the shape {}", shown(shape)), "a tuple of whole numbers that a file can hold")
    })?;
    Ok(Header { kind, big_endian, fortran_order, shape, count })
}

/// What follows a key of the dictionary.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) =
        text.split_once(&format!("'{key}'")).or_else(|| text.split_once(&format!("\"{key}\"")))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

fn parse_shape(text: &str, kind: Kind) -> Option<(Vec<usize>, usize)> {
    let (inside, _) = text.strip_prefix('(')?.split_once(')')?;
    let axes = inside.split(',').map(str::trim).filter(|axis| !axis.is_empty());
    let shape: Vec<usize> =
        axes.map(|axis| axis.trim_end_matches('L').parse().ok()).collect::<Option<_>>()?;
    // Axes of length 0 must not hide others that overflow.
    let bounded = shape.iter().try_fold(1usize, |product, axis| product.checked_mul((*axis).max(1)))?;
    let fits = bounded.checked_mul(kind.size().max(8)).is_some_and(|bytes| bytes <= isize::MAX as usize);
    let is_plausible = fits && shape.len() <= 32;
    is_plausible.then(|| (shape.clone(), shape.iter().product()))
}

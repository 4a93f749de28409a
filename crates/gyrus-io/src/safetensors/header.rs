//! The header of a safetensors file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use crate::error::shown;
use crate::{IoError, Place, source};

/// Where an array lies, and what it is.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) dtype: String,
    pub(super) shape: Vec<usize>,
    /// From the start of the data.
    pub(super) start: u64,
}

#[derive(Deserialize)]
struct RawEntry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

const REMEDY: &str = "copy or write the file again";

pub(super) fn read(
    path: &Path,
    file: &mut File,
    len: u64,
) -> Result<(u64, BTreeMap<String, Entry>), IoError> {
    let truncated = |expected: u64| IoError::Truncated { path: path.to_owned(), found: len, expected };
    let wrong = |found: String| {
        IoError::malformed(path, Place::Byte(8), found, "a header as the safetensors format has it", REMEDY)
    };
    if len < 8 {
        return Err(truncated(8));
    }
    let mut size = [0; 8];
    file.read_exact(&mut size).map_err(|error| source::unreadable(path, &error))?;
    let data_start = u64::from_le_bytes(size).saturating_add(8);
    if data_start > len {
        return Err(truncated(data_start));
    }
    let mut bytes = Vec::new();
    file.take(data_start - 8).read_to_end(&mut bytes).map_err(|error| source::unreadable(path, &error))?;
    let mut raw: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&bytes).map_err(|error| wrong(shown(&error.to_string())))?;
    raw.remove("__metadata__");
    let mut entries = BTreeMap::new();
    for (name, value) in raw {
        let entry: RawEntry =
            serde_json::from_value(value).map_err(|error| wrong(shown(&error.to_string())))?;
        let (start, end) = entry.data_offsets;
        if end > len - data_start {
            return Err(truncated(data_start.saturating_add(end)));
        }
        if !fits(&entry) {
            let bytes = end.saturating_sub(start);
            return Err(wrong(format!("`{}` of shape {:?} in {bytes} bytes", shown(&name), entry.shape)));
        }
        entries.insert(name, Entry { dtype: entry.dtype, shape: entry.shape, start });
    }
    Ok((data_start, entries))
}

/// Whether an array of 4-byte numbers fills its place; other types are not read.
fn fits(entry: &RawEntry) -> bool {
    let (start, end) = entry.data_offsets;
    let bounded = entry.shape.iter().try_fold(4usize, |bytes, axis| bytes.checked_mul((*axis).max(1)));
    let is_plausible = bounded.is_some_and(|bytes| bytes <= isize::MAX as usize);
    let bytes = entry.shape.iter().fold(4u64, |bytes, axis| bytes.saturating_mul(*axis as u64));
    start <= end && is_plausible && (entry.dtype != "F32" || bytes == end - start)
}

/// The size and the header of arrays that follow each other in this order.
pub(super) fn written<'a>(shapes: impl Iterator<Item = (&'a str, &'a [usize])>) -> Result<Vec<u8>, String> {
    let mut text = String::from("{");
    let mut start = 0usize;
    for (name, shape) in shapes {
        let end = start + 4 * shape.iter().product::<usize>();
        let name = serde_json::to_string(name).map_err(|error| error.to_string())?;
        let comma = if text.len() > 1 { "," } else { "" };
        let shape = serde_json::to_string(shape).map_err(|error| error.to_string())?;
        write!(
            text,
            "{comma}{name}:{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[{start},{end}]}}"
        )
        .map_err(|error| error.to_string())?;
        start = end;
    }
    text.push('}');
    // The data start at a multiple of 8 bytes.
    text.extend(std::iter::repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
    Ok([(text.len() as u64).to_le_bytes().as_slice(), text.as_bytes()].concat())
}

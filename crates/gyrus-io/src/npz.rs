//! Named arrays as NumPy stores them: `.npz`, a zip archive of npy files.

mod archive;
mod write;

use std::path::Path;

use archive::Archive;
use ndarray::ArrayD;
pub use write::write;

use crate::error::few;
use crate::npy::{self, Real};
use crate::{IoError, Place};

/// The names of the arrays in an npz file, in its order.
///
/// # Errors
/// - the file is missing, empty, cut short, a git-annex pointer or not a zip archive.
pub fn names(path: &Path) -> Result<Vec<String>, IoError> {
    Ok(Archive::open(path)?.entries.into_iter().map(|entry| array_name(&entry.name).to_owned()).collect())
}

/// Reads the array of a name, or the only one, converted to `T`.
///
/// # Errors
/// - as [`names`] and [`npy::read`],
/// - there is no array of this name, or there are several and none is named.
pub fn read<T: Real>(path: &Path, name: Option<&str>) -> Result<ArrayD<T>, IoError> {
    let mut archive = Archive::open(path)?;
    let names: Vec<String> = archive.entries.iter().map(|entry| array_name(&entry.name).to_owned()).collect();
    let index = match name {
        Some(name) => names.iter().position(|known| known == name),
        None if names.len() == 1 => Some(0),
        None => None,
    };
    let Some(index) = index else {
        return Err(IoError::NoSuch {
            path: path.to_owned(),
            kind: "array",
            asked: name.unwrap_or("(none was named)").to_owned(),
            available: few(&names, 20),
            remedy: "name one of these arrays, or save the one you mean as an npy file",
        });
    };
    let len = archive.entries[index].size;
    let mut checked = archive.reader(index)?;
    let array = npy::read_from(path, &mut checked, len)?;
    if !checked.is_whole() {
        let found =
            format!("an array `{}` whose bytes do not have the checksum of the archive", names[index]);
        let remedy = "copy or download the file again";
        return Err(IoError::malformed(path, Place::File, found, "undamaged data", remedy));
    }
    Ok(array)
}

fn array_name(entry: &str) -> &str {
    entry.strip_suffix(".npy").unwrap_or(entry)
}

//! Arrays of numbers in any of the formats that people save them in, told apart by the ending of the name.

use std::path::{Path, PathBuf};

use ndarray::ArrayD;

use crate::hdf5::Hdf5;
use crate::safetensors::Safetensors;
use crate::zarr::Zarr;
use crate::{IoError, Place, hdf5, npy, npz, safetensors, source, zarr};

/// The endings that are known.
const ENDINGS: &str = ".npy, .npz, .safetensors, .h5, .hdf5, .hf5, .mat or .zarr";

/// An open file (a folder of Zarr), from which single arrays are read.
#[derive(Debug)]
pub struct Arrays {
    path: PathBuf,
    names: Vec<String>,
    format: Format,
}

#[derive(Debug)]
enum Format {
    Npy,
    Npz,
    Safetensors(Safetensors),
    Hdf5(Box<Hdf5>),
    /// HDF5 whose axes stand in reverse, as MATLAB counts the first one fastest.
    Matlab(Box<Hdf5>),
    Zarr(Zarr),
}

/// Opens a file and lists its arrays. The array of an `.npy` has no name, nor has that of a Zarr folder without groups.
///
/// # Errors
/// - the ending is none of `.npy`, `.npz`, `.safetensors`, `.h5`, `.hdf5`, `.hdf`, `.hf5`, `.mat` and `.zarr`,
/// - the file is missing, empty, damaged or a git-annex pointer.
pub fn open(path: &Path) -> Result<Arrays, IoError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let owned = |name: &str| name.to_owned();
    let (names, format) = match ending.as_deref().unwrap_or_default() {
        "npy" => (vec![String::new()], Format::Npy),
        "npz" => (npz::names(path)?, Format::Npz),
        "safetensors" => {
            let file = safetensors::open(path)?;
            (file.names().map(owned).collect(), Format::Safetensors(file))
        }
        "mat" => {
            refuse_old_matlab(path)?;
            let file = hdf5::open(path)?;
            // What stands behind `#` is MATLAB's own.
            (
                file.names().filter(|name| !name.starts_with('#')).map(owned).collect(),
                Format::Matlab(Box::new(file)),
            )
        }
        "h5" | "hdf5" | "hdf" | "hf5" => {
            let file = hdf5::open(path)?;
            (file.names().map(owned).collect(), Format::Hdf5(Box::new(file)))
        }
        "zarr" => {
            let folder = zarr::open(path)?;
            (folder.names().map(owned).collect(), Format::Zarr(folder))
        }
        other => {
            let found = format!("the ending `.{other}`");
            return Err(IoError::malformed(path, Place::File, found, ENDINGS, "save it as one of these"));
        }
    };
    Ok(Arrays { path: path.to_owned(), names, format })
}

/// Before version 7.3 a file of MATLAB is not HDF5.
fn refuse_old_matlab(path: &Path) -> Result<(), IoError> {
    let mut start = [0; 20];
    let mut file = source::open(path)?.file;
    let is_old = std::io::Read::read_exact(&mut file, &mut start).is_ok() && start.starts_with(b"MATLAB 5.0");
    if !is_old {
        return Ok(());
    }
    let (found, expected) = ("a MATLAB file of version 5 to 7", "one of version 7.3");
    Err(IoError::malformed(path, Place::File, found, expected, "save it again with save(…, '-v7.3')"))
}

/// The files that a path stands for: itself, or what a Zarr folder holds.
///
/// # Errors
/// - the folder cannot be read.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, IoError> {
    if path.is_dir() {
        return Ok(zarr::files(path)?.into_iter().map(|(file, _)| file).collect());
    }
    Ok(vec![path.to_owned()])
}

impl Arrays {
    /// Names of the arrays.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The only array of a format in which one array needs no name: an `.npy`, or an HDF5 or Zarr hierarchy of one.
    #[must_use]
    pub fn unnamed(&self) -> Option<&str> {
        match (&self.format, self.names.as_slice()) {
            (Format::Npy | Format::Hdf5(_) | Format::Matlab(_) | Format::Zarr(_), [only]) => Some(only),
            _ => None,
        }
    }

    /// Reads an array as single precision.
    ///
    /// # Errors
    /// - there is no array of this name, it does not hold real numbers, or it is damaged.
    pub fn read(&mut self, name: &str) -> Result<ArrayD<f32>, IoError> {
        match &mut self.format {
            Format::Npy => npy::read(&self.path),
            Format::Npz => npz::read(&self.path, Some(name)),
            Format::Safetensors(file) => file.read(name),
            Format::Hdf5(file) => file.read(name),
            Format::Matlab(file) => Ok(file.read(name)?.reversed_axes().as_standard_layout().into_owned()),
            Format::Zarr(folder) => folder.read(name),
        }
    }

    /// Reads the array of a name, or the only one.
    ///
    /// # Errors
    /// - as [`Arrays::read`],
    /// - there are several, and none is named.
    pub fn one(&mut self, name: Option<&str>) -> Result<ArrayD<f32>, IoError> {
        let name = match (name, self.names.as_slice()) {
            (Some(name), _) => name.to_owned(),
            (None, [only]) => only.clone(),
            (None, several) => {
                let found = format!("the arrays {}", several.join(", "));
                let expected = "the name of one";
                let remedy = "write FILE:NAME";
                return Err(IoError::malformed(&self.path, Place::File, found, expected, remedy));
            }
        };
        self.read(&name)
    }
}

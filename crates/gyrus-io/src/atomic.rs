//! Writes files whole or not at all: temporary sibling, sync, rename, sync of the folder.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::{Compression, GzBuilder};

use crate::IoError;

/// Writes `bytes` to a file; a file that was there is replaced in one step.
///
/// # Errors
/// - the folder is not there or does not allow it, or the disk is full.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    write_with(path, |writer| writer.write_all(bytes))
}

/// Writes a file by a function that is handed a buffered writer; nothing is left behind if it fails.
///
/// # Errors
/// - as [`write()`], or what `fill` returned.
pub fn write_with(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), IoError> {
    replace(path, fill)
        .map_err(|error| IoError::Unwritable { path: path.to_owned(), reason: error.to_string() })
}

/// Writes `bytes` to a file, compressed by gzip; the same bytes for the same content.
///
/// # Errors
/// - as [`write()`].
pub fn write_compressed(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    write_with(path, |writer| {
        let mut encoder = GzBuilder::new().mtime(0).write(writer, Compression::new(6));
        encoder.write_all(bytes)?;
        encoder.finish().map(drop)
    })
}

fn replace(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    let mut writer = BufWriter::with_capacity(1 << 16, builder.tempfile_in(folder)?);
    fill(&mut writer)?;
    let temporary = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path)?;
    sync_folder(folder)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

const PREFIX: &str = ".gyrus-";
const SUFFIX: &str = ".tmp";

/// Removes what writers that were killed left behind in a folder; only for one who writes there alone.
pub fn remove_unfinished(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(PREFIX) && name.ends_with(SUFFIX) {
            // What cannot be removed is only untidy.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Creates a folder and those above it.
///
/// # Errors
/// - the system does not allow it, or a file is in the way.
pub fn create_folder(path: &Path) -> Result<(), IoError> {
    fs::create_dir_all(path)
        .map_err(|error| IoError::Unwritable { path: path.to_owned(), reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_whole_or_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, b"first").unwrap();
        let failed = write_with(&path, |writer| {
            writer.write_all(&[0; 100_000])?;
            Err(io::Error::other("stop"))
        });
        assert!(failed.unwrap_err().to_string().contains("a.txt: found no way to write it (stop)"));
        assert_eq!(fs::read(&path).unwrap(), b"first");
        write(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_as_readable_as_any_other() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        write(&folder.path().join("ours"), b"x").unwrap();
        fs::write(folder.path().join("theirs"), b"x").unwrap();
        assert_eq!(mode("ours"), mode("theirs"));
    }

    #[test]
    fn what_a_killed_writer_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".gyrus-abc.tmp", "a.txt", ".gyrus-lock"] {
            fs::write(folder.path().join(name), b"x").unwrap();
        }
        remove_unfinished(folder.path());
        let mut left = names(folder.path());
        left.sort();
        assert_eq!(left, [".gyrus-lock", "a.txt"]);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write(&folder.path().join("no/a.txt"), b"x").is_err());
        create_folder(&folder.path().join("yes/deep")).unwrap();
        write(&folder.path().join("yes/deep/a.txt"), b"x").unwrap();
    }
}

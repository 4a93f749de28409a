//! What the fuzz targets share: input as a file of a given name.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use gyrus_io::IoError;

/// Hands the input to a reader as a file; an error must name the file and what was found.
pub fn on_file<T: Debug>(name: &str, data: &[u8], read: impl FnOnce(&Path) -> Result<T, IoError>) -> Option<T> {
    let path = folder().join(name);
    std::fs::write(&path, data).expect("the folder for temporary files can be written");
    check(&path, read(&path))
}

/// The same for a reader of a folder, which has these files and no others.
pub fn on_folder<T: Debug>(
    name: &str,
    files: &[(&str, &[u8])],
    read: impl FnOnce(&Path) -> Result<T, IoError>,
) -> Option<T> {
    let root = folder().join(name);
    let _ = std::fs::remove_dir_all(&root);
    for (name, data) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(&root)).expect("a folder for temporary files can be made");
        std::fs::write(&path, data).expect("the folder for temporary files can be written");
    }
    check(&root, read(&root))
}

/// Checks the error of a reader; passes on what it read.
pub fn check<T>(path: &Path, read: Result<T, IoError>) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(error) => {
            let message = error.to_string();
            assert!(message.contains(&path.display().to_string()) && message.contains("found"), "{message}");
            None
        }
    }
}

fn folder() -> PathBuf {
    let root = if Path::new("/dev/shm").is_dir() { PathBuf::from("/dev/shm") } else { std::env::temp_dir() };
    let folder = root.join(format!("gyrus-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files can be made");
    folder
}

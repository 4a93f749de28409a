//! Digests of large files that were read before: taken again while size and time of change stay the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Files by their path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFiles(BTreeMap<PathBuf, KnownFile>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KnownFile {
    bytes: u64,
    /// Nanoseconds since 1970 of the last change.
    changed: u128,
    blake3: String,
}

impl KnownFiles {
    /// Digest of a file: the known one, or read in pieces and known from then on.
    pub(super) fn digest(&mut self, path: &Path) -> Result<blake3::Hash, Error> {
        let wrong = |error: std::io::Error| Error::Read { path: path.to_owned(), reason: error.to_string() };
        let mut file = std::fs::File::open(path).map_err(wrong)?;
        let found = file.metadata().map_err(wrong)?;
        let since = found.modified().map_err(wrong)?.duration_since(UNIX_EPOCH);
        let (bytes, changed) = (found.len(), since.map_or(0, |since| since.as_nanos()));
        let known = self.0.get(path).filter(|known| known.bytes == bytes && known.changed == changed);
        if let Some(hash) = known.and_then(|known| blake3::Hash::from_hex(&known.blake3).ok()) {
            return Ok(hash);
        }
        let mut hasher = blake3::Hasher::new();
        std::io::copy(&mut file, &mut hasher).map_err(wrong)?;
        let hash = hasher.finalize();
        self.0.insert(path.to_owned(), KnownFile { bytes, changed, blake3: hash.to_hex().to_string() });
        Ok(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_again_once_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image");
        std::fs::write(&path, "one").unwrap();
        let mut known = KnownFiles::default();
        assert_eq!(known.digest(&path).unwrap(), blake3::hash(b"one"));
        // Known files are not read: what is written down counts.
        let other = blake3::hash(b"other");
        let entry = known.0.get_mut(&path).unwrap();
        entry.blake3 = other.to_hex().to_string();
        assert_eq!(known.digest(&path).unwrap(), other);
        std::fs::write(&path, "longer").unwrap();
        assert_eq!(known.digest(&path).unwrap(), blake3::hash(b"longer"));
        std::fs::write(&path, "nearly").unwrap();
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
        assert_eq!(known.digest(&path).unwrap(), blake3::hash(b"nearly"));
        assert!(known.digest(&folder.path().join("none")).is_err());
    }
}

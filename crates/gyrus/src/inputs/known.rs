//! Digests of large files that were read before: taken again while size and time of change stay the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::store::Digest;

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
    /// Digest of several files, of the digests of each.
    pub(super) fn digest_of(&mut self, files: &[PathBuf]) -> Result<Digest, Error> {
        let mut all = blake3::Hasher::new();
        for file in files {
            all.update(self.digest(file)?.as_bytes());
        }
        Ok(Digest::of(all.finalize().as_bytes()))
    }

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
        hasher.update_reader(&mut file).map_err(wrong)?;
        let hash = hasher.finalize();
        self.0.insert(path.to_owned(), KnownFile { bytes, changed, blake3: hash.to_hex().to_string() });
        Ok(hash)
    }
}

/// Refuses files that have other content than when they were opened: what was computed of it would stand under the key of the
/// content that it had.
pub(crate) fn require_unchanged(files: &[PathBuf], opened: &Digest) -> Result<(), Error> {
    if KnownFiles::default().digest_of(files)? == *opened {
        Ok(())
    } else {
        Err(changed(files.first().map_or(Path::new(""), |path| path)))
    }
}

pub(crate) fn changed(path: &Path) -> Error {
    Error::Unusable {
        path: path.to_owned(),
        found: "other content than when it was opened".to_owned(),
        expected: "a file that stays as it is while it is analysed; run the command again".to_owned(),
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

    #[test]
    fn a_file_that_changes_after_it_was_opened_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["left", "right"].map(|name| folder.path().join(name)).to_vec();
        files.iter().for_each(|file| std::fs::write(file, "one").unwrap());
        let opened = KnownFiles::default().digest_of(&files).unwrap();
        require_unchanged(&files, &opened).unwrap();
        std::fs::write(&files[1], "two").unwrap();
        let error = require_unchanged(&files, &opened).unwrap_err().to_string();
        assert!(error.contains("left: found other content than when it was opened"), "{error}");
    }
}

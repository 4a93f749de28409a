//! A content-addressed store of finished tasks: what is done once is never done again.
//!
//! A finished task is a folder `KIND/KEY` with its files and, written last, a `manifest.json` with the digest of
//! each. A task is written in a folder of its own under `unfinished/` and renamed into place, so a reader never
//! sees half of one, and two processes that finish the same task end in one valid result.

mod arrays;
mod key;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

pub use arrays::{Array, Arrays};
pub use key::{Digest, Key};

use crate::Error;

/// Finished tasks in a folder.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
    /// Where tasks are written first.
    scratch: Option<PathBuf>,
    damaged: Arc<Mutex<Vec<String>>>,
    observer: Observer,
    _claim: Arc<Option<File>>,
}

/// The files of one finished task.
#[derive(Debug, Clone)]
pub struct Stored {
    folder: PathBuf,
}

/// The files of a task that is being written.
#[derive(Debug)]
pub struct Draft {
    folder: PathBuf,
    files: BTreeMap<String, FileEntry>,
    observer: Observer,
}

/// Who is told of every write, as soon as its bytes are on disk.
#[derive(Clone)]
struct Observer(Arc<dyn Fn(&Path) + Send + Sync>);

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Observer")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct FileEntry {
    bytes: u64,
    blake3: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    files: BTreeMap<String, FileEntry>,
}

const MANIFEST: &str = "manifest.json";
const UNFINISHED: &str = "unfinished";
const CLAIM: &str = ".gyrus-lock";

impl Store {
    /// Opens a store, making its folder if there is none. What killed processes left half-written is removed,
    /// unless another process has the store open.
    ///
    /// # Errors
    /// - [`Error::Write`] if the folder cannot be made.
    pub fn open(root: &Path) -> Result<Self, Error> {
        Self::claimed(root, claim)
    }

    /// Opens a store that processes of other machines may write to at this moment: nothing of theirs is tidied away.
    ///
    /// # Errors
    /// - [`Error::Write`] if the folder cannot be made.
    pub fn join(root: &Path) -> Result<Self, Error> {
        // Whoever opens the store on this machine sees that it is in use.
        let share = |root: &Path, _: &Path| {
            File::create(root.join(CLAIM)).ok().filter(|file| file.lock_shared().is_ok())
        };
        Self::claimed(root, share)
    }

    fn claimed(root: &Path, claim: impl FnOnce(&Path, &Path) -> Option<File>) -> Result<Self, Error> {
        let unfinished = root.join(UNFINISHED);
        fs::create_dir_all(&unfinished).map_err(|error| write_error(&unfinished, &error))?;
        let claim = Arc::new(claim(root, &unfinished));
        let observer = Observer(Arc::new(|_| {}));
        Ok(Self { root: root.to_owned(), scratch: None, damaged: Arc::default(), observer, _claim: claim })
    }

    /// The same store, whose tasks are written in a folder of this machine and then moved, at once and whole.
    ///
    /// # Errors
    /// - [`Error::Write`] if the folder cannot be made.
    pub fn with_scratch(self, scratch: Option<&Path>) -> Result<Self, Error> {
        if let Some(folder) = scratch {
            fs::create_dir_all(folder).map_err(|error| write_error(folder, &error))?;
        }
        Ok(Self { scratch: scratch.map(Path::to_owned), ..self })
    }

    /// The same store, which tells `observer` the path of every file and folder as soon as it is on disk: a copy
    /// of the store made then is what a process killed at that moment leaves behind.
    #[must_use]
    pub fn observed(self, observer: impl Fn(&Path) + Send + Sync + 'static) -> Self {
        Self { observer: Observer(Arc::new(observer)), ..self }
    }

    /// Tasks that were found damaged, and why.
    #[must_use]
    pub fn damaged(&self) -> Vec<String> {
        self.damaged.lock().map(|damaged| damaged.clone()).unwrap_or_default()
    }

    /// The finished task of this key, if there is one and its files still hold what its manifest says.
    ///
    /// A damaged one is removed, so that it is done again.
    ///
    /// # Errors
    /// - [`Error::Write`] if a damaged task cannot be removed.
    pub fn find(&self, key: &Key) -> Result<Option<Stored>, Error> {
        let folder = self.folder(key);
        if !folder.join(MANIFEST).is_file() {
            return Ok(None);
        }
        let stored = Stored { folder };
        match stored.verify() {
            Ok(()) => Ok(Some(stored)),
            Err(error) => {
                if let Ok(mut damaged) = self.damaged.lock() {
                    damaged.push(format!("{} ({})", stored.folder.display(), damage(&error)));
                }
                self.set_aside(&stored.folder)?;
                Ok(None)
            }
        }
    }

    /// Whether a finished task of this key is there, without reading it.
    #[must_use]
    pub fn has(&self, key: &Key) -> bool {
        self.has_digest(key.kind(), key.digest())
    }

    /// The same by kind and digest of the key.
    #[must_use]
    pub fn has_digest(&self, kind: &str, digest: &str) -> bool {
        self.root.join(kind).join(digest).join(MANIFEST).is_file()
    }

    /// Whether it is there, and each of its files as long as its manifest says: what is cut short is not. No content is read.
    ///
    /// # Errors
    /// - [`Error::Store`] with what was found, if it is there and not whole.
    pub fn is_whole(&self, kind: &str, digest: &str) -> Result<bool, Error> {
        let stored = Stored { folder: self.root.join(kind).join(digest) };
        if !stored.folder.join(MANIFEST).is_file() {
            return Ok(false);
        }
        let manifest: Manifest = stored.read_json(MANIFEST)?;
        for (name, entry) in &manifest.files {
            let found = fs::metadata(stored.folder.join(name));
            let found = found.map_err(|error| stored.damaged(name, error.to_string()))?.len();
            if found != entry.bytes {
                let reason = format!("found {found} bytes, expected {}", entry.bytes);
                return Err(stored.damaged(name, reason));
            }
        }
        Ok(true)
    }

    /// Writes a task: `fill` adds its files, then all of it appears at once.
    ///
    /// # Errors
    /// - whatever `fill` returns,
    /// - [`Error::Write`] if the disk is full or not writable.
    pub fn put(
        &self,
        key: &Key,
        fill: impl FnOnce(&mut Draft) -> Result<(), Error>,
    ) -> Result<Stored, Error> {
        let unfinished = self.root.join(UNFINISHED);
        let temporary = draft_in(self.scratch.as_deref().unwrap_or(&unfinished), key)?;
        let observer = self.observer.clone();
        let mut draft = Draft { folder: temporary.path().to_owned(), files: BTreeMap::new(), observer };
        fill(&mut draft)?;
        let files = draft.finish()?;
        let temporary = match self.scratch {
            Some(_) => copied(&temporary, &files, draft_in(&unfinished, key)?)?,
            None => temporary,
        };
        let folder = self.folder(key);
        if folder.is_dir() && !folder.join(MANIFEST).is_file() {
            self.set_aside(&folder)?;
        }
        publish(temporary, &folder)?;
        (self.observer.0)(&folder);
        Ok(Stored { folder })
    }

    /// Takes a folder that is not whole out of the way at once, and then removes it.
    fn set_aside(&self, folder: &Path) -> Result<(), Error> {
        let unfinished = self.root.join(UNFINISHED);
        let aside = tempfile::Builder::new().prefix("damaged-").tempdir_in(&unfinished);
        let aside = aside.map_err(|error| write_error(&unfinished, &error))?;
        let taken = Stored { folder: aside.path().join("task") };
        match fs::rename(folder, &taken.folder) {
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            // It may have put a whole one in its place already; where there is one again, either is as good.
            Ok(()) if taken.verify().is_ok() => {
                let _ = fs::rename(&taken.folder, folder);
                Ok(())
            }
            done => done.map_err(|error| write_error(folder, &error)),
        }
    }

    fn folder(&self, key: &Key) -> PathBuf {
        self.root.join(key.kind()).join(key.digest())
    }
}

fn draft_in(folder: &Path, key: &Key) -> Result<TempDir, Error> {
    let draft = tempfile::Builder::new().prefix(&format!("{}-", key.kind())).tempdir_in(folder);
    draft.map_err(|error| write_error(folder, &error))
}

/// The files of a draft on another disk; the first folder goes.
fn copied(from: &TempDir, files: &[String], to: TempDir) -> Result<TempDir, Error> {
    for name in files {
        let path = to.path().join(name);
        let copy = || {
            fs::copy(from.path().join(name), &path)?;
            File::open(&path)?.sync_all()
        };
        copy().map_err(|error| write_error(&path, &error))?;
    }
    sync_folder(to.path())?;
    Ok(to)
}

/// Shares the store with other processes; whoever finds it unshared tidies up first.
fn claim(root: &Path, unfinished: &Path) -> Option<File> {
    // Where the file system knows no locks, nothing is tidied.
    let file = File::create(root.join(CLAIM)).ok()?;
    if file.try_lock().is_ok() {
        for entry in fs::read_dir(unfinished).into_iter().flatten().flatten() {
            // What cannot be removed is only untidy.
            let _ = fs::remove_dir_all(entry.path());
        }
        file.unlock().ok()?;
    }
    file.lock_shared().ok()?;
    Some(file)
}

fn damage(error: &Error) -> String {
    match error {
        Error::Store { reason, .. } => reason.clone(),
        error => error.to_string(),
    }
}

fn publish(temporary: TempDir, folder: &Path) -> Result<(), Error> {
    let parent = folder.parent().unwrap_or(folder);
    fs::create_dir_all(parent).map_err(|error| write_error(parent, &error))?;
    match fs::rename(temporary.path(), folder) {
        Ok(()) => {
            // The folder has moved: there is nothing left to clean.
            let _ = temporary.keep();
            sync_folder(parent)
        }
        // Another process finished the same task first: both results are the same by construction.
        Err(_) if folder.join(MANIFEST).is_file() => Ok(()),
        Err(error) => Err(write_error(folder, &error)),
    }
}

fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(|error| write_error(folder, &error))
}

fn write_error(path: &Path, error: &std::io::Error) -> Error {
    Error::Write { path: path.to_owned(), reason: error.to_string() }
}

impl Draft {
    /// Adds a file.
    ///
    /// # Errors
    /// - [`Error::Write`] if it cannot be written.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.add_with(name, |writer| writer.write_all(bytes))
    }

    /// Adds a file by a function that is handed a writer: what is never whole in memory.
    ///
    /// # Errors
    /// - [`Error::Write`] if it cannot be written, or with what `fill` returned.
    pub fn add_with(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<(), Error> {
        let path = self.folder.join(name);
        let written = File::create(&path).and_then(|file| {
            let mut writer = Hashed { file: BufWriter::new(file), hasher: blake3::Hasher::new(), bytes: 0 };
            fill(&mut writer)?;
            writer.file.flush()?;
            writer.file.get_ref().sync_all()?;
            Ok(FileEntry { bytes: writer.bytes, blake3: writer.hasher.finalize().to_hex().to_string() })
        });
        let entry = written.map_err(|error| write_error(&path, &error))?;
        self.files.insert(name.to_owned(), entry);
        (self.observer.0)(&path);
        Ok(())
    }

    /// Adds a file that a function fills in any order; its digest is that of what was read back.
    ///
    /// # Errors
    /// - [`Error::Write`] if it cannot be written, or whatever `fill` returns.
    pub fn add_filled(
        &mut self,
        name: &str,
        fill: impl FnOnce(&Path, File) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let path = self.folder.join(name);
        let wrong = |error: io::Error| write_error(&path, &error);
        fill(&path, File::create(&path).map_err(wrong)?)?;
        let file = File::open(&path).and_then(|file| file.sync_all().map(|()| file)).map_err(wrong)?;
        let (bytes, blake3) = digest(file).map_err(wrong)?;
        self.files.insert(name.to_owned(), FileEntry { bytes, blake3 });
        (self.observer.0)(&path);
        Ok(())
    }

    /// Adds a value as JSON.
    ///
    /// # Errors
    /// - [`Error::Write`] if it cannot be written.
    pub fn add_json(&mut self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        let json = serde_json::to_vec_pretty(value);
        let json =
            json.map_err(|error| Error::Write { path: self.folder.join(name), reason: error.to_string() })?;
        self.add(name, &json)
    }

    /// Adds named arrays as a safetensors file.
    ///
    /// # Errors
    /// - [`Error::Write`] if it cannot be written.
    pub fn add_arrays(&mut self, name: &str, arrays: &Arrays) -> Result<(), Error> {
        let bytes =
            arrays.to_bytes().map_err(|reason| Error::Write { path: self.folder.join(name), reason })?;
        self.add(name, &bytes)
    }

    /// Writes the manifest; the names of all files, its own last.
    fn finish(self) -> Result<Vec<String>, Error> {
        let manifest = Manifest { files: self.files.clone() };
        let mut names: Vec<String> = self.files.keys().cloned().collect();
        let mut draft = self;
        draft.add_json(MANIFEST, &manifest)?;
        names.push(MANIFEST.to_owned());
        sync_folder(&draft.folder)?;
        Ok(names)
    }
}

/// Bytes of a file and their digest.
fn digest(mut file: File) -> io::Result<(u64, String)> {
    let mut hasher = blake3::Hasher::new();
    let bytes = io::copy(&mut file, &mut hasher)?;
    Ok((bytes, hasher.finalize().to_hex().to_string()))
}

/// A file whose digest is made as it is written.
struct Hashed {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Stored {
    /// Where a file is.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// - [`Error::Store`] if the file is not there.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Error> {
        let path = self.folder.join(name);
        fs::read(&path).map_err(|error| Error::Store { path, reason: error.to_string() })
    }

    /// A value that was stored as JSON.
    ///
    /// # Errors
    /// - [`Error::Store`] if the file is not there or holds something else.
    pub fn read_json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        serde_json::from_slice(&self.read(name)?).map_err(|error| self.damaged(name, error.to_string()))
    }

    /// Named arrays.
    ///
    /// # Errors
    /// - [`Error::Store`] if the file is not there or holds something else.
    pub fn read_arrays(&self, name: &str) -> Result<Arrays, Error> {
        Arrays::from_bytes(&self.read(name)?).map_err(|reason| self.damaged(name, reason))
    }

    pub(crate) fn damaged(&self, name: &str, reason: String) -> Error {
        Error::Store { path: self.folder.join(name), reason }
    }

    fn verify(&self) -> Result<(), Error> {
        let manifest: Manifest = self.read_json(MANIFEST)?;
        for (name, entry) in &manifest.files {
            let read = File::open(self.folder.join(name)).and_then(digest);
            let (_, found) = read.map_err(|error| self.damaged(name, error.to_string()))?;
            if found != entry.blake3 {
                return Err(self.damaged(name, "its digest differs".to_owned()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::new("test", 1, &"parameters", &[])
    }

    #[test]
    fn a_task_is_found_again_and_a_damaged_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert!(store.find(&key()).unwrap().is_none());
        store.put(&key(), |draft| draft.add("a.txt", b"hello")).unwrap();
        let stored = store.find(&key()).unwrap().unwrap();
        assert_eq!(stored.read("a.txt").unwrap(), b"hello");
        fs::write(stored.folder.join("a.txt"), b"jello").unwrap();
        assert!(store.find(&key()).unwrap().is_none());
        assert!(!store.has(&key()));
        assert!(store.damaged()[0].contains("its digest differs"), "{:?}", store.damaged());
    }

    #[test]
    fn what_another_process_made_whole_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let stored = store.put(&key(), |draft| draft.add("a.txt", b"hello")).unwrap();
        store.set_aside(&stored.folder).unwrap();
        assert_eq!(store.find(&key()).unwrap().unwrap().read("a.txt").unwrap(), b"hello");
        fs::write(stored.folder.join("a.txt"), b"jello").unwrap();
        store.set_aside(&stored.folder).unwrap();
        assert!(!store.has(&key()));
    }

    #[test]
    fn what_is_cut_short_is_seen_without_reading_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let key = key();
        let is_whole = || store.is_whole(key.kind(), key.digest());
        assert!(!is_whole().unwrap());
        let stored = store.put(&key, |draft| draft.add("a.txt", b"hello")).unwrap();
        assert!(is_whole().unwrap());
        fs::write(stored.folder.join("a.txt"), b"hell").unwrap();
        let error = is_whole().unwrap_err().to_string();
        assert!(error.contains("a.txt") && error.contains("found 4 bytes, expected 5"), "{error}");
        fs::remove_file(stored.folder.join("a.txt")).unwrap();
        assert!(is_whole().is_err());
    }

    #[test]
    fn what_a_killed_process_left_is_removed_once_nobody_else_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let left = folder.path().join(UNFINISHED).join("fit-killed");
        fs::create_dir(&left).unwrap();
        let other = Store::open(folder.path()).unwrap();
        assert!(left.is_dir(), "the first process may still be writing it");
        drop((store, other));
        Store::open(folder.path()).unwrap();
        assert!(!left.exists());
    }

    #[test]
    fn two_writers_of_one_task_end_in_one_valid_result() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let write = |draft: &mut Draft| {
            let inner = Store::open(folder.path())?;
            inner.put(&key(), |other| other.add("a.txt", b"hello"))?;
            draft.add("a.txt", b"hello")
        };
        store.put(&key(), write).unwrap();
        assert!(store.find(&key()).unwrap().is_some());
        assert_eq!(fs::read_dir(folder.path().join(UNFINISHED)).unwrap().count(), 0);
    }

    #[test]
    fn a_task_that_fails_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let failed = store.put(&key(), |draft| {
            draft.add("a.txt", b"half")?;
            Err(Error::Interrupted)
        });
        assert!(failed.is_err());
        assert!(store.find(&key()).unwrap().is_none());
    }
}

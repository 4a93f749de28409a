//! The bytes of one file: taken up where they stopped, hashed on the way, named when they are right.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::checksum::Running;
use super::endpoint::{Hub, Remote};
use crate::ModelError;

/// Answers without a new byte before it is given up.
const ATTEMPTS: u32 = 4;
const CHUNK: usize = 1 << 16;

/// Where the cache keeps the file.
pub(super) fn path(repository: &Path, remote: &Remote) -> PathBuf {
    repository.join("blobs").join(remote.checksum.text())
}

/// Fetches a file unless it is there. `tell` is told how many of its bytes are.
///
/// # Errors
/// - [`ModelError::Download`] if the bytes do not come or are others than the hub states, or cannot be written.
pub(super) fn fetch(
    hub: &Hub,
    repository: &Path,
    remote: &Remote,
    tell: &dyn Fn(u64),
) -> Result<(), ModelError> {
    let blob = path(repository, remote);
    if blob.is_file() {
        tell(remote.bytes);
        return Ok(());
    }
    let partial = blob.with_added_extension("incomplete");
    let unwritten = |error: io::Error| remote.source.unwritten(&partial, &error);
    fs::create_dir_all(repository.join("blobs")).map_err(unwritten)?;
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).clone();
    let file = options.open(&partial).map_err(unwritten)?;
    let mut part = Part::take_up(file, remote).map_err(unwritten)?;
    part.complete(hub, remote, (&partial, tell))?;
    part.file.sync_all().map_err(unwritten)?;
    let found = part.running.finish();
    if found != remote.checksum.text() {
        fs::remove_file(&partial).map_err(unwritten)?;
        return Err(remote.source.damaged(&remote.file, &found, remote.checksum.text()));
    }
    fs::rename(&partial, &blob).map_err(unwritten)
}

/// A file that is on its way.
struct Part {
    file: File,
    running: Running,
    bytes: u64,
}

impl Part {
    /// What an earlier call left is hashed and kept.
    fn take_up(file: File, remote: &Remote) -> io::Result<Self> {
        let mut part = Self { file, running: remote.checksum.begin(remote.bytes), bytes: 0 };
        if part.file.metadata()?.len() > remote.bytes {
            part.begin_again(remote)?;
        }
        let mut chunk = vec![0; CHUNK];
        loop {
            match part.file.read(&mut chunk)? {
                0 => return Ok(part),
                read => {
                    part.running.update(&chunk[..read]);
                    part.bytes += read as u64;
                }
            }
        }
    }

    fn begin_again(&mut self, remote: &Remote) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.running = remote.checksum.begin(remote.bytes);
        self.bytes = 0;
        Ok(())
    }

    /// Asks for what is missing until it is there, or nothing more comes.
    fn complete(
        &mut self,
        hub: &Hub,
        remote: &Remote,
        (partial, tell): (&Path, &dyn Fn(u64)),
    ) -> Result<(), ModelError> {
        let mut attempt = 0;
        while self.bytes < remote.bytes {
            let before = self.bytes;
            let reason = match hub.bytes(remote, before)? {
                Ok((from, body)) => {
                    if from != before {
                        self.begin_again(remote).map_err(|error| remote.source.unwritten(partial, &error))?;
                    }
                    self.append(remote, body, tell)
                        .map_err(|error| remote.source.unwritten(partial, &error))?
                }
                Err(reason) => reason,
            };
            attempt = if self.bytes > before { 0 } else { attempt + 1 };
            if attempt == ATTEMPTS {
                return Err(remote.source.cut(&remote.file, (self.bytes, remote.bytes), &reason));
            }
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(100 << (2 * attempt)));
            }
        }
        Ok(())
    }

    /// Writes what comes. An error of the disk is an error; the end of the connection is only its reason.
    fn append(&mut self, remote: &Remote, mut body: impl Read, tell: &dyn Fn(u64)) -> io::Result<String> {
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = match body.read(&mut chunk) {
                Ok(0) => return Ok("the connection ended".to_owned()),
                Ok(read) => read,
                Err(error) => return Ok(error.to_string()),
            };
            if read as u64 > remote.bytes - self.bytes {
                return Ok("more bytes came than were stated".to_owned());
            }
            self.file.write_all(&chunk[..read])?;
            self.running.update(&chunk[..read]);
            self.bytes += read as u64;
            tell(self.bytes);
        }
    }
}

//! Content of annexed files over HTTP: taken up where it stopped, hashed, and put where git-annex would put it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use gyrus_io::annex::{Checksum, Content};
use gyrus_models::{agent, escaped};
use md5::Md5;
use sha2::{Digest, Sha256};
use ureq::{Agent, RequestExt};

use super::Missing;
use crate::{Error, Progress};

/// Answers without a new byte before it is given up.
const ATTEMPTS: u32 = 4;
const CHUNK: usize = 1 << 16;

/// Brings the files of `missing`, which lie below `folder`, from the same paths below `address`; returns how many came.
///
/// Bytes are written beside the place that the link of git-annex names, and get their name when they are as many, and have the hash,
/// that the key states. What was cut off goes on where it stopped, also in a later call.
///
/// # Errors
/// - the server does not answer, has no such file, or gives other bytes than the key states,
/// - the disk does not take them, or the user asked to stop.
pub fn bring(
    missing: &Missing,
    (folder, address): (&Path, &str),
    progress: &dyn Progress,
) -> Result<usize, Error> {
    let total = missing.bytes().max(1) as f64;
    let mut done = 0.0;
    let agent = agent(address, 10);
    for (file, content) in &missing.files {
        let url = format!("{}/{}", address.trim_end_matches('/'), address_of(file));
        let path = folder.join(file);
        let tell = |bytes: u64| {
            progress.advance((done + bytes as f64) / total);
            if progress.is_interrupted() { Err(Error::Interrupted) } else { Ok(()) }
        };
        Transfer { agent: &agent, url: &url, path: &path, content }.run(&tell)?;
        done += content.bytes.unwrap_or(0) as f64;
    }
    Ok(missing.files.len())
}

/// A path as part of an address.
fn address_of(path: &Path) -> String {
    let parts = path.iter().map(|part| escaped(&part.to_string_lossy()));
    parts.collect::<Vec<_>>().join("/")
}

/// One file on its way.
struct Transfer<'t> {
    agent: &'t Agent,
    url: &'t str,
    path: &'t Path,
    content: &'t Content,
}

impl Transfer<'_> {
    fn run(&self, tell: &dyn Fn(u64) -> Result<(), Error>) -> Result<(), Error> {
        let partial = self.content.place.with_added_extension("incomplete");
        let unwritten = |error: io::Error| self.unwritten(&partial, &error);
        // A clone may hold a link of this name, which would be written through.
        if fs::symlink_metadata(&partial).is_ok_and(|found| !found.is_file()) {
            let expected = "none, or the part of a file that an earlier call left; remove it".to_owned();
            let found = "something that is no file".to_owned();
            return Err(Error::Unusable { path: partial, found, expected });
        }
        fs::create_dir_all(partial.parent().unwrap_or(Path::new(""))).map_err(unwritten)?;
        let mut file = OpenOptions::new().append(true).create(true).open(&partial).map_err(unwritten)?;
        let mut bytes = file.metadata().map_err(unwritten)?.len();
        // What was begun again is no progress before it is longer than ever.
        let (mut attempts, mut longest) = (0, bytes);
        loop {
            let reason = self.append(&mut file, (bytes, &partial), tell)?;
            bytes = file.metadata().map_err(unwritten)?.len();
            let Some(reason) = reason else { break };
            attempts = if bytes > longest { 0 } else { attempts + 1 };
            longest = longest.max(bytes);
            if attempts == ATTEMPTS {
                let of = self.content.bytes.map_or_else(|| "all".to_owned(), |of| of.to_string());
                let expected =
                    format!("{of} bytes of {}; run it again: it goes on where it stopped", self.url);
                return Err(self.error(format!("{bytes} bytes ({reason})"), expected));
            }
            if attempts > 0 {
                std::thread::sleep(Duration::from_millis(100 << (2 * attempts)));
            }
        }
        file.sync_all().map_err(unwritten)?;
        self.verify(&partial)?;
        fs::rename(&partial, &self.content.place).map_err(unwritten)
    }

    /// Asks for what is missing and writes what comes; why it ended early, if it did.
    fn append(
        &self,
        file: &mut File,
        (from, partial): (u64, &Path),
        tell: &dyn Fn(u64) -> Result<(), Error>,
    ) -> Result<Option<String>, Error> {
        if self.content.bytes == Some(from) {
            return Ok(None);
        }
        let range = format!("bytes={from}-");
        let request = ureq::http::Request::get(self.url).header("range", range).body(());
        let response = request.map_err(Into::into).and_then(|request| request.with_agent(self.agent).run());
        let response = match response {
            Ok(response) => response,
            Err(error) => return Ok(Some(error.to_string())),
        };
        match response.status().as_u16() {
            206 => {}
            // A server that knows no ranges begins again.
            200 => file.set_len(0).map_err(|error| self.unwritten(partial, &error))?,
            status @ (408 | 429 | 500..) => return Ok(Some(format!("HTTP {status}"))),
            416 => {
                file.set_len(0).map_err(|error| self.unwritten(partial, &error))?;
                return Ok(Some("HTTP 416".to_owned()));
            }
            status => {
                let expected = format!("the file at {}; check the address, or use datalad get", self.url);
                return Err(self.error(format!("HTTP {status}"), expected));
            }
        }
        let mut body = response.into_body().into_with_config().limit(u64::MAX).reader();
        let mut bytes = file.metadata().map_err(|error| self.unwritten(partial, &error))?.len();
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = match body.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) => return Ok(Some(error.to_string())),
            };
            file.write_all(&chunk[..read]).map_err(|error| self.unwritten(partial, &error))?;
            bytes += read as u64;
            tell(bytes)?;
        }
        let is_whole = self.content.bytes.is_none_or(|of| bytes >= of);
        Ok((!is_whole).then(|| "the connection ended".to_owned()))
    }

    /// Compares size and hash with the key; what is wrong is removed.
    fn verify(&self, partial: &Path) -> Result<(), Error> {
        let unread = |error: io::Error| self.unwritten(partial, &error);
        let (found, expected) = match &self.content.checksum {
            Some(Checksum::Md5(expected)) => (hash::<Md5>(partial).map_err(unread)?, expected.clone()),
            Some(Checksum::Sha256(expected)) => (hash::<Sha256>(partial).map_err(unread)?, expected.clone()),
            None => {
                let bytes = fs::metadata(partial).map_err(unread)?.len();
                (bytes.to_string(), self.content.bytes.unwrap_or(bytes).to_string())
            }
        };
        if found == expected {
            return Ok(());
        }
        fs::remove_file(partial).map_err(unread)?;
        let remedy = "the damaged file was removed: run it again; a server that holds another version of the data set never gives it, \
                      use datalad get";
        Err(self.error(
            format!("bytes with {found} at {}", self.url),
            format!("{expected}, as the key of git-annex states; {remedy}"),
        ))
    }

    fn error(&self, found: String, expected: String) -> Error {
        Error::Unusable { path: self.path.to_owned(), found, expected }
    }

    fn unwritten(&self, partial: &Path, error: &io::Error) -> Error {
        let expected = "a file that can be written; make room or rights there".to_owned();
        Error::Unusable { path: PathBuf::from(partial), found: error.to_string(), expected }
    }
}

fn hash<D: Digest + Write>(path: &Path) -> io::Result<String> {
    let mut hasher = D::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
